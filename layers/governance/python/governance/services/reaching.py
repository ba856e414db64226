"""How far a version reaches: every deployment by which it runs or is about to, and what would serve in its place."""

from collections.abc import Iterator
from typing import Any

from governance.domain.deployment import UNDER_WAY, Deployment
from governance.domain.fold_of_recalls import exposed
from governance.domain.identifiers import account_of
from governance.domain.lifecycle import ORDER, DeploymentStatus, Stage
from governance.domain.model_group import ModelGroup
from governance.domain.model_version import ModelVersion
from governance.domain.recalling import WayBack
from governance.domain.taking_back import may_be_left
from governance.ports.ledger import Ledger
from governance.services.returning import way_back

Told = dict[str, Any]
"""What is told to who asked: plain JSON values."""


def reach(
    ledger: Ledger, group: ModelGroup | None, state: ModelVersion, only: Stage | None = None, place: str = ""
) -> Iterator[Told]:
    """Each deployment by which a version runs, or is about to: in one stage or all, in one environment or all.

    Reads the records of the versions that served before it there.
    """
    there = [one for one in state.deployments.values() if is_touched(state, one) and only in {None, one.stage}]
    there = [one for one in there if place in {"", one.place}]
    for deployment in sorted(there, key=lambda one: (ORDER.index(one.stage), one.place, one.requested_at)):
        yield touched(deployment, way_back(ledger, group, deployment.place, state.model.arn))


def is_touched(state: ModelVersion, deployment: Deployment) -> bool:
    """Whether a version runs by a deployment, or is about to, or may have been left at the endpoint by one."""
    return deployment in exposed(state) or may_be_left(state, deployment)


def touched(deployment: Deployment, back: WayBack) -> Told:
    """One deployment, and what happens to it when its version is taken back."""
    queued = deployment.status is DeploymentStatus.QUEUED and not deployment.execution_id
    stops = deployment.status in UNDER_WAY
    return {
        "stage": deployment.stage.value,
        "environment": deployment.place,
        "deployment_id": deployment.id,
        "deployment_status": deployment.status.value,
        "is_trial": deployment.is_trial,
        "account": account_of(deployment.endpoint_arn) if deployment.endpoint_arn else "",
        "endpoint_name": deployment.endpoint_name,
        "endpoint_arn": deployment.endpoint_arn,
        "does": "cancel" if queued else "stop" if stops else "roll-back",
        "returns": back.version,
        "why_none": "" if back.version else back.why_none,
    }
