"""The definitions that a new instance ships with, one text per file.

A file is named ``service-<name>.yml`` or ``stack-<name>.yml``. Belongs here: texts that any user
could have written. Does not belong here: code. ``control.library`` reads them.
"""
