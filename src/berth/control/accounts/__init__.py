"""Accounts: who may use this instance, and the sessions of browsers."""
