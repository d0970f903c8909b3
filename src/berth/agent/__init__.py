"""The program on every host: keeps the host's assignments running, with the manager or without it.

Belongs here: the session with the manager, local reconciling, the engine driver, probes.
Does not belong here: decisions about other hosts, SQL, HTTP frameworks.
Nothing but the composition roots and tests may import it.
"""
