"""A profile that contradicts itself, or asks for what SageMaker does not take, cannot be made, and says where."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from governance.adapters.profile_files import read_profile
from governance.domain.deployment_profile import (
    BUILT_IN,
    DeploymentProfile,
    PublishedProfile,
    StageProfile,
    problems_of,
)
from governance.domain.errors import DocumentRefused
from governance.domain.guardrails import Rollout, RolloutKind, refusals
from governance.domain.lifecycle import Stage

EXAMPLE = Path(__file__).parents[4] / "examples/credit_risk/deployment-profile.yaml"
BATCH = EXAMPLE.with_name("batch-profile.yaml")

FOUR = {"instances": {"count": 4}}
SERVERLESS = {"serverless": {"memory_mb": 2048, "max_concurrency": 5}}
CANARY = {"rollout": {"kind": "canary", "percent": 25, "wait_seconds": 600}}
ERRORS = {"rollback_alarms": {"error_count": {"at_least": 1}}}
SHADOW, WEIGHTED = {"kind": "shadow", "percent": 20}, {"kind": "weighted", "percent": 10}
JWT = {"auth": "jwt", "issuer": "https://login.example", "audience": ["desk"]}
KEY = {"kms_key": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd"}
NETWORK = {"subnets": ["subnet-0a1b2c3d"], "security_groups": ["sg-0a1b2c3d"]}
SCALING = {"min_count": 2, "max_count": 8, "target": 100}


def a_profile(stage: Any, name: str = "production") -> DeploymentProfile:
    return DeploymentProfile.model_validate({"title": "A profile", "stages": {name: stage}})


def rollout(**told: Any) -> dict[str, Any]:
    return {**FOUR, "rollout": {"wait_seconds": 60, **told}}


ACCEPTED: list[dict[str, Any]] = [
    {},
    SERVERLESS,
    SERVERLESS | KEY,
    FOUR | CANARY,
    FOUR | CANARY | ERRORS,
    rollout(kind="canary", instances=2),
    rollout(kind="linear", percent=10),
    rollout(kind="linear", instances=1),
    rollout(kind="rolling", percent=5),
    {"rollout": {"kind": "all-at-once", "bake_seconds": 60}} | ERRORS,
    {"rollout": {"kind": "all-at-once"}},
    {"instances": {"count": 4, "scaling": SCALING}} | CANARY,
    {"api": JWT, "vpc": NETWORK, "capture": {"percent": 1, "to": "s3://captured/data-capture/x"}} | KEY,
    {"instances": {"type": "ml.m5.xlarge"}} | KEY,
    {"api": {"throttling": {"rate": 0.5, "burst": 1}}},
]


@pytest.mark.parametrize("stage", ACCEPTED)
def test_what_sagemaker_takes_is_a_profile(stage):
    assert a_profile(stage).of(Stage.PRODUCTION) == StageProfile.model_validate(stage)


REFUSED: list[tuple[Any, str, str]] = [
    # a stage -> where it is wrong, and what is said
    ({"instance": {}}, "instance", "did you mean instances?"),
    (
        {"colour": "red"},
        "colour",
        "no such field, but api, batch, capture, instances, kms_key, rollback_alarms, rollout",
    ),
    ({"instances": {"cuont": 4}}, "instances.cuont", "did you mean count?"),
    ({"instances": {"count": "4"}}, "instances.count", "“4” is no whole number"),
    ({"instances": {"count": 0}}, "instances.count", "out of bounds: at least 1"),
    ({"instances": {"type": "m5.large"}}, "instances.type", "“m5.large” is no name: an instance type, as ml.m5.large"),
    ({"instances": 4}, "instances", "“4” has no fields"),
    ({"instances": {"scaling": SCALING}}, "instances.count", "begins with 1, which does not lie between 2 and 8"),
    ({"instances": {"count": 2, "scaling": SCALING | {"min_count": 9}}}, "instances.scaling.min_count", "more than"),
    ({"instances": {"count": 2, "scaling": SCALING | {"target": 0}}}, "instances.scaling.target", "at least 1"),
    ({"instances": {"type": "ml.t2.large", "count": 2, "scaling": SCALING}}, "instances.scaling", "burstable"),
    ({"instances": {"type": "ml.g5.xlarge"}} | KEY, "kms_key", "its disks are its own"),
    ({"instances": {"type": "ml.m5d.xlarge"}} | KEY, "kms_key", "its disks are its own"),
    (SERVERLESS | FOUR, "serverless", "the one or the other"),
    ({"serverless": {"memory_mb": 1000, "max_concurrency": 5}}, "serverless.memory_mb", "“1000” is none of 1024, "),
    ({"serverless": {"memory_mb": 1024, "max_concurrency": 201}}, "serverless.max_concurrency", "at most 200"),
    ({"serverless": {"memory_mb": 1024}}, "serverless.max_concurrency", "it is missing"),
    (SERVERLESS | CANARY, "rollout", "does not have that for serverless"),
    (SERVERLESS | ERRORS, "rollback_alarms", "does not have that for serverless"),
    (SERVERLESS | {"vpc": NETWORK}, "vpc", "does not have that for serverless"),
    (SERVERLESS | {"capture": {"percent": 1, "to": "s3://a-bucket/data-capture/x"}}, "capture", "does not have that"),
    (CANARY, "rollout.kind", "the fleet may have 1: two at least"),
    (FOUR | {"rollout": {"kind": "canery"}}, "rollout.kind", "did you mean canary?"),
    (FOUR | {"rollout": {}}, "rollout.kind", "it is missing"),
    (rollout(kind="canary"), "rollout.percent", "give one of percent and instances"),
    (rollout(kind="canary", percent=10, instances=1), "rollout.instances", "give one of"),
    (rollout(kind="canary", percent=51), "rollout.percent", "canary has 1 to 50 percent"),
    (rollout(kind="canary", instances=3), "rollout.instances", "of the fleet, which may have 4 instances"),
    (rollout(kind="linear", percent=9), "rollout.percent", "linear has 10 to 50 percent"),
    (rollout(kind="rolling", percent=4), "rollout.percent", "rolling has 5 to 50 percent"),
    (rollout(kind="rolling", percent=10, bake_seconds=60), "rollout.bake_seconds", "no old fleet is kept"),
    (rollout(kind="canary", percent=10, wait_seconds=3601), "rollout.wait_seconds", "at most 3600"),
    (rollout(kind="linear", percent=10, wait_seconds=400), "rollout.timeout_seconds", "waits for 4000 seconds in all"),
    (rollout(kind="canary", percent=10, timeout_seconds=500), "rollout.timeout_seconds", "at least 600"),
    (rollout(kind="all-at-once", percent=10, wait_seconds=0), "rollout.percent", "all at once is one step"),
    (rollout(kind="all-at-once"), "rollout.wait_seconds", "say bake_seconds"),
    ({"instances": {"type": "ml.inf1.xlarge", "count": 4}} | CANARY, "rollout", "no guardrails for Inf1"),
    (FOUR | ERRORS, "rollback_alarms", "nothing is taken back without a rollout"),
    (FOUR | CANARY | {"rollback_alarms": {}}, "rollback_alarms", "it is empty"),
    (
        {"rollout": {"kind": "all-at-once"}} | ERRORS,
        "rollback_alarms.error_count",
        "60 seconds to go off and is watched",
    ),
    (
        FOUR | CANARY | {"rollback_alarms": {"latency": {"above_ms": 0}}},
        "rollback_alarms.latency.above_ms",
        "more than",
    ),
    (
        FOUR | CANARY | {"rollback_alarms": {"error_rate": {"above_percent": 100}}},
        "rollback_alarms.error_rate.above_percent",
        "less than 100",
    ),
    (
        FOUR | CANARY | {"rollback_alarms": {"latency": {"above_ms": float("nan")}}},
        "rollback_alarms.latency.above_ms",
        "no finite number",
    ),
    (
        FOUR | CANARY | {"rollback_alarms": {"business": {"namespace": "Desk", "metric": "x", "threshold": 1}}},
        "rollback_alarms.business.trips",
        "it is missing",
    ),
    ({"capture": {"percent": 0, "to": "s3://a-bucket/data-capture/x"}}, "capture.percent", "at least 1"),
    ({"capture": {"percent": 1, "to": "s3://a-bucket/other"}}, "capture.to", "s3://<bucket>/data-capture/<more>"),
    ({"vpc": {"subnets": [], "security_groups": ["sg-0a1b2c3d"]}}, "vpc.subnets", "it is empty"),
    ({"vpc": NETWORK | {"subnets": ["subnet-0a1b2c3d"] * 2}}, "vpc.subnets", "names one of them twice"),
    ({"vpc": NETWORK | {"subnets": ["vpc-0a1b2c3d"]}}, "vpc.subnets[0]", "“vpc-0a1b2c3d” is no name: subnet-"),
    ({"kms_key": "alias/mine"}, "kms_key", "the ARN of a key"),
    ({"api": {"auth": "jwt", "audience": ["x"]}}, "api.issuer", "it is missing"),
    ({"api": JWT | {"audience": []}}, "api.audience", "it is missing"),
    ({"api": JWT | {"auth": "iam"}}, "api.issuer", "callers sign with IAM here"),
    ({"api": JWT | {"issuer": "http://login.example"}}, "api.issuer", "https://"),
    ({"api": JWT | {"audience": ["a,b"]}}, "api.audience[0]", "none of them a comma"),
    ({"api": {"auth": "none"}}, "api.auth", "“none” is none of iam or jwt"),
    ({"api": {"throttling": {"rate": 0, "burst": 1}}}, "api.throttling.rate", "more than 0"),
    ({"trial": {"kind": "shadow"}}, "trial.percent", "it is missing"),
    ({"trial": {"kind": "canary", "percent": 5}}, "trial.kind", "is none of shadow or weighted"),
    ({"trial": SHADOW | {"percent": 0}}, "trial.percent", "at least 1"),
    ({"trial": SHADOW | {"count": 0}}, "trial.count", "at least 1"),
    ({"trial": WEIGHTED | {"percent": 51}}, "trial.percent", "50 percent of the requests at most"),
    ({"trial": WEIGHTED | {"alarms": {}}}, "trial.alarms", "it is empty"),
    ({"trial": WEIGHTED | {"alarms": {"business": {}}}}, "trial.alarms.business", "no such field"),
    ({"trial": WEIGHTED} | FOUR | CANARY, "rollout", "the same variants before and after"),
    ({"trial": SHADOW} | FOUR | rollout(kind="rolling", percent=10), "rollout.kind", "more than one variant"),
    ({"trial": SHADOW, "instances": {"type": "ml.inf1.xlarge"}}, "trial.kind", "no shadows of Inf1"),
    ({"trial": SHADOW, "serverless": {"memory_mb": 1024, "max_concurrency": 1}}, "trial", "has one model"),
]


@pytest.mark.parametrize(("stage", "field", "said"), REFUSED)
def test_what_cannot_be_meant_is_refused_where_it_stands(stage, field, said):
    with pytest.raises(ValidationError) as refused:
        a_profile(stage)
    told = {one.field: one.said for one in problems_of(refused.value)}
    assert said in told[f"stages.production.{field}"]


def test_nothing_is_deployed_to_development():
    with pytest.raises(ValidationError) as refused:
        a_profile({}, "development")
    assert [one.field for one in problems_of(refused.value)] == ["stages.development"]


def test_a_file_is_refused_with_the_lines_of_everything_that_is_wrong():
    written = EXAMPLE.read_text().replace("kind: canary", "knid: canary").replace("auth: jwt", "auth: iam")
    with pytest.raises(DocumentRefused) as refused:
        read_profile(written.encode())
    lines = written.splitlines()
    places = {line.split(": ")[1]: int(line.split(":")[0].removeprefix("line ")) for line in refused.value.lines}
    assert lines[places["stages.production.rollout.knid"] - 1].strip() == "knid: canary"
    assert any("did you mean kind?" in line for line in refused.value.lines)


def test_the_examples_say_everything_that_a_profile_can_say():
    profiles = [read_profile(one.read_bytes()) for one in (EXAMPLE, BATCH)]
    stages = [profile.of(stage) for profile in profiles for stage in (Stage.TEST, Stage.PRODUCTION)]
    for field in StageProfile.model_fields:
        assert any(getattr(one, field) not in (None, StageProfile().api) for one in stages), field
    assert set(stages[1].rollback_alarms.given()) == set(type(stages[1].rollback_alarms).model_fields)


def test_a_profile_has_one_hash_however_it_is_written_and_whatever_it_leaves_as_it_would_be():
    short, long = a_profile({}), a_profile({"api": {"auth": "iam"}, "rollout": None})
    assert short.hash == long.hash
    assert short.hash != a_profile(FOUR).hash
    again = DeploymentProfile.model_validate(a_profile(FOUR | CANARY).content())
    assert again.hash == a_profile(FOUR | CANARY).hash


def test_a_stage_that_nobody_named_is_as_without_a_profile():
    assert a_profile(FOUR).of(Stage.TEST) == BUILT_IN.document.of(Stage.TEST) == StageProfile()


def test_the_built_in_profile_stays_what_deployments_pinned():
    """A record that names it by its hash is read for ten years."""
    assert (BUILT_IN.id, BUILT_IN.hash) == (
        "profile@0",
        "3610d865aaee87c35dcfaf3295ebd946d5191e20a85c1e0f95d26203cd75c105",
    )
    assert PublishedProfile(document=BUILT_IN.document, version=3).id == "profile@3"


kinds = st.sampled_from(list(RolloutKind))
sizes = st.none() | st.integers(1, 100)


@given(kind=kinds, percent=sizes, instances=sizes, wait=st.integers(0, 3600), bake=st.integers(0, 3600),
       fleet=st.integers(1, 100), minutes=st.integers(1, 60))  # fmt: skip
def test_a_rollout_that_is_accepted_is_within_what_sagemaker_documents(
    kind, percent, instances, wait, bake, fleet, minutes
):
    asked = Rollout(kind=kind, percent=percent, instances=instances, wait_seconds=wait, bake_seconds=bake)
    if list(refusals(asked, {"error_count": minutes}, fleet, inferentia=False)):
        return
    assert asked.timeout_seconds > max(wait, bake)
    assert minutes * 60 <= asked.waits(fleet)
    if kind is RolloutKind.ALL_AT_ONCE:
        assert (percent, instances, wait) == (None, None, 0)
        return
    assert (percent is None) != (instances is None)
    size = percent if percent is not None else 100 * instances / fleet
    assert size <= 50
    assert size >= {"canary": 1, "linear": 10, "rolling": 5}[kind]
    assert fleet >= 2


def test_a_trial_is_taken_with_what_sagemaker_has_beside_it():
    assert a_profile({"trial": SHADOW} | FOUR | CANARY | ERRORS).of(Stage.PRODUCTION).trial.kind == "shadow"
    assert a_profile({"trial": WEIGHTED, "instances": {"type": "ml.inf1.xlarge"}}).of(Stage.PRODUCTION).trial.count == 1
