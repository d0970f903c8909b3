"""What every program needs to run: loops, clock, ids, back-off, logging, TLS.

Importable by every package that is not pure. Knows nothing of deployments or hosts.
"""
