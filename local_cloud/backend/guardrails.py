"""How a new fleet takes over: which share of the traffic it gets, for how long, and which alarms send it back.

AWS: "Deployment guardrails". Shares are of the requests, not of instances, of which there are none here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local_cloud.backend.arns import ResourceArn
from local_cloud.backend.door import account_key
from local_cloud.backend.wiring import wiring

POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Phase:
    """A share of the traffic, and how long the alarms are watched with it."""

    share: float
    seconds: float


def phases(policy: dict[str, Any], instances: int) -> list[Phase]:
    """Return the phases of a deployment policy, for a fleet of so many instances; none where it waits for nothing."""
    rolling, blue_green = policy.get("RollingUpdatePolicy"), policy.get("BlueGreenUpdatePolicy") or {}
    routing = rolling or blue_green.get("TrafficRoutingConfiguration") or {}
    wait = float(routing.get("WaitIntervalInSeconds") or 0)
    step = routing.get("CanarySize") or routing.get("LinearStepSize") or routing.get("MaximumBatchSize")
    shares = [1.0]
    if step:
        size = float(step["Value"]) / (100 if step["Type"] == "CAPACITY_PERCENT" else max(instances, 1))
        several = "CanarySize" not in routing
        shares = [min(1.0, size * number) for number in range(1, (int(1 / size + 0.999) if several else 1) + 1)]
    made = [Phase(share, wait) for share in shares]
    return [*made, Phase(1.0, float(blue_green.get("TerminationWaitInSeconds") or 0))]


def alarmed(arn: ResourceArn, policy: dict[str, Any]) -> list[str]:
    """Return which of the alarms that a policy names are in ALARM."""
    names = [one["AlarmName"] for one in (policy.get("AutoRollbackConfiguration") or {}).get("Alarms") or []]
    if not names:
        return []
    cloudwatch = wiring().door.client("cloudwatch", account_key(arn.account), arn.region)
    found = cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
    return sorted(one["AlarmName"] for one in found if one["StateValue"] == "ALARM")
