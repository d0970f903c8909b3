"""Digests of images: read from an engine's document, put beside a tag, kept by deployments."""

import msgspec
import pytest

from berth.agent.engine.image_documents import ImageFacts, read_facts
from berth.domain.images import pin_image
from unit.workshop import Workshop, of

FIRST, SECOND = (f"sha256:{digit * 64}" for digit in "12")


def document(*digests: str) -> bytes:
    """Return an image's document."""
    return msgspec.json.encode({"Id": "i", "RepoDigests": list(digests), "Config": {}})


@pytest.mark.parametrize(
    ("image", "digest"),
    [
        ("nginx:1", FIRST),
        ("docker.io/library/nginx:1", FIRST),
        ("reg.test:5000/nginx:1", SECOND),
        ("other:1", ""),
        (f"other@{SECOND}", SECOND),
    ],
)
def test_a_digest_is_that_of_the_references_repository(image: str, digest: str) -> None:
    listed = document(f"nginx@{FIRST}", f"reg.test:5000/nginx@{SECOND}")
    assert read_facts(listed, image) == ImageFacts(has_check=False, digest=digest)


def test_an_image_from_no_registry_has_no_digest() -> None:
    assert read_facts(b'{"Id": "i", "RepoDigests": null}', "made:1").digest == ""
    assert read_facts(b"no document", "made:1") == ImageFacts(has_check=True, digest="")


@pytest.mark.parametrize(
    ("image", "pinned"),
    [
        ("nginx", f"nginx:latest@{FIRST}"),
        ("reg.test:5000/a/b:2", f"reg.test:5000/a/b:2@{FIRST}"),
        (f"nginx@{SECOND}", f"nginx@{SECOND}"),
        ("f" * 64, "f" * 64),
        ("No Reference", "No Reference"),
    ],
)
def test_a_digest_stands_beside_the_tag(image: str, pinned: str) -> None:
    assert pin_image(image, FIRST) == pinned


def test_the_digest_of_an_image_is_kept_until_its_service_changes() -> None:
    shop = Workshop()
    shop.digest = FIRST
    shop.create(of("a:1", "b:1"))
    assert shop.live().digests == {"s0": FIRST, "s1": FIRST}
    shop.digest = SECOND
    shop.change(quantities={"s0": 3})
    assert shop.live().digests == {"s0": FIRST, "s1": FIRST}
    shop.put("a:1", "b:2")
    assert shop.live().digests == {"s0": FIRST, "s1": SECOND}


def test_a_return_brings_the_digests_of_then_back() -> None:
    shop = Workshop()
    shop.digest = FIRST
    shop.create(of("a:1"))
    shop.live()
    shop.digest = SECOND
    shop.put("a:2")
    shop.live()
    assert shop.back(1).digests == {"s0": FIRST}
    assert shop.live().digests == {"s0": FIRST}


@pytest.mark.parametrize("again", ["restart", "stop and start"])
def test_a_restart_and_a_start_look_tags_up_again(again: str) -> None:
    shop = Workshop()
    shop.digest = FIRST
    shop.create(of("a:1"))
    shop.live()
    shop.digest = SECOND
    if again == "restart":
        shop.restart()
    else:
        shop.stop()
        shop.live()
        shop.start()
    assert shop.live().digests == {"s0": SECOND}


def test_a_failed_restart_returns_to_the_digests_before_it() -> None:
    shop = Workshop()
    shop.digest = FIRST
    shop.create(of("a:1"))
    shop.live()
    shop.digest = SECOND
    shop.restart()
    shop.live(bad="n2")
    assert shop.deployment.digests == {"s0": FIRST}


@pytest.mark.parametrize("digest", ["", "latest", "sha256:" + "1" * 200, "sha256:1\n"])
def test_what_is_no_digest_is_not_kept(digest: str) -> None:
    shop = Workshop()
    shop.digest = digest
    shop.create(of("a:1"))
    assert shop.live().digests == {}


@pytest.mark.parametrize("asked", ["true", "false"])
def test_old_texts_that_say_when_to_pull_keep_no_digest(asked: str) -> None:
    shop = Workshop()
    shop.digest = FIRST
    shop.create(of("a:1") + f"    environment: [OCCS_PULL_ON_CREATE={asked}]\n")
    assert shop.live().digests == {}
