"""Containers over HTTP: documents, owners, output, actions."""

import msgspec
import pytest

from berth.domain.calls import Logs
from berth.domain.errors import CallFailed
from berth.domain.ids import AssignmentId, DeploymentId, ServiceKey
from berth.domain.observed import ContainerReport, PortBinding
from berth.domain.records import Assignment, Host
from berth.domain.spec import ContainerSpec
from berth.domain.states import Attempt, Health, HostState
from integration.api_bed import Bed

ID = "0123456789ab" + "c" * 52
OTHER = "0123456789ab" + "d" * 52
DOCUMENT = b'{"Id": "%s", "Args": ["-v"], "Config": {"Image": "nginx"}, "New": 1}\n' % ID.encode()


#: Members that say how a container is and what it was made of.
TOLD = (
    "id", "health", "attempt", "failures", "code", "retry_at", "exit_code", "ports", "image",
    "image_id", "command", "created_at", "up_to_date", "wanted",
)  # fmt: skip


async def run_slot(bed: Bed, host: Host, *, listed: bool = True) -> None:
    """Let slot 0 of the deployment ``myapp`` run on a host."""
    deployment = (await bed.deploy())["deployment_id"]
    record = bed.store.memory.deployments.get(deployment)
    assert record is not None
    assignment = Assignment(
        id=AssignmentId("a1"),
        deployment_id=DeploymentId(deployment),
        service=ServiceKey("web"),
        slot=0,
        host_id=host.id,
        spec=ContainerSpec(image="nginx"),
        spec_hash=record.hash_of(record.services[0]),
        created_at=bed.clock.now(),
    )
    await bed.store.run(lambda draft: draft.assignments.put(assignment))
    report = ContainerReport(
        assignment_id=assignment.id, attempt=1, state=Attempt.RUNNING, agent_epoch=1, sequence=1,
        container_id=ID, started_at=1_468_578_000.9, name="0.web.myapp",
    )  # fmt: skip
    bed.store.memory.observed.reports[assignment.id] = report
    if listed:
        bed.add_container(host, ID, inspect=DOCUMENT, labels={"berth.deployment": deployment})


