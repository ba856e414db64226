"""AWS Config is told of every endpoint that serves something else than the sealed copy of an approved version."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.template.policies import allows, role_statements
from tests.template.translation import HUB, PROD, REGION, Stack, source

TEMPLATE = "controls/detective.yaml"
BUCKET = "steward-artifacts-444455556666-eu-west-1"
SEALED = f"s3://{BUCKET}/sealed/abc/model.tar.gz"
TOLD = {"HubAccountId": HUB, "HubRegion": REGION, "ArtifactBucketName": BUCKET}


class ConfigService:
    """AWS Config, as far as a rule's function talks to it."""

    def __init__(self, *known: str) -> None:
        self.known, self.told = known, dict[str, dict[str, Any]]()

    def get_paginator(self, operation: str) -> "ConfigService":
        assert operation == "get_compliance_details_by_config_rule"
        return self

    def paginate(self, ConfigRuleName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        qualifiers = [{"EvaluationResultQualifier": {"ResourceId": name}} for name in self.known]
        yield {"EvaluationResults": [{"EvaluationResultIdentifier": one} for one in qualifiers]}

    def put_evaluations(self, Evaluations: list[dict[str, Any]], ResultToken: str, TestMode: bool) -> None:  # noqa: N803
        assert len(Evaluations) <= 100, "AWS API: PutEvaluations"
        self.told |= {one["ComplianceResourceId"]: one for one in Evaluations}


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The function as the template ships it, in the account where models run; its registry is the hub's."""
    for name, value in {"HUB_ACCOUNT_ID": HUB, "HUB_REGION": REGION, "ARTIFACT_BUCKET": BUCKET}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    written = source(TEMPLATE)["Resources"]["Judge"]["Properties"]["Code"]["ZipFile"]
    module: dict[str, Any] = {}
    exec(compile(written, TEMPLATE, "exec"), module)
    with mock_aws():
        yield SimpleNamespace(**module)


class Hub:
    """The hub's registry: what it says of the version, and of no other."""

    def __init__(
        self, approval: str = "Approved", cycle: tuple[str, str] = ("Test", "Approved"), code: str = ""
    ) -> None:
        self.approval, self.cycle, self.code = approval, cycle, code

    def describe_model_package(self, ModelPackageName: str) -> dict[str, Any]:  # noqa: N803
        if self.code:
            response: Any = {"Error": {"Code": self.code, "Message": "no"}}
            raise boto3.client("sagemaker").exceptions.ClientError(response, "DescribeModelPackage")
        cycle = {"Stage": self.cycle[0], "StageStatus": self.cycle[1]}
        return {"ModelApprovalStatus": self.approval, "ModelLifeCycle": cycle}


ARN = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/credit-risk-pd/7"


TRIED = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/credit-risk-pd/8"
TAG, TRIAL_TAG = "steward:model-package-arn", "steward:trial-model-package-arn"


def tagged(**told: str) -> list[dict[str, str]]:
    """Tags, of those that say something."""
    keys = {"serves": TAG, "tried": TRIAL_TAG}
    return [{"Key": keys[key], "Value": arn} for key, arn in told.items() if arn]


def serving(
    data: str = SEALED,
    arn: str = ARN,
    name: str = "steward-credit-risk-pd-production",
    model_of: str | None = None,
    tried: str = "",
    trial: dict[str, str] | None = None,
) -> str:
    """An endpoint of this account with a version's tag, and with a variant on trial where that is described."""
    sagemaker = boto3.client("sagemaker")
    variants = []
    declared = {"AllTraffic": {"data": data, "arn": arn if model_of is None else model_of}}
    for variant, told in {**declared, **({"Trial": trial} if trial else {})}.items():
        container = {"Image": "i", "ModelDataUrl": told["data"]} if told["data"] else {"Image": "i"}
        sagemaker.create_model(
            ModelName=f"{name}-{variant}",
            ExecutionRoleArn=f"arn:aws:iam::{PROD}:role/steward-model-execution",
            PrimaryContainer=container,
            Tags=tagged(serves=told["arn"]),
        )
        fleet = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        variants.append({"VariantName": variant, "ModelName": f"{name}-{variant}", **fleet})
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)
    tags = tagged(serves=arn, tried=tried)
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name, Tags=tags)
    return name


def judged(judge: Any, hub: Hub | None = None) -> str:
    """Why the only endpoint is wrong."""
    (why,) = judge.judged(boto3.client("sagemaker"), hub or Hub()).values()
    return str(why)


def test_an_endpoint_that_steward_deployed_is_compliant(judge: Any) -> None:
    serving()
    assert judged(judge) == ""


def test_an_endpoint_without_stewards_tag_is_told(judge: Any) -> None:
    serving(arn="")
    assert "no tag steward:model-package-arn" in judged(judge)


def test_an_endpoint_that_names_another_registrys_version_is_told(judge: Any) -> None:
    serving(arn=ARN.replace(HUB, PROD))
    assert "is not the hub's" in judged(judge)


@pytest.mark.parametrize("code", ["ValidationException", "AccessDeniedException"])
def test_an_endpoint_whose_version_the_registry_does_not_tell_of_is_told(judge: Any, code: str) -> None:
    serving()
    assert "does not tell of" in judged(judge, Hub(code=code))


def test_a_registry_that_cannot_be_asked_now_is_asked_again(judge: Any) -> None:
    serving()
    with pytest.raises(boto3.client("sagemaker").exceptions.ClientError):
        judged(judge, Hub(code="ThrottlingException"))


