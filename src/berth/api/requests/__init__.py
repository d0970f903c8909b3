"""Bodies and queries that several routes read.

Does not belong here: the model of a body (`schemas`) or the reading of its bytes (`http`).
Imported by `routes` alone.
"""
