"""One manager for all attacks: what one of them leaves behind shows in the next."""

from collections.abc import Iterator

import pytest

from attacks.target import Target, running_target


@pytest.fixture(scope="session")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with running_target(tmp_path_factory.mktemp("manager")) as running:
        yield running
