"""What requests and answers of each category look like.

Requests are pydantic models, which name everything that is wrong and take values in several forms;
answers are records, made by ``render_…`` functions and encoded as they are.
"""
