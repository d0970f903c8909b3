"""The driver of the Docker Engine API, which Podman speaks too.

Belongs here: paths, bodies, parsing and errors of that API. Does not belong here: anything about
assignments. Only `agent.app` imports it, and the simulated engine, which answers in its forms.
"""
