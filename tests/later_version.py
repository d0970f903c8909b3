"""What a later version of Berth would write: members and frames that this one does not know."""

import msgspec

#: A frame of a kind that comes later.
UNKNOWN_FRAME = msgspec.msgpack.encode({"t": "of_a_later_version", "id": "text", "items": [1, {}]})


def add_members(value: object) -> object:
    """Return a record as plain values, with one more member in each record inside."""
    if isinstance(value, msgspec.Struct):
        members = {
            field.encode_name: add_members(getattr(value, field.name))
            for field in msgspec.structs.fields(value)
        }
        config = value.__struct_config__
        tag = {config.tag_field: config.tag} if config.tag_field else {}
        return {"of_a_later_version": {"more": [1, 2]}} | tag | members
    if isinstance(value, tuple | list):
        return [add_members(each) for each in value]
    if isinstance(value, dict):
        return {key: add_members(each) for key, each in value.items()}
    return value


def encode_later(record: msgspec.Struct) -> bytes:
    """Return a record's msgpack as a later version would write it."""
    return msgspec.msgpack.encode(add_members(record))
