"""The session with the manager: both directions, and the join that comes before the first one.

Belongs here: the connection and how it is made again, frames in and out, orders, calls, streams.
Does not belong here: what an order does to containers (`local`), what is reported (`reports`).
Only `agent.app` imports it.
"""
