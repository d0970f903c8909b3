"""Manager, agent and engine end, hang and come back: nothing is lost, nothing runs twice."""

from __future__ import annotations

import http.client
import threading

from berthbed import BerthBed
from e2e.looking import (
    SOON,
    host_named,
    host_of,
    hostnames,
    is_active,
    let_pass,
    names_to_ids,
    on_engine,
    on_engines,
    open_statuses,
    set_settings,
    settle_state,
    wait_logged,
    wait_replaced,
    wait_status,
)
from e2e.order import log_since
from e2e.texts import service, text


def test_a_killed_manager_loses_no_acknowledged_write(berth: BerthBed) -> None:
    acknowledged: list[str] = []
    writers = [
        threading.Thread(target=_write, args=(berth, acknowledged), kwargs={"number": number})
        for number in range(4)
    ]
    for writer in writers:
        writer.start()
    berth.wait_until(lambda: len(acknowledged) >= 40, SOON, what="forty writes")
    berth.manager.kill9()
    for writer in writers:
        writer.join()
    berth.start_manager()
    stored = {d["deployment_id"] for d in berth.api.get("/api/v2/deployments/")["deployments"]}
    assert set(acknowledged) - stored == set()


def test_a_killed_manager_restarts_no_container_and_makes_no_second_one(berth: BerthBed) -> None:
    berth.deploy("calm", replicas=6)
    berth.wait_running("calm")
    before, names = on_engines(berth, "calm", running=False), names_to_ids(berth, "calm")
    berth.manager.kill9()
    berth.start_manager()
    berth.wait_active()
    settle_state(berth, "calm", replicas=6)
    assert names_to_ids(berth, "calm") == names
    assert on_engines(berth, "calm", running=False) == before


def test_a_deployment_under_way_goes_on_after_a_kill_of_the_manager(berth: BerthBed) -> None:
    berth.deploy("mid", replicas=12)
    berth.manager.kill9()
    berth.start_manager()
    settle_state(berth, "mid", replicas=12, timeout=2 * SOON)
    assert len(on_engines(berth, "mid", running=False)) == 12


def test_a_killed_agent_adopts_everything_when_it_is_back(berth: BerthBed) -> None:
    berth.deploy("adopt", replicas=6)
    berth.wait_running("adopt")
    before = names_to_ids(berth, "adopt")
    for agent in berth.agents:
        agent.kill9()
        agent.start()
    berth.wait_active()
    settle_state(berth, "adopt", replicas=6)
    assert names_to_ids(berth, "adopt") == before
    assert on_engines(berth, "adopt", running=False) == sorted(before.values())


def test_what_died_while_the_agent_was_away_is_replaced(berth: BerthBed) -> None:
    berth.deploy("away", replicas=3)
    berth.wait_running("away")
    row = berth.containers("away")[0]
    agent = next(a for a in berth.agents if a.name.endswith(row["hostname"]))
    agent.kill9()
    host_of(berth, row).docker("rm", "-f", row["container_id"])
    agent.start()
    wait_replaced(berth, "away", old=row)
    settle_state(berth, "away", replicas=3)


def test_containers_come_back_after_a_restart_of_their_engine(berth: BerthBed) -> None:
    berth.deploy("engine", replicas=6)
    berth.wait_running("engine")
    host = host_named(berth, "h1")
    host.restart_engine()
    berth.wait_until(
        lambda: len(on_engines(berth, "engine")) == 6, 2 * SOON, what="six containers to run"
    )
    settle_state(berth, "engine", replicas=6)
    assert len(on_engines(berth, "engine", running=False)) == 6


def test_a_killed_engine_is_healed_when_it_is_back(berth: BerthBed) -> None:
    berth.deploy("dockerd", replicas=3)
    berth.wait_running("dockerd")
    host = host_named(berth, "h2")
    host.kill_engine()
    host.start_engine()
    berth.wait_until(
        lambda: len(on_engines(berth, "dockerd")) == 3, 2 * SOON, what="three containers to run"
    )
    settle_state(berth, "dockerd", replicas=3)
    assert len(on_engines(berth, "dockerd", running=False)) == 3


def test_without_a_manager_agents_keep_and_replace_what_they_run(berth: BerthBed) -> None:
    berth.deploy("alone", replicas=3)
    berth.wait_running("alone")
    row = berth.containers("alone")[0]
    host = host_of(berth, row)
    berth.manager.terminate()
    host.docker("kill", row["container_id"])

    def is_replaced() -> bool:
        now = on_engine(host, "alone")
        return row["container_name"] in now and row["container_id"] not in now.values()

    berth.wait_until(is_replaced, SOON, what="the agent to replace it alone")
    replaced = on_engines(berth, "alone")
    berth.start_manager()
    settle_state(berth, "alone", replicas=3)
    assert on_engines(berth, "alone", running=False) == replaced


def test_an_agent_that_starts_without_its_manager_keeps_what_it_ran(berth: BerthBed) -> None:
    berth.deploy("keeps", replicas=3)
    berth.wait_running("keeps")
    row = berth.containers("keeps")[0]
    host = host_of(berth, row)
    berth.manager.terminate()
    agent = next(a for a in berth.agents if a.name.endswith(host.name))
    agent.kill9()
    agent.start()
    host.docker("rm", "-f", row["container_id"])
    berth.wait_until(
        lambda: row["container_name"] in on_engine(host, "keeps"), SOON, what="it to be replaced"
    )
    berth.start_manager()
    settle_state(berth, "keeps", replicas=3)


