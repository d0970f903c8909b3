"""Connections: what a client may send and hold before it is known who it is, and the server.

Everything here is about bytes, times and counts of a connection. What a request means, and who may
send it, is decided by the endpoints, which note here that somebody is known. Only the manager and
the endpoints import this.
"""
