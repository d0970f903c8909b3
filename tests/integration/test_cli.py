"""The command line at a whole manager: each verb does what it says, and ends with its code."""

import json
import time
from pathlib import Path

import httpx
import pytest

from integration.town import PASSWORD, Town
from shell import Result, Shell

SHOP = 'services:\n  web:\n    image: nginx\n    ports: ["8080:80"]\n  db:\n    image: redis\n'
BAD = SHOP.replace("image: redis", "imge: redis")


@pytest.fixture
def shell(town: Town, tmp_path: Path) -> Shell:
    """Somebody who is logged in by variables."""
    return Shell(BERTH_URL=town.url, BERTH_TOKEN=town.token, HOME=str(tmp_path))


@pytest.fixture
def shop(shell: Shell, tmp_path: Path) -> Path:
    """A deployment that runs, and its file."""
    path = tmp_path / "shop.yml"
    path.write_text(SHOP)
    assert shell.run("deploy", str(path)).code == 0
    return path


def ok(result: Result) -> Result:
    assert result.code == 0, result.err
    return result


def test_a_file_is_planned_deployed_and_listed(shell: Shell, town: Town, tmp_path: Path) -> None:
    path = tmp_path / "shop.yml"
    path.write_text(SHOP)
    planned = ok(shell.run("deploy", str(path), "--plan"))
    assert "Nothing was done." in planned.lines
    assert ok(shell.run("deployments", "ls", "--quiet")).out == ""
    said = ok(shell.run("deploy", str(path))).lines
    assert said[0] == f"shop on {town.url}"
    assert said[-1] == "shop runs: generation 1"
    row = ok(shell.run("deployments", "ls")).lines[1]
    assert row.startswith("● healthy  shop  default  2 of 2")


def test_a_plan_with_slots_that_would_wait_exits_8(shell: Shell, shop: Path) -> None:
    planned = shell.run("deploy", str(shop), "--plan", "--set", "web=3")
    assert planned.code == 8
    assert any("port 8080" in line.lower() for line in planned.lines)


def test_slots_that_wait_when_the_time_is_over_exit_8_and_say_why(shell: Shell, shop: Path) -> None:
    result = shell.run("deploy", str(shop), "--set", "web=3", "--timeout", "1s")
    assert result.code == 8
    assert "1 slot of web waits" in result.err
    why = ok(shell.run("why", "shop", "web", "2")).out
    assert "2 hosts" in why
    assert "8080" in why


def test_an_update_that_fails_exits_7(shell: Shell, shop: Path, town: Town) -> None:
    shop.write_text(SHOP.replace("redis", "redis:bad"))
    for engine in town.engines.values():
        town.call(lambda engine=engine: engine.registry.refuse("redis:bad", "it is gone"))
    result = shell.run("deploy", str(shop), "--timeout", "60s")
    assert result.code == 7, result.err
    assert "it is gone" in result.err


def test_a_task_that_goes_on_when_the_time_is_over_exits_9(
    shell: Shell, town: Town, shop: Path
) -> None:
    for engine in town.engines.values():
        town.call(engine.freeze)
    try:
        result = shell.run("deployments", "restart", "shop", "--timeout", "0.5s")
    finally:
        for engine in town.engines.values():
            town.call(engine.thaw)
    assert result.code == 9, result.err
    assert "goes on without you" in result.err


def test_a_cancelled_task_exits_10(shell: Shell, shop: Path) -> None:
    task_id = shell.run("deploy", str(shop), "--set", "web=3", "--no-wait").lines[-1]
    ok(shell.run("tasks", "cancel", task_id))
    assert shell.run("wait", task_id, "--timeout", "30s").code == 10


