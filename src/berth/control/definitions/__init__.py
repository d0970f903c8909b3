"""Commands on stored definitions, the texts behind a request, and the library that ships.

Does not belong here: the definition language itself. Imported by the API, the manager and the other
rooms of control.
"""
