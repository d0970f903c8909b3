"""The instance itself: settings, backups, search, version and health."""

from collections.abc import Mapping, Sequence
from typing import Any

from berth.client.records.instance import Import, Search, Settings, Version
from berth.client.requests.calls import Call, Many, get, given, post, put
from berth.client.verbs import M_co, Noun, Verb

#: A backup is read and written in this time, in seconds.
BACKUP_S = 300.0

PASSPHRASE = "X-Berth-Passphrase"


class Instance(Noun[M_co]):
    """One Berth, with everything that it owns."""

    @Verb
    def settings(self) -> Call[Settings]:
        """Return the settings."""
        return get("/api/v2/settings", Settings, member="settings")

    @Verb
    def change_settings(self, changes: Mapping[str, Any]) -> Call[Settings]:
        """Change some settings; they are in force at once."""
        body = {"settings": changes}
        return put("/api/v2/settings", Settings, body=body, member="settings")

    @Verb
    def export(self, *, passphrase: str = "") -> Call[bytes]:
        """Return a backup; its secrets are left out without a passphrase."""
        headers = {PASSPHRASE: passphrase} if passphrase else {}
        return get("/api/v2/export", bytes, headers=headers, takes_s=BACKUP_S)

    @Verb
    def restore(
        self,
        backup: bytes,
        *,
        passphrase: str = "",
        mode: str = "merge",
        start: bool = False,
        dry_run: bool = False,
    ) -> Call[Import]:
        """Bring a backup in, all of it or nothing; ``mode`` is ``merge`` or ``replace``."""
        headers = {PASSPHRASE: passphrase} if passphrase else {}
        query = {"mode": mode, "start": start, "dry_run": dry_run}
        return post(
            "/api/v2/import",
            Import,
            body=backup,
            query=query,
            headers=headers,
            takes_s=BACKUP_S,
        )

    @Verb
    def search(
        self, query: str, *, kinds: Sequence[str] | None = None, start: int = 0, limit: int = 100
    ) -> Call[Search]:
        """Find a text in the names and texts of all objects."""
        body = given(query=query, kinds=kinds, start=start, limit=limit)
        return post("/api/search/", Search, body=body)

    @Verb
    def version(self) -> Call[Version]:
        """Return which program the manager is; it needs no token."""
        return get("/api/version", Version, credential="")

    @Verb
    def capabilities(self) -> Call[Many[str]]:
        """Return the capabilities, in the words of the API that Berth follows."""
        return get("/api/capabilities", Many[str], credential="")

    @Verb
    def health(self) -> Call[dict[str, Any]]:
        """Return whether the manager lives."""
        return get("/healthz", dict[str, Any], credential="")

    @Verb
    def readiness(self) -> Call[dict[str, Any]]:
        """Return whether the manager serves; raises UnavailableError where it does not yet."""
        return get("/readyz", dict[str, Any], credential="")

    @Verb
    def metrics(self) -> Call[str]:
        """Return the metrics in the words of Prometheus."""
        return get("/metrics", str, headers={"Accept": "text/plain"})

    @Verb
    def description(self) -> Call[dict[str, Any]]:
        """Return the description of the API in OpenAPI."""
        return get("/api/openapi.json", dict[str, Any], credential="")
