"""Repeatable measurements of Berth on real engines, side by side with its peers.

The peers are Docker Swarm on the same engines, and the floor: the same containers made straight
through the engines' API, which nothing that uses these engines can beat. Here belongs what
measures and reports; what starts hosts and programs is in `tests/testbed` and `tests/berthbed`.
"""
