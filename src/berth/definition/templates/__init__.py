"""The template language of values, and templates filled in for one slot.

Imported by the parser; the package hands the renderer on to those who make assignments.
"""
