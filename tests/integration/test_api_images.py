"""Images over HTTP: what hosts have, and the tasks that change it."""

from urllib.parse import quote

import pytest

from berth.domain.images import ImageDetail
from berth.domain.records import Host, Task
from berth.domain.states import HostState
from integration.api_bed import TWO, Bed

ID = "sha256:" + "a1" * 32
OTHER = "sha256:" + "b2" * 32
NAME = "reg.test:5000/team/app:1.0"
DIGEST = "reg.test:5000/team/app@sha256:" + "c3" * 32


def with_variable(value: str) -> str:
    """Write a service with one variable."""
    return (
        f"services:\n  a:\n    image: b\n    ports: ['80']\n    environment:\n      X: '{value}'\n"
    )


async def host_with_image(bed: Bed, name: str = "h1") -> Host:
    """Add a host that has an image under two names."""
    host = await bed.add_host(name)
    bed.add_image(host, ID, names=(NAME, "app:2"), digests=(DIGEST,), created_at=7, size=9)
    return host


def path_of(image: str, host: Host, *, action: str = "") -> str:
    """Return the path of an action on an image."""
    return f"/api/v2/images/{image}/hosts/{host.id}{action}"


async def start(bed: Bed, path: str, *, method: str = "POST", **options: object) -> Task:
    """Ask for an action and give its task."""
    answer = await bed.ask(method, path, code=200, **options)
    assert list(answer) == ["task_id"]
    task = bed.store.memory.tasks.get(answer["task_id"])
    assert task is not None
    return task


