"""Commands on deployments: create, change, start, stop, restart, roll back, delete, dry run.

Does not belong here: what the reconcilers do about it. Imported by the API, and by `control.backup`.
"""
