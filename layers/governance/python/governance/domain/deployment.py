"""One deployment of one version to one environment: requested, started, claimed by one execution, ended."""

from governance.domain.batch_plans import RunsAs
from governance.domain.deployment_facts import (
    DeploymentClaimed,
    DeploymentFinished,
    DeploymentRequested,
    DeploymentSkipped,
    DeploymentStalled,
    DeploymentStarted,
)
from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import PRECEDING, DeploymentStatus, Stage
from governance.domain.rolling_out import RollingOut
from governance.domain.trials import Arrangement, DeploymentArranged, Incumbent
from governance.domain.values import Instant, Value

UNDER_WAY = frozenset({DeploymentStatus.QUEUED, DeploymentStatus.DEPLOYING})
"""Statuses in which a deployment holds its place."""

RUNNING = frozenset({DeploymentStatus.DEPLOYING, DeploymentStatus.DEPLOYED})
"""Statuses in which something of the version may be running."""

SERVED = frozenset({DeploymentStatus.DEPLOYED, DeploymentStatus.SUPERSEDED})
"""Statuses of a deployment that serves, or did and was followed by another; or that gave way before it began."""

LEFT_THERE = frozenset({DeploymentStatus.DEPLOYED, DeploymentStatus.FAILED})
"""Statuses of a deployment that may have left its version at the endpoint."""


class Successor(Value):
    """What a deployment gave way to before it began."""

    version: ModelPackageArn
    deployment_id: str


DEPLOY_FAILED = "Deploy:"
"""How the reason begins where it was the deploying action that failed: pipelines name the action before its words."""

VALIDATE_FAILED = "Validate:"
"""How it begins where it was the action after that: what had been deployed was left there."""


