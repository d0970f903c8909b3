"""What the containers of a host are served on its engine's bridge, with the manager or without it.

Belongs here: the agent's copy of the key/value store, its place on the disk, and the endpoint that
reads it. Does not belong here: the rules of reading (discovery), and writing, which needs the
manager and a token.
"""
