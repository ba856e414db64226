"""How a version is tried in a stage before it takes over: beside the one that serves, with copies or a small share.

What SageMaker does not take together is refused (AWS: "Deployment guardrails", "Exclusions"; "Shadow tests",
"Exclusions"; "Serverless Inference", "Feature exclusions"; API: CreateEndpointConfig, `ShadowProductionVariants`).
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from governance.domain.guardrails import Rollout, RolloutKind
from governance.domain.rollback_alarms import VariantAlarms
from governance.domain.values import Value


class TrialKind(StrEnum):
    """What a version that is tried gets of the traffic."""

    SHADOW = "shadow"
    """Copies of requests; nobody gets its answers."""
    WEIGHTED = "weighted"
    """A share of the requests, which it answers."""


class TrialPlan(Value):
    """A version first stands beside the one that serves, until it is approved in the stage itself, or rejected."""

    kind: TrialKind
    percent: int = Field(strict=True, ge=1, le=100)
    """Of a hundred requests, how many it gets: copies of them, or the requests themselves."""
    count: Annotated[int, Field(strict=True, ge=1, le=1000)] = 1
    """How many instances it has, of the type of those that serve."""
    alarms: VariantAlarms | None = None
    """What is watched of it beside its errors; None for what the stage's rollback alarms say of a new version."""


MOST_WEIGHT = 50
"""Percent that a version on trial answers at most: with more, it is the one that serves."""


def not_taken(
    plan: TrialPlan | None, rollout: Rollout | None, family: str, is_serverless: bool
) -> Iterator[tuple[tuple[str, ...], str]]:
    """What cannot be meant, or SageMaker does not take beside a trial, each with the field it stands in."""
    if plan is None:
        return
    if is_serverless:
        yield ("trial",), "a serverless endpoint has one model: serve by instances, or leave it out"
        return
    if plan.alarms is not None and not plan.alarms.given():
        yield ("trial", "alarms"), "it is empty: name one at least, or leave it out"
    if plan.kind is TrialKind.WEIGHTED:
        if plan.percent > MOST_WEIGHT:
            yield ("trial", "percent"), f"what is tried answers {MOST_WEIGHT} percent of the requests at most"
        if rollout is not None:
            said = "SageMaker's guardrails want the same variants before and after, and a share needs a second one"
            yield ("rollout",), f"{said}: leave it out, or try as a shadow"
        return
    if family == "inf1":
        yield ("trial", "kind"), "SageMaker has no shadows of Inf1 instances: take another type, or weighted"
    if rollout is not None and rollout.kind is RolloutKind.ROLLING:
        said = "SageMaker does not replace in batches where an endpoint has more than one variant"
        yield ("rollout", "kind"), f"{said}: take another kind, or no trial"


def stands_against(kind: TrialKind, rollout: Rollout) -> bool:
    """Whether SageMaker refuses a rollout of one version where a trial of this kind stands at the endpoint.

    A share makes a second variant, and what is copied to is one only to what replaces in batches.
    """
    return kind is TrialKind.WEIGHTED or rollout.kind is RolloutKind.ROLLING