async def test_a_managed_container_is_wrapped_with_its_owner(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    host = await fresh_bed.add_host("h1")
    await run_slot(fresh_bed, host)
    wrapped = (await fresh_bed.get("/api/containers/"))[0]
    document = wrapped.pop("container")
    assert wrapped == {
        "host_id": host.id, "hostname": "h1", "deployment_id": "myapp",
        "deployment_name": "myapp", "service_id": "web", "state": "Running",
    }  # fmt: skip
    assert (document["Config"], document["New"], document["Args"]) == (
        {"Image": "nginx"},
        1,
        ["-v"],
    )
    assert (document["LogPath"], document["Mounts"], document["State"]) == ("", [], {})
    assert document["Node"] == {
        "ID": host.id, "Name": "h1", "IP": "10.0.0.5", "Addr": "", "Cpus": 2,
        "Memory": 4096 * 1024 * 1024, "Labels": {},
    }  # fmt: skip


async def test_all_containers_are_listed_flat_with_their_documents(bed: Bed) -> None:
    host = await bed.add_host("h1")
    await run_slot(bed, host)
    bed.add_container(host, "f" * 64, inspect=b"{}", state="exited")
    managed, by_hand = (await bed.get("/api/v2/containers/"))["containers"]
    assert list(managed)[-1] == "container"
    assert (managed["container_id"], managed["service_id"]) == (ID, "web")
    assert managed["started_at"] == "2016-07-15T10:20:00Z"
    assert managed["container"]["Config"]["Image"] == "nginx"
    assert (by_hand["deployment_id"], by_hand["state"]) == ("", "Stopped")
    assert by_hand["container"]["Id"] == ""


async def test_a_container_tells_its_image_ports_attempts_and_health(each_bed: Bed) -> None:
    host = await each_bed.add_host("h1")
    await run_slot(each_bed, host)
    report = each_bed.store.memory.observed.reports[AssignmentId("a1")]
    each_bed.store.memory.observed.reports[report.assignment_id] = msgspec.structs.replace(
        report, attempt=3, failures=2, code="exited", exit_code=137, retry_at=1_468_578_060.0,
        health=Health.UNHEALTHY, ports=(PortBinding(80, "tcp", 8080, "127.0.0.1"),),
    )  # fmt: skip
    each_bed.add_container(host, ID, image_id="sha256:1", command="nginx -g x", created_at=60.0)
    (shown,) = (await each_bed.get("/api/v2/containers/?fields=" + ",".join(TOLD)))["containers"]
    assert shown == {
        "id": "a1", "health": "unhealthy", "attempt": 3, "failures": 2, "code": "exited",
        "exit_code": 137, "retry_at": "2016-07-15T10:21:00Z", "image": "nginx",
        "image_id": "sha256:1", "command": "nginx -g x", "created_at": "1970-01-01T00:01:00Z",
        "up_to_date": True, "wanted": True,
        "ports": [
            {"container_port": 80, "protocol": "tcp", "host_port": 8080, "host_ip": "127.0.0.1"}
        ],
    }  # fmt: skip


async def test_a_container_by_hand_tells_the_same_of_itself(bed: Bed) -> None:
    host = await bed.add_host("h1")
    port = PortBinding(80, "tcp", 8080)
    bed.add_container(host, ID, image_id="sha256:1", status="Up 3 minutes (healthy)", ports=(port,))
    (shown,) = (await bed.get("/api/v2/containers/?fields=" + ",".join(TOLD)))["containers"]
    assert (shown["id"], shown["health"], shown["image_id"]) == (ID, "healthy", "sha256:1")
    assert shown["ports"][0]["host_port"] == 8080


async def test_a_container_of_an_older_generation_is_told_to_be_so(bed: Bed) -> None:
    await run_slot(bed, await bed.add_host("h1"))
    await bed.post("/api/v2/deployments/myapp/restart")
    rows = (await bed.get("/api/v2/deployments/myapp/containers/"))["containers"]
    assert [row["up_to_date"] for row in rows] == [False]


async def test_an_empty_slot_has_an_id_of_its_own(bed: Bed) -> None:
    await bed.deploy(quantities={"web": 2})
    rows = (await bed.get("/api/v2/deployments/myapp/containers/"))["containers"]
    assert [row["id"] for row in rows] == ["myapp/web/0", "myapp/web/1"]


async def test_the_containers_of_a_host_come_unwrapped(bed: Bed) -> None:
    host = await bed.add_host("h1")
    bed.add_container(host, ID, inspect=DOCUMENT)
    documents = await bed.get("/api/hosts/h1/containers/")
    assert [document["Id"] for document in documents] == [ID]
    assert documents[0]["Node"]["ID"] == host.id


async def test_a_container_is_found_on_its_host_only(bed: Bed) -> None:
    host = await bed.add_host("h1")
    await bed.add_host("h2")
    bed.add_container(host, ID, inspect=DOCUMENT)
    for name in (host.id, "h1"):
        assert (await bed.get(f"/api/containers/{ID}/host/{name}"))["container"]["Id"] == ID
    refused = await bed.refused("GET", f"/api/containers/{ID}/host/h2")
    assert refused == (404, "unknown_container", "")
    assert (await bed.refused("GET", f"/api/containers/{ID}/host/h3"))[1] == "unknown_host"


@pytest.mark.parametrize(
    ("prefix", "refused"),
    [
        (ID[:11], "unknown_container"),
        (ID[:12], "ambiguous_id"),
        ("e" * 64, "unknown_container"),
        (ID + "0", "unknown_container"),
    ],
)
async def test_a_prefix_must_be_long_enough_and_unique(bed: Bed, prefix: str, refused: str) -> None:
    host = await bed.add_host("h1")
    for container_id in (ID, OTHER):
        bed.add_container(host, container_id)
    assert (await bed.refused("POST", f"/api/v2/containers/{prefix}/stop"))[:2] == (404, refused)
    task = await bed.post(f"/api/v2/containers/{ID[:13]}/stop")
    assert bed.store.memory.tasks.get(task["task_id"])


async def test_a_document_that_is_not_known_yet_is_asked_for(bed: Bed) -> None:
    host = await bed.add_host("h1")
    bed.add_container(host, ID)
    bed.agents.documents[ID] = DOCUMENT
    assert (await bed.get("/api/containers/"))[0]["container"]["New"] == 1
    assert bed.agents.inspected == [ID]


async def test_a_container_that_was_reported_but_not_listed_yet_is_found(bed: Bed) -> None:
    host = await bed.add_host("h1")
    await run_slot(bed, host, listed=False)
    bed.agents.documents[ID] = DOCUMENT
    assert (await bed.get(f"/api/containers/{ID}/host/h1"))["container"]["New"] == 1
    await bed.get(f"/api/v2/containers/{ID[:12]}/logs")
    await bed.post(f"/api/v2/containers/{ID}/kill")


async def test_a_container_that_was_reported_gone_is_not_found(bed: Bed) -> None:
    await run_slot(bed, await bed.add_host("h1"), listed=False)
    reports = bed.store.memory.observed.reports
    for key, report in reports.items():
        reports[key] = msgspec.structs.replace(report, state=Attempt.REMOVED)
    assert (await bed.refused("GET", f"/api/v2/containers/{ID}/logs"))[0] == 404


@pytest.mark.parametrize("active", [True, False])
async def test_a_host_that_is_away_is_not_waited_for(bed: Bed, active: bool) -> None:
    host = await bed.add_host("h1")
    bed.agents.away = active
    if not active:
        bed.set_status(host, state=HostState.INACTIVE)
    port = PortBinding(80, "tcp", 32_001, "0.0.0.0")
    bed.add_container(host, ID, name="web", image_id="sha256:1", ports=(port,))
    wrapped = (await bed.get("/api/containers/"))[0]
    document = wrapped["container"]
    assert wrapped["state"] == ("Running" if active else "Unknown")
    assert (document["Name"], document["Config"]["Image"]) == ("/web", "nginx")
    assert document["NetworkSettings"]["Ports"]["80/tcp"][0]["HostPort"] == "32001"


async def test_a_document_that_is_no_json_is_replaced(bed: Bed) -> None:
    host = await bed.add_host("h1")
    bed.add_container(host, ID, inspect=b"[1, 2")
    assert (await bed.get("/api/containers/"))[0]["container"]["Id"] == ID


async def test_output_is_read_with_its_query(bed: Bed) -> None:
    host = await bed.add_host("h1")
    bed.add_container(host, ID)
    bed.agents.logs = Logs(b"2016-10-26T21:59:03.000000001Z h\xc3\xa9\xff\n", b"oops\n")
    path = f"/api/v2/containers/{ID[:12]}/logs?tail=5&since=2016-10-26T21:59:03Z"
    logs = (await bed.get(path))["container"]
    assert logs["container_id"] == ID
    assert logs["stdout"] == "2016-10-26T21:59:03.000000001Z hé\ufffd\n"
    assert logs["stderr"] == "oops\n"
    assert (bed.agents.queries[0].tail, bed.agents.queries[0].since) == (5, 1_477_519_143.0)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("tail=-1", "tail"),
        ("tail=x", "tail"),
        ("tail=", "tail"),
        ("since=yesterday", "since"),
        ("since=1e99", "since"),
        ("since=-5", "since"),
        ("since=1969-12-31T00:00:00Z", "since"),
        ("since=nan", "since"),
    ],
)
async def test_a_bad_query_for_output_is_refused(bed: Bed, query: str, field: str) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    refused = await bed.refused("GET", f"/api/v2/containers/{ID}/logs?{query}")
    assert (refused[0], refused[2]) == (400, field)


