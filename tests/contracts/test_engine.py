"""Every engine keeps the contract for containers of ``berth.agent.engine.protocol.Engine``."""

import json

import pytest

from berth.agent.containers.observed_container import seen_in_inspect
from berth.domain.bindings import reached_at
from berth.domain.errors import (
    EngineConflict,
    EngineNotFound,
    EngineRefused,
    EngineTimeout,
    NameTaken,
    PortTaken,
)
from berth.domain.ids import ContainerId
from berth.domain.observed import PortBinding
from berth.domain.spec import MountSpec, PortSpec
from contracts.engine_beds import EngineBed
from contracts.engine_calls import (
    CONTAINER_CALLS,
    NOBODY,
    a_request,
    a_rich_spec,
    error_of,
    find,
    run,
    state_of,
    wait_for_state,
)

_PORT = 18080


async def test_an_engine_tells_who_it_is_and_how_large(bed: EngineBed) -> None:
    info = await bed.engine.info()
    assert info.id
    assert info.name == "Docker"
    assert [int(part) for part in info.api_version.split(".")] >= [1, 41]
    assert info.cpus >= 1
    assert info.memory_bytes > 1 << 20
    assert info.running == 0


async def test_an_engine_gives_a_sign_of_life_until_it_hangs(bed: EngineBed) -> None:
    await bed.engine.ping()
    await bed.freeze()
    try:
        with pytest.raises(EngineTimeout):
            await bed.hasty_engine.ping()
    finally:
        await bed.thaw()
    await bed.engine.ping()


async def test_running_containers_are_counted(bed: EngineBed) -> None:
    await run(bed.engine, bed.obedient)
    await bed.engine.create(a_request(bed.obedient))
    assert (await bed.engine.info()).running == 1


async def test_a_created_container_is_listed_as_asked_for(bed: EngineBed) -> None:
    container_id = await bed.engine.create(
        a_request(bed.obedient, name="web-0", labels=(("own", "yes"), ("berth.assignment", "no")))
    )
    [listed] = await bed.engine.list_containers()
    assert (listed.id, listed.name, listed.image) == (container_id, "web-0", bed.obedient)
    assert listed.image_id == await bed.engine.find_image(bed.obedient)
    assert listed.state == "created"
    assert listed.status == "Created"
    assert not listed.running
    assert listed.labels["own"] == "yes"
    assert listed.labels["berth.assignment"] == "a1"
    assert listed.created_at > 1_600_000_000


async def test_ended_containers_are_listed_too(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.exits)
    await wait_for_state(bed.engine, container_id, state="exited")
    listed = await find(bed.engine, container_id)
    assert listed is not None
    assert listed.status.startswith("Exited (1)")


async def test_an_inspect_document_tells_what_was_asked_for(bed: EngineBed) -> None:
    request = a_request(
        bed.obedient, environment=(("COLOUR", "blue"),), working_dir="/tmp", memory_bytes=32 << 20
    )
    container_id = await bed.engine.create(request)
    text = await bed.engine.inspect(container_id)
    document = json.loads(text)
    assert len(text) >= 2000
    assert document["Id"] == container_id
    assert document["Name"] == f"/{request.name}"
    assert "COLOUR=blue" in document["Config"]["Env"]
    assert document["Config"]["WorkingDir"] == "/tmp"
    assert document["HostConfig"]["Memory"] == 32 << 20
    assert document["HostConfig"]["RestartPolicy"]["Name"] == "no"
    assert document["State"]["Status"] == "created"


async def test_a_spec_with_everything_is_honoured(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient, **a_rich_spec())
    document = json.loads(await bed.engine.inspect(container_id))
    config, host = document["Config"], document["HostConfig"]
    assert document["State"]["Running"] is True
    assert (config["Hostname"], config["StopTimeout"]) == ("h" * 63, 3)
    assert (host["NanoCpus"], host["Memory"]) == (500_000_000, 64 << 20)
    assert (host["CpusetCpus"], host["PidsLimit"], host["ShmSize"]) == ("0", 50, 16 << 20)
    binds = ["/tmp:/mnt/host:ro", "contract:/mnt/volume", "/usr:/mnt/spread:rprivate"]
    assert host["Binds"] == binds
    memory = {"/mnt/memory": "", "/mnt/still": "ro", "/mnt/small": "size=1048576,mode=700"}
    assert host["Tmpfs"] == memory
    assert host["Sysctls"] == {"kernel.shm_rmid_forced": "0"}
    assert host["Ulimits"] == [{"Name": "nofile", "Soft": 1024, "Hard": 2048}]
    assert (host["DnsOptions"], host["GroupAdd"]) == (["ndots:1"], ["8"])
    assert (host["CgroupnsMode"], host["OomScoreAdj"]) == ("private", 500)
    assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-size": "1m"}}
    assert host["Devices"][0]["PathInContainer"] == "/dev/nothing"
    writable = {mount["Destination"]: mount["RW"] for mount in document["Mounts"]}
    assert (writable["/mnt/host"], writable["/mnt/anonymous"]) == (False, True)
    [network] = document["NetworkSettings"]["Networks"].values()
    assert network["MacAddress"] == "02:42:ac:11:00:77"


