"""The only SQL: durable records, memory tables with indexes, one writer, the change feed.

Belongs here: tables, transactions, migrations, revisions, epochs, the lock on the data.
Does not belong here: what a command means (control), what runs where (scheduler).
Control, reconcilers and dispatcher write through ``Store.run``; the API reads ``Store.memory``.
"""
