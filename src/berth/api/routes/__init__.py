"""The endpoints, one module per category of the endpoint list."""
