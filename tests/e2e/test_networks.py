"""Networks, links and shared volumes of services on real engines."""

from __future__ import annotations

import json

from berthbed import BerthBed
from e2e.looking import SOON, Row, host_named, host_of, names_to_ids, wait_status
from e2e.texts import service, text
from testbed import Host

#: All services of a test on one host.
HERE = ("constraint:hostname==h1",)
#: A web service there; it counts as healthy once it answers.
PROBED = (*HERE, "OCCS_HEALTHCHECK_WEB=http://:80/?interval=1s")


def row_of(berth: BerthBed, deployment_id: str, *, key: str) -> Row:
    return next(r for r in berth.containers(deployment_id) if r["service_id"] == key)


def fetch(berth: BerthBed, deployment_id: str, *, url: str) -> str:
    """Return what the container of the service `app` gets from an address."""
    row = row_of(berth, deployment_id, key="app")
    return host_of(berth, row).docker("exec", row["container_id"], "fetch", url).strip()


def wait_probed(berth: BerthBed, deployment_id: str) -> None:
    """Return when the web service has answered its probe."""
    berth.wait_until(
        lambda: row_of(berth, deployment_id, key="web")["checks_passed"] == 1,
        SOON,
        what="the web service to answer",
    )


def names_of(host: Host, deployment_id: str) -> list[str]:
    """Return the names of a host's networks of a deployment."""
    label = f"label=berth.deployment={deployment_id}"
    return host.docker("network", "ls", "--format", "{{.Name}}", "--filter", label).split()


def networks_of(host: Host, deployment_id: str) -> dict[str, str]:
    """Return a host's networks of a deployment as its engine tells: subnets by name."""
    documents = json.loads(host.docker("network", "inspect", *names_of(host, deployment_id)))
    return {one["Name"]: one["IPAM"]["Config"][0]["Subnet"] for one in documents}


def test_services_find_each_other_on_a_network_that_goes_with_them(berth: BerthBed) -> None:
    web = service(
        berth.bed.image("web:1"), "networks: {back: {aliases: [store]}}", env=PROBED, key="web"
    )
    app = service(berth.bed.image("busybox:1"), "networks: [back, front]", env=HERE)
    berth.deploy("nets", text=text(web, app) + "networks:\n  back:\n  front:\n")
    berth.wait_running("nets")
    wait_probed(berth, "nets")
    assert fetch(berth, "nets", url="http://web/") == "1"
    assert fetch(berth, "nets", url="http://store/") == "1"
    host = host_named(berth, "h1")
    found = networks_of(host, "nets")
    assert set(found) == {"back.nets", "front.nets"}
    assert all(subnet.startswith("10.210.") for subnet in found.values())
    berth.remove("nets")
    berth.wait_until(lambda: names_of(host, "nets") == [], SOON, what="the networks to be removed")


def test_a_link_is_a_name_for_the_other_service(berth: BerthBed) -> None:
    check = "OCCS_HEALTHCHECK_WEB=http://:80/?interval=1s"
    web = service(berth.bed.image("web:2"), env=(check,), key="web")
    app = service(berth.bed.image("busybox:1"), "links: [web:store]")
    berth.deploy("links", text=text(web, app))
    berth.wait_running("links")
    wait_probed(berth, "links")
    assert fetch(berth, "links", url="http://store/") == "2"
    assert fetch(berth, "links", url="http://web/") == "2"


def test_a_container_of_another_deployment_is_linked_where_it_runs(berth: BerthBed) -> None:
    berth.deploy("waits", text=f"docker run --link=0.web.store:shop {berth.bed.image('busybox:1')}")
    wait_status(berth, "slot_unfilled", word="no container '0.web.store', which it links to, runs")
    check = "OCCS_HEALTHCHECK_WEB=http://:80/?interval=1s"
    web = service(berth.bed.image("web:2"), env=("constraint:hostname==h2", check), key="web")
    berth.deploy("store", text=text(web))
    berth.wait_running("store")
    berth.wait_running("waits")
    (row,) = berth.containers("waits")
    assert row["hostname"] == "h2"
    said = host_of(berth, row).docker("exec", row["container_id"], "fetch", "http://shop/")
    assert said.strip() == "2"


def test_published_ports_work_on_a_network_too(berth: BerthBed) -> None:
    web = service(berth.bed.image("web:1"), 'ports: ["80"]', "networks: [back]", env=PROBED)
    berth.deploy("ports", text=text(web) + "networks:\n  back:\n")
    berth.wait_running("ports")
    assert row_of(berth, "ports", key="app")["checks_passed"] == 1


def test_a_service_takes_the_volumes_of_another(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    data = service(
        image,
        "command: sh -c 'echo kept > /data/file'",
        "volumes: [/data]",
        'restart: "no"',
        env=HERE,
        key="data",
    )
    berth.deploy("shared", text=text(data, service(image, "volumes_from: [data]")))
    berth.wait_running("shared")
    row = row_of(berth, "shared", key="app")
    host = host_of(berth, row)
    berth.wait_until(
        lambda: host.docker("exec", row["container_id"], "ls", "/data").split() == ["file"],
        SOON,
        what="the file to be there",
    )


def test_services_with_one_named_volume_see_the_same_files(berth: BerthBed) -> None:
    image = berth.bed.image("busybox:1")
    volume = "volumes: [test-one-volume:/data]"
    write = "command: sh -c 'date > /data/file; exec sleep 3600'"
    writer = service(image, write, volume, "stop_grace_period: 0s", key="writer")
    berth.deploy("files", text=text(service(image, volume), writer))
    berth.wait_running("files")
    row = row_of(berth, "files", key="app")
    host = host_of(berth, row)
    berth.wait_until(
        lambda: host.docker("exec", row["container_id"], "ls", "/data") == "file",
        SOON,
        what="the file to be there",
    )
    berth.remove("files")
    host.docker("volume", "rm", "test-one-volume")


def test_an_agent_that_starts_again_keeps_networks_and_containers(berth: BerthBed) -> None:
    app = service(berth.bed.image("busybox:1"), "networks: [back]", env=HERE)
    berth.deploy("again", text=text(app) + "networks:\n  back:\n")
    berth.wait_running("again")
    host = host_named(berth, "h1")
    before = networks_of(host, "again"), names_to_ids(berth, "again")
    berth.agents[0].restart()
    berth.wait_active()
    berth.wait_running("again")
    assert (networks_of(host, "again"), names_to_ids(berth, "again")) == before
