"""Lists: paging, chosen members, filters and the query language.

Does not belong here: what is listed. Imported by `endpoints` and `routes`.
"""
