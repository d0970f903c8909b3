"""Loops and passes that make what runs become what is wanted.

Belongs here: the only writer of assignments, the execution of tasks, retention.
Does not belong here: the decisions (scheduler), what users want (control), what is observed
(dispatcher). A pass reads state, decides, writes, and can be run twice.
"""
