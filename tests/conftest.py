"""The whole cloud, deployed once for all tests of a session that need it, and which tests run beside one another."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from local_cloud import life
from local_cloud.place import Place

pytest_plugins = ["tests.properties"]

TESTS = Path(__file__).parent
CLOUD, HOOKED = "integration/", "integration/local_cloud_backend/"
TOGETHER = (HOOKED, CLOUD, "docker/")
"""Folders whose tests stay in one process, for what they share takes long to make: the local cloud, containers."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest first, and last what hooks into the moto of its own process: nothing may come after it."""

    def turn(item: pytest.Item) -> int:
        place = item.path.relative_to(TESTS).as_posix()
        return 2 if place.startswith(HOOKED) else 0 if place.startswith(CLOUD) else 1

    items.sort(key=turn)


class SideBySide(LoadScopeScheduling):
    """Which tests stay in one process: those of a file, and those of a folder that shares something."""

    def _split_scope(self, nodeid: str) -> str:
        place = nodeid.removeprefix(f"{TESTS.name}/")
        return next((folder for folder in TOGETHER if place.startswith(folder)), place.partition("::")[0])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SideBySide:
    """Deal out the tests of `make test`, in their order."""
    config.option.loadscopereorder = False
    return SideBySide(config, log)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The contract (`cloud.json`) of a local cloud with Steward deployed.

    `STEWARD_TEST_CLOUD=<path to cloud.json>` uses one that is up already and leaves it up.
    """
    given = os.environ.get("STEWARD_TEST_CLOUD")
    if given:
        yield json.loads(Path(given).read_text())
        return
    place = Place(tmp_path_factory.mktemp("cloud"))
    contract = life.up(place)
    try:
        yield contract
    finally:
        life.down(place)
