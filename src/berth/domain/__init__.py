"""What Berth is about: records, specs, views and the legal moves between states.

Belongs here: frozen records, enumerations, the error tree, and pure functions over them.
Does not belong here: input or output, clocks, chance, ids made up on the spot, SQL, HTTP.
Every package may import it; it imports none.
"""
