"""Answers that go on: followed output and measurements, the watch, the live socket.

What a message holds is decided elsewhere; here it is brought to whoever reads, at their pace.
"""