def test_a_bad_text_shows_its_line_and_exits_6(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "bad.yml"
    path.write_text(BAD)
    for words in (["deploy", str(path)], ["check", str(path)]):
        result = shell.run(*words)
        assert result.code == 6
        assert f"{path}:5:3" in result.out + result.err


def test_a_check_may_be_strict(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "odd.yml"
    path.write_text("services:\n  web:\n    image: nginx\n    build: .\n")
    assert "build" in ok(shell.run("check", str(path))).out
    assert shell.run("check", str(path), "--strict").code == 6


def test_a_change_shows_which_lines_differ(shell: Shell, shop: Path) -> None:
    shop.write_text(SHOP.replace("redis", "redis:7"))
    said = ok(shell.run("deploy", str(shop))).lines
    assert "-    image: redis" in said
    assert "+    image: redis:7" in said
    assert not any("occs:" in line for line in said)


def test_for_machines_a_write_prints_the_object_alone(shell: Shell, shop: Path) -> None:
    result = ok(shell.run("deployments", "scale", "shop", "db=2", "--json"))
    assert json.loads(result.out)["quantities"] == {"web": 1, "db": 2}
    assert result.err == ""


def test_a_deployment_is_stopped_started_and_deleted(shell: Shell, shop: Path) -> None:
    assert (
        ok(shell.run("deployments", "stop", "shop", "--yes"))
        .lines[-1]
        .startswith("shop is stopped")
    )
    assert ok(shell.run("deployment", "start", "shop")).lines[-1].startswith("shop runs")
    refused = shell.run("deployments", "rm", "shop", "--yes")
    assert (refused.code, "Stop the deployment" in refused.err) == (6, True)
    ok(shell.run("deployments", "rm", "shop", "--stop", "--yes"))
    assert shell.run("deployments", "show", "shop").code == 5


def test_generations_are_listed_compared_and_returned_to(shell: Shell, shop: Path) -> None:
    assert shell.run("deployments", "diff", "shop").code == 5
    shop.write_text(SHOP.replace("redis", "redis:7"))
    ok(shell.run("deploy", str(shop)))
    assert ok(shell.run("deployments", "generations", "shop", "--quiet")).lines == ["2", "1"]
    assert "+    image: redis:7" in ok(shell.run("deployments", "diff", "shop")).lines
    ok(shell.run("deployments", "rollback", "shop"))
    content = ok(shell.run("deployments", "show", "shop", "--field", "stack.content")).out
    assert "redis:7" not in content


def test_a_destructive_verb_without_anybody_to_ask_does_nothing(shell: Shell, shop: Path) -> None:
    result = shell.run("deployments", "stop", "shop")
    assert result.code == 2
    assert "--yes" in result.err
    assert ok(shell.run("deployments", "ls", "--field", "health")).out == "Healthy\n"


@pytest.mark.parametrize("verb", ["show", "generations", "webhook"])
def test_reads_of_a_deployment_print_something(shell: Shell, shop: Path, verb: str) -> None:
    assert ok(shell.run("deployments", verb, "shop")).out
    assert json.loads(ok(shell.run("deployments", verb, "shop", "--json")).out)


def test_a_name_may_be_its_beginning_and_a_wrong_one_gets_those_that_are_close(
    shell: Shell, shop: Path
) -> None:
    ok(shell.run("deployments", "show", "sh"))
    wrong = shell.run("deployments", "show", "shpo")
    assert (wrong.code, "did you mean: shop" in wrong.err) == (5, True)
    ambiguous = shell.run("containers", "show", "shop")
    assert (ambiguous.code, "2 containers" in ambiguous.err) == (2, True)
    assert ok(shell.run("containers", "show", "shop/db", "--quiet")).lines


def test_errors_are_the_error_object_for_machines(shell: Shell) -> None:
    result = shell.run("api", "GET", "/api/v2/deployments/nope", "--json")
    assert (result.code, result.out) == (5, "")
    assert json.loads(result.err)["errors"][0]["code"] == "unknown_deployment"


def wait_for_row(shell: Shell, *words: str) -> None:
    """List the containers until one line has all the words: the list follows the engines."""
    end = time.monotonic() + 20
    while not any(
        all(word in line for word in words) for line in shell.run("containers", "ls").lines
    ):
        assert time.monotonic() < end, f"no container is listed with {words}"


def test_containers_are_acted_on(shell: Shell, shop: Path) -> None:
    for verb, word in (("pause", "paused"), ("unpause", "running")):
        ok(shell.run("containers", verb, "shop/db"))
        wait_for_row(shell, "0.db.shop", word)
    ok(shell.run("containers", "kill", "shop/db", "--yes"))
    assert ok(shell.run("containers", "stats", "shop/web")).out


def test_hosts_are_shown_tagged_drained_and_activated(shell: Shell) -> None:
    assert ok(shell.run("hosts", "ls", "--field", "info.hostname")).lines == ["h1", "h2"]
    assert "state" in ok(shell.run("hosts", "show", "h1")).out
    ok(shell.run("hosts", "tag", "h1", "ssd"))
    assert "ssd  h1" in ok(shell.run("tags", "ls")).lines
    ok(shell.run("hosts", "tag", "h1", "--", "-ssd"))
    ok(shell.run("hosts", "drain", "h1", "--yes"))
    assert "drained" in ok(shell.run("hosts", "ls")).lines[1]
    ok(shell.run("hosts", "activate", "h1"))
    ok(shell.run("hosts", "pause", "h1"))
    ok(shell.run("hosts", "activate", "h1"))
    assert shell.run("hosts", "rm", "h1", "--yes").code == 6
    assert "echo berth-join-1." in ok(shell.run("hosts", "join-command")).out
    ok(shell.run("hosts", "join-command", "--for", "1h", "--uses", "3", "--yes"))
    ok(shell.run("hosts", "join-command", "--rotate", "--yes"))


def test_a_host_is_thrown_out(shell: Shell, town: Town) -> None:
    with town.client() as client:
        secret = client.hosts.join_token().join_token.split(".")[1]
    facts = {"hostname": "spare", "engine_id": "spare", "cpus": 1}
    header = {"Authorization": f"Join {secret}"}
    httpx.post(f"{town.url}/api/v2/hosts/join", json={"facts": facts}, headers=header)
    said = ok(shell.run("hosts", "revoke", "spare", "--yes"))
    assert said.lines[1] == "spare has no access any more; what runs on it goes elsewhere"
    assert "access was revoked" in ok(shell.run("hosts", "show", "spare")).out
    ok(shell.run("hosts", "rm", "spare", "--yes"))


def test_a_named_token_is_made_used_and_ended(shell: Shell, town: Town, tmp_path: Path) -> None:
    making = shell.run("tokens", "new", "ci", "--read", "--for", "90d", "--quiet")
    text = ok(making).out.strip()
    reader = Shell(BERTH_URL=town.url, BERTH_TOKEN=text, HOME=str(tmp_path))
    assert ok(reader.run("hosts", "ls", "--quiet")).lines
    refused = reader.run("kv", "put", "a", "1")
    assert (refused.code, "for reading only" in refused.err) == (4, True)
    row = ok(shell.run("tokens", "ls")).lines[1]
    assert row.startswith("ci    read   admin")
    ok(shell.run("tokens", "rm", "ci", "--yes"))
    assert reader.run("hosts", "ls").code == 4
    assert shell.run("tokens", "new", "x", "--for", "soon").code == 2


def test_pools_are_made_changed_and_deleted(shell: Shell) -> None:
    ok(shell.run("pools", "new", "blue", "--description", "for blue things"))
    ok(shell.run("pools", "edit", "blue", "--name", "Blue"))
    ok(shell.run("hosts", "move", "h2", "blue", "--yes"))
    assert ok(shell.run("pools", "hosts", "blue", "--field", "info.hostname")).lines == ["h2"]
    ok(shell.run("hosts", "move", "h2", "default", "--yes"))
    ok(shell.run("pools", "rm", "blue", "--yes"))
    assert shell.run("pools", "show", "blue").code == 5


def test_definitions_are_stored_converted_deployed_and_deleted(
    shell: Shell, tmp_path: Path
) -> None:
    path = tmp_path / "cache.yml"
    path.write_text("services:\n  cache:\n    image: redis\n")
    ok(shell.run("services", "new", str(path)))
    path.write_text("services:\n  cache:\n    image: redis:7\n")
    ok(shell.run("services", "save", "cache", str(path)))
    assert "docker run" in ok(shell.run("services", "convert", "cache", "--to", "docker-run")).out
    ok(shell.run("services", "deploy", "cache", "--name", "c1"))
    assert ok(shell.run("services", "show", "cache")).out == path.read_text()
    ok(shell.run("services", "rm", "cache", "--yes"))


def test_keys_are_written_read_and_removed(shell: Shell) -> None:
    ok(shell.run("kv", "put", "a/b", "1", "--cas", "0"))
    assert shell.run("kv", "put", "a/b", "2", "--cas", "0").code == 6
    ok(shell.run("kv", "put", "a/c", "-", typed="x\n"))
    assert ok(shell.run("kv", "get", "a/c")).out == "x\n"
    assert ok(shell.run("kv", "ls", "a/", "--quiet")).lines == ["a/b", "a/c"]
    assert ok(shell.run("kv", "tree")).lines == ["a/", "b", "c"]
    ok(shell.run("kv", "rm", "a/", "--below", "--yes"))
    assert shell.run("kv", "get", "a/b").code == 5


def test_the_catalog_is_read_and_written(shell: Shell) -> None:
    ok(shell.run("catalog", "register", "db", "--address", "10.0.0.9", "--port", "5432"))
    assert ok(shell.run("catalog", "show", "db", "--field", "Address")).lines == ["10.0.0.9"]
    assert "db" in ok(shell.run("catalog", "ls", "--quiet")).lines
    ok(shell.run("catalog", "deregister", "db"))
    assert shell.run("catalog", "show", "db").code == 5


def test_registries_are_defined_changed_and_deleted(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    secret = str(tmp_path / "secret")
    ok(shell.run("registries", "new", "reg.test", "--user", "me", "--password-file", secret))
    shown = ok(shell.run("registries", "show", "reg.test", "--json")).out
    assert "s3cret" not in shown
    ok(shell.run("registries", "edit", "reg.test", "--description", "ours"))
    ok(shell.run("registries", "rm", "reg.test", "--yes"))


def test_images_are_pulled_tagged_and_removed(shell: Shell) -> None:
    ok(shell.run("images", "pull", "busybox", "--host", "h1"))
    ok(shell.run("images", "tag", "busybox", "mine:2", "--host", "h1"))
    assert any(line.startswith("mine:2") for line in ok(shell.run("images", "ls")).lines)
    assert ok(shell.run("images", "show", "busybox", "--host", "h1")).out
    ok(shell.run("images", "rm", "mine:2", "--host", "h1", "--yes"))
    assert shell.run("images", "rm", "mine:2", "--host", "h1", "--yes").code == 5


@pytest.mark.parametrize(
    "words",
    [["status"], ["status", "--all"], ["events"], ["tasks", "ls"], ["settings", "ls"], ["users", "ls"],
     ["users", "show"], ["token", "show"], ["top", "--once"], ["search", "redis"], ["stacks", "ls"],
     ["context", "ls"], ["version"], ["completion", "show", "bash"], ["pools", "ls"], ["images", "ls"]],
)  # fmt: skip
def test_reads_print_something_and_end_well(shell: Shell, words: list[str]) -> None:
    assert ok(shell.run(*words)).out


def test_settings_are_changed_and_wrong_ones_refused(shell: Shell) -> None:
    ok(shell.run("settings", "set", "stop_grace_s=0.3"))
    assert ok(shell.run("settings", "ls", "--field", "stop_grace_s")).lines == ["0.3"]
    assert shell.run("settings", "set", "nope=1").code == 6
    assert shell.run("settings", "set", "stop_grace_s").code == 2


def test_a_backup_is_written_for_its_owner_and_brought_in(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "berth.bin"
    ok(shell.run("kv", "put", "kept", "1"))
    ok(shell.run("backup", str(path)))
    assert path.stat().st_mode & 0o077 == 0
    ok(shell.run("kv", "rm", "kept"))
    assert any("kept" in line for line in ok(shell.run("restore", str(path), "--plan")).lines)
    ok(shell.run("restore", str(path), "--yes"))
    assert ok(shell.run("kv", "get", "kept")).out == "1"
    ok(shell.run("kv", "rm", "kept"))


def test_any_request_can_be_sent(shell: Shell) -> None:
    ok(shell.run("api", "PUT", "/api/v2/settings", '{"settings": {"stop_grace_s": 0.2}}'))
    found = ok(shell.run("api", "get", "/api/v2/settings", "--field", "settings.stop_grace_s"))
    assert found.lines == ["0.2"]
    assert shell.run("api", "GET", "/api/v2/nothing").code == 5
    assert shell.run("api", "FETCH", "/").code == 2


def test_a_login_is_kept_as_a_context_and_used(town: Town, tmp_path: Path) -> None:
    shell = Shell(HOME=str(tmp_path))
    assert shell.run("hosts", "ls").code == 4
    wrong = shell.run("login", town.url, "--password-file", "-", typed="wrong\n")
    assert (wrong.code, "password" in wrong.err) == (4, True)
    ok(shell.run("login", town.url, "--name", "lab", "--password-file", "-", typed=PASSWORD))
    assert ok(shell.run("hosts", "ls", "--quiet")).lines
    ok(shell.run("logout"))
    assert shell.run("hosts", "ls").code == 4


def test_a_guarded_context_wants_its_name(town: Town, tmp_path: Path) -> None:
    shell = Shell(HOME=str(tmp_path))
    login = ["login", town.url, "--name", "lab", "--guard", "--password-file", "-"]
    ok(shell.run(*login, typed=PASSWORD))
    refused = shell.run("kv", "put", "a", "1", "--yes")
    assert (refused.code, "--yes=lab" in refused.err) == (2, True)
    ok(shell.run("kv", "put", "a", "1", "--yes=lab"))
    ok(shell.run("kv", "rm", "a", "--yes=lab"))


def test_names_for_completion_come_from_a_cache(shell: Shell, shop: Path, tmp_path: Path) -> None:
    shell.variables["XDG_RUNTIME_DIR"] = str(tmp_path)
    assert ok(shell.run("_names", "deployments", "sh")).lines == ["shop"]
    ok(shell.run("deployments", "rm", "shop", "--stop", "--yes"))
    assert ok(shell.run("_names", "deployments", "")).lines == ["shop"]
    assert (tmp_path / "berth-names-deployments.json").stat().st_mode & 0o077 == 0
    shell.variables["BERTH_URL"] = "http://127.0.0.1:1"
    assert shell.run("_names", "deployments", "") == Result(0, "", "")
