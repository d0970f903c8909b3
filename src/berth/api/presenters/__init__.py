"""Records as several routes and the watch show them.

Belongs here: joining records and reports into one answer. Does not belong here: the model of an
answer (`schemas`). Imported by `streams`, `requests` and `routes`.
"""
