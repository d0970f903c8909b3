"""Service discovery: keys and catalog."""

from collections.abc import Sequence
from typing import Any

from berth.client.records.instance import CatalogEntry, KeyPair
from berth.client.requests.calls import Call, Many, delete, get, given, put
from berth.client.verbs import M_co, Noun, Verb

KEY, ALL_KEYS = "/api/kv/{key}", "/api/kv/"


class Keys(Noun[M_co]):
    """The key/value store."""

    @Verb
    def read(self, key: str) -> Call[Many[KeyPair]]:
        """Return a key with its counts and flags, as a list of one; none where there is no such key."""
        return get(KEY, Many[KeyPair], where={"key": key})

    @Verb
    def value(self, key: str) -> Call[bytes]:
        """Return the value of a key."""
        return get(KEY, bytes, where={"key": key}, query={"raw": True})

    @Verb
    def names(self, prefix: str) -> Call[Many[str]]:
        """Return the names of the keys that begin with a text, sorted."""
        return get(query={"keys": True}, answer=Many[str], **_below(prefix))

    @Verb
    def below(self, prefix: str) -> Call[Many[KeyPair]]:
        """Return the keys that begin with a text, sorted by name."""
        return get(query={"recurse": True}, answer=Many[KeyPair], **_below(prefix))

    @Verb
    def write(
        self, key: str, value: bytes, *, flags: int = 0, cas: int | None = None
    ) -> Call[bool]:
        """Write a key, and return whether that was done.

        ``cas`` writes only if it is the key's ``modify_index``; 0 if there is no such key.
        """
        query = {"flags": flags or None, "cas": cas}
        return put(KEY, bool, where={"key": key}, body=value, query=query, repeatable=cas is None)

    @Verb
    def remove(self, key: str) -> Call[bool]:
        """Remove a key; one that is not there is removed, too."""
        return delete(KEY, bool, where={"key": key})

    @Verb
    def remove_below(self, prefix: str) -> Call[bool]:
        """Remove all keys that begin with a text."""
        return delete(KEY, bool, where={"key": prefix}, query={"recurse": True})


class Catalog(Noun[M_co]):
    """Where services are reachable."""

    @Verb
    def services(self) -> Call[dict[str, Many[str]]]:
        """Return the names of the services, each with its tags."""
        return get("/api/catalog/services", dict[str, list[str]])

    @Verb
    def entries(self, service: str) -> Call[Many[CatalogEntry]]:
        """Return the entries of a service."""
        path = "/api/catalog/service/{service_name}"
        return get(path, Many[CatalogEntry], where={"service_name": service})

    @Verb
    def register(
        self,
        service: str,
        *,
        address: str,
        port: int,
        entry_id: str | None = None,
        tags: Sequence[str] = (),
    ) -> Call[bool]:
        """Add an entry, or replace the one of the same id; the id is the name unless it is said."""
        entry = given(ID=entry_id, Service=service, Address=address, Port=port, Tags=list(tags))
        return put("/api/catalog/register", bool, body={"Service": entry})

    @Verb
    def deregister(self, entry_id: str) -> Call[bool]:
        """Remove an entry that was registered; one that is not there is removed, too."""
        return put("/api/catalog/deregister", bool, body={"ID": entry_id})


def _below(prefix: str) -> dict[str, Any]:
    """Return where the keys are that begin with a text: all of them for none."""
    return {"path": KEY, "where": {"key": prefix}} if prefix else {"path": ALL_KEYS}
