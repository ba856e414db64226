"""A stranger drives the cloud, and a subscriber in another account listens all the while."""

from typing import Any

import pytest

from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.subscriber import Subscriber

LAST = "test_whole_record.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is said of the whole record is said when everything else has happened."""
    items.sort(key=lambda item: item.path.name == LAST)


@pytest.fixture(scope="session")
def driver(cloud: dict[str, Any]) -> Driver:
    return Driver(cloud)


@pytest.fixture(scope="session", autouse=True)
def subscriber(driver: Driver) -> Subscriber:
    return Subscriber(driver)
