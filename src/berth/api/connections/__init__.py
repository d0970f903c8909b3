"""Connections: what a client may send and hold before it is known who it is, and the server.

Everything here is about bytes, times and counts of a connection. What a request means, and who may
send it, is decided by the endpoints. Only the manager imports this.
"""
