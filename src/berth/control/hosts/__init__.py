"""Commands on hosts: join, move, rename, drain, delete, and the token that lets a host join.

Does not belong here: sessions of agents. Imported by the API, the manager and the other rooms of
control.
"""
