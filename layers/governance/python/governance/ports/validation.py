"""What validating needs of the outside: held-out rows, and an endpoint to put them to."""

from collections.abc import Sequence
from typing import Protocol

from governance.domain.environment import Environment
from governance.domain.use_case import ValidationSet
from governance.domain.values import Value


class Rows(Value):
    """Held-out rows: a header and the features as CSV text, and the truth that the model must not see."""

    header: str
    features: tuple[str, ...]
    truth: tuple[float, ...]


class Answers(Value):
    """What an endpoint answered: one number for each row, and how long each request took."""

    values: tuple[float, ...]
    latencies_ms: tuple[float, ...]


class ValidationSets(Protocol):
    """Where groups' owners keep held-out rows."""

    def read(self, pinned: ValidationSet) -> Rows:
        """Return the rows. Raises `ValidationImpossible` when they are missing, unreadable or not those pinned."""


class EndpointInvoker(Protocol):
    """Endpoints in workload accounts."""

    def ask(self, environment: Environment, endpoint: str, rows: Sequence[str]) -> Answers:
        """Put rows to an endpoint, in requests of bounded size. Raises `ValidationImpossible` if it does not answer."""


class Intake(Protocol):
    """The bus on which commands come in."""

    def send(self, command: Value) -> None:
        """Send a command. Raises `PublishingFailed` when the bus did not take it."""
