"""Commands: the only writer of what users want, and of the tasks that follow from it.

Belongs here: plain functions of a draft that check a request against what is, write it, and record
the event; the reading of definition texts before that; the join token's file.
Does not belong here: HTTP and JSON (api), assignments and the progress of tasks (reconcilers),
what is observed (dispatcher). The API and the composition roots may import it.
"""
