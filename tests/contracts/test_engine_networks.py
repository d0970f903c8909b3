"""Every engine keeps the contract for networks, neighbours, commands and checks of its own."""

import json

import msgspec
import pytest

from berth.agent.engine.protocol import Attachment, ContainerRequest
from berth.domain.errors import (
    EngineConflict,
    EngineRefused,
    NameTaken,
    SubnetTaken,
)
from berth.domain.spec import MountSpec, Probe
from contracts.engine_beds import EngineBed
from contracts.engine_calls import a_network, a_request, error_of, run

SUBNET = "10.211.1.0/26"


def joining(image: str, *networks: str, **spec: object) -> ContainerRequest:
    request = a_request(image, ports=(), **spec)
    attachments = tuple(Attachment(one, ("web",), ("db:store",)) for one in networks)
    plain = msgspec.structs.replace(request.spec, network_mode="")
    return msgspec.structs.replace(request, spec=plain, networks=attachments)


async def test_a_network_is_listed_as_asked_for_and_removed(bed: EngineBed) -> None:
    request = a_network(SUBNET)
    network_id = await bed.engine.create_network(request)
    [made] = [one for one in await bed.engine.list_networks() if one.id == network_id]
    assert (made.name, made.driver, made.subnets) == (request.name, "bridge", (SUBNET,))
    assert made.labels == request.labels
    await bed.engine.remove_network(network_id)
    await bed.engine.remove_network(network_id)
    assert network_id not in [one.id for one in await bed.engine.list_networks()]


async def test_volumes_are_listed_by_the_names_that_somebody_gave(bed: EngineBed) -> None:
    mounts = (MountSpec("volume", "/named", "berth-contract"), MountSpec("volume", "/unnamed"))
    await bed.engine.create(a_request(bed.obedient, mounts=mounts))
    listed = await bed.engine.list_volumes()
    assert "berth-contract" in listed
    assert not any(len(name) == 64 for name in listed)


async def test_a_network_takes_no_name_and_no_addresses_of_another(bed: EngineBed) -> None:
    first = a_network(SUBNET)
    network_id = await bed.engine.create_network(first)
    try:
        again = a_network("10.211.2.0/26", name=first.name)
        assert await error_of(bed.engine.create_network(again)) is NameTaken
        assert await error_of(bed.engine.create_network(a_network(SUBNET))) is SubnetTaken
    finally:
        await bed.engine.remove_network(network_id)


async def test_a_container_joins_several_networks_and_keeps_them(bed: EngineBed) -> None:
    names = [a_network(f"10.211.{number}.0/26") for number in (3, 4)]
    ids = [await bed.engine.create_network(one) for one in names]
    container_id = await bed.engine.create(joining(bed.obedient, *(one.name for one in names)))
    try:
        await bed.engine.start(container_id)
        document = json.loads(await bed.engine.inspect(container_id))
        assert set(document["NetworkSettings"]["Networks"]) == {one.name for one in names}
        assert await error_of(bed.engine.remove_network(ids[0])) is EngineConflict
    finally:
        await bed.engine.remove(container_id, force=True)
        for network_id in ids:
            await bed.engine.remove_network(network_id)


async def test_a_container_on_an_unknown_network_does_not_start(bed: EngineBed) -> None:
    request = joining(bed.obedient, "no-such-network")

    async def create_and_start() -> None:
        await bed.engine.start(await bed.engine.create(request))

    assert await error_of(create_and_start()) is not None


async def test_volumes_of_a_container_that_is_missing_are_refused(bed: EngineBed) -> None:
    lonely = msgspec.structs.replace(a_request(bed.obedient), volumes_from=("nobody:ro",))
    assert await error_of(bed.engine.create(lonely)) is EngineRefused


async def test_a_container_takes_the_volumes_of_another(bed: EngineBed) -> None:
    first = await run(bed.engine, bed.obedient)
    request = msgspec.structs.replace(a_request(bed.obedient), volumes_from=(f"{first}:ro",))
    second = await bed.engine.create(request)
    document = json.loads(await bed.engine.inspect(second))
    assert document["HostConfig"]["VolumesFrom"] == [f"{first}:ro"]


@pytest.mark.parametrize(
    ("command", "code", "output"),
    [(("true",), 0, ""), (("false",), 1, ""), (("echo", "hello there"), 0, "hello there")],
)
async def test_a_command_ends_with_its_code_and_output(
    bed: EngineBed, command: tuple[str, ...], code: int, output: str
) -> None:
    container_id = await run(bed.engine, bed.obedient)
    result = await bed.engine.execute(container_id, command, deadline_s=10.0)
    assert (result.exit_code, result.output.strip()) == (code, output)


async def test_a_command_that_is_missing_ends_as_shells_say_it(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    result = await bed.engine.execute(container_id, ("/no/such",), deadline_s=10.0)
    assert result.exit_code in (126, 127)


async def test_a_command_that_goes_on_is_not_begun_again(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    command = ("sleep", "1000")
    results = [await bed.engine.execute(container_id, command, deadline_s=0.5) for _ in range(2)]
    assert [one.exit_code for one in results] == [None, None]
    ended = await bed.engine.execute(container_id, ("true",), deadline_s=10.0)
    assert ended.exit_code == 0


async def test_no_command_runs_in_a_container_that_does_not(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    await bed.engine.pause(container_id)
    paused = bed.engine.execute(container_id, ("true",), deadline_s=5.0)
    assert await error_of(paused) is EngineConflict
    await bed.engine.unpause(container_id)
    await bed.engine.kill(container_id)
    ended = bed.engine.execute(container_id, ("true",), deadline_s=5.0)
    assert await error_of(ended) is EngineConflict


async def test_a_check_of_the_engine_is_told_in_the_document_and_the_list(bed: EngineBed) -> None:
    probe = Probe(label="own", kind="image", test=("CMD", "true"), interval_s=60.0)
    container_id = await run(bed.engine, bed.obedient, probes=(probe,))
    document = json.loads(await bed.engine.inspect(container_id))
    assert document["State"]["Health"]["Status"] == "starting"
    assert document["Config"]["Healthcheck"]["Interval"] == 60_000_000_000
    [listed] = await bed.engine.list_containers()
    assert listed.status.endswith("(health: starting)")


async def test_a_check_of_the_image_can_be_switched_off(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient, image_probe=False)
    document = json.loads(await bed.engine.inspect(container_id))
    assert document["Config"]["Healthcheck"]["Test"] == ["NONE"]
    assert "Health" not in document["State"]