class Deployment(Value):
    """What is known of a deployment. Only the execution that claimed it speaks for it."""

    id: str
    stage: Stage
    cause: str
    sealing: str
    profile: str = ""
    profile_hash: str = ""
    environment: str = ""
    """Name of the environment that it is deployed to; empty for the stage's own."""
    rests_on: Stage | None = None
    goes_to: tuple[str, ...] = ()
    runs_as: RunsAs = RunsAs.ENDPOINT
    status: DeploymentStatus
    requested_at: Instant
    started_at: Instant | None = None
    """When the attempt that counts was started."""
    stalled_since: Instant | None = None
    """When that attempt was started, where it has been under way for too long."""
    finished_at: Instant | None = None
    execution_id: str = ""
    claimed_by: str = ""
    attempt: int = 0
    bundle_key: str = ""
    endpoint_name: str = ""
    endpoint_arn: str = ""
    """What answers there: the endpoint; of what runs as batch, the state machine that runs its jobs."""
    model_arn: str = ""
    """The model in SageMaker, of what runs as batch."""
    reason: str = ""
    completes: str = ""
    """The trial that it rolls out in full."""
    removes: str = ""
    """The deployment whose endpoint it takes away; empty where it brings something."""
    removed_by: str = ""
    """What took it away: a removal of its version, or another version whose removal emptied the place."""
    left_at: Instant | None = None
    """Since when its version is there no more, though it had come: another took its place, or it was removed."""
    returns: str = ""
    """The deployment by which its version served there last, where it is a return."""
    arrangement: Arrangement | None = None
    """How it comes to its endpoint, where versions are tried first."""
    skipped_for: Successor | None = None
    """What superseded it before its turn; None where nothing did. It is never started then, whatever is told later."""
    has_deployed: bool = False
    """Of one that did not succeed, whether its deploying action had."""
    rolling_out: RollingOut | None = None
    """How far SageMaker is with it, or that its guardrails took it back; None where nobody told, or it has come."""
    is_withdrawn: bool = False
    """Whether the record says that it is not started: Verify refuses an execution of which nobody knew then."""
    by_quota: bool = False
    """Whether it was not started because a quota of AWS's was used up."""
    difference: str = ""
    """In what its pipeline contradicts the record, as the reconciler found; empty while they agree."""

    @property
    def place(self) -> str:
        """The name of the environment, by which leases, memory and endpoints know it."""
        return self.environment or self.stage.value

    @property
    def where(self) -> str:
        """The stage, and the environment where it is not the stage's own, for people."""
        return f"{self.stage} ({self.environment})" if self.environment else self.stage.value

    @property
    def basis(self) -> Stage:
        """The stage whose approval justifies it."""
        return self.rests_on or PRECEDING.get(self.stage, self.stage)

    @property
    def is_batch(self) -> bool:
        """Whether it is no endpoint, but a model that transform jobs run."""
        return self.runs_as is RunsAs.BATCH

    @property
    def what_runs(self) -> str:
        """What there is of it in its account, for people."""
        return (
            f"the model {self.model_arn.rpartition('/')[2]}" if self.is_batch else f"the endpoint {self.endpoint_name}"
        )

    @property
    def pins(self) -> dict[str, str]:
        """Profile, environment and form that it was requested for, as its manifest says them: only what there is."""
        pinned = {"deployment_profile": self.profile, "deployment_profile_hash": self.profile_hash}
        pinned |= {"environment": self.environment, "runs_as": self.runs_as.value if self.is_batch else ""}
        return {name: said for name, said in pinned.items() if said}

    @property
    def has_served(self) -> bool:
        """Whether its version came to stand in its environment by it, whatever followed."""
        return self.status in SERVED and self.skipped_for is None

    @property
    def is_left(self) -> bool:
        """Whether it failed when its version had come to stand in its environment already, and left it there.

        Its pipeline was asked so; of an end from before anybody asked, the action that failed tells.
        """
        came = self.has_deployed or self.reason.startswith(VALIDATE_FAILED)
        return self.status is DeploymentStatus.FAILED and came

    @property
    def stands(self) -> bool:
        """Whether its version stands in its environment by it, as far as anybody knows: serving, or left on trial."""
        return self.status is DeploymentStatus.DEPLOYED or (self.is_trial and self.is_left)

    @property
    def beside(self) -> Incumbent | None:
        """What goes on serving where this one is only tried; None where it serves itself."""
        return self.arrangement.beside if self.arrangement else None

    @property
    def is_trial(self) -> bool:
        """Whether its version stands beside another that serves."""
        return self.beside is not None

    @property
    def no_rollout(self) -> str:
        """Why it comes without the rollout of its profile; empty where it has that."""
        return self.arrangement.no_rollout if self.arrangement else ""

    @property
    def as_a_trial(self) -> dict[str, str]:
        """What rows and events say more of a version that is tried beside another; nothing of one that serves."""
        if self.arrangement is None or self.arrangement.trial is None or self.beside is None:
            return {}
        return {"trial": self.arrangement.trial.value, "beside": self.beside.version}

    @property
    def has_removed(self) -> bool:
        """Whether it took away what it was to: one that was never started has not."""
        return bool(self.removes and self.execution_id) and self.status is DeploymentStatus.REMOVED

    @property
    def is_return(self) -> bool:
        """Whether a rollback asked for it, so that an earlier version may serve again, and no decision did."""
        return self.cause.startswith("roll-back-")

    def started(self, fact: DeploymentStarted) -> "Deployment":
        """An execution runs for it; a further attempt of an execution opens it again."""
        if self.skipped_for:
            return self.with_whereabouts(fact).model_copy(
                update={"execution_id": self.execution_id or fact.execution_id}
            )
        if self.is_foreign(fact.execution_id) or (
            fact.attempt <= self.attempt and fact.execution_id == self.execution_id
        ):
            return self.with_whereabouts(fact)
        return self.with_whereabouts(fact).model_copy(
            update={
                "status": DeploymentStatus.DEPLOYING,
                "execution_id": fact.execution_id,
                "attempt": fact.attempt,
                "started_at": fact.effective_at,
                "stalled_since": None,
                "finished_at": None,
                "reason": "",
                "rolling_out": None,
                "removed_by": "",
                "left_at": None,
            }
        )

    def arranged(self, fact: DeploymentArranged) -> "Deployment":
        """How it comes to its endpoint. What was arranged first stands."""
        return self if self.arrangement else self.model_copy(update={"arrangement": fact.arrangement})

    def stalled(self, fact: DeploymentStalled) -> "Deployment":
        """It goes on for too long, if it is that attempt which goes on."""
        if (fact.execution_id, fact.attempt) != (self.execution_id, self.attempt):
            return self
        return self.model_copy(update={"stalled_since": fact.since})

    def with_whereabouts(self, fact: DeploymentStarted) -> "Deployment":
        """Where it is deployed from and to, kept from the fact that knew it."""
        return self.model_copy(
            update={
                "bundle_key": self.bundle_key or fact.bundle_key,
                "endpoint_name": self.endpoint_name or fact.endpoint_name,
                "endpoint_arn": self.endpoint_arn or fact.endpoint_arn,
                "model_arn": self.model_arn or fact.model_arn,
            }
        )

    def claimed(self, fact: DeploymentClaimed) -> "Deployment":
        """The first claim stands. What gave way is not opened by one, so that Verify refuses whoever makes it."""
        if self.claimed_by:
            return self
        if self.skipped_for:
            return self.model_copy(update={"claimed_by": fact.execution_id, "execution_id": fact.execution_id})
        same = fact.execution_id == self.execution_id
        return self.model_copy(
            update={
                "claimed_by": fact.execution_id,
                "execution_id": fact.execution_id,
                "status": self.status if same else DeploymentStatus.DEPLOYING,
                "attempt": self.attempt if same else 1,
                "started_at": self.started_at if same else fact.effective_at,
            }
        )

    def finished(self, fact: DeploymentFinished) -> "Deployment":
        """The end, unless it is that of an execution which does not speak for this deployment."""
        if self.is_foreign(fact.execution_id) or fact.attempt < self.attempt or self.skipped_for:
            return self
        succeeded = fact.outcome == "succeeded"
        brought = DeploymentStatus.REMOVED if self.removes else DeploymentStatus.DEPLOYED
        status = brought if succeeded else DeploymentStatus.FAILED
        return self.model_copy(
            update={
                "status": self.status if self.status is DeploymentStatus.ROLLED_BACK else status,
                "execution_id": fact.execution_id,
                "attempt": fact.attempt,
                "finished_at": fact.effective_at,
                "reason": "" if succeeded else fact.reason or f"the pipeline {fact.outcome}",
                "has_deployed": fact.has_deployed,
                "rolling_out": None if succeeded else self.left_by(fact),
            }
        )

    def skipped(self, fact: DeploymentSkipped) -> "Deployment":
        """It gave way to a later one before anything had begun of it, and stays so; what superseded it first stands.

        Whoever said so saw no execution on record. One that is told later was refused by Verify, or will be.
        """
        if self.skipped_for:
            return self
        by = Successor(version=fact.by, deployment_id=fact.by_deployment)
        reason = f"superseded by {by.version} ({by.deployment_id}) before its turn: that was asked for later"
        return self.model_copy(
            update={
                "status": DeploymentStatus.SUPERSEDED,
                "skipped_for": by,
                "finished_at": fact.effective_at,
                "reason": reason,
            }
        )

    def left_by(self, fact: DeploymentFinished) -> RollingOut | None:
        """What is left of rolling it out where it did not succeed: Deploy fails where SageMaker took it back."""
        if self.rolling_out is None or fact.outcome != "failed" or not fact.reason.startswith(DEPLOY_FAILED):
            return self.rolling_out
        return self.rolling_out.taken_back(fact.effective_at)

    @property
    def is_taken_back_by_guardrails(self) -> bool:
        """Whether SageMaker took it back while it rolled out."""
        return self.rolling_out is not None and self.rolling_out.taken_back_at is not None

    @property
    def rollout_in_words(self) -> str:
        """How far it is, or that it was taken back; empty text for what has come, and where nobody told."""
        known = self.rolling_out
        told = known is not None and (self.status is DeploymentStatus.DEPLOYING or known.taken_back_at is not None)
        return known.in_words if known is not None and told else ""

    def taken_back(self, at: Instant, reason: str) -> "Deployment":
        """Stopped, or replaced by the version before it; whatever its execution tells later."""
        return self.model_copy(
            update={
                "status": DeploymentStatus.ROLLED_BACK,
                "finished_at": self.finished_at or at,
                "reason": reason or self.reason,
            }
        )

    def removed(self, by: str, reason: str, at: Instant | None) -> "Deployment":
        """Taken away, by a removal."""
        gone = {"status": DeploymentStatus.REMOVED, "removed_by": by, "reason": reason, "left_at": at}
        return self.model_copy(update=gone)

    def is_foreign(self, execution: str) -> bool:
        """Whether another execution holds the claim."""
        return bool(self.claimed_by) and execution != self.claimed_by


def requested(fact: DeploymentRequested) -> Deployment:
    """A deployment as it begins: an intent, waiting for its turn."""
    return Deployment(
        id=fact.deployment_id,
        stage=fact.stage,
        cause=fact.cause,
        sealing=fact.sealing,
        profile=fact.profile,
        profile_hash=fact.profile_hash,
        completes=fact.completes,
        removes=fact.removes,
        returns=fact.returns,
        environment=fact.environment,
        rests_on=fact.rests_on,
        goes_to=fact.goes_to,
        runs_as=fact.runs_as,
        status=DeploymentStatus.QUEUED,
        requested_at=fact.effective_at,
    )
