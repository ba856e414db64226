"""What the reconciler needs to look at: the registry's listings, the record's, pipelines, endpoints and CloudTrail.

Everything that can be long comes in pages, each with a token for the next; empty text means that there is no next, and
as a question it means the first. What changes while it is listed may be missed or seen twice: both are harmless.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from governance.domain.audit import AuditEntry
from governance.domain.environment import Environment
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.inspection import Order
from governance.domain.model_version import ModelVersion
from governance.domain.registry import PackageDescription, RegistryCall
from governance.domain.values import Instant, Value
from governance.ports.delivery import Execution, Waiting


class Groups(Value):
    """A page of model groups, by name."""

    arns: tuple[ModelGroupArn, ...]
    token: str = ""


class Packages(Value):
    """A page of packages, oldest first."""

    arns: tuple[ModelPackageArn, ...]
    token: str = ""


class Catalogue(Protocol):
    """Everything the registry holds."""

    def groups(self, token: str = "") -> Groups:
        """Return model groups in the order of their names. Raises `ListingLost` when the token is no longer good."""

    def packages(self, group: ModelGroupArn | None, token: str = "") -> Packages:
        """Return the packages of a group; of None, those outside any group.

        Raises `GroupNotFound` for a group that was deleted, and `ListingLost` when the token is no longer good.
        """

    def present(self, packages: Sequence[ModelPackageArn]) -> Collection[ModelPackageArn]:
        """Return those that the registry has, of up to 100. One call."""

    def describe(self, package: ModelPackageArn) -> PackageDescription:
        """Return the package as it is now. Raises `PackageNotFound`. Costs one call."""

    def tags(self, group: ModelGroupArn) -> Mapping[str, str]:
        """Return a group's tags. Raises `GroupNotFound` for one that is not there."""

    def policy(self, group: ModelGroupArn) -> Sequence[Mapping[str, Any]]:
        """Return the statements of a group's own policy; none where it has none, or is not there."""


class Known(Value):
    """What the record says of a version, read without opening it for a change."""

    state: ModelVersion | None = None
    sequence: int = 0
    """Number of the last audit entry."""
    relayed: int = 0
    """Number of the last audit entry that is known to be announced."""
    damage: str = ""
    """What is wrong with the record, when it cannot be read."""


class Listed(Value):
    """A page of versions on record. `place` is where the next one begins; empty text at the end of all."""

    versions: tuple[ModelPackageArn, ...]
    place: str


class Records(Protocol):
    """The record of the whole fleet, read in pages. Nothing here scans the table."""

    def look(self, versions: Sequence[ModelPackageArn]) -> Mapping[ModelPackageArn, Known]:
        """Return what is known of each, of up to 50; one without a record is known for nothing. One call."""

    def listed(self, place: str = "") -> Listed:
        """Return versions on record: each once, unless it changes its status meanwhile. None and no place: the end.

        Eventually consistent: it reads an index.
        """

    def after(self, version: ModelPackageArn, sequence: int) -> Sequence[AuditEntry]:
        """Return the audit entries that follow a number, in order, at most 100 of them."""

    def announcing(self, version: ModelPackageArn, event: str, about: str) -> AuditEntry | None:
        """Return the latest audit entry that announces an event of this name in which a text appears, or None.

        Its cost grows with what was recorded since: asked only of what is stuck.
        """

    def begun_at(self) -> Instant:
        """Return when the table was created: nothing was governed before."""


class Turns(Protocol):
    """Who deploys and who waits, as it stands."""

    def holder(self, environment: str, group: ModelGroupArn) -> Waiting | None:
        """Return who holds the lease, or None."""

    def waits(self, environment: str, group: ModelGroupArn, deployment_id: str) -> bool:
        """Whether a deployment is in the queue."""

    def next(self, environment: str, group: ModelGroupArn) -> Waiting | None:
        """Return who has waited longest, or None."""

    def queue(self, environment: str, group: ModelGroupArn) -> tuple[Waiting, ...]:
        """Return everybody who waits, the longest first."""


class Started(Value):
    """A pipeline execution in a listing."""

    id: str
    started_at: Instant
    status: str


class Executions(Value):
    """A page of executions, newest first."""

    executions: tuple[Started, ...]
    token: str = ""


class PipelineHistory(Protocol):
    """What the pipelines remember."""

    def listed(self, pipeline: str, token: str = "") -> Executions:
        """Return executions, newest first. Raises `ListingLost` when the token is no longer good."""

    def find(self, pipeline: str, execution_id: str) -> Execution | None:
        """Return an execution as it is now, or None if the pipeline knows none of this id."""


class EndpointNamed(Value):
    """An endpoint in a listing."""

    name: str
    arn: str
    changed_at: Instant


class Endpoints(Value):
    """A page of endpoints."""

    endpoints: tuple[EndpointNamed, ...]
    token: str = ""


class EndpointSeen(Value):
    """An endpoint as it is: its status, and what its containers load."""

    arn: str
    status: str
    images: tuple[str, ...] = ()
    model_data: tuple[str, ...] = ()
    """Of every variant but one for a trial."""
    tried_images: tuple[str, ...] | None = None
    """Of the variant for a trial, shadow or not; None where it has none."""
    tried_model_data: tuple[str, ...] = ()


class Workloads(Protocol):
    """Endpoints in workload accounts. Each raises `AccountUnreadable` when the account lets nobody look."""

    def listed(self, environment: Environment, token: str = "") -> Endpoints:
        """Return the account's endpoints. Raises `ListingLost` when the token is no longer good."""

    def look(self, environment: Environment, endpoint: str) -> EndpointSeen | None:
        """Return an endpoint as it is now, or None if there is none of this name."""

    def model(self, environment: Environment, arn: str) -> EndpointSeen | None:
        """Return a model that transform jobs run, without a status, or None if there is none of this ARN."""


class Calls(Value):
    """Calls that CloudTrail saw, oldest first."""

    calls: tuple[RegistryCall, ...]
    complete: bool
    """Whether these are all of them: false when there were too many, or the time is too long ago."""


class Trail(Protocol):
    """CloudTrail's memory of who changed packages."""

    def calls(self, since: Instant, until: Instant) -> Calls:
        """Return every UpdateModelPackage of the account in a span of time. Slow: two requests a second."""


class Continuation(Protocol):
    """How a run that has no time left goes on."""

    def go_on(self, order: Order) -> None:
        """Ask for another call of the reconciler with the same order, which will resume."""
