"""A stranger drives the cloud, and a subscriber in another account listens all the while."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import Result
from typer.testing import CliRunner

from steward.main import app
from tests.integration.scenarios.driver import Driver, Steward
from tests.integration.scenarios.subscriber import Subscriber

LAST = ("test_whole_record.py", "test_whole_proof.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is said of the whole record is said when everything else has happened."""
    items.sort(key=lambda item: LAST.index(item.path.name) + 1 if item.path.name in LAST else 0)


@pytest.fixture(scope="session")
def driver(cloud: dict[str, Any]) -> Driver:
    return Driver(cloud)


@pytest.fixture(scope="session", autouse=True)
def subscriber(driver: Driver) -> Subscriber:
    return Subscriber(driver)


@pytest.fixture(scope="module")
def steward(cloud: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steward]:
    """The command, as a persona: `steward("officer", "list", "--json")`; as the hub's root for nobody."""
    contract: Path = tmp_path_factory.mktemp("contract") / "cloud.json"
    contract.write_text(json.dumps(cloud))
    kept = boto3.DEFAULT_SESSION

    def run(who: str, *words: str) -> Result:
        return CliRunner().invoke(app, ["--cloud", str(contract), "--as", who, *words], env={"COLUMNS": "220"})

    yield run
    boto3.DEFAULT_SESSION = kept
