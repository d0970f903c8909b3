"""Fakes and builders that ship with Berth, for its own tests and for those of its users.

Belongs here: stand-ins that pass the same contract tests as the real thing, and builders of
records. Does not belong here: anything that a running program of Berth needs.
Tests, simulations and benchmarks may import it; no other package does.
"""
