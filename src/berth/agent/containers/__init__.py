"""The containers of ours as last observed, by what their labels say.

Belongs here: what follows from an engine's list or inspect document. Does not belong here: calls of
the engine, decisions. Imported by `limits`, `local` and `agent.app`.
"""
