"""Reads a `docker run` command line as a definition.

Does not belong here: writing one (`writing`). Imported by the parser, the
converter, and by `writing` for the names of the flags.
"""
