"""A local cloud with a pre-production account and a second production account, for these tests alone."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_cloud import life
from local_cloud.accounts import FURTHER
from local_cloud.place import Place
from tests.integration.scenarios.commanding import Steward, commanding
from tests.integration.scenarios.driver import Driver


@pytest.fixture(scope="session")
def further(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Its contract. `STEWARD_TEST_FURTHER_CLOUD=<path to cloud.json>` uses one that is up already and leaves it up."""
    if given := os.environ.get("STEWARD_TEST_FURTHER_CLOUD"):
        yield json.loads(Path(given).read_text())
        return
    place = Place(tmp_path_factory.mktemp("further"))
    contract = life.up(place, further=FURTHER)
    try:
        yield contract
    finally:
        life.down(place)


@pytest.fixture(scope="session")
def driver(further: dict[str, Any]) -> Driver:
    return Driver(further)


@pytest.fixture(scope="module")
def steward(further: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steward]:
    with commanding(further, tmp_path_factory.mktemp("contract")) as command:
        yield command
