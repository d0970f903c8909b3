"""A container engine behind a protocol: what Berth asks of Docker or Podman, and nothing else.

Exceptions of the client library never leave this package: each becomes an ``EngineError``.
"""