async def test_output_of_a_host_that_is_away_is_refused(bed: Bed) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    bed.agents.away = True
    refused = await bed.refused("GET", f"/api/v2/containers/{ID}/logs")
    assert refused == (409, "host_inactive", "")


@pytest.mark.parametrize(("code", "status"), [("not_found", 404), ("engine_unreachable", 409)])
async def test_a_failed_call_is_told(bed: Bed, code: str, status: int) -> None:
    bed.add_container(await bed.add_host("h1"), ID)
    bed.agents.failure = CallFailed("the engine said no", code=code)
    assert await bed.refused("GET", f"/api/v2/containers/{ID}/logs") == (status, code, "")


@pytest.mark.parametrize("action", ["kill", "stop", "start", "restart", "pause", "unpause"])
async def test_an_action_is_a_task_for_the_host(bed: Bed, action: str) -> None:
    host = await bed.add_host("h1")
    bed.add_container(host, ID)
    task_id = (await bed.post(f"/api/v2/containers/{ID}/{action}"))["task_id"]
    task = (await bed.get(f"/api/v2/tasks/{task_id}"))["Task"]
    assert (task["Name"], task["HostID"]) == (f"{action} container: {ID}", host.id)
    assert (task["User"], task["Subsystem"], task["StatusDescription"]) == (
        "admin",
        "API",
        "Pending",
    )
    record = bed.store.memory.tasks.get(task_id)
    assert record is not None
    assert (record.subject, record.action) == (ID, action)


@pytest.mark.parametrize(("query", "action"), [("", "remove"), ("?force", "force-remove")])
async def test_a_removal_is_a_task_for_the_host(bed: Bed, query: str, action: str) -> None:
    host = await bed.add_host("h1")
    bed.add_container(host, ID)
    task_id = (await bed.delete(f"/api/v2/containers/{ID[:12]}{query}"))["task_id"]
    record = bed.store.memory.tasks.get(task_id)
    assert record is not None
    assert (record.host_id, record.subject, record.action) == (host.id, ID, action)
