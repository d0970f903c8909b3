"""What people see: tables, words, progress and errors.

Here belongs how values become lines. What is asked of the manager is in the verbs. Only
``berth.cli`` imports it.
"""
