"""The command line: ``berth NOUN VERB``, for people at a shell and for pipelines.

Here belongs how words become calls of ``berth.client``, and answers become lines. Nothing here speaks
HTTP, and nothing of the manager or the agent is imported. A noun is a module, loaded when it is used.
Only ``berth.__main__`` imports this package.
"""
