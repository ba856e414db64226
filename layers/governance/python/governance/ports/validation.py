"""What validating needs of the outside: held-out rows, and an endpoint or a transform job to put them to."""

from collections.abc import Sequence
from typing import Literal, Protocol

from governance.domain.environment import Environment
from governance.domain.use_case import ValidationSet
from governance.domain.values import Instant, Value


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

    def ask(self, environment: Environment, endpoint: str, rows: Sequence[str], variant: str = "") -> Answers:
        """Put rows to an endpoint, or to one of its variants, in requests of bounded size.

        Raises `ValidationImpossible` if it does not answer.
        """

    def exists(self, environment: Environment, endpoint: str) -> bool:
        """Whether there is an endpoint of that name, in whatever status."""


class BatchRun(Value):
    """A run of a state machine that makes transform jobs: where its file lies, and where its answers come to lie."""

    machine: str
    """ARN of the state machine."""
    name: str
    given: str
    """URI of the file."""
    answers: str
    """URI of the answers."""


class Progress(Value):
    """How far a run is."""

    status: Literal["running", "succeeded", "failed"]
    began_at: Instant
    reason: str = ""
    """Why it failed, in SageMaker's words."""
    model: str = ""
    """Name of the model that its job ran; empty where that is not told."""


class BatchRunner(Protocol):
    """State machines of workload accounts that make transform jobs. A run is known by its name, and made once."""

    def start(self, environment: Environment, run: BatchRun, content: str) -> None:
        """Lay down a file and start the run. One that was started already goes on, or stays as it ended.

        Raises `ValidationImpossible` where there is no such machine, or no bucket for the file.
        """

    def look(self, environment: Environment, run: BatchRun) -> Progress:
        """Return how far a run is. Raises `ValidationImpossible` if there is none."""

    def stop(self, environment: Environment, run: BatchRun, why: str) -> None:
        """End a run and its job; one that has ended stays as it is."""

    def answers(self, environment: Environment, run: BatchRun, expected: int) -> Answers:
        """Return what a run that succeeded wrote.

        Raises `ValidationImpossible` unless it is one finite number for each row.
        """

    def exists(self, environment: Environment, machine: str) -> bool:
        """Whether there is a state machine of that ARN that takes runs."""

    def clear(self, environment: Environment, run: BatchRun) -> None:
        """Delete the file and the answers, whichever are there."""


class Intake(Protocol):
    """The bus on which commands come in."""

    def send(self, command: Value) -> None:
        """Send a command. Raises `PublishingFailed` when the bus did not take it."""
