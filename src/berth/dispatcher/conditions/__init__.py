"""What is the matter with hosts, as their sessions show it: a status for each kind of trouble.

Belongs here: when a status of a host is raised, what it says, and when it is cleared.
Does not belong here: whether a host is active (`liveness`), and what containers do (`report_events`).
Imported by `dispatcher` and what stands above it.
"""
