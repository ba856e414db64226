"""What service control policies take away, whatever somebody's own policies allow, and what they leave alone."""

import json
from typing import Any

import pytest

from tests.template.policies import Statement, allows, parse
from tests.template.translation import DEV, HUB, PROD, REGION, Stack, hub, source, workload_account

OFFICERS = f"arn:aws:iam::{HUB}:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Officer_*"
OFFICER = f"arn:aws:iam::{HUB}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Officer_0a1b"
TARGETS = {"HubAccountId": HUB, "DevTargetIds": ["ou-dev1-12345678"], "WorkloadTargetIds": ["ou-run1-12345678"]}
SCPS = Stack(source("controls/preventive.yaml"), "999900001111", {**TARGETS, "OfficerRoleArns": [OFFICERS]})
FULL_ACCESS = Statement("FullAWSAccess", "Allow", ("*",), ("*",))
VERSION = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/credit-risk-pd/7"
GROUP = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package-group/credit-risk-pd"
ENDPOINT = f"arn:aws:sagemaker:{REGION}:{PROD}:endpoint/steward-credit-risk-pd-production"
STEWARD_TAG = {"aws:RequestTag/steward:model-package-arn": VERSION}


def leaves(policy: str, action: str, resource: str, by: str = "Admin", **context: Any) -> bool:
    """Whether an administrator of an account under a policy is still allowed something."""
    account = {"DevAccounts": DEV, "HubAccount": HUB, "WorkloadAccounts": PROD}[policy]
    principal = by if by.startswith("arn:") else f"arn:aws:iam::{account}:role/{by}"
    statements = parse(SCPS.of_type("AWS::Organizations::Policy")[policy]["Content"])
    return allows([FULL_ACCESS, *statements], action, resource, {"aws:PrincipalArn": principal, **context})


def asking(stage: str, current: str = "Development", status: str = "Approved") -> dict[str, str]:
    return {
        "sagemaker:ModelLifeCycle:stage": stage,
        "sagemaker:ModelLifeCycle:stageStatus": status,
        "sagemaker:CurrentModelLifeCycleStage": current,
    }


@pytest.mark.parametrize("action", ["UpdateModelPackage", "DeleteModelPackage"])
def test_no_administrator_of_a_dev_account_decides_on_the_hubs_versions(action: str) -> None:
    assert not leaves("DevAccounts", f"sagemaker:{action}", VERSION)
    assert leaves("DevAccounts", f"sagemaker:{action}", VERSION.replace(HUB, DEV)), "their own registry is theirs"


@pytest.mark.parametrize("action", ["PutModelPackageGroupPolicy", "DeleteModelPackageGroupPolicy"])
def test_no_administrator_of_a_dev_account_lets_themselves_in(action: str) -> None:
    assert not leaves("DevAccounts", f"sagemaker:{action}", GROUP)


def test_versions_are_registered_from_dev_accounts_but_not_as_approved() -> None:
    def registers(**keys: str) -> bool:
        return leaves("DevAccounts", "sagemaker:CreateModelPackage", VERSION, **keys)

    assert registers()
    assert registers(**{"sagemaker:ModelLifeCycle:stageStatus": "PendingApproval"})
    assert not registers(**{"sagemaker:ModelLifeCycle:stageStatus": "approved"})
    assert registers(**{"sagemaker:ModelApprovalStatus": "PendingManualApproval"})
    assert not registers(**{"sagemaker:ModelApprovalStatus": "Approved"})


@pytest.mark.parametrize("stage", ["Test", "PreProduction", "Production", "pro duction", "PRODUCTION"])
def test_in_the_hub_only_officers_and_what_steward_writes_decide_past_development(stage: str) -> None:
    def decides(by: str) -> bool:
        return leaves("HubAccount", "sagemaker:UpdateModelPackage", VERSION, by, **asking(stage))

    assert decides(OFFICER)
    assert decides("steward-write-back")
    assert not decides("Admin")
    assert not decides("steward-sync-model-version")


