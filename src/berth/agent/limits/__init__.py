"""What an engine or a registry has only a limited amount of: requests, pulls, networks, logins.

Belongs here: who waits, and who is next. Does not belong here: why somebody waits (`local`).
Imported by `reports` and `local`.
"""
