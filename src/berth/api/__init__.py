"""The REST API: one router and one schema module per category of the endpoint list.

Belongs here: HTTP, JSON, credentials of requests, the table of errors, what an answer looks like.
Does not belong here: what a request means (control), what runs where (scheduler, reconcilers),
agents' frames (dispatcher). Only the composition roots import it.
"""
