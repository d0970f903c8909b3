"""The database: tables, connections, the lock, one transaction at a time on a thread of its own.

Does not belong here: memory, drafts and the order of writes. Only the store imports it.
"""
