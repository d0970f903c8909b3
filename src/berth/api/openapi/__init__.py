"""The description of the API in OpenAPI, and the page that shows it.

Belongs here: what every route says of itself, completed. Does not belong here: how a call is
answered. Imported by `app`; `routes` alone take the page.
"""