async def test_inspect_documents_have_the_members_that_the_api_promises(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient, ports=(PortSpec(80),))
    document = json.loads(await bed.engine.inspect(container_id))
    texts = ("Id", "Name", "Created", "Path", "Driver", "Image", "LogPath", "HostnamePath")
    assert all(isinstance(document[name], str) for name in (*texts, "HostsPath", "ResolvConfPath"))
    assert isinstance(document["Args"], list)
    assert isinstance(document["Mounts"], list)
    assert {"Cmd", "Entrypoint", "Env", "ExposedPorts", "Volumes"} <= document["Config"].keys()
    assert {"Binds", "LogConfig", "RestartPolicy"} <= document["HostConfig"].keys()
    assert document["NetworkSettings"]["Ports"]["80/tcp"][0]["HostPort"]
    assert "Networks" in document["NetworkSettings"]
    assert document["State"]["Running"] is True


async def test_an_id_has_64_hexadecimal_digits(bed: EngineBed) -> None:
    container_id = await bed.engine.create(a_request(bed.obedient))
    assert len(container_id) == 64
    assert int(container_id, 16)


async def test_a_name_is_borne_once(bed: EngineBed) -> None:
    await bed.engine.create(a_request(bed.obedient, name="web-0"))
    with pytest.raises(NameTaken, match="web-0"):
        await bed.engine.create(a_request(bed.obedient, name="web-0"))


async def test_a_missing_image_is_not_found(bed: EngineBed) -> None:
    with pytest.raises(EngineNotFound, match="nowhere:9"):
        await bed.engine.create(a_request("nowhere:9"))


@pytest.mark.parametrize(
    "settings", [{"name": "not a name"}, {"memory_bytes": 1000}], ids=["name", "memory"]
)
async def test_bad_settings_are_refused(bed: EngineBed, settings: dict[str, object]) -> None:
    with pytest.raises(EngineRefused):
        await bed.engine.create(a_request(bed.obedient, **settings))


async def test_what_came_with_a_later_api_is_refused_and_not_skipped(bed: EngineBed) -> None:
    mounts = (MountSpec("volume", "/data", "some-data", subpath="inner"),)
    request = a_request(bed.obedient, mounts=mounts)
    with pytest.raises(EngineRefused, match=r"volume\.subpath needs version 1\.45 of the engine"):
        await bed.engine.create(request)
    assert await bed.engine.list_containers() == []


