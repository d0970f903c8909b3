"""Commands on keys and catalog entries that users write.

Does not belong here: the keys that follow from running containers. Imported by the API and
`control.backup`.
"""
