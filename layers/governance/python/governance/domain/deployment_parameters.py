"""A deployment profile as the parameters of the endpoint's stack: every one that a profile can change, each time.

CloudFormation keeps no value of an earlier deployment for what is given, so a setting that a profile no longer makes
is as without a profile again.
"""

import json
from collections.abc import Mapping

from governance.domain.deployment_profile import Api, Auth, StageProfile
from governance.domain.guardrails import Rollout, RolloutKind
from governance.domain.rollback_alarms import Alarms, VariantAlarms
from governance.domain.trial_plans import TrialKind, TrialPlan

NONE = "none"
"""What stands for a text that is not there: an empty one has no place in a template configuration."""

ROUTING = {
    RolloutKind.ALL_AT_ONCE: "ALL_AT_ONCE",
    RolloutKind.CANARY: "CANARY",
    RolloutKind.LINEAR: "LINEAR",
    RolloutKind.ROLLING: "ROLLING",
}

TRIPS = {"above": "GreaterThanThreshold", "below": "LessThanThreshold"}


def parameters(profile: StageProfile, *, is_trial: bool = False, rolls_out: bool = True) -> Mapping[str, str]:
    """Every parameter that a profile says, by name; of a version that takes all traffic, or of one that is tried.

    `rolls_out`: whether SageMaker takes the profile's rollout, as the endpoint is.
    """
    trial = profile.trial if is_trial else None
    told = {
        **of_the_fleet(profile),
        **of_the_rollout(profile.rollout if trial is None and rolls_out else None),
        **of_the_alarms(profile.rollback_alarms or Alarms()),
        **of_the_surroundings(profile),
        **of_the_api(profile.api),
        **of_the_trial(trial),
        **of_the_trials_alarms(trial, profile.rollback_alarms),
    }
    return {name: one if isinstance(one, str) else json.dumps(one) for name, one in told.items()}


def of_the_fleet(profile: StageProfile) -> dict[str, str | float]:
    """What serves."""
    fleet, scaling, serverless = profile.fleet, profile.fleet.scaling, profile.serverless
    return {
        "InstanceType": fleet.type,
        "InstanceCount": fleet.count,
        "ServerlessMemory": serverless.memory_mb if serverless else 0,
        "ServerlessConcurrency": serverless.max_concurrency if serverless else 1,
        "ScalingMin": scaling.min_count if scaling else 1,
        "ScalingMax": scaling.max_count if scaling else 0,
        "ScalingTarget": scaling.target if scaling else 1,
        "ScaleInSeconds": scaling.scale_in_seconds if scaling else 300,
        "ScaleOutSeconds": scaling.scale_out_seconds if scaling else 300,
    }


def of_the_rollout(rollout: Rollout | None) -> dict[str, str | float]:
    """How a new version takes over."""
    if rollout is None:
        return {**of_the_rollout(Rollout(kind=RolloutKind.ALL_AT_ONCE)), "Rollout": NONE}
    by_count = rollout.instances is not None
    return {
        "Rollout": ROUTING[rollout.kind],
        "RolloutSizeType": "INSTANCE_COUNT" if by_count else "CAPACITY_PERCENT",
        "RolloutSize": (rollout.instances if by_count else rollout.percent) or 10,
        "RolloutWait": rollout.wait_seconds,
        "RolloutBake": rollout.bake_seconds,
        "RolloutTimeout": rollout.timeout_seconds,
    }


def of_the_alarms(alarms: Alarms) -> dict[str, str | float]:
    """What takes it back."""
    business = alarms.business
    return {
        **of_the_variant(alarms),
        "BusinessNamespace": business.namespace if business else NONE,
        "BusinessMetric": business.metric if business else NONE,
        "BusinessStatistic": business.statistic if business else "Average",
        "BusinessComparison": TRIPS[business.trips if business else "above"],
        "BusinessThreshold": business.threshold if business else 0,
        "BusinessMinutes": business.minutes if business else 0,
    }


def of_the_variant(alarms: VariantAlarms) -> dict[str, str | float]:
    """What is watched of a variant. SageMaker measures latency in microseconds."""
    rate, count, latency = alarms.error_rate, alarms.error_count, alarms.latency
    return {
        "ErrorRatePercent": rate.above_percent if rate else -1,
        "ErrorRateMinutes": rate.minutes if rate else 1,
        "ErrorCount": count.at_least if count else 0,
        "ErrorCountMinutes": count.minutes if count else 1,
        "LatencyMicroseconds": max(1, round(latency.above_ms * 1000)) if latency else 0,
        "LatencyStatistic": latency.statistic if latency else "p95",
        "LatencyMinutes": latency.minutes if latency else 1,
    }


def of_the_trials_alarms(trial: TrialPlan | None, otherwise: Alarms | None) -> dict[str, str | float]:
    """What is watched of the version on trial: its own alarms, else those that the stage has for a new version."""
    watched = (trial.alarms or otherwise if trial else None) or VariantAlarms()
    return {f"Trial{name}": told for name, told in of_the_variant(watched).items()}


def of_the_surroundings(profile: StageProfile) -> dict[str, str | float]:
    """What is kept, in which network, under which key."""
    capture, vpc = profile.capture, profile.vpc
    return {
        "CapturePercent": capture.percent if capture else 0,
        "CaptureUri": capture.to if capture else "s3://none/data-capture/none",
        "Subnets": ",".join(vpc.subnets) if vpc else NONE,
        "SecurityGroups": ",".join(vpc.security_groups) if vpc else NONE,
        "KmsKey": profile.kms_key or NONE,
    }


def of_the_api(api: Api) -> dict[str, str | float]:
    """Who may call, and how often."""
    throttling = api.throttling
    return {
        "ApiAuth": {Auth.IAM: "AWS_IAM", Auth.JWT: "JWT"}[api.auth],
        "JwtIssuer": api.issuer or NONE,
        "JwtAudience": ",".join(api.audience) or NONE,
        "ThrottlingRate": throttling.rate if throttling else 0,
        "ThrottlingBurst": throttling.burst if throttling else 1,
    }


def of_the_trial(trial: TrialPlan | None) -> dict[str, str | float]:
    """What stands beside what. A share of the traffic is a weight among all; a share of copies, one against all."""
    if trial is None:
        return {"Trial": NONE, "TrialWeight": 1, "ServingWeight": 1, "TrialCount": 1}
    shadow = trial.kind is TrialKind.SHADOW
    weights = {"TrialWeight": trial.percent, "ServingWeight": 100 if shadow else 100 - trial.percent}
    return {"Trial": trial.kind.value, **weights, "TrialCount": trial.count}


def dimensions(profile: StageProfile) -> list[dict[str, str]]:
    """The dimensions of the business's metric, as CloudWatch has them: a list has no place among parameters."""
    business = profile.rollback_alarms.business if profile.rollback_alarms else None
    return [{"Name": name, "Value": value} for name, value in sorted((business.dimensions if business else {}).items())]
