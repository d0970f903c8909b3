"""Everything that a client offers, whichever of the two kinds it is."""

from collections.abc import Collection
from typing import Any

from berth.client.nouns.access import Access, Sessions, Tokens, Users
from berth.client.nouns.containers import Containers
from berth.client.nouns.definitions import Definitions, Services, Stacks
from berth.client.nouns.deployments import Deployments
from berth.client.nouns.discovery import Catalog, Keys
from berth.client.nouns.events import Events, Statuses, Tasks
from berth.client.nouns.hosts import Hosts
from berth.client.nouns.images import Images, Registries
from berth.client.nouns.instance import Instance
from berth.client.nouns.pools import Pools, Tags
from berth.client.requests.calls import Call
from berth.client.requests.streams import Change, OnLost, Stream, watch
from berth.client.verbs import Driver, Following, M_co, Noun, Verb


class Api(Noun[M_co]):
    """One attribute for each kind of thing, the watch, and any call that has no verb."""

    def __init__(self, driver: Driver) -> None:
        super().__init__(driver)
        self.access: Access[M_co] = Access(driver)
        self.catalog: Catalog[M_co] = Catalog(driver)
        self.containers: Containers[M_co] = Containers(driver)
        self.definitions: Definitions[M_co] = Definitions(driver)
        self.deployments: Deployments[M_co] = Deployments(driver)
        self.events: Events[M_co] = Events(driver)
        self.hosts: Hosts[M_co] = Hosts(driver)
        self.images: Images[M_co] = Images(driver)
        self.instance: Instance[M_co] = Instance(driver)
        self.keys: Keys[M_co] = Keys(driver)
        self.pools: Pools[M_co] = Pools(driver)
        self.registries: Registries[M_co] = Registries(driver)
        self.services: Services[M_co] = Services(driver)
        self.sessions: Sessions[M_co] = Sessions(driver)
        self.stacks: Stacks[M_co] = Stacks(driver)
        self.statuses: Statuses[M_co] = Statuses(driver)
        self.tags: Tags[M_co] = Tags(driver)
        self.tasks: Tasks[M_co] = Tasks(driver)
        self.tokens: Tokens[M_co] = Tokens(driver)
        self.users: Users[M_co] = Users(driver)

    @Following
    def watch(
        self,
        *,
        kinds: Collection[str] = (),
        since: int | None = None,
        on_lost: OnLost | None = None,
    ) -> Stream[Change]:
        """Follow every change of every object, or of those kinds.

        The first change is a ``begin``: read the lists now, and what follows happened later. It
        comes again whenever too much was missed to go on. With ``since``, the revision of a change
        that is known, the watch goes on from there.
        """
        return watch(self.context, kinds=kinds, since=since, on_lost=on_lost)

    @Verb
    def call(self, method: str, path: str, *, body: Any = None) -> Call[Any]:
        """Send any request to a path of the API, with its query, and return the JSON answered."""
        return Call(method=method.upper(), path=path, body=body, answer=Any)
