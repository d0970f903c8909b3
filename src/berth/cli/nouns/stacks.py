"""Stored definitions of several services."""

from berth.cli.definitions import add_verbs
from berth.cli.menu import new_noun

app = new_noun(__doc__)
add_verbs(app, noun="stacks")
