"""What the API answers, as records.

Made from the description of the API; nothing here is written by hand. Everybody may import it.
"""
