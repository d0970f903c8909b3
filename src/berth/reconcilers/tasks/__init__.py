"""Tasks: what carries out those on hosts and images, and how far each one is.

Does not belong here: opening a task at a user's wish (`control.tasks`). Imported by the manager and
by `reconcilers.deployments`.
"""
