"""The REST API: one router and one schema module per category of the endpoint list.

Belongs here: HTTP, JSON, credentials of requests, the table of errors, what an answer looks like.
Does not belong here: what a request means (control), what runs where (scheduler, reconcilers),
agents' frames (dispatcher). Only the composition roots import it.

Its rooms, each of which imports only those below it; those of one line know nothing of each other:

    routes                        the endpoints by category
    openapi, requests, streams    the description; shared bodies; answers that go on
    endpoints, presenters         what every call passes; records as several answers show them
    listing, schemas, connections pages and filters; bodies and answers; clients not known yet
    http                          bodies, answers and errors without a word about containers
"""
