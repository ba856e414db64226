"""What is wrong with the deployments of a version: failed, stuck, or without anything that justifies them."""

import re
from collections.abc import Iterator

from governance.domain.deployment import LEFT_THERE, RUNNING, Deployment
from governance.domain.findings import Concern, Severity
from governance.domain.lifecycle import DeploymentStatus
from governance.domain.model_version import ModelVersion


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


def about_deployments(state: ModelVersion) -> Iterator[Concern]:
    """Deployments that failed, that nothing justifies any more, or whose worth nobody measured."""
    for deployment in state.deployments.values():
        current = state.present_in(deployment.stage).get(deployment.environment) == deployment
        before, where = deployment.basis, deployment.where
        taken = state.rollback_of(deployment.id)
        failed = deployment.status is DeploymentStatus.FAILED and not (taken and not taken.outcome)
        if current and (failed or deployment.by_quota):
            yield Concern(
                code="deployment-failed", severity=Severity.HIGH, subject=deployment.id,
                detail=f"the deployment to {where} {'failed' if failed else 'was not begun'}: {why_failed(deployment)}",
                remedy=f"{way_out(deployment)}, then approve the version in {before} again",
            )  # fmt: skip
        if current and deployment.status in RUNNING and not state.may_run(deployment) and not state.is_retired:
            yield Concern(
                code="deployment-unjustified", severity=Severity.CRITICAL, subject=deployment.id,
                detail=f"it is {deployment.status} in {where} although what justified that has gone",
                remedy="approve another version, whose deployment replaces it; or approve it again",
            )  # fmt: skip
        left = taken and taken.outcome == "nothing-to-return-to" and deployment.status in LEFT_THERE
        if taken and left and current and not state.may_run(deployment) and not state.is_retired:
            yield Concern(
                code="rollback-impossible", severity=Severity.CRITICAL, subject=taken.effect_id,
                detail=f"it was to be taken back in {where}, and nothing can return there: {taken.reason}",
                remedy="approve a version that may run there, and it takes this one's place; or delete the stack"
                + (": until then, who may start its state machine can run it" if deployment.is_batch else ""),
            )  # fmt: skip
        if deployment.difference:
            yield Concern(
                code="deployment-without-execution", severity=Severity.HIGH, subject=deployment.id,
                detail=f"the deployment to {where} and its pipeline disagree: {deployment.difference}",
                remedy="look at the pipeline; approving again asks for another deployment once this one has ended",
            )  # fmt: skip
    for stage, known in state.stages.items():
        if known.not_measured:
            yield Concern(
                code="validation-not-possible", severity=Severity.MEDIUM, subject=stage,
                detail=f"it was not validated in {stage}: {known.not_measured}",
                remedy="bind a validation set to the group: steward:validation-set, -set-sha256 and -target",
            )  # fmt: skip