@pytest.mark.parametrize("approval", ["Rejected", "PendingManualApproval"])
def test_an_endpoint_of_a_version_that_is_not_approved_is_told(judge: Any, approval: str) -> None:
    serving()
    assert f"says {approval}" in judged(judge, Hub(approval))


@pytest.mark.parametrize("status", ["Rejected", "Retired", "rejected"])
def test_an_endpoint_of_a_version_whose_life_cycle_ended_is_told(judge: Any, status: str) -> None:
    serving()
    assert f"Production/{status}" in judged(judge, Hub(cycle=("Production", status)))


@pytest.mark.parametrize("data", ["s3://somebodys-bucket/model.tar.gz", f"s3://{BUCKET}/documents/x", ""])
def test_an_endpoint_that_loads_something_else_than_the_sealed_copy_is_told(judge: Any, data: str) -> None:
    serving(data)
    assert "not a sealed one" in judged(judge)


ON_TRIAL = {"data": SEALED, "arn": TRIED}


def test_an_endpoint_with_a_version_on_trial_is_compliant(judge: Any) -> None:
    serving(tried=TRIED, trial=ON_TRIAL)
    assert judged(judge) == ""


class OnlyServes(Hub):
    """The hub's registry, where the version on trial was rejected."""

    def describe_model_package(self, ModelPackageName: str) -> dict[str, Any]:  # noqa: N803
        approval = "Rejected" if ModelPackageName == TRIED else "Approved"
        return {**super().describe_model_package(ModelPackageName), "ModelApprovalStatus": approval}


def test_a_version_on_trial_is_judged_like_the_one_that_serves(judge: Any) -> None:
    serving(tried=TRIED, trial=ON_TRIAL)
    assert judged(judge, OnlyServes()) == f"On trial: The registry says Rejected of {TRIED}."


def test_a_variant_on_trial_that_no_tag_names_is_told(judge: Any) -> None:
    serving(trial=ON_TRIAL)
    assert judged(judge) == f"Variant Trial is on trial, and it has no tag {TRIAL_TAG}."


@pytest.mark.parametrize("trial", [ON_TRIAL | {"arn": ARN}, ON_TRIAL | {"arn": ""}])
def test_a_variant_on_trial_of_another_version_than_its_tag_says_is_told(judge: Any, trial: dict[str, str]) -> None:
    serving(tried=TRIED, trial=trial)
    assert f"Variant Trial is of {trial['arn'] or 'no version'}, its tag says {TRIED}" in judged(judge)


def test_a_variant_that_serves_another_version_than_the_tag_says_is_told(judge: Any) -> None:
    serving(model_of=TRIED)
    assert f"Variant AllTraffic is of {TRIED}, its tag says {ARN}" in judged(judge)


def test_a_trial_that_loads_something_else_than_the_sealed_copy_is_told(judge: Any) -> None:
    serving(tried=TRIED, trial=ON_TRIAL | {"data": "s3://somebodys-bucket/model.tar.gz"})
    assert "Variant Trial loads s3://somebodys-bucket" in judged(judge)


def test_config_is_told_of_every_endpoint_and_of_those_that_are_gone(
    judge: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = serving(), serving(arn="", name="by-hand")
    config, hub, here = ConfigService("deleted", bad), Hub(), boto3.client("sagemaker")

    def client(service: str, region_name: str | None = None) -> Any:
        return config if service == "config" else hub if region_name else here

    monkeypatch.setattr(boto3, "client", client)
    event = {
        "invokingEvent": json.dumps({"notificationCreationTime": "2026-11-21T15:00:00.000Z"}),
        "resultToken": "TESTMODE",
        "configRuleName": "steward-endpoints-have-an-approved-record",
    }
    for _ in range(2):  # asked again, it answers the same
        judge.handler(event, None)
        kinds = {name: one["ComplianceType"] for name, one in config.told.items()}
        assert kinds == {good: "COMPLIANT", bad: "NON_COMPLIANT", "deleted": "NOT_APPLICABLE"}
    assert "no tag" in config.told[bad]["Annotation"]
    assert config.told[good]["OrderingTimestamp"] == "2026-11-21T15:00:00.000Z"


def test_a_long_reason_fits_what_config_takes(judge: Any) -> None:
    assert len(judge.told_of("x", "y" * 1000)["Annotation"]) == 256


def test_the_function_may_do_what_it_does_and_no_more() -> None:
    stack = Stack(source(TEMPLATE), PROD, TOLD)
    may = role_statements("JudgeRole", stack)
    own = f"arn:aws:sagemaker:{REGION}:{PROD}"
    for action, resource in (
        ("sagemaker:ListEndpoints", "*"),
        ("sagemaker:ListTags", f"{own}:endpoint/any"),
        ("sagemaker:DescribeEndpoint", f"{own}:endpoint/any"),
        ("sagemaker:DescribeEndpointConfig", f"{own}:endpoint-config/any"),
        ("sagemaker:DescribeModel", f"{own}:model/any"),
        ("sagemaker:DescribeModelPackage", ARN),
        ("config:PutEvaluations", "*"),
        ("config:GetComplianceDetailsByConfigRule", f"arn:aws:config:{REGION}:{PROD}:config-rule/config-rule-x"),
        ("logs:PutLogEvents", f"arn:aws:logs:{REGION}:{PROD}:log-group:/aws/lambda/steward-judge-endpoints:*"),
    ):
        assert allows(may, action, resource), action
    for action, resource in (
        ("sagemaker:UpdateModelPackage", ARN),
        ("sagemaker:DeleteEndpoint", f"{own}:endpoint/any"),
        ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/sealed/abc/model.tar.gz"),
    ):
        assert not allows(may, action, resource), action
