"""A version of a large object and a prefix whose sealing was asked for, and how executions of it went."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError

from tests.aws.cloud import Cloud, Delivery
from tests.aws.conftest import hub_in_memory
from tests.aws.functions import ENVIRONMENT
from tests.aws.life import SEVEN
from tests.aws.machine import Machine
from tests.aws.resources import ARTIFACTS, SOURCES
from tests.aws.test_crashes_of_copies import COPY, IN_SMALL, first

Fits = Callable[[str, Any], bool]
"""Whether a fault befalls a call, by its operation and parameters."""


@dataclass
class Asked:
    """The hub at the moment when SealingRequested is announced."""

    cloud: Cloud
    event: dict[str, Any]
    then: dict[str, Any]

    def again(self) -> Machine:
        """Come back to that moment; a machine of which no execution was ever started."""
        self.cloud.restore(self.then)
        return Machine(self.cloud)

    def status(self) -> str:
        """How the sealing stands on the record: a fact's kind, or nothing."""
        told = [
            one for one in self.items() if '"kind\\":\\"artifacts-sealed' in one or '"kind\\":\\"sealing-ref' in one
        ]
        assert len(told) <= 1, "two outcomes"
        return "" if not told else "sealed" if "artifacts-sealed" in told[0] else "refused"

    def items(self) -> list[str]:
        """What is on the version's record."""
        return [one for one in self.cloud.outcome()["items"] if SEVEN in one]

    def finding(self, code: str) -> str:
        """The finding of this code."""
        (found,) = [one for one in self.items() if f'"FINDING#{code}' in one]
        return found

    def uploads(self) -> list[str]:
        """Keys of the uploads that are open."""
        found: list[str] = self.cloud.outcome()["uploads"]
        return found


@contextmanager
def asked_for() -> Iterator[Asked]:
    """A version is registered, and its sealing asked for."""
    with patch.dict(ENVIRONMENT[COPY], IN_SMALL), hub_in_memory() as cloud:
        events: list[dict[str, Any]] = []

        def deliver(delivery: Delivery) -> None:
            if delivery.function == COPY:
                events.append(delivery.event["event"])
            else:
                cloud.deliver(delivery)

        first(cloud)
        cloud.settle(deliver)
        (event,) = events
        yield Asked(cloud, event, cloud.snapshot())


@contextmanager
def failing(cloud: Cloud, code: str, fits: Fits) -> Iterator[Counter[str]]:
    """Let calls fail with an error of AWS's for as long as this lasts; counts them by operation."""
    met: Counter[str] = Counter()
    answered = cloud.seam.answered

    def failed(client: Any, operation: str, parameters: Any, original: Any) -> Any:
        if not fits(operation, parameters):
            return answered(client, operation, parameters, original)
        met[operation] += 1
        raise ClientError({"Error": {"Code": code, "Message": f"injected {code}"}}, operation)

    with patch.object(cloud.seam, "answered", failed):
        yield met


def of(operation: str, **told: Any) -> Fits:
    """Calls of an operation with these parameters."""
    return lambda name, asked: name == operation and told.items() <= asked.items()


def on_the_bucket(operation: str, asked: Any) -> bool:
    """Every call about the hub's artifact bucket."""
    return bool(asked.get("Bucket") == ARTIFACTS)


def on_the_sources(operation: str, asked: Any) -> bool:
    """Every GetObject of what was registered."""
    return bool(operation == "GetObject" and asked["Bucket"] == SOURCES)
