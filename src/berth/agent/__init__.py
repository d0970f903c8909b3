"""The program on every host: keeps the host's assignments running, with the manager or without it.

Belongs here: the session with the manager, local reconciling, the engine driver, probes.
Does not belong here: decisions about other hosts, SQL, HTTP frameworks.
Nothing but the composition roots and tests may import it.

Its rooms, each of which imports only those below it:

    link          the session with the manager, and the join
    gateway       the key/value store as containers read it
    local         keeps assignments running: supervisor, workers, steps
    reports       what the host says of itself
    limits        pulls, networks and places of the engine, rationed
    containers    what was last seen of our containers
    health        probes
    engine        Docker behind a protocol
"""