async def test_images_are_listed_by_host_image_and_name(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    host = await host_with_image(fresh_bed)
    fresh_bed.add_image(host, OTHER)
    items = await fresh_bed.get("/api/images/")
    assert [(each["hostname"], each["image"]["RepoTags"]) for each in items] == [
        ("h1", ["app:2"]), ("h1", [NAME]), ("h1", []),
    ]  # fmt: skip
    assert items[1] == {
        "host_id": host.id, "hostname": "h1",
        "image": {"Id": ID, "ParentId": "", "RepoTags": [NAME], "RepoDigests": [DIGEST],
                  "Created": 7, "Size": 9, "VirtualSize": 9, "Labels": {}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("host=h1", ["app:2", NAME]),
        ("host=h2&image=app:2", ["app:2"]),
        (f"image={ID},nobody", ["app:2", NAME]),
        ("image=nobody", []),
        ("limit=1&host=h1", ["app:2"]),
    ],
)
async def test_the_list_takes_filters_and_parts(bed: Bed, query: str, names: list[str]) -> None:
    await host_with_image(bed, "h1")
    bed.add_image(await bed.add_host("h2"), OTHER, names=("app:2",))
    items = await bed.get(f"/api/images/?{query}")
    assert [each["image"]["RepoTags"][0] for each in items] == names


async def test_the_list_can_be_read_part_by_part(bed: Bed) -> None:
    await host_with_image(bed, "h1")
    await host_with_image(bed, "h2")
    whole, path, found = await bed.get("/api/images/"), "/api/images/?limit=1", []
    while path:
        answer = await bed.http.get(path)
        found += answer.json()
        path = answer.links.get("next", {}).get("url", "")
    assert (len(found), found) == (4, whole)


async def test_a_host_counts_its_images(bed: Bed) -> None:
    host = await host_with_image(bed)
    assert (await bed.get(f"/api/hosts/{host.id}"))["info"]["num_images"] == 1


@pytest.mark.parametrize("name", [NAME, quote(NAME, safe=""), ID, ID.removeprefix("sha256:")])
async def test_an_image_is_shown_as_its_engine_describes_it(bed: Bed, name: str) -> None:
    host = await host_with_image(bed)
    detail = ImageDetail(b'{"Id": "%s"}' % ID.encode(), b'[{"Id": "x", "Size": 3}]')
    bed.agents.images = {NAME: detail, ID: detail}
    for which in (host.id, host.name):
        assert await bed.get(f"/api/images/{name}/hosts/{which}") == {
            "host_id": host.id, "hostname": "h1",
            "image": {"Id": ID}, "history": [{"Id": "x", "Size": 3}],
        }  # fmt: skip


async def test_an_image_or_host_that_is_not_there_is_told(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    host = await host_with_image(fresh_bed)
    for image, where, code in (
        ("nobody/has:this", host.id, "unknown_image"),
        ("NO NAME", host.id, "unknown_image"),
        (NAME, "h9", "unknown_host"),
    ):
        path = f"/api/images/{image}/hosts/{where}"
        assert await fresh_bed.refused("GET", path) == (404, code, "")


async def test_a_host_that_is_away_is_told(bed: Bed) -> None:
    host = await host_with_image(bed)
    bed.set_status(host, state=HostState.INACTIVE)
    away = (409, "host_inactive", "")
    assert await bed.refused("GET", f"/api/images/{NAME}/hosts/h1") == away
    assert await bed.refused("POST", path_of(NAME, host, action="/pull")) == away
    assert await bed.refused("DELETE", path_of(NAME, host)) == away


@pytest.mark.parametrize(
    ("path", "image"),
    [
        ("redis", "redis:latest"),
        (NAME, NAME),
        (quote(NAME, safe=""), NAME),
        (DIGEST, DIGEST),
        ("a/hosts/b:1", "a/hosts/b:1"),
    ],
)
async def test_a_pull_is_a_task_of_the_host(fresh_bed: Bed, path: str, image: str) -> None:
    await fresh_bed.log_in()
    host = await fresh_bed.add_host("h1")
    task = await start(fresh_bed, f"/api/v2/images/{path}/hosts/h1/pull")
    assert (task.kind, task.action, task.subject) == ("image", "pull", image)
    assert (task.name, task.user, task.host_id) == (f"pull image: {image}", "admin", host.id)


async def test_a_push_needs_the_image_on_the_host(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    host = await host_with_image(fresh_bed)
    assert (
        await start(fresh_bed, path_of(NAME, host, action="/push"), json={"x": 1})
    ).action == "push"
    refused = await fresh_bed.refused("POST", path_of("app:3", host, action="/push"))
    assert refused == (404, "unknown_image", "")
    assert (await fresh_bed.refused("POST", path_of(ID, host, action="/push")))[:2] == (
        422,
        "invalid_image",
    )


@pytest.mark.parametrize(
    ("body", "target"),
    [
        ({"Repo": "docker.example.com/web", "Tag": "newest"}, "docker.example.com/web:newest"),
        ({"repo": "web", "tag": "2", "host_id": "x", "image_id": "y"}, "web:2"),
        ({"Repo": "web"}, "web:latest"),
        ({"Repo": "reg.test:5000/web:3"}, "reg.test:5000/web:3"),
    ],
)
async def test_a_tag_names_an_image_anew(fresh_bed: Bed, body: dict[str, str], target: str) -> None:
    await fresh_bed.log_in()
    host = await host_with_image(fresh_bed)
    task = await start(fresh_bed, path_of(ID, host, action="/tag"), json=body)
    assert (task.action, task.subject, task.target) == ("tag", ID, target)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"),
        ({"Repo": "NO"}, "invalid_image"),
        ({"Repo": "web:1", "Tag": "2"}, "invalid_image"),
        ({"Repo": DIGEST}, "invalid_image"),
        ({"Repo": "web", "Tag": "a b"}, "invalid_image"),
    ],
)
async def test_a_bad_new_name_is_refused(bed: Bed, body: dict[str, str], code: str) -> None:
    host = await host_with_image(bed)
    refused = await bed.refused("POST", path_of(NAME, host, action="/tag"), json=body)
    assert refused == (422, code, "Repo")
    assert len(bed.store.memory.tasks) == 0


async def test_a_name_is_removed_by_a_task(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    host = await host_with_image(fresh_bed)
    task = await start(fresh_bed, path_of("app:2", host), method="DELETE")
    assert (task.action, task.subject) == ("remove", "app:2")
    refused = await fresh_bed.refused("DELETE", path_of("app:3", host))
    assert refused == (404, "unknown_image", "")


async def test_an_image_that_is_not_listed_yet_is_asked_for(bed: Bed) -> None:
    host = await bed.add_host("h1")
    bed.agents.images["new:1"] = ImageDetail(b"{}", b"[]")
    assert (await start(bed, path_of("new:1", host), method="DELETE")).subject == "new:1"


async def test_a_run_without_a_text_takes_the_image_as_it_is(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    host = await fresh_bed.add_host("h1")
    task = await start(fresh_bed, path_of(NAME, host, action="/run"))
    assert task.spec is not None
    assert (task.action, task.spec.image, task.spec.command) == ("run", NAME, None)
    assert task.target == f"app-{task.id[:8]}"


async def test_the_image_of_the_path_wins_over_the_text(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    host = await fresh_bed.add_host("h1")
    text = 'version: 2\nservices:\n  unnamed:\n    image: "oraclelinux:6.6"\n    command: sleep 9\n'
    body = {"content": text, "editorTemp": {"a": 1}}
    task = await start(fresh_bed, path_of("busybox", host, action="/run"), json=body)
    assert task.spec is not None
    assert (task.spec.image, task.spec.command) == ("busybox:latest", ("sleep", "9"))
    assert task.target.startswith("unnamed-")


@pytest.mark.parametrize(
    "body",
    [
        {"content": "docker run -e COLOUR=blue -p 8080:80 nginx:1.27"},
        {
            "editorTemp": {
                "struct": {
                    "services": [
                        {
                            "name": "web",
                            "image": "nginx:1.27",
                            "environment": [{"name": "COLOUR", "value": "blue"}],
                            "ports": [{"container": 80, "protocol": "tcp", "host": 8080}],
                        }
                    ]
                }
            }
        },
    ],
)
async def test_a_text_to_run_may_have_any_form(bed: Bed, body: dict[str, object]) -> None:
    host = await bed.add_host("h1")
    task = await start(bed, path_of("busybox", host, action="/run"), json=body)
    assert task.spec is not None
    assert (task.spec.image, dict(task.spec.environment)["COLOUR"]) == ("busybox:latest", "blue")
    assert [(port.container, port.host) for port in task.spec.ports] == [(80, 8080)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (TWO, "several_services"),
        (with_variable('{{proxy "a:80"}}'), "needs_deployment"),
        (with_variable('{{sd_deployment_containers_path "a" 80}}'), "needs_deployment"),
        (with_variable("{{api_token}}"), "needs_deployment"),
        (with_variable("{{.DeploymentID}}"), "needs_deployment"),
        (with_variable('{{kv_get "no/such"}}'), "needs_deployment"),
        ("services:\n  a:\n    image: b\n    ports: nonsense\n", "invalid_definition"),
    ],
)  # fmt: skip
async def test_a_text_that_needs_a_deployment_is_not_run(bed: Bed, content: str, code: str) -> None:
    host = await bed.add_host("h1")
    path = path_of("busybox", host, action="/run")
    refused = await bed.refused("POST", path, json={"content": content})
    assert refused == (422, code, "content")
    assert len(bed.store.memory.tasks) == 0


async def test_templates_about_the_host_are_evaluated(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    host = await fresh_bed.add_host("h1")
    text = with_variable('{{.Hostname}} {{kv_get "no/such" "dark"}} {{env "OCCS_HOSTIP"}}')
    path = path_of("busybox", host, action="/run")
    task = await start(fresh_bed, path, json={"content": text})
    assert task.spec is not None
    variables = dict(task.spec.environment)
    assert variables["X"] == "h1 dark 10.0.0.5"
    assert (variables["OCCS_HOST_ID"], variables["OCCS_CONTAINER_NAME"]) == (host.id, task.target)


async def test_containers_of_an_image_are_those_without_a_deployment(fresh_bed: Bed) -> None:
    await fresh_bed.log_in()
    host = await host_with_image(fresh_bed)
    mine = fresh_bed.add_container(host, "1" * 64, image=NAME, image_id=ID, inspect=b"{}")
    labels = {"berth.deployment": "myapp"}
    fresh_bed.add_container(host, "2" * 64, image=NAME, image_id=ID, labels=labels)
    fresh_bed.add_container(host, "3" * 64, image="nginx", image_id=OTHER)
    for name in (NAME, "app:2", ID):
        found = await fresh_bed.get(f"/api/images/{name}/containers/")
        assert [each["host_id"] for each in found] == [host.id]
        assert found[0]["container"]["Id"] == ""
    assert mine.image_id == ID
    refused = await fresh_bed.refused("GET", "/api/images/nobody/containers/")
    assert refused == (404, "unknown_image", "")


async def test_a_container_whose_image_lost_its_name_is_found_by_its_label(bed: Bed) -> None:
    host = await bed.add_host("h1")
    labels = {"berth.image": "app:2"}
    bed.add_container(host, "1" * 64, image=OTHER, image_id=OTHER, inspect=b"{}", labels=labels)
    assert len(await bed.get("/api/images/app:2/containers/")) == 1
