"""Berth: a self-hosted container service, one manager and one agent per Docker host."""

__version__ = "0.1.0"
