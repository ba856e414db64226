"""A version's retirement: what people order, what became of it, and what a record remembers of both.

What serves of a retired version is taken away by a deployment that removes, through the same pipeline as every other
(`removing`). Nothing brings a retired version back.
"""

from typing import ClassVar, Literal

from governance.domain.fact import Fact
from governance.domain.identifiers import ModelPackageArn, Person
from governance.domain.values import Instant, Value


class RetirementProposed(Fact):
    """Somebody wants a version retired that runs in production: a second person has to want the same."""

    kind: Literal["retirement-proposed"] = "retirement-proposed"
    person: Person
    why: str
    successor: ModelPackageArn | Literal[""] = ""
    keep_days: int = 0
    rank: ClassVar[int] = 7
    told: ClassVar[tuple[str, ...]] = ("person", "successor", "keep_days")


class VersionRetired(Fact):
    """A version is retired in every stage, for good. A later one on the same record asks anew for what is left."""

    kind: Literal["version-retired"] = "version-retired"
    person: Person
    why: str
    successor: ModelPackageArn | Literal[""] = ""
    """What takes its place; empty where nothing does."""
    keep_days: int = 0
    """For how many days its artifacts are locked from now on, where that is longer than the installation says."""
    proposed_by: Person | None = None
    """Who had wanted the same before, where two people have to."""
    use_case: str = ""
    """The use case with which it was retired; empty where somebody retired just this version."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("person",)


class DeploymentRemoved(Fact):
    """What a deployment had brought to an endpoint is gone: it was removed with another version's."""

    kind: Literal["deployment-removed"] = "deployment-removed"
    deployment_id: str
    by: str
    """ARN of the version whose removal it was."""
    rank: ClassVar[int] = 8
    told: ClassVar[tuple[str, ...]] = ("deployment_id", "by")


class RetirementCompleted(Fact):
    """Nothing of a retired version runs any more, or is about to."""

    kind: Literal["retirement-completed"] = "retirement-completed"
    retirement: str
    """Fingerprint of the order."""
    rank: ClassVar[int] = 9
    told: ClassVar[tuple[str, ...]] = ("retirement",)


class ProposedRetirement(Value):
    """What somebody proposed last, until somebody else wants the same."""

    person: Person
    at: Instant
    why: str
    successor: str = ""
    keep_days: int = 0


class Retirement(Value):
    """The order that retired a version, and what became of it."""

    fingerprint: str
    person: Person
    proposed_by: Person | None = None
    at: Instant
    why: str
    successor: str = ""
    keep_days: int = 0
    use_case: str = ""
    again: str = ""
    """Fingerprint of the last order that asked anew for what is left to be removed."""
    completed_at: Instant | None = None
    """Since when nothing of the version runs; None as long as something does."""

    @property
    def cause(self) -> str:
        """What removals are named by: the order, or the last that asked anew."""
        return self.again or self.fingerprint
