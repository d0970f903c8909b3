"""Hosts."""

from berth.client.records.instance import Authority, FleetForecast, Host, JoinToken
from berth.client.records.workloads import Deleted, Stats, TaskStarted, Usage
from berth.client.requests.calls import Call, Fields, Many, delete, get, given, post, put, waits
from berth.client.requests.streams import OnLost, Stream, follow_usage
from berth.client.verbs import Following, Listing, M_co, Noun, Verb

HOST = "/api/v2/hosts/{host_id}"
STATS = f"{HOST}/stats"


class Hosts(Noun[M_co]):
    """Machines with an engine and an agent; a host's name serves for its id."""

    @Listing
    def list(
        self,
        *,
        pool: Fields = (),
        state: Fields = (),
        tag: Fields = (),
        fields: Fields = (),
    ) -> Call[Many[Host]]:
        """Return the hosts; those of the pools, states and tags that are named, if any are."""
        query = {"pool": pool, "state": state, "tag": tag, "fields": fields}
        return get("/api/hosts/", Many[Host], query=query)

    @Verb
    def get(self, host_id: str) -> Call[Host]:
        """Return a host."""
        return get("/api/hosts/{host_id}", Host, where={"host_id": host_id})

    @Listing
    def documents(self, host_id: str, *, fields: Fields = ()) -> Call[Many[dict]]:  # type: ignore[type-arg]
        """Return the engine's documents of a host's containers."""
        path = "/api/hosts/{host_id}/containers/"
        query = {"fields": fields}
        return get(path, Many[dict], where={"host_id": host_id}, query=query)  # type: ignore[type-arg]

    @Verb
    def move(self, host_id: str, pool_id: str, *, wait_s: float = 0) -> Call[Host]:
        """Move a host to a pool; what it runs for the old one is replaced there."""
        path, body = "/api/hosts/{host_id}/pool", {"pool_id": pool_id}
        return put(path, Host, where={"host_id": host_id}, body=body, **waits(wait_s))

    @Verb
    def drain(self, host_id: str, *, wait_s: float = 0) -> Call[TaskStarted]:
        """Let what a host runs go elsewhere."""
        return post(f"{HOST}/drain", TaskStarted, where={"host_id": host_id}, **waits(wait_s))

    @Verb
    def forecast_drain(self, host_id: str) -> Call[FleetForecast]:
        """Return what ``drain`` comes to: which slots go where, and which wait or stay."""
        where, query = {"host_id": host_id}, {"dry_run": "full"}
        return post(f"{HOST}/drain", FleetForecast, where=where, query=query)

    @Verb
    def forecast_move(self, host_id: str, pool_id: str) -> Call[FleetForecast]:
        """Return what ``move`` comes to."""
        where, query, body = {"host_id": host_id}, {"dry_run": "full"}, {"pool_id": pool_id}
        return put("/api/hosts/{host_id}/pool", FleetForecast, where=where, query=query, body=body)

    @Verb
    def pause(self, host_id: str) -> Call[Host]:
        """Let a host keep what it runs, and take nothing new."""
        return post(f"{HOST}/pause", Host, where={"host_id": host_id}, member="host")

    @Verb
    def activate(self, host_id: str) -> Call[Host]:
        """Let a host take containers again."""
        return post(f"{HOST}/activate", Host, where={"host_id": host_id}, member="host")

    @Verb
    def confirm(self, host_id: str) -> Call[Host]:
        """Confirm to the agent of a host that this manager is right; it removes what that one left out."""
        return post(f"{HOST}/confirm", Host, where={"host_id": host_id}, member="host")

    @Verb
    def revoke(self, host_id: str) -> Call[Host]:
        """Make a host's credential void; only a new join brings it back."""
        return post(f"{HOST}/revoke", Host, where={"host_id": host_id}, member="host")

    @Verb
    def delete(self, host_id: str) -> Call[Deleted]:
        """Forget a host that is inactive or revoked."""
        return delete(HOST, Deleted, where={"host_id": host_id})

    @Verb
    def stats(self, host_id: str) -> Call[Stats]:
        """Return what a host uses, with its last hour."""
        return get(STATS, Stats, where={"host_id": host_id}, member="stats")

    @Following
    def follow_stats(
        self, host_id: str, *, interval: int = 2, on_lost: OnLost | None = None
    ) -> Stream[Usage]:
        """Measure a host again and again, every ``interval`` seconds."""
        query = {"follow": True, "interval": interval}
        call = get(STATS, bytes, where={"host_id": host_id}, query=query)
        return follow_usage(call, self.context, on_lost=on_lost)

    @Verb
    def authority(self) -> Call[Authority]:
        """Return the instance's certificate authority; it needs no token."""
        return get("/api/v2/hosts/join", Authority, credential="")

    @Verb
    def join_token(self) -> Call[JoinToken]:
        """Return the token with which hosts join."""
        return get("/api/v2/hosts/join_token", JoinToken)

    @Verb
    def rotate_join_token(
        self, *, lifetime_s: float | None = None, uses: int | None = None
    ) -> Call[JoinToken]:
        """Make a new join token; the one before ends, and hosts that joined stay.

        It is good for at most this many seconds and joins; for ever and any number where they are not named.
        """
        body = given(lifetime_s=lifetime_s, uses=uses)
        return post("/api/v2/hosts/join_token/rotate", JoinToken, body=body)
