"""Accounts: who may use this instance, their tokens, and the sessions of browsers.

Does not belong here: how a request shows a token. Imported by the API, the manager and
`control.backup`.
"""
