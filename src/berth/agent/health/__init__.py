"""Probes of containers, and the verdict that follows from them.

Does not belong here: what is done about an unhealthy container; the manager decides it.
Imported by `containers` and `local`.
"""
