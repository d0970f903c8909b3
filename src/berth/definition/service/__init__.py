"""One service from its nodes, key by key, and the checks between the services of a stack.

Does not belong here: YAML, or where a text comes from. Imported by the parser, the builder form,
`docker_run` and `writing`.
"""