def test_owners_decide_in_development_and_reject_what_is_further() -> None:
    def decides(**keys: str) -> bool:
        return leaves("HubAccount", "sagemaker:UpdateModelPackage", VERSION, "model-owners", **keys)

    assert decides(**asking("Development"))
    assert decides(**asking("development", current="Development", status="Rejected"))
    assert decides(**{"sagemaker:CurrentModelLifeCycleStage": "Production"}), "the approval status blocks every stage"
    assert not decides(**asking("Development", current="Production")), "nobody but an officer takes it back"
    assert leaves(
        "HubAccount", "sagemaker:UpdateModelPackage", VERSION, OFFICER, **asking("Development", current="Production")
    )


def test_nobody_erases_versions_or_the_record() -> None:
    assert not leaves("HubAccount", "sagemaker:DeleteModelPackage", VERSION, OFFICER)
    assert not leaves("HubAccount", "sagemaker:DeleteModelPackageGroup", GROUP, OFFICER)
    for action, resource in (
        ("dynamodb:DeleteTable", hub().arn("GovernanceTable")),
        ("dynamodb:UpdateContinuousBackups", hub().arn("GovernanceTable")),
        *(("s3:DeleteBucketPolicy", hub().arn(name)) for name in hub().of_type("AWS::S3::Bucket")),
    ):
        assert not leaves("HubAccount", action, resource), resource
        assert leaves("HubAccount", action, resource, "stacksets-exec-0a1b")
    assert leaves("HubAccount", "dynamodb:UpdateItem", hub().arn("GovernanceTable")), "the record is written"


@pytest.mark.parametrize("action", ["CreateEndpoint", "UpdateEndpoint", "UpdateEndpointWeightsAndCapacities"])
def test_endpoints_are_made_and_changed_by_the_pipelines_role_alone(action: str) -> None:
    assert leaves("WorkloadAccounts", f"sagemaker:{action}", ENDPOINT, "steward-cloudformation", **STEWARD_TAG)
    assert not leaves("WorkloadAccounts", f"sagemaker:{action}", ENDPOINT, "Admin", **STEWARD_TAG)
    assert not leaves("WorkloadAccounts", f"sagemaker:{action}", ENDPOINT.replace("steward-", "my-"), "Admin")


@pytest.mark.parametrize("kind", ["Endpoint", "EndpointConfig", "Model"])
def test_nothing_is_made_that_does_not_say_which_version_it_is(kind: str) -> None:
    made = f"arn:aws:sagemaker:{REGION}:{PROD}:{kind.lower()}/x"
    assert leaves("WorkloadAccounts", f"sagemaker:Create{kind}", made, "steward-cloudformation", **STEWARD_TAG)
    assert not leaves("WorkloadAccounts", f"sagemaker:Create{kind}", made, "steward-cloudformation")


@pytest.mark.parametrize("action", ["sagemaker:AddTags", "sagemaker:DeleteTags"])
def test_nobody_relabels_an_endpoint(action: str) -> None:
    tags = {"aws:TagKeys": ["cost-centre", "steward:model-package-arn"]}
    assert not leaves("WorkloadAccounts", action, ENDPOINT, **tags)
    assert leaves("WorkloadAccounts", action, ENDPOINT, **{"aws:TagKeys": ["cost-centre"]})
    assert leaves("WorkloadAccounts", action, ENDPOINT, "steward-cloudformation", **tags)
    job = ENDPOINT.replace("endpoint/steward-credit-risk-pd-production", "transform-job/steward-batch-1")
    assert leaves("WorkloadAccounts", action, job, "steward-batch-runner", **tags), "jobs carry the tags of their model"


def test_nobody_else_runs_a_model_by_the_role_that_loads_sealed_artifacts() -> None:
    role = workload_account().arn("ModelExecutionRole").replace("555566667777", PROD)
    assert not leaves("WorkloadAccounts", "iam:PassRole", role)
    assert leaves("WorkloadAccounts", "iam:PassRole", role, "steward-cloudformation")
    assert leaves("WorkloadAccounts", "iam:PassRole", f"arn:aws:iam::{PROD}:role/somebody-elses")


def test_no_stack_but_the_pipelines_makes_endpoints() -> None:
    role = f"arn:aws:iam::{PROD}:role/steward-cloudformation"
    assert not leaves("WorkloadAccounts", "iam:PassRole", role)
    assert not leaves("WorkloadAccounts", "iam:PassRole", role, "stacksets-exec-0a1b")
    assert leaves("WorkloadAccounts", "iam:PassRole", role, "steward-deployment")


