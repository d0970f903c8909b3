"""The manager's side of agents' sessions: sends them their assignments, records what they report.

Belongs here: sessions, calls to agents, liveness of hosts; the only writer of what is observed.
Does not belong here: making or ending assignments (reconcilers), joins (control).
"""
