"""Answers that go on: the watch, the live socket, followed logs.

Belongs here: who listens, what each is sent and at which pace, and what a change touches. Does not
belong here: the form of an event on the wire (`http.sse`). Imported by `routes` and `app`.
"""
