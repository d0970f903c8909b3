"""Service discovery without input or output: what is derived from what runs, and how it is read.

Belongs here: the catalog entries that follow from keys, the rules of reading keys, the copy of the
store that an agent keeps, the choice of proxy ports. The manager's API and the agents' gateways
answer through the same functions, so they cannot differ.
Does not belong here: which keys follow from what runs (domain, since a deployment's state depends
on them), who stores keys (store), who writes them (control for users, reconcilers for
the platform), HTTP.
"""
