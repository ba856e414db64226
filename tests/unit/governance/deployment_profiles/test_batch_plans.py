"""A stage runs transform jobs or an endpoint, never both, and asks for no job that SageMaker would not make."""

from typing import Any

import pytest
from pydantic import ValidationError

from governance.domain.batch_plans import Batch, RunsAs, batch_parameters
from governance.domain.deployment_profile import DeploymentProfile, StageProfile, problems_of
from governance.domain.lifecycle import Stage

OUTPUT = "s3://scores/batch-output/credit-risk"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd"
NETWORK = {"subnets": ["subnet-0a1b2c3d"], "security_groups": ["sg-0a1b2c3d"]}


def a_profile(stage: Any) -> DeploymentProfile:
    return DeploymentProfile.model_validate({"title": "Jobs", "stages": {"production": stage}})


def batch(**told: Any) -> dict[str, Any]:
    return {"batch": {"output": OUTPUT, **told}}


@pytest.mark.parametrize(
    "stage",
    [
        batch(),
        batch(instances={"type": "ml.c5.xlarge", "count": 100}, max_concurrent=4, max_payload_mb=25),
        batch(split="none", max_payload_mb=0, max_concurrent=100),
        batch(split="line", strategy="single-record", assemble="none", output_kms_key=KEY),
        batch(split="recordio", content_type="application/x-recordio-protobuf", accept="application/json"),
        batch(timeout_seconds=3600, max_retries=0) | {"vpc": NETWORK, "kms_key": KEY},
    ],
)
def test_what_sagemaker_takes_for_jobs_is_a_profile(stage):
    assert a_profile(stage).of(Stage.PRODUCTION).runs_as is RunsAs.BATCH
    assert a_profile(stage).of(Stage.TEST).runs_as is RunsAs.ENDPOINT


ABOUT_AN_ENDPOINT = "that is about an endpoint, and batch is given too"


@pytest.mark.parametrize(
    ("stage", "field", "said"),
    [
        (batch() | {"instances": {"count": 2}}, "instances", ABOUT_AN_ENDPOINT),
        (batch() | {"serverless": {"memory_mb": 2048, "max_concurrency": 5}}, "serverless", ABOUT_AN_ENDPOINT),
        (batch() | {"rollout": {"kind": "all-at-once"}}, "rollout", ABOUT_AN_ENDPOINT),
        (batch() | {"rollback_alarms": {"error_count": {"at_least": 1}}}, "rollback_alarms", ABOUT_AN_ENDPOINT),
        (batch() | {"capture": {"percent": 1, "to": "s3://kept/data-capture/x"}}, "capture", ABOUT_AN_ENDPOINT),
        (batch() | {"api": {"throttling": {"rate": 1, "burst": 1}}}, "api", ABOUT_AN_ENDPOINT),
        (batch() | {"trial": {"kind": "shadow", "percent": 20}}, "trial", ABOUT_AN_ENDPOINT),
        (batch() | {"vpc": {**NETWORK, "subnets": ["subnet-0a1b2c3d"] * 2}}, "vpc.subnets", "names one of them twice"),
        (
            batch(max_concurrent=20, max_payload_mb=6),
            "batch.max_payload_mb",
            "120 MB at once, and an instance takes 100",
        ),
        (batch(max_payload_mb=101), "batch.max_payload_mb", "out of bounds"),
        (batch(max_concurrent=101), "batch.max_concurrent", "out of bounds"),
        (batch(instances={"count": 101}), "batch.instances.count", "out of bounds"),
        (batch(instances={"type": "ml.t3.medium"}), "batch.instances.type", "runs no transform jobs on ml.t3.medium"),
        (batch(split="none", strategy="multi-record"), "batch.strategy", "a file that is not cut has no records"),
        (batch(split="words"), "batch.split", "words"),
        (batch(timeout_seconds=3601), "batch.timeout_seconds", "out of bounds"),
        (batch(max_retries=4), "batch.max_retries", "out of bounds"),
        (batch(output="s3://scores/elsewhere/x"), "batch.output", "s3://<bucket>/batch-output/<more>"),
        (batch(output="s3://scores/batch-output/x/"), "batch.output", "without a / at its end"),
        (batch(content_type="csv"), "batch.content_type", "a media type"),
        (batch(output_kms_key="alias/mine"), "batch.output_kms_key", "the ARN of a key"),
        (batch(instances={"type": "ml.g5.xlarge"}) | {"kms_key": KEY}, "kms_key", "its disks are its own"),
        ({"batch": {}}, "batch.output", "missing"),
    ],
)
def test_what_no_job_can_be_is_refused_where_it_stands(stage, field, said):
    with pytest.raises(ValidationError) as refused:
        a_profile(stage)
    told = {one.field: one.said for one in problems_of(refused.value)}
    assert said in told[f"stages.production.{field}"]


def test_a_stage_without_jobs_says_what_it_always_said():
    assert "batch" not in DeploymentProfile(title="As ever").content()
    assert StageProfile().runs_as is RunsAs.ENDPOINT


def test_records_go_in_requests_as_large_as_they_may_be_unless_the_profile_says_one_by_one():
    assert batch_parameters(Batch(output=OUTPUT))["BatchStrategy"] == "MultiRecord"
    assert (
        batch_parameters(Batch.model_validate(batch(strategy="single-record")["batch"]))["BatchStrategy"]
        == "SingleRecord"
    )
    whole = batch_parameters(Batch.model_validate(batch(split="none")["batch"]))
    assert (whole["SplitType"], whole["BatchStrategy"]) == ("None", "none")


def test_held_out_rows_have_a_header_only_where_the_file_is_sent_whole():
    rows = ("1,2", "3,4")
    assert Batch(output=OUTPUT).file_of("a,b", rows) == "1,2\n3,4\n"
    assert Batch.model_validate(batch(split="none")["batch"]).file_of("a,b", rows) == "a,b\n1,2\n3,4\n"


def test_jobs_that_take_no_csv_say_why_held_out_rows_cannot_be_put_to_them():
    assert Batch(output=OUTPUT).unmeasurable() == ""
    assert "application/json" in Batch.model_validate(batch(accept="application/json")["batch"]).unmeasurable()
    assert "recordio" in Batch.model_validate(batch(split="recordio")["batch"]).unmeasurable()
