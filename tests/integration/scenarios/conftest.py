"""A stranger drives the cloud, and a subscriber in another account listens all the while."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.scenarios.commanding import Steward, commanding
from tests.integration.scenarios.driver import Driver
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
    with commanding(cloud, tmp_path_factory.mktemp("contract")) as command:
        yield command
