"""The endpoints, one module per category of the endpoint list.

Belongs here: reading a request, the command or the view that it asks for, and its answer. Does not
belong here: what several categories share; the rooms below have it. Only `app` imports it.
"""
