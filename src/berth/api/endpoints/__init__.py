"""What every call passes before an endpoint sees it: who asks, from where, how often.

Nothing here knows a category of endpoints. The application and the routes may import it.
"""
