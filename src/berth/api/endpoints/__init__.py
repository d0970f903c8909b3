"""What every call passes before an endpoint sees it: who asks, from where, how often.

Belongs here: middleware, routing, authentication, repeated requests, metrics. Does not belong here:
anything about one kind of object. Imported by `openapi`, `requests`, `streams`, `routes` and `app`.
"""
