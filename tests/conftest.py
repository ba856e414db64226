"""The whole cloud, deployed once for all tests of a session that need it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_cloud import life
from local_cloud.place import Place


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
