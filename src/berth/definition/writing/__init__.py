"""Definitions written: specs as YAML, as `docker run`, and edits inside a text that keep the rest.

Does not belong here: reading. Imported by the converter and the builder form.
"""
