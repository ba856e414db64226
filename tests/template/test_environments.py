"""Environments beside the hub's own two: their pipelines, and who may what in the hub and in their accounts."""

import json
from typing import Any

import pytest

from governance.domain.environment import Environment, Landscape
from governance.domain.lifecycle import Stage
from tests.template.policies import Statement, allows, parse, statements_of
from tests.template.translation import FURTHER, HUB, PROD, REGION, TEST, environment, hub, source

SPREAD = f"{FURTHER},999911112222"
PIPELINE = f"arn:aws:codepipeline:{REGION}:{HUB}:steward-deploy-production-eu"


def pipelines(told: Any, account: str) -> dict[str, Any]:
    """A pipeline as text with its account and name taken out, read again."""
    text = json.dumps(told, sort_keys=True)
    for name in ("steward-deploy-production-eu", "steward-deploy-prod"):
        text = text.replace(name, "NAME")
    read: dict[str, Any] = json.loads(text.replace(account, "ACCOUNT"))
    return read


def test_its_pipeline_is_the_hubs_own_in_all_but_name_account_and_environment():
    own = pipelines(hub().of_type("AWS::CodePipeline::Pipeline")["ProdPipeline"], PROD)
    its = pipelines(environment().of_type("AWS::CodePipeline::Pipeline")["Pipeline"], FURTHER)
    told = []
    for one in (own, its):
        for number in (1, 3):
            configuration = one["Stages"][number]["Actions"][0]["Configuration"]
            told.append(json.loads(configuration.pop("UserParameters")))
            assert configuration.pop("FunctionName")
        one.pop("RoleArn")
    assert told[2:] == [{**one, "environment": "production-eu"} for one in told[:2]]
    for one in (own, its):
        one["ArtifactStore"]["EncryptionKey"].pop("Id")
    assert its == own


def test_its_pipeline_works_with_what_the_hub_has():
    its = environment().of_type("AWS::CodePipeline::Pipeline")["Pipeline"]
    names = {one["Actions"][0]["Configuration"].get("FunctionName") for one in its["Stages"]} - {None}
    assert names == {
        hub().of_type("AWS::Lambda::Function")[one]["FunctionName"]
        for one in ("VerifyDeployment", "ValidateDeployment")
    }
    roles = {one["RoleName"] for one in hub().of_type("AWS::IAM::Role").values()}
    assert its["RoleArn"].rpartition("/")[2] in roles
    assert its["ArtifactStore"]["Location"] == hub().of_type("AWS::S3::Bucket")["PipelineBucket"]["BucketName"]
    attached = {role for policy in environment().of_type("AWS::IAM::Policy").values() for role in policy["Roles"]}
    assert attached <= roles


def entering() -> dict[str, list[Statement]]:
    """What the environment lets the hub's roles do, by role."""
    policies = environment().of_type("AWS::IAM::Policy").values()
    return {policy["Roles"][0]: parse(policy["PolicyDocument"]) for policy in policies}


@pytest.mark.parametrize(
    ("role", "enters"),
    [
        ("steward-pipeline", "deployment"),
        ("steward-validate-deployment", "validation"),
        ("steward-reconcile-registry", "reconciliation"),
        ("steward-verify-deployment", "reconciliation"),
    ],
)
def test_a_role_of_the_hub_enters_the_account_by_the_one_role_that_is_for_it(role, enters):
    said = entering()[role]
    for target in ("deployment", "validation", "reconciliation", "cloudformation"):
        arn = f"arn:aws:iam::{FURTHER}:role/steward-{target}"
        assert allows(said, "sts:AssumeRole", arn) == (target == enters), target
    assert not allows(said, "sts:AssumeRole", f"arn:aws:iam::999911112222:role/steward-{enters}")


@pytest.mark.parametrize("lines", ["", "retail", "retail,private banking"])
def test_what_it_prints_is_an_environment_as_the_hub_takes_it(lines):
    entry = environment(lines)._value(source("stacks/environment.yaml")["Outputs"]["Entry"]["Value"])
    told = json.loads(entry)
    told["pipeline"] = "steward-deploy-production-eu"
    one = Environment.model_validate(told)
    assert (one.name, one.stage, one.account) == ("production-eu", Stage.PRODUCTION, FURTHER)
    assert one.lines_of_business == tuple(filter(None, lines.split(",")))
    assert Landscape(environments=(one,)).by_name["production-eu"] == one


READERS = [
    ("ArtifactBucketPolicy", "AWS::S3::BucketPolicy", "PolicyDocument", "s3:GetObject", "model-execution"),
    ("ArtifactBucketPolicy", "AWS::S3::BucketPolicy", "PolicyDocument", "s3:ListBucket", "model-execution"),
    ("PipelineBucketPolicy", "AWS::S3::BucketPolicy", "PolicyDocument", "s3:GetObject", "deployment"),
    ("ArtifactKey", "AWS::KMS::Key", "KeyPolicy", "kms:Decrypt", "model-execution"),
    ("PipelineKey", "AWS::KMS::Key", "KeyPolicy", "kms:Decrypt", "deployment"),
]


@pytest.mark.parametrize(
    ("place", "kind", "document", "action", "role"), READERS, ids=[f"{one[0]}-{one[3]}" for one in READERS]
)
def test_the_accounts_that_are_named_read_by_the_role_that_is_for_it_and_nobody_else_does(
    place, kind, document, action, role
):
    def further(stack: Any) -> list[dict[str, Any]]:
        said = stack.of_type(kind)[place][document]["Statement"]
        return [one for one in said if one.get("Sid", "").startswith("Further")]

    assert further(hub()) == []
    [said] = [one for one in further(hub(further=SPREAD)) if action in one["Action"]]
    assert said["Principal"] == {"AWS": SPREAD.split(",")}
    assert said["Condition"]["ArnLike"] == {"aws:PrincipalArn": f"arn:aws:iam::*:role/steward-{role}"}


def test_what_the_accounts_tell_is_heard():
    spread = hub(further=SPREAD)
    [policy] = [
        one
        for one in spread.of_type("AWS::Events::EventBusPolicy").values()
        if one["StatementId"] == "steward-workload-accounts-put"
    ]
    every = [TEST, PROD, *SPREAD.split(",")]
    assert policy["Statement"]["Principal"]["AWS"] == every
    rules = [one["EventPattern"] for one in spread.of_type("AWS::Events::Rule").values()]
    heard = [
        one["account"]
        for one in rules
        if one.get("source") in (["aws.cloudwatch"], ["aws.sagemaker"]) and "account" in one
    ]
    assert [one for one in heard if TEST in one] == [every, every, every]


def test_pipelines_are_told_by_how_their_names_begin():
    for function, action in (
        ("StartDeployment", "codepipeline:StartPipelineExecution"),
        ("TrackDeployment", "codepipeline:GetPipelineExecution"),
        ("RollBack", "codepipeline:StopPipelineExecution"),
        ("ReconcileRegistry", "codepipeline:ListPipelineExecutions"),
    ):
        assert allows(statements_of(function), action, PIPELINE), function
        assert not allows(statements_of(function), action, PIPELINE.replace("steward-deploy", "payroll")), function
