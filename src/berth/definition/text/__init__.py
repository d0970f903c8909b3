"""The text as nodes with their place: YAML, variables, scalars and values, findings.

Does not belong here: what a key means. Every other room of the definition language imports it.
"""
