"""Deployments: one pass that plans and applies, and what it records in statuses, events and tasks.

Does not belong here: the plan itself (`scheduler`). Imported by the manager.
"""
