"""What the host says of itself: kept here, and sent when it changed.

Belongs here: the lists of containers and images, measurements, facts about the host.
Does not belong here: how it travels (`link`), and the attempts of assignments (`local.reporter`).
Imported by `local`, `gateway`, `link` and `agent.app`.
"""
