"""Carries requests over the network, waiting or awaited.

Here belongs all that knows the libraries of HTTP and WebSockets; their errors do not leave it. Only
``berth.client`` itself imports it.
"""
