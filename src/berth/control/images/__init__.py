"""What users ask of images on a host, the registries they come from, and the check of a login.

Does not belong here: how an agent carries it out. Imported by the API, the manager and the other
rooms of control.
"""