def test_an_agent_without_manager_or_engine_says_so_and_keeps_trying(berth: BerthBed) -> None:
    agent, host = berth.agents[0], berth.bed.hosts[0]
    start = agent.log.stat().st_size
    berth.manager.terminate()
    host.stop_engine()
    away = ["the manager ended the session", "the connection to the manager broke"]
    wait_logged(berth, agent, words=away, start=start)
    wait_logged(berth, agent, words=["the container engine does not answer"], start=start)
    host.start_engine()
    berth.start_manager()
    for what in ("the manager", "the container engine"):
        wait_logged(berth, agent, words=[f"{what} answers again"], start=start)


def test_a_hung_engine_is_told_and_its_host_goes_on_when_it_does(berth: BerthBed) -> None:
    set_settings(berth, {"host_ttl_s": 2})
    berth.deploy("hung", replicas=3)
    berth.wait_running("hung")
    before = on_engines(berth, "hung")
    host = host_named(berth, "h3")
    host.hang()
    host_id = berth.host_id(host)
    let_pass(3)
    assert is_active(berth, host), "the agent is in contact, only its engine is not"
    host.unhang()
    settle_state(berth, "hung", replicas=3)
    assert on_engines(berth, "hung") == before
    assert berth.host_id(host) == host_id


def test_slots_of_an_engine_that_stays_away_run_elsewhere(berth: BerthBed) -> None:
    set_settings(berth, {"engine_ttl_s": 2})
    berth.deploy("moved", replicas=6)
    berth.wait_running("moved")
    host = host_named(berth, "h3")
    host.crash()
    berth.wait_until(lambda: not is_active(berth, host), SOON, what="the host to be inactive")
    settle_state(berth, "moved", replicas=6)
    assert "h3" not in hostnames(berth, "moved")
    host.restart_engine()
    berth.wait_active()
    settle_state(berth, "moved", replicas=6)
    berth.wait_until(lambda: len(on_engines(berth, "moved")) == 6, SOON, what="no surplus")


def test_a_manager_that_returns_leaves_per_host_containers_alone(berth: BerthBed) -> None:
    everywhere = service(berth.bed.image("busybox:1"), env=("occs:availability=per-host",))
    berth.deploy("everywhere", text=text(everywhere))
    berth.wait_running("everywhere")
    before = names_to_ids(berth, "everywhere")
    assert len(before) == 3
    berth.manager.kill9()
    berth.start_manager()
    berth.wait_active()
    settle_state(berth, "everywhere", replicas=3)
    assert names_to_ids(berth, "everywhere") == before


def test_a_manager_that_hung_longer_than_the_time_to_live_loses_no_host(berth: BerthBed) -> None:
    set_settings(berth, {"host_ttl_s": 2})
    berth.deploy("paused", replicas=6)
    berth.wait_running("paused")
    before = names_to_ids(berth, "paused")
    start = berth.manager.log.stat().st_size
    berth.manager.hang()
    let_pass(5)
    berth.manager.unhang()
    berth.wait_active()
    settle_state(berth, "paused", replicas=6)
    assert names_to_ids(berth, "paused") == before
    assert "inactive" not in log_since(berth.manager, start)


def test_a_host_that_crashed_with_its_engine_returns(berth: BerthBed) -> None:
    set_settings(berth, {"host_ttl_s": 2})
    bound = service(berth.bed.image("busybox:1"), env=("constraint:hostname==h2",))
    berth.deploy("bound", text=text(bound))
    berth.deploy("crash", replicas=3)
    for name in ("bound", "crash"):
        berth.wait_running(name)
    host, agent = host_named(berth, "h2"), berth.agents[1]
    host.crash(with_agent=True)
    berth.wait_until(lambda: "h2" not in hostnames(berth, "crash"), SOON, what="h2's slot to move")
    berth.wait_running("crash")
    host.restart_engine()
    agent.wait(10)
    agent.start()
    settle_state(berth, "bound", replicas=1, timeout=2 * SOON)
    settle_state(berth, "crash", replicas=3)
    berth.wait_until(
        lambda: not on_engine(host, "crash", running=False), SOON, what="surplus to go"
    )


def test_a_lost_host_is_an_open_status_until_it_is_back(berth: BerthBed) -> None:
    set_settings(berth, {"host_ttl_s": 2})
    host = host_named(berth, "h3")
    host.cut()
    wait_status(berth, "host_inactive", word="h3")
    host.heal()
    berth.wait_until(lambda: is_active(berth, host), SOON, what="h3 to be active")
    berth.wait_until(
        lambda: not open_statuses(berth, "host_inactive"), SOON, what="the status to be cleared"
    )


def _write(berth: BerthBed, acknowledged: list[str], *, number: int) -> None:
    """Create stopped deployments until the manager is gone."""
    api = berth.log_in()
    content = text(service(berth.bed.image("busybox:1")))
    for count in range(1000):
        deployment_id = f"w{number}-{count}"
        body = {"deployment_id": deployment_id, "desired_state": 0, "stack": {"content": content}}
        try:
            api.post("/api/v2/deployments/", body)
        except (OSError, http.client.HTTPException):
            return
        acknowledged.append(deployment_id)
