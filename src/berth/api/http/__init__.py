"""HTTP without a word about containers: encodings, bodies, headers, the server."""
