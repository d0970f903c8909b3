"""What an agent is started with."""

from pathlib import Path

import msgspec


class AgentOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of ``berth agent``; those of the join are read at the first start only."""

    data_dir: Path
    #: For example ``https://berth.example.com:8443``; "" uses the one of the join.
    manager_url: str = ""
    #: ``berth-join-1.<secret>.<fingerprint>``; ignored once the agent has an identity.
    join_token: str = ""
    #: For example ``unix:///var/run/docker.sock``; "" leaves the choice to the engine driver.
    engine_url: str = ""
    #: Name that the host asks for; "" asks for its own hostname.
    name: str = ""
    #: Address under which others reach published ports; "" uses the one that routes to the manager.
    address: str = ""
    public_address: str = ""
    #: Id of the pool that the host joins; "" leaves the choice to the manager.
    pool: str = ""
    tags: tuple[str, ...] = ()
