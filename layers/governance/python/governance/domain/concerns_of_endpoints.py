"""What is wrong with what runs, or should: endpoints deleted by hand, stuck stacks, pipelines without an end."""

import re
from collections.abc import Iterator

from governance.domain.deployment import LEFT_THERE, Deployment
from governance.domain.findings import Concern, Severity
from governance.domain.lifecycle import DeploymentStatus
from governance.domain.model_version import ModelVersion
from governance.domain.values import iso
from governance.domain.whereabouts import Whereabouts

THERE = LEFT_THERE | {DeploymentStatus.DEPLOYING}
"""Statuses of a deployment whose version may be what an alarm speaks of."""

STUCK = re.compile(r"\b(UPDATE_)?ROLLBACK_FAILED\b")
"""Statuses in which a stack takes no update until somebody sees to it (AWS CloudFormation: stack status codes)."""


def about_endpoints(state: ModelVersion) -> Iterator[Concern]:
    """Of each environment of each stage, its endpoint and its latest deployment."""
    for stage, known in state.stages.items():
        for place in ("", *sorted(known.elsewhere)):
            at = state.at(stage, place)
            deployment = state.deployments.get(at.deployment_id)
            if at.endpoint_difference:
                where = f"{stage} ({place})" if place else stage.value
                kind = "model" if deployment and deployment.is_batch else "endpoint"
                yield Concern(
                    code="endpoint-drifted", severity=Severity.CRITICAL, subject=f"{stage}/{place}" if place else stage,
                    detail=f"the {kind} in {where} is not what its record says: {at.endpoint_difference}",
                    remedy="find out who changed it, and deploy the recorded version again",
                )  # fmt: skip
            if deployment:
                yield from about_latest(deployment, at)


def about_latest(deployment: Deployment, known: Whereabouts) -> Iterator[Concern]:
    """The latest deployment of an environment, and what is known of its endpoint."""
    before, where = deployment.basis, deployment.where
    if known.endpoint_gone_at and deployment.status is DeploymentStatus.DEPLOYED:
        yield Concern(
            code="endpoint-deleted", severity=Severity.CRITICAL, subject=deployment.id,
            detail=f"nothing serves in {where}: somebody deleted {deployment.what_runs} "
            f"({iso(known.endpoint_gone_at)})",
            remedy=f"delete its stack in the workload account, then approve the version in {before} again: that "
            "deploys it anew",
        )  # fmt: skip
    if stuck := stuck_in(deployment):
        yield Concern(
            code="stack-stuck", severity=Severity.CRITICAL, subject=deployment.id,
            detail=f"the stack of {where} is in {stuck} and takes no deployment: {deployment.reason}",
            remedy="in the workload account, continue its rollback (UPDATE_ROLLBACK_FAILED) or delete it "
            f"(ROLLBACK_FAILED); then approve the version in {before} again, or roll it back again",
        )  # fmt: skip
    is_there = deployment.status in THERE and not deployment.is_taken_back_by_guardrails
    for alarm, reason in known.alarms.items() if is_there else ():
        yield Concern(
            code="endpoint-alarm", severity=Severity.HIGH, subject=f"{deployment.id}/{alarm}",
            detail=f"{alarm} is on in {where}: {reason}", remedy=remedy_of_alarm(deployment),
        )  # fmt: skip
    if deployment.stalled_since and deployment.status is DeploymentStatus.DEPLOYING:
        yield Concern(
            code="deployment-stuck", severity=Severity.HIGH, subject=deployment.id,
            detail=f"its pipeline has been deploying to {where} since {iso(deployment.stalled_since)}, and the "
            "group's other deployments there wait for it",
            remedy="look at the execution; stop it in CodePipeline, and the next in the queue has its turn",
        )  # fmt: skip


def remedy_of_alarm(deployment: Deployment) -> str:
    """What puts right what an alarm speaks of."""
    if deployment.is_trial:
        return (
            f"look at the variant on trial; reject the version in {deployment.stage}, or steward roll-back: it is "
            "taken away, and what serves beside it serves alone"
        )
    what = "the failed job" if deployment.is_batch else "the endpoint"
    return f"look at {what}; steward roll-back takes the version back, and the one before serves"


def stuck_in(deployment: Deployment) -> str:
    """The status of the stack that kept a deployment from being made or taken back, or empty text."""
    found = STUCK.search(deployment.reason) if deployment.status in LEFT_THERE else None
    return found[0] if found else ""


def why_failed(deployment: Deployment) -> str:
    """Why a deployment failed: in its pipeline's words, and what guardrails took it back for."""
    return "; ".join(one for one in (deployment.reason, deployment.rollout_in_words) if one)


QUOTA = re.compile(r"LimitExceeded|ServiceQuota|[Qq]uota", re.ASCII)
"""How AWS says that a quota is used up (API: SageMaker `ResourceLimitExceeded`, CloudFormation `LimitExceeded`)."""


def way_out(deployment: Deployment) -> str:
    """What puts right what kept a deployment from coming there."""
    if deployment.by_quota or QUOTA.search(deployment.reason):
        return "free what nobody needs in the account, or have the quota raised (Service Quotas)"
    return "put it right"
