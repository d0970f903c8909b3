"""What requests and answers of each category look like.

Request schemas are pydantic models (api.md 1.3); answers are records with their members in the
order of api.md section 2, made by ``render_…`` functions.
"""
