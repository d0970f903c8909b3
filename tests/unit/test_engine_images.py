"""Image references are split as Docker splits them."""

import pytest

from berth.agent.engine.image_documents import parse_image
from berth.domain.errors import EngineRefused
from berth.domain.images import ImageReference, find_registry, is_image_id
from berth.domain.records import Registry

_DIGEST = "sha256:" + "a1" * 32


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        ("nginx", "", "nginx", "latest", ""),
        ("nginx:1.27", "", "nginx", "1.27", ""),
        ("shop/api", "", "shop/api", "latest", ""),
        ("localhost/api:2", "localhost", "api", "2", ""),
        ("registry.example.org/shop/api", "registry.example.org", "shop/api", "latest", ""),
        ("10.0.0.5:5000/api", "10.0.0.5:5000", "api", "latest", ""),
        ("host:5000/a/b/c:v1", "host:5000", "a/b/c", "v1", ""),
        (f"api@{_DIGEST}", "", "api", "", _DIGEST),
        (f"host:5000/api:v1@{_DIGEST}", "host:5000", "api", "", _DIGEST),
        ("[::1]:5000/api", "[::1]:5000", "api", "latest", ""),
    ],
)
def test_a_reference_is_split(
    text: str, registry: str, repository: str, tag: str, digest: str
) -> None:
    assert parse_image(text) == ImageReference(registry, repository, tag, digest)


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("nginx", "nginx", "latest"),
        ("host:5000/api:v1", "host:5000/api", "v1"),
        (f"host:5000/api:v1@{_DIGEST}", "host:5000/api", _DIGEST),
    ],
)
def test_a_pull_names_the_repository_and_the_version(text: str, name: str, version: str) -> None:
    assert (parse_image(text).name, parse_image(text).version) == (name, version)


@pytest.mark.parametrize(
    "text",
    [
        "", ":1", "api:", "api@", "API", "a b", "host:5000/", "/api", "a//b", "../info", "api:v/1",
        "api@sha256:short", "registry.example.org:port/api", "a..b", "api?x=1",
    ],
)  # fmt: skip
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(EngineRefused, match="not an image reference"):
        parse_image(text)


def test_all_spellings_of_an_image_have_one_canonical_form() -> None:
    spellings = ("nginx", "library/nginx", "docker.io/nginx:latest", "index.docker.io/nginx")
    assert {parse_image(text).canonical for text in spellings} == {"docker.io/library/nginx:latest"}
    assert parse_image("host:5000/nginx").canonical == "host:5000/nginx:latest"


def test_ids_are_told_from_references() -> None:
    assert is_image_id(_DIGEST)
    assert is_image_id("a1" * 32)
    assert not is_image_id("nginx")
    assert not is_image_id("sha256:a1")


def test_the_registry_with_the_longest_prefix_is_an_images_own() -> None:
    urls = ("index.docker.io", "index.docker.io/myorg", "reg.test:5000", "reg.test:5000/a/b")
    registries = [Registry(id=url, url=url) for url in urls]
    owners = {
        "redis": "index.docker.io",
        "myorg/app:2": "index.docker.io/myorg",
        "docker.io/myorg/app": "index.docker.io/myorg",
        "myorganisation/app": "index.docker.io",
        "reg.test:5000/a/bc": "reg.test:5000",
        "reg.test:5000/a/b/c@" + _DIGEST: "reg.test:5000/a/b",
    }
    for image, owner in owners.items():
        found = find_registry(registries, image)
        assert found is not None, image
        assert found.url == owner, image
    assert find_registry(registries, "reg.test/a") is None
    assert find_registry(registries, "NO IMAGE") is None
