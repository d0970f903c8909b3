"""What a client can do, a class for each kind of thing.

Here belongs one method for each endpoint of the API, written as a call: what is sent, and what the
answer is read as. How it is sent, sent again and followed is the package's above. Only ``api`` and
programs that name a type import it.
"""
