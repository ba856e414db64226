"""What deploying needs of the outside: a place for bundles, pipelines, and turns to take."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from governance.domain.environment import Environment
from governance.domain.identifiers import ModelGroupArn
from governance.domain.values import Instant, Value


class Execution(Value):
    """One execution of a pipeline, as the pipeline tells it."""

    id: str
    pipeline: str
    status: Literal["InProgress", "Succeeded", "Failed", "Stopping", "Stopped", "Cancelled", "Superseded"]
    variables: Mapping[str, str]


class Pipelines(Protocol):
    """The pipelines that deploy, one per environment."""

    def start(self, environment: Environment, token: str, bundle_key: str, variables: Mapping[str, str]) -> str:
        """Start an execution and return its id. The same token returns the same one, as long as it is remembered.

        Raises `QuotaUsedUp` where a quota keeps it from being started.
        """

    def get(self, pipeline: str, execution_id: str) -> Execution:
        """Return an execution as it is now."""

    def stop(self, pipeline: str, execution_id: str, why: str) -> None:
        """Stop an execution once its running actions are done. One that is stopping or has ended is left as it is."""

    def has_deployed(self, pipeline: str, execution_id: str) -> bool:
        """Whether its deploying action came to an end without failing, or may yet: so that it changed the endpoint."""

    def failure(self, pipeline: str, execution_id: str) -> str:
        """Return the reason, in the failed actions' own words, or empty text where none failed."""


class Bundles(Protocol):
    """Deployment bundles: immutable, each under the hash of its content."""

    def put(self, content: bytes) -> str:
        """Keep a bundle and return its key. Keeping the same bytes again changes nothing."""

    def get(self, key: str) -> bytes:
        """Return a bundle, or a pipeline's copy of one. Raises `DeploymentRefused` if there is none under the key."""


class Stacks(Protocol):
    """The stacks of workload accounts."""

    def status(self, environment: Environment, name: str) -> str:
        """Return the status of a stack, in CloudFormation's words; empty text where there is none.

        Raises `AccountUnreadable` where the account does not let the hub look.
        """


class Waiting(Value):
    """A deployment that wants its turn, the version it is of, and since when it has wanted it."""

    deployment_id: str
    model_package_arn: str
    since: Instant


class Leases(Protocol):
    """Turns: one deployment at a time for each environment and model group."""

    def acquire(self, environment: str, group: ModelGroupArn, waiting: Waiting) -> bool:
        """Take the lease, or hold it already, or else wait in its queue. Returns whether it is held.

        Who has waited stays in the queue until they leave it, so that a turn begun and not finished is found again.
        """

    def leave(self, environment: str, group: ModelGroupArn, deployment_id: str, since: Instant | None = None) -> None:
        """Leave the queue; nothing happens if it is not in it.

        `since` is what it has waited since, as it was told when it asked: with it, leaving is one call however many
        wait. Without it, it is looked for among all of them.
        """

    def later(self, environment: str, group: ModelGroupArn, than: Waiting, at_most: int) -> Sequence[Waiting]:
        """Return those who wait behind somebody, the latest first, so many at most. One call however many wait.

        They are ordered by since when they wait, and of one moment by the deployment's id. Whether `than` itself waits
        does not matter.
        """

    def release(self, environment: str, group: ModelGroupArn, deployment_id: str, since: Instant | None = None) -> None:
        """Give it up, and leave the queue; nothing happens if it is not held or waited for."""

    def next(self, environment: str, group: ModelGroupArn) -> Waiting | None:
        """Return who has waited longest, or None."""
