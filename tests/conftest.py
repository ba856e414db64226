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

SHARED = ("tests/integration/", "tests/docker/")
"""Folders whose tests share what takes long to make: the local cloud, and the containers."""


class SideBySide(LoadScopeScheduling):
    """Which tests stay in one process: those of a file, and those of a folder that shares a cloud."""

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in SHARED if nodeid.startswith(folder)), nodeid.partition("::")[0])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SideBySide:
    """Deal out the tests of `make test`."""
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
