"""What the models of a use case come to together: pure functions over short summaries of its model groups.

A summary says how a group stands in each stage: by its latest version that somebody decided on there. A version that
waits for its decision takes nothing from the one before it; one that was retired speaks for nobody. Whoever makes
summaries, on demand or step by step, makes them with `summary_of`.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import Field

from governance.domain.identifiers import ModelGroupArn
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.values import Value

SPEAKS = frozenset({ModelStatus.APPROVED, ModelStatus.REJECTED})
"""Statuses that decide how a group stands."""


class Verdict(StrEnum):
    """How the latest version that was decided on stands."""

    APPROVED = "approved"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


class VersionTold(Value):
    """What one version contributes."""

    number: int
    stages: Mapping[Stage, ModelStatus]
    quarantined: bool = False


class Standing(Value):
    """How a group stands in a stage, and by which version."""

    version: int
    verdict: Verdict


class GroupSummary(Value):
    """How a model group stands in every stage in which anything was decided."""

    group: ModelGroupArn
    stages: Mapping[Stage, Standing] = Field(default_factory=dict)

    @property
    def name(self) -> str:
        """What people call it."""
        return self.group.rpartition("/")[2]


def contribution(state: ModelVersion) -> VersionTold:
    """What a version contributes, read off its state."""
    statuses = {stage: known.status for stage, known in state.stages.items()}
    return VersionTold(number=state.model.number or 0, stages=statuses, quarantined=state.is_quarantined)


def summary_of(group: ModelGroupArn, versions: Iterable[VersionTold]) -> GroupSummary:
    """The summary of a group, from what its versions contribute, in whatever order they come."""
    latest: dict[Stage, Standing] = {}
    for one in versions:
        for stage, status in one.stages.items():
            known = latest.get(stage)
            if status in SPEAKS and (known is None or one.number > known.version):
                latest[stage] = Standing(version=one.number, verdict=verdict(one, status))
    return GroupSummary(group=group, stages={stage: latest[stage] for stage in Stage if stage in latest})


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