async def test_a_started_container_runs(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    listed = await find(bed.engine, container_id)
    assert listed is not None
    assert listed.state == "running"
    assert listed.running
    assert listed.status.startswith("Up ")


async def test_starting_a_running_container_changes_nothing(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    before = json.loads(await bed.engine.inspect(container_id))["State"]["StartedAt"]
    await bed.engine.start(container_id)
    assert json.loads(await bed.engine.inspect(container_id))["State"]["StartedAt"] == before


async def test_a_paused_container_cannot_be_started(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    await bed.engine.pause(container_id)
    assert await error_of(bed.engine.start(container_id)) is EngineConflict


async def test_a_program_that_is_not_there_is_refused(bed: EngineBed) -> None:
    container_id = await bed.engine.create(a_request(bed.obedient, command=("/no/such/program",)))
    with pytest.raises(EngineRefused, match="/no/such/program"):
        await bed.engine.start(container_id)
    assert await state_of(bed.engine, container_id) == "created"


async def test_a_container_that_exits_at_once_has_started(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient, command=("sh", "-c", "exit 3"))
    await wait_for_state(bed.engine, container_id, state="exited")
    assert json.loads(await bed.engine.inspect(container_id))["State"]["ExitCode"] == 3


async def test_an_ended_container_can_be_started_again(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    await bed.engine.kill(container_id)
    await wait_for_state(bed.engine, container_id, state="exited")
    await bed.engine.start(container_id)
    assert await state_of(bed.engine, container_id) == "running"


async def test_a_static_port_is_listed_once_while_the_container_runs(bed: EngineBed) -> None:
    ports = (PortSpec(80, host=_PORT), PortSpec(53, "udp", _PORT, "127.0.0.1"))
    container_id = await bed.engine.create(a_request(bed.obedient, ports=ports))
    created = await find(bed.engine, container_id)
    await bed.engine.start(container_id)
    started = await find(bed.engine, container_id)
    assert created is not None
    assert created.ports == ()
    assert started is not None
    assert started.ports == (
        PortBinding(53, "udp", _PORT, "127.0.0.1"),
        PortBinding(80, "tcp", _PORT),
    )


async def test_the_engine_chooses_dynamic_ports(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient, ports=(PortSpec(80), PortSpec(443)))
    listed = await find(bed.engine, container_id)
    assert listed is not None
    assert [port.container for port in listed.ports] == [80, 443]
    assert len({port.host for port in listed.ports}) == 2
    assert all(port.host >= 1024 for port in listed.ports)


async def test_a_port_that_differs_between_the_families_is_told_for_each(bed: EngineBed) -> None:
    # What IPv4 alone publishes moves the next number of IPv4 alone: the two differ once at least.
    for _ in range(2):
        await run(bed.engine, bed.obedient, ports=(PortSpec(80, ip="0.0.0.0"),))
        container_id = await run(bed.engine, bed.obedient, ports=(PortSpec(80),))
        document = await bed.engine.inspect(container_id)
        bound = json.loads(document)["NetworkSettings"]["Ports"]["80/tcp"]
        listed = await find(bed.engine, container_id)
        assert listed is not None
        for ports in (listed.ports, seen_in_inspect(document).ports):
            for family, host in (("0.0.0.0", "10.0.0.5"), ("::", "fd00::5")):
                told = [int(each["HostPort"]) for each in bound if each["HostIp"] == family]
                assert [port.host for port in ports if reached_at(port, host)] == told


async def test_a_port_in_use_refuses_the_second_container(bed: EngineBed) -> None:
    await run(bed.engine, bed.obedient, ports=(PortSpec(80, host=_PORT),))
    second = await bed.engine.create(a_request(bed.obedient, ports=(PortSpec(81, host=_PORT),)))
    with pytest.raises(PortTaken, match=str(_PORT)):
        await bed.engine.start(second)
    assert await state_of(bed.engine, second) == "created"


async def test_a_port_is_free_again_when_its_holder_has_ended(bed: EngineBed) -> None:
    first = await run(bed.engine, bed.obedient, ports=(PortSpec(80, host=_PORT),))
    second = await bed.engine.create(a_request(bed.obedient, ports=(PortSpec(81, host=_PORT),)))
    assert await error_of(bed.engine.start(second)) is PortTaken
    await bed.engine.stop(first, grace_s=5)
    await bed.engine.start(second)
    listed = await find(bed.engine, second)
    assert listed is not None
    assert listed.ports == (PortBinding(81, "tcp", _PORT),)


async def test_a_port_of_one_protocol_is_free_for_another(bed: EngineBed) -> None:
    await run(bed.engine, bed.obedient, ports=(PortSpec(53, "tcp", _PORT),))
    second = await run(bed.engine, bed.obedient, ports=(PortSpec(53, "udp", _PORT),))
    assert await state_of(bed.engine, second) == "running"


async def test_a_stopped_container_has_ended(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    await bed.engine.stop(container_id, grace_s=10)
    assert await state_of(bed.engine, container_id) == "exited"


async def test_a_container_that_ignores_its_stop_signal_is_killed(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.stubborn)
    await bed.engine.stop(container_id, grace_s=0.2)
    assert await state_of(bed.engine, container_id) == "exited"
    assert json.loads(await bed.engine.inspect(container_id))["State"]["ExitCode"] == 137


async def test_stopping_what_does_not_run_changes_nothing(bed: EngineBed) -> None:
    created = await bed.engine.create(a_request(bed.obedient))
    ended = await run(bed.engine, bed.exits)
    await wait_for_state(bed.engine, ended, state="exited")
    await bed.engine.stop(created, grace_s=1)
    await bed.engine.stop(ended, grace_s=1)
    assert await state_of(bed.engine, created) == "created"
    assert await state_of(bed.engine, ended) == "exited"


async def test_a_paused_container_can_be_stopped(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    await bed.engine.pause(container_id)
    await bed.engine.stop(container_id, grace_s=0)
    assert await state_of(bed.engine, container_id) == "exited"


async def test_a_killed_container_has_ended_by_the_signal(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.stubborn)
    await bed.engine.kill(container_id)
    await wait_for_state(bed.engine, container_id, state="exited")
    assert json.loads(await bed.engine.inspect(container_id))["State"]["ExitCode"] == 137


async def test_a_signal_may_be_one_that_ends_nothing(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.stubborn)
    await bed.engine.kill(container_id, signal="SIGTERM")
    assert await state_of(bed.engine, container_id) == "running"


async def test_an_unknown_signal_is_refused(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    assert await error_of(bed.engine.kill(container_id, signal="SIGNOTHING")) is EngineRefused


async def test_what_does_not_run_cannot_be_killed(bed: EngineBed) -> None:
    container_id = await bed.engine.create(a_request(bed.obedient))
    assert await error_of(bed.engine.kill(container_id)) is EngineConflict


async def test_a_restarted_container_runs_under_its_old_id(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    before = json.loads(await bed.engine.inspect(container_id))["State"]["StartedAt"]
    await bed.engine.restart(container_id, grace_s=10)
    after = json.loads(await bed.engine.inspect(container_id))["State"]
    assert after["Running"] is True
    assert after["StartedAt"] > before


async def test_a_restart_starts_what_did_not_run(bed: EngineBed) -> None:
    container_id = await bed.engine.create(a_request(bed.obedient))
    await bed.engine.restart(container_id, grace_s=1)
    assert await state_of(bed.engine, container_id) == "running"


async def test_a_container_is_paused_and_thawed(bed: EngineBed) -> None:
    container_id = await run(bed.engine, bed.obedient)
    await bed.engine.pause(container_id)
    paused = await find(bed.engine, container_id)
    assert paused is not None
    assert paused.state == "paused"
    assert paused.running
    await bed.engine.unpause(container_id)
    assert await state_of(bed.engine, container_id) == "running"


async def test_only_running_containers_are_paused_and_paused_ones_thawed(bed: EngineBed) -> None:
    created = await bed.engine.create(a_request(bed.obedient))
    running = await run(bed.engine, bed.obedient)
    assert await error_of(bed.engine.pause(created)) is EngineConflict
    assert await error_of(bed.engine.unpause(running)) is EngineConflict
    await bed.engine.pause(running)
    assert await error_of(bed.engine.pause(running)) is EngineConflict


async def test_a_renamed_container_frees_its_name(bed: EngineBed) -> None:
    old = await run(bed.engine, bed.obedient, name="web-0")
    await bed.engine.rename(old, "web-0.a1")
    new = await run(bed.engine, bed.obedient, name="web-0")
    names = {container.id: container.name for container in await bed.engine.list_containers()}
    assert names == {old: "web-0.a1", new: "web-0"}


async def test_a_name_in_use_cannot_be_taken(bed: EngineBed) -> None:
    await bed.engine.create(a_request(bed.obedient, name="web-0"))
    other = await bed.engine.create(a_request(bed.obedient, name="web-1"))
    assert await error_of(bed.engine.rename(other, "web-0")) is NameTaken
    await bed.engine.rename(other, "web-1")
    listed = await find(bed.engine, other)
    assert listed is not None
    assert listed.name == "web-1"


async def test_a_removed_container_is_gone_and_so_is_its_name(bed: EngineBed) -> None:
    first = await bed.engine.create(a_request(bed.obedient, name="web-0"))
    await bed.engine.remove(first)
    assert await state_of(bed.engine, first) == ""
    second = await bed.engine.create(a_request(bed.obedient, name="web-0"))
    assert second != first


async def test_removing_what_is_gone_is_a_success(bed: EngineBed) -> None:
    container_id = await bed.engine.create(a_request(bed.obedient))
    await bed.engine.remove(container_id)
    await bed.engine.remove(container_id)
    await bed.engine.remove(container_id, force=True)


@pytest.mark.parametrize("paused", [False, True], ids=["running", "paused"])
async def test_what_runs_is_removed_only_by_force(bed: EngineBed, paused: bool) -> None:
    container_id = await run(bed.engine, bed.stubborn)
    if paused:
        await bed.engine.pause(container_id)
    assert await error_of(bed.engine.remove(container_id)) is EngineConflict
    await bed.engine.remove(container_id, force=True)
    assert await state_of(bed.engine, container_id) == ""


@pytest.mark.parametrize("name", CONTAINER_CALLS)
@pytest.mark.parametrize("container_id", [NOBODY, "../info"], ids=["unknown", "no-id"])
async def test_a_call_for_an_unknown_container_finds_none(
    bed: EngineBed, name: str, container_id: str
) -> None:
    call = CONTAINER_CALLS[name]
    assert await error_of(call(bed.engine, ContainerId(container_id))) is EngineNotFound
