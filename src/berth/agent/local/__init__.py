"""Keeps the host's assignments running as wanted, with the manager or without it.

Belongs here: the supervisor and its workers, one step at a time, what is kept on the disk, what a
user asks for one container. Does not belong here: frames and sessions (`link`).
Imported by `gateway`, `link` and `agent.app`.
"""
