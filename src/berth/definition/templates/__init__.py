"""The template language of values, and templates filled in for one slot.

Imported by `service`, `writing`, the parser, and by those who render a spec.
"""
