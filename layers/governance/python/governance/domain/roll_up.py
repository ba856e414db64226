"""What the models of a use case come to together: pure functions over short summaries of its model groups.

A summary says how a group stands in each stage: by its latest version that somebody decided on there. A version that
waits for its decision takes nothing from the one before it; one that was retired speaks for nobody. What befalls a
group is what befalls the versions by which it stands, and those that serve. Whoever makes summaries, from every
version or step by step, makes them with `summary_of`.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import Field

from governance.domain.identifiers import ModelGroupArn, ModelPackageArn, group_name_of
from governance.domain.lifecycle import DeploymentStatus, ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.use_case import ModelRisk
from governance.domain.values import Value

SPEAKS = frozenset({ModelStatus.APPROVED, ModelStatus.REJECTED})
"""Statuses that decide how a group stands."""


class Verdict(StrEnum):
    """How the latest version that was decided on stands."""

    APPROVED = "approved"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


class Trouble(StrEnum):
    """What can befall a model that its use case has to see."""

    REJECTED = "rejected"
    ROLLED_BACK = "rolled-back"
    QUARANTINED = "quarantined"
    STALE_EVIDENCE = "stale-evidence"
    DRIFTING = "drifting"
    ALARMED = "alarmed"
    GONE = "gone"


SIGNS: Mapping[str, Trouble] = {
    "endpoint-alarm": Trouble.ALARMED,
    "endpoint-deleted": Trouble.GONE,
    "endpoint-drifted": Trouble.DRIFTING,
    "evidence-expired": Trouble.STALE_EVIDENCE,
    "package-deleted": Trouble.GONE,
    "package-missing": Trouble.GONE,
}
"""Findings on a version that say so as long as they are open."""


class VersionTold(Value):
    """What one version contributes."""

    number: int
    stages: Mapping[Stage, ModelStatus]
    """Where it was decided on. Another status than these says nothing."""
    quarantined: bool = False
    risk: ModelRisk = ModelRisk.HIGH
    serving: bool = False
    """Whether it is deployed anywhere."""
    rolled_back: tuple[Stage, ...] = ()
    """Stages in which its present deployment was taken back."""
    signs: tuple[Trouble, ...] = ()
    """What its findings say."""
    sequence: int = 0
    """The audit entry up to which this is what its record says: what was read earlier never takes its place."""

    def speaks_in(self, stage: Stage) -> bool:
        """Whether somebody decided on it there, and that holds."""
        return self.stages.get(stage) in SPEAKS

    @property
    def told(self) -> "VersionTold":
        """The same, whenever it was read."""
        return self.model_copy(update={"sequence": 0})


class Befallen(Value):
    """Something that befell a version, and in which stage, where it is of one."""

    trouble: Trouble
    version: int
    stage: Stage | None = None


class Standing(Value):
    """How a group stands in a stage, and by which version."""

    version: int
    verdict: Verdict


class GroupSummary(Value):
    """How a model group stands in every stage in which anything was decided."""

    group: ModelGroupArn
    stages: Mapping[Stage, Standing] = Field(default_factory=dict)
    risk: ModelRisk | None = None
    """The highest of the versions by which it stands or that serve; None where there is none."""
    befallen: tuple[Befallen, ...] = ()

    @property
    def name(self) -> str:
        """What people call it."""
        return group_name_of(self.group)


def contribution(state: ModelVersion, sequence: int = 0) -> VersionTold:
    """What a version contributes, read off its state. One from before governance that nobody adopted gives nothing."""
    number = state.model.number or 0
    if state.is_dormant:
        return VersionTold(number=number, stages={}, sequence=sequence)
    present = {stage: {one.status for one in state.present_in(stage).values()} for stage in state.stages}
    signs = {SIGNS[one.code] for one in state.findings.values() if one.code in SIGNS}
    return VersionTold(
        number=number,
        stages={stage: known.status for stage, known in state.stages.items() if known.status in SPEAKS},
        quarantined=state.is_quarantined,
        risk=state.profile.model_risk,
        serving=any(DeploymentStatus.DEPLOYED in found for found in present.values()),
        rolled_back=tuple(stage for stage in Stage if DeploymentStatus.ROLLED_BACK in present.get(stage, ())),
        signs=tuple(one for one in Trouble if one in signs),
        sequence=sequence,
    )


def latest_of(versions: Iterable[VersionTold]) -> dict[Stage, VersionTold]:
    """By which version a group stands in each stage, in whatever order they come."""
    latest: dict[Stage, VersionTold] = {}
    for one in versions:
        for stage in filter(one.speaks_in, one.stages):
            if stage not in latest or one.number > latest[stage].number:
                latest[stage] = one
    return latest


def counting(versions: Iterable[VersionTold]) -> tuple[VersionTold, ...]:
    """The versions that a summary is made of: those by which the group stands, and those that serve."""
    every = tuple(versions)
    standing = {one.number for one in latest_of(every).values()}
    return tuple(sorted((one for one in every if one.number in standing or one.serving), key=lambda one: one.number))


def summary_of(group: ModelGroupArn, versions: Iterable[VersionTold]) -> GroupSummary:
    """The summary of a group, from what its versions contribute, in whatever order they come."""
    counted = counting(versions)
    latest = latest_of(counted)
    risks = [one.risk for one in counted]
    return GroupSummary(
        group=group,
        stages={
            stage: Standing(version=latest[stage].number, verdict=verdict(latest[stage], latest[stage].stages[stage]))
            for stage in Stage
            if stage in latest
        },
        risk=next((risk for risk in ModelRisk if risk in risks), None),
        befallen=tuple(found for one in counted for found in befell(one, latest)),
    )


def befell(version: VersionTold, latest: Mapping[Stage, VersionTold]) -> Iterable[Befallen]:
    """What befell a version that counts. A rejection counts only while the group stands by it."""
    for stage in Stage:
        if version.stages.get(stage) is ModelStatus.REJECTED and latest[stage].number == version.number:
            yield Befallen(trouble=Trouble.REJECTED, version=version.number, stage=stage)
    for stage in version.rolled_back:
        yield Befallen(trouble=Trouble.ROLLED_BACK, version=version.number, stage=stage)
    if version.quarantined:
        yield Befallen(trouble=Trouble.QUARANTINED, version=version.number)
    for sign in version.signs:
        yield Befallen(trouble=sign, version=version.number)


def version_arn(group: ModelGroupArn, number: int) -> ModelPackageArn:
    """The ARN of a group's version."""
    return f"{group.replace(':model-package-group/', ':model-package/')}/{number}"


def verdict(version: VersionTold, status: ModelStatus) -> Verdict:
    """How a version stands that was decided on. Of one in quarantine nothing counts."""
    if version.quarantined:
        return Verdict.QUARANTINED
    return Verdict.APPROVED if status is ModelStatus.APPROVED else Verdict.REJECTED


def lacking(summaries: Iterable[GroupSummary], stage: Stage) -> tuple[str, ...]:
    """Why not every model is approved in a stage, group by group; empty where every one is."""
    found = []
    for summary in sorted(summaries, key=lambda one: one.group):
        known = summary.stages.get(stage)
        if known is None:
            found.append(f"{summary.name} has no version that was decided on in {stage}")
        elif known.verdict is not Verdict.APPROVED:
            found.append(f"{summary.name}/{known.version} is {known.verdict} in {stage}")
    return tuple(found)
