"""Stages, statuses, and the moves between them: what a person does in the registry, and what that decides."""

import re
from collections.abc import Mapping
from enum import StrEnum

from governance.domain.values import Value


class Stage(StrEnum):
    """Where in its life a model version is judged and deployed."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRE_PRODUCTION = "pre-production"
    PRODUCTION = "production"


class ModelStatus(StrEnum):
    """The decision in force for a version in one stage."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    RETIRED = "retired"


class DeploymentStatus(StrEnum):
    """Where the deployment of a version in one stage stands."""

    NONE = "none"
    QUEUED = "queued"
    DEPLOYING = "deploying"
    DEPLOYED = "deployed"
    FAILED = "failed"
    ROLLED_BACK = "rolled-back"
    SUPERSEDED = "superseded"
    REMOVED = "removed"


class ApprovalStatus(StrEnum):
    """SageMaker's `ModelApprovalStatus`."""

    APPROVED = "Approved"
    REJECTED = "Rejected"
    PENDING = "PendingManualApproval"


class LifeCycle(Value):
    """SageMaker's `ModelLifeCycle` as it was told: free text, not yet interpreted."""

    stage: str
    status: str
    description: str = ""


MOVES: Mapping[ModelStatus, frozenset[ModelStatus]] = {
    ModelStatus.PENDING: frozenset({ModelStatus.APPROVED, ModelStatus.REJECTED, ModelStatus.RETIRED}),
    ModelStatus.APPROVED: frozenset({ModelStatus.PENDING, ModelStatus.REJECTED, ModelStatus.RETIRED}),
    ModelStatus.REJECTED: frozenset({ModelStatus.PENDING, ModelStatus.APPROVED, ModelStatus.RETIRED}),
    ModelStatus.RETIRED: frozenset(),
}
"""The allowed moves of a status. A move observed in the registry that is not here becomes a finding."""

FOLLOWING: Mapping[Stage, Stage] = {Stage.DEVELOPMENT: Stage.TEST, Stage.TEST: Stage.PRODUCTION}
"""Approval in the first lets a version into the second, where its verdict says nothing else."""

PRECEDING: Mapping[Stage, Stage] = {
    Stage.TEST: Stage.DEVELOPMENT,
    Stage.PRE_PRODUCTION: Stage.TEST,
    Stage.PRODUCTION: Stage.TEST,
}
"""The stage whose approval a deployment to this one rests on, where the deployment says nothing else."""

DEPLOYED_STAGES: tuple[Stage, ...] = tuple(PRECEDING)
"""Stages into which an approval in a stage before deploys a version, where they have an environment."""

WORST_FIRST: tuple[DeploymentStatus, ...] = (
    DeploymentStatus.FAILED,
    DeploymentStatus.ROLLED_BACK,
    DeploymentStatus.REMOVED,
    DeploymentStatus.QUEUED,
    DeploymentStatus.DEPLOYING,
    DeploymentStatus.SUPERSEDED,
    DeploymentStatus.DEPLOYED,
    DeploymentStatus.NONE,
)
"""How good a deployment's status is: that of a stage is the least good one of its environments."""

ORDER: tuple[Stage, ...] = tuple(Stage)
"""The stages from first to last."""

STAGE_NAMES: Mapping[str, Stage] = {
    "development": Stage.DEVELOPMENT,
    "dev": Stage.DEVELOPMENT,
    "test": Stage.TEST,
    "qa": Stage.TEST,
    "staging": Stage.TEST,
    "preproduction": Stage.PRE_PRODUCTION,
    "preprod": Stage.PRE_PRODUCTION,
    "production": Stage.PRODUCTION,
    "prod": Stage.PRODUCTION,
}
"""What organisations call the stages in `ModelLifeCycle.Stage` (AWS: "Staging construct for your model lifecycle")."""

STATUS_NAMES: Mapping[str, ModelStatus] = {
    "approved": ModelStatus.APPROVED,
    "rejected": ModelStatus.REJECTED,
    "pending": ModelStatus.PENDING,
    "pendingapproval": ModelStatus.PENDING,
    "pendingmanualapproval": ModelStatus.PENDING,
    "inprogress": ModelStatus.PENDING,
    "onhold": ModelStatus.PENDING,
    "retired": ModelStatus.RETIRED,
}
"""What `ModelLifeCycle.StageStatus` decides. Whatever is not listed decides nothing and becomes a finding."""

UNDECIDED_STAGES = frozenset({"proposal", "archived"})
"""Stages of AWS's own templates that are known and in which Steward has nothing to decide."""


def plain(name: str) -> str:
    """A name without case, spaces, dashes and underscores: how stages and statuses are compared."""
    return re.sub(r"[\s_-]+", "", name).casefold()


def stage_named(name: str) -> Stage | None:
    """The stage that a life-cycle stage name means, or None if nobody told us."""
    return STAGE_NAMES.get(plain(name))


def status_named(name: str) -> ModelStatus | None:
    """The status that a life-cycle status name means, or None if nobody told us."""
    return STATUS_NAMES.get(plain(name))


APPROVAL_DECIDES: Mapping[ApprovalStatus, ModelStatus] = {
    ApprovalStatus.APPROVED: ModelStatus.APPROVED,
    ApprovalStatus.REJECTED: ModelStatus.REJECTED,
    ApprovalStatus.PENDING: ModelStatus.PENDING,
}
"""What `ModelApprovalStatus` decides in development."""
