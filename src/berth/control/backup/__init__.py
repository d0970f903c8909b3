"""A backup of everything that users made, written and read, and brought into an instance.

Does not belong here: the rules of each record; the other rooms of control hold them.
Imported by the API alone.
"""
