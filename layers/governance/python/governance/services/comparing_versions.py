"""Compare a version with another: with the one that was rejected, with what is in production, or with any."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from governance.domain.comparing import Record
from governance.domain.diffing import Line, Side, differences
from governance.domain.environment import SIMPLE, Landscape
from governance.domain.errors import Refused, UnknownModelVersion
from governance.domain.facts import AnyFact
from governance.domain.fold import fold_all
from governance.domain.identifiers import ModelPackageArn, group_arn_of
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.model_group import ModelGroup
from governance.domain.model_version import ModelVersion
from governance.domain.people import Names
from governance.domain.reviewing import FindingsRaised
from governance.domain.terms import Terms
from governance.domain.values import Instant, Value
from governance.ports.ledger import Groups
from governance.services.inventory import Inventory

REJECTED, PRODUCTION = "rejected", "production"


class Comparison(Value):
    """What a version was compared with, and everything in which the two differ."""

    version: ModelPackageArn
    against: ModelPackageArn
    as_of: Instant | None = None
    """The moment of which the other is shown: of the same version, as it was when findings were raised last."""
    stage: Stage
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Comparing:
    """Answer in what two versions differ."""

    inventory: Inventory
    groups: Groups
    now: Callable[[], datetime]
    landscape: Landscape = SIMPLE
    """The environments that there are: which stage a version nobody has approved yet would come from."""

    def compare(self, version: ModelPackageArn, against: str, stage: Stage | None = None) -> Comparison:
        """A version beside the `rejected` one, what is in `production`, or another by its ARN.

        Its evidence and metrics are put to the policy in force, in a stage: in the furthest if none is said. Raises
        `UnknownModelVersion`, and `Refused` where there is nothing to compare with.
        """
        record = self.inventory.read(version)
        state, group = state_of(record), self.group_of(version)
        other, moment = self.other(record, state, group, against)
        theirs = self.inventory.read(other) if other != version else record
        where = stage or state.furthest_stage
        ours_is = Side(state=state, terms=terms(group, version, self.landscape), at=self.now())
        at = moment or self.now()
        theirs_is = Side(state=state_of(theirs, moment), terms=terms(group, other, self.landscape), at=at)
        lines = differences(ours_is, theirs_is, where)
        return Comparison(
            version=version,
            against=other,
            as_of=moment,
            stage=where,
            lines=tuple(named(named(line, record.names), theirs.names) for line in lines),
        )

    def group_of(self, version: ModelPackageArn) -> ModelGroup | None:
        """What is known of the version's group."""
        arn = group_arn_of(version)
        return self.groups.get(arn) if arn else None

    def other(
        self, record: Record, state: ModelVersion, group: ModelGroup | None, against: str
    ) -> tuple[ModelPackageArn, Instant | None]:
        """The version that is meant, and as of when."""
        if against == REJECTED:
            return self.rejected(record, state)
        if against == PRODUCTION:
            return in_production(state, group), None
        return against, None

    def rejected(self, record: Record, state: ModelVersion) -> tuple[ModelPackageArn, Instant | None]:
        """The version it takes the place of; else itself before it was put right; else the last that was rejected."""
        if state.resubmits and state.resubmits != state.model.arn:
            return state.resubmits, None
        raised = [fact for fact in record.facts if isinstance(fact, FindingsRaised)]
        if raised:
            return state.model.arn, max(fact.recorded_at for fact in raised)
        listed = self.inventory.list(status=ModelStatus.REJECTED, group=state.model.group or "")
        before = [one for one in listed if int(one.record["model_version"]) < (state.model.number or 0)]
        if not before:
            raise Refused("nothing-rejected", "no earlier version of its group is rejected")
        return before[-1].model_package_arn, None


def in_production(state: ModelVersion, group: ModelGroup | None) -> ModelPackageArn:
    """The version that serves in production; of that one itself, what served before it."""
    servings = group.served_in(Stage.PRODUCTION) if group else ()
    found = next((one.version for one in servings if one.version != state.model.arn), None)
    if found is None:
        raise Refused("nothing-in-production", "no other version of its group is in production")
    return found


def state_of(record: Record, moment: datetime | None = None) -> ModelVersion:
    """What the facts of a record give, as far as they were recorded by a moment."""
    facts: list[AnyFact] = [fact for fact in record.facts if moment is None or fact.recorded_at <= moment]
    if not facts:
        raise UnknownModelVersion(record.pk.removeprefix("MODEL#"))
    return fold_all(facts).state


def terms(group: ModelGroup | None, version: ModelPackageArn, landscape: Landscape) -> Terms:
    """On what a version is judged now."""
    if group is None:
        return Terms(landscape=landscape)
    serving = group.last_in(Stage.PRODUCTION)
    production = serving.readings if serving and serving.version != version else None
    return Terms(policy=group.in_force, production=production, landscape=landscape)


def named(line: Line, names: Names) -> Line:
    """A line with people's names."""

    def shown(told: str | float | None) -> str | float | None:
        return names.told(told) if isinstance(told, str) else told

    return line.model_copy(update={"ours": shown(line.ours), "theirs": shown(line.theirs)})
