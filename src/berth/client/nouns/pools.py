"""Pools and tags."""

from collections.abc import Sequence

from berth.client.records.instance import Host, Pool, Tag, TagObject
from berth.client.records.workloads import Deleted
from berth.client.requests.calls import Call, Fields, Many, delete, get, given, post, put
from berth.client.verbs import Listing, M_co, Noun, Verb

POOL = "/api/pools/{pool_id}"


class Pools(Noun[M_co]):
    """Sets of hosts."""

    @Listing
    def list(self, *, fields: Fields = ()) -> Call[Many[Pool]]:
        """Return the pools."""
        return get("/api/pools/", Many[Pool], query={"fields": fields})

    @Listing
    def list_with_hosts(self, *, fields: Fields = ()) -> Call[Many[Pool]]:
        """Return the pools, each with its hosts."""
        return get("/api/v2/pools/", Many[Pool], query={"fields": fields}, member="pools")

    @Verb
    def get(self, pool_id: str) -> Call[Pool]:
        """Return a pool."""
        return get(POOL, Pool, where={"pool_id": pool_id})

    @Verb
    def create(
        self,
        pool_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> Call[Pool]:
        """Create a pool; tags that do not exist are made."""
        body = given(id=pool_id, name=name, description=description, tags=tags)
        return post("/api/pools/", Pool, body=body)

    @Verb
    def change(
        self,
        pool_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> Call[Pool]:
        """Change what is named of a pool."""
        body = given(name=name, description=description, tags=tags)
        return put(POOL, Pool, where={"pool_id": pool_id}, body=body)

    @Verb
    def delete(self, pool_id: str) -> Call[Deleted]:
        """Delete a pool without hosts and deployments."""
        return delete(POOL, Deleted, where={"pool_id": pool_id})

    @Listing
    def hosts(self, pool_id: str, *, fields: Fields = ()) -> Call[Many[Host]]:
        """Return the hosts of a pool."""
        path = "/api/v2/pools/{pool_id}/hosts/"
        query = {"fields": fields}
        return get(path, Many[Host], where={"pool_id": pool_id}, query=query, member="hosts")


class Tags(Noun[M_co]):
    """Words on hosts and pools."""

    @Listing
    def list(self, *, fields: Fields = ()) -> Call[Many[str]]:
        """Return the tags."""
        return get("/api/tags/", Many[str], query={"fields": fields})

    @Verb
    def create(self, tag: str) -> Call[Tag]:
        """Create a tag; one that exists stays."""
        return post("/api/tags/{notused}", Tag, where={"notused": tag}, body={"id": tag})

    @Verb
    def delete(self, tag: str) -> Call[Deleted]:
        """Delete a tag, and take it off every host and pool."""
        return delete("/api/tags/{tag}", Deleted, where={"tag": tag})

    @Listing
    def objects(self, *, fields: Fields = ()) -> Call[Many[TagObject]]:
        """Return the hosts and pools that have tags."""
        return get("/api/tags/objects/", Many[TagObject], query={"fields": fields})

    @Verb
    def apply(self, kind: str, object_id: str, *, tags: Sequence[str]) -> Call[TagObject]:
        """Return a ``host`` or ``pool`` these tags and no others; they must exist."""
        path = "/api/tags/objects/{notused}"
        body = {"kind": kind, "id": object_id, "tags": tags}
        return post(path, TagObject, where={"notused": "-"}, body=body)
