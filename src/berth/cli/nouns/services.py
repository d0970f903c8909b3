"""Stored definitions of one service."""

from berth.cli.definitions import add_verbs
from berth.cli.menu import new_noun

app = new_noun(__doc__)
add_verbs(app, noun="services")