def test_transform_jobs_are_run_by_what_was_deployed_alone() -> None:
    job = f"arn:aws:sagemaker:{REGION}:{PROD}:transform-job/mine"
    assert not leaves("WorkloadAccounts", "sagemaker:CreateTransformJob", job)
    assert leaves("WorkloadAccounts", "sagemaker:CreateTransformJob", job, "steward-batch-runner")
    runner = f"arn:aws:iam::{PROD}:role/steward-batch-runner"
    assert not leaves("WorkloadAccounts", "iam:PassRole", runner), "a machine of one's own would be as good"
    assert leaves("WorkloadAccounts", "iam:PassRole", runner, "steward-cloudformation")


@pytest.mark.parametrize("action", ["CreateInferenceComponent", "UpdateInferenceComponent"])
def test_no_model_is_put_on_an_endpoint_beside_what_the_pipeline_put_there(action: str) -> None:
    component = f"arn:aws:sagemaker:{REGION}:{PROD}:inference-component/mine"
    assert not leaves("WorkloadAccounts", f"sagemaker:{action}", component)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("codepipeline:RetryStageExecution", hub().arn("TestPipeline") + "/Deploy"),
        ("codepipeline:RollbackStage", hub().arn("ProdPipeline") + "/Deploy"),
        ("codepipeline:UpdatePipeline", hub().arn("ProdPipeline")),
        ("lambda:UpdateFunctionCode", hub().arn("VerifyDeployment")),
        ("iam:PutRolePolicy", hub().arn("VerifyDeploymentRole")),
    ],
)
def test_nobody_goes_round_the_last_gate(action: str, resource: str) -> None:
    assert not leaves("HubAccount", action, resource)
    assert not leaves("HubAccount", action, resource, OFFICER)
    assert leaves("HubAccount", action, resource, "stacksets-exec-0a1b")
    assert leaves("HubAccount", action, resource.replace("steward-", "my-"))


def test_what_runs_already_is_stopped_by_whoever_may() -> None:
    assert leaves("HubAccount", "codepipeline:StopPipelineExecution", hub().arn("ProdPipeline"))


@pytest.mark.parametrize("policy", ["DevAccounts", "WorkloadAccounts"])
def test_the_way_to_the_hub_is_changed_by_stacks_alone(policy: str) -> None:
    account = {"DevAccounts": DEV, "WorkloadAccounts": PROD}[policy]
    rule = f"arn:aws:events:{REGION}:{account}:rule/steward-forward-registry-events"
    role = f"arn:aws:iam::{account}:role/steward-forward-registry-events-{REGION}"
    for action, resource in (("events:DisableRule", rule), ("iam:DeleteRolePolicy", role)):
        assert not leaves(policy, action, resource)
        assert leaves(policy, action, resource, "stacksets-exec-0a1b")
    assert leaves(policy, "events:DisableRule", rule.replace("steward-", "my-"))


@pytest.mark.parametrize("name", sorted(SCPS.of_type("AWS::Organizations::Policy")))
def test_a_policy_only_takes_away_and_is_no_longer_than_organizations_takes(name: str) -> None:
    """AWS Organizations guide, "Quotas": a service control policy holds 5,120 characters."""
    policy = SCPS.of_type("AWS::Organizations::Policy")[name]
    statements = parse(policy["Content"])
    assert {one.effect for one in statements} == {"Deny"}
    assert not [one.sid for one in statements if any("*" in action for action in one.actions)]
    assert len(json.dumps(policy["Content"], separators=(",", ":"))) <= 5120
    assert policy["Type"] == "SERVICE_CONTROL_POLICY"


@pytest.mark.parametrize("name", ["DevAccounts", "WorkloadAccounts"])
def test_a_policy_without_a_target_is_not_made(name: str) -> None:
    told = {"HubAccountId": HUB, "OfficerRoleArns": [OFFICERS]}
    assert set(Stack(source("controls/preventive.yaml"), "999900001111", told).resources) == {"HubAccount"}
