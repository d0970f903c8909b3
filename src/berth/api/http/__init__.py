"""HTTP without a word about containers: bodies, encodings, answers, errors, tags, times, events.

Does not belong here: Berth's records, tokens and routes. Every other room of the API imports it.
"""
