"""The keys of a service: one module per group, each with a table ``KEYS`` of key and parser.

A new key is a new line in one of these tables, and a parser where no reader of
``berth.definition.text.values`` fits. Nothing but ``berth.definition.service.reader`` reads the tables.
"""
