"""What takes a while: writes that are followed to their end, plans, and programs at a terminal.

Here belongs what drives the screen while the manager works. The verbs import it when they need it.
"""
