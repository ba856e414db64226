"""The whole cloud, deployed once for all tests of a session that need it, and which tests run beside one another."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_cloud import life
from local_cloud.place import Place

pytest_plugins = ["tests.properties"]

TESTS = Path(__file__).parent
ONE_AFTER_THE_OTHER = frozenset({"integration", "docker"})
"""Folders whose tests share what takes long to make: the local cloud, and the containers."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests, and those of a folder that shares a cloud, in one process (`--dist loadgroup`)."""
    for item in items:
        folder, *_ = place = item.path.relative_to(TESTS).parts
        group = folder if folder in ONE_AFTER_THE_OTHER else "/".join(place)
        item.add_marker(pytest.mark.xdist_group(group))


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
