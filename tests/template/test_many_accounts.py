"""The stacks go to many accounts and regions, beside other installations, and let in only whom they name."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from tests.template.policies import Statement, allows, parse
from tests.template.translation import DEV, HUB, REGION, TEST, Stack, dev_account, hub, model_group, workload_account

ELSEWHERE = "eu-central-1"
ORGANISATION = "o-a1b2c3d4e5"
OF_THE_ACCOUNT = ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::S3::Bucket")
"""What has one name in an account, whatever the region; a bucket's is one in the world."""
OF_THE_REGION = (
    *("AWS::SQS::Queue", "AWS::Events::Rule", "AWS::Events::EventBus", "AWS::Events::Archive", "AWS::Lambda::Function"),
    *("AWS::Logs::LogGroup", "AWS::DynamoDB::Table", "AWS::CodePipeline::Pipeline", "AWS::StepFunctions::StateMachine"),
)
"""What has one name in an account and region."""
POLICIES = ("AssumeRolePolicyDocument", "KeyPolicy", "ModelPackageGroupPolicy")


def names(stack: Stack, kinds: tuple[str, ...]) -> set[tuple[str, str]]:
    """What a stack names itself, by kind; what CloudFormation names collides with nothing."""
    return {
        (kind, stack.name(name))
        for kind in kinds
        for name in stack.of_type(kind)
        if stack.name(name) != name  # the logical id stands for a name that CloudFormation generates
    }


def resource_policies(stack: Stack) -> Iterator[tuple[str, Statement]]:
    """Every statement that says who may come, with the resource it is about."""
    for name, resource in stack.resources.items():
        properties = resource.get("Properties", {})
        held = [properties[key] for key in POLICIES if key in properties]
        if resource["Type"] in ("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"):
            held.append(properties["PolicyDocument"])
        if resource["Type"] == "AWS::Events::EventBusPolicy":
            held.append({"Statement": properties["Statement"]})
        yield from ((name, one) for document in held for one in parse(document))


@pytest.mark.parametrize("stack", [dev_account, workload_account])
def test_two_regions_of_an_account_share_no_name(stack: Any) -> None:
    here, there = stack(HubRegion=REGION), stack(region=ELSEWHERE, HubRegion=REGION)
    assert names(here, OF_THE_ACCOUNT)
    assert not names(here, OF_THE_ACCOUNT) & names(there, OF_THE_ACCOUNT)


def test_an_account_where_models_are_built_and_run_has_both_stacks() -> None:
    kinds = (*OF_THE_ACCOUNT, *OF_THE_REGION)
    assert not names(dev_account(account=TEST), kinds) & names(workload_account(), kinds)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (hub(), hub(install="second")),
        (dev_account(), dev_account(Install="second")),
        (workload_account(), workload_account(Install="second")),
    ],
    ids=["hub", "dev", "workload"],
)
def test_two_installations_share_no_name_in_an_account(one: Stack, other: Stack) -> None:
    kinds = (*OF_THE_ACCOUNT, *OF_THE_REGION)
    assert not names(one, kinds) & names(other, kinds)


def test_the_longest_names_are_ones_that_aws_takes() -> None:
    longest = {"Install": "a" * 12, "region": "ap-southeast-99"}
    for stack in (dev_account(**longest, HubRegion=REGION), workload_account(**longest, HubRegion=REGION)):
        assert all(len(name) <= 64 for kind, name in names(stack, ("AWS::IAM::Role", "AWS::Events::Rule")))
        assert all(len(name) <= 63 for kind, name in names(stack, ("AWS::S3::Bucket",)))


def test_in_a_region_without_a_hub_an_account_has_no_role_to_deploy_by_and_still_tells() -> None:
    there = workload_account(region=ELSEWHERE, HubRegion=REGION)
    assert set(there.of_type("AWS::IAM::Role")) == {"ForwardEventsRole"}
    (rule,) = there.of_type("AWS::Events::Rule").values()
    assert rule["Targets"][0]["Arn"] == hub().arn("IntakeBus")
    assert f":sagemaker:{ELSEWHERE}:{TEST}:endpoint/steward-" in rule["EventPattern"]["resources"][0]["prefix"]


def test_data_scientists_of_another_region_register_in_the_hubs() -> None:
    (policy,) = dev_account(region=ELSEWHERE, HubRegion=REGION).of_type("AWS::IAM::ManagedPolicy").values()
    version = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/credit-risk-pd/7"
    assert allows(parse(policy["PolicyDocument"]), "sagemaker:CreateModelPackage", version)
    assert not allows(parse(policy["PolicyDocument"]), "sagemaker:UpdateModelPackage", version)


@pytest.mark.parametrize("stack", [dev_account(), workload_account(), model_group(), hub(subscriber=True)])
def test_whoever_is_let_in_is_named_by_account(stack: Stack) -> None:
    """`*` as principal is let in on condition of an account alone; AWS's services on condition of an account, or of an
    ARN, which names one."""
    for name, one in resource_policies(stack):
        if one.effect == "Allow" and "*" in one.principals:
            assert one.conditions["StringEquals"].get("kms:CallerAccount") == (stack.account,), f"{name} {one.sid}"


@pytest.mark.parametrize("stack", [dev_account(), workload_account(), model_group(), hub(subscriber=True)])
def test_nobody_is_an_administrator(stack: Stack) -> None:
    for name, resource in stack.resources.items():
        properties = resource.get("Properties", {})
        attached = [str(one) for one in properties.get("ManagedPolicyArns", [])]
        assert not [one for one in attached if ":aws:policy/" in one], f"{name}: rights that others choose"


@pytest.mark.parametrize(
    "stack",
    [
        dev_account(OrganizationId=ORGANISATION),
        workload_account(OrganizationId=ORGANISATION),
        model_group(OrganizationId=ORGANISATION),
    ],
    ids=["dev", "workload", "group"],
)
def test_who_left_the_organisation_is_let_in_no_longer(stack: Stack) -> None:
    admitted = [
        (name, one)
        for name, one in resource_policies(stack)
        if one.effect == "Allow" and any(other(principal, stack.account) for principal in one.principals)
    ]
    assert admitted
    for name, one in admitted:
        assert one.conditions["StringEquals"]["aws:PrincipalOrgID"] == (ORGANISATION,), f"{name} {one.sid}"


def other(principal: str, account: str) -> bool:
    """Whether it is somebody of another account."""
    return principal.isdigit() or (principal.startswith("arn:") and f"::{account}:" not in principal)


def test_a_version_can_be_refused_that_comes_as_approved() -> None:
    (group,) = model_group(DecisionsAtRegistration="refuse").of_type("AWS::SageMaker::ModelPackageGroup").values()
    policy = parse(group["ModelPackageGroupPolicy"])
    version = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/credit-risk-pd/7"

    def registers(status: str | None) -> bool:
        cycle = {"sagemaker:ModelLifeCycle:stageStatus": status} if status else {}
        return allows(policy, "sagemaker:CreateModelPackage", version, cycle)

    assert registers(None)
    assert registers("PendingApproval")
    assert not registers("Approved")
    assert not registers("approved")


def test_a_group_can_name_the_roles_that_decide_past_development() -> None:
    officer, writer = (f"arn:aws:iam::{HUB}:role/{name}" for name in ("governance-officers", "steward-write-back"))
    (group,) = model_group(DecidingRoleArns=[officer, writer]).of_type("AWS::SageMaker::ModelPackageGroup").values()
    everything = Statement("All", "Allow", ("*",), ("*",))
    policy = [*parse(group["ModelPackageGroupPolicy"]), everything]
    version = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/credit-risk-pd/7"

    def decides(role: str, stage: str | None) -> bool:
        cycle = {"sagemaker:ModelLifeCycle:stage": stage} if stage else {}
        context = {"aws:PrincipalArn": f"arn:aws:iam::{HUB}:role/{role}", **cycle}
        return allows(policy, "sagemaker:UpdateModelPackage", version, context)

    for stage in ("Production", "production", "Test", "Prod-uction"):
        assert decides("governance-officers", stage)
        assert decides("steward-write-back", stage)
        assert not decides("Admin", stage)
    assert decides("Admin", "Development")
    assert decides("Admin", None)


def test_a_group_says_nothing_about_decisions_where_nobody_asked_it_to() -> None:
    (group,) = model_group().of_type("AWS::SageMaker::ModelPackageGroup").values()
    assert {one.effect for one in parse(group["ModelPackageGroupPolicy"])} == {"Allow"}
    assert [one.principals for one in parse(group["ModelPackageGroupPolicy"])] == [(DEV,), (DEV,), (TEST,)]


SAID = {
    "DevAccountIds": [DEV],
    "OrganizationalUnitPaths": ["o-a1b2c3d4e5/*/ou-ab12-cd34ef56/*"],
    "WorkloadAccountIds": [TEST],
    "DecisionsAtRegistration": "refuse",
    "DecidingRoleArns": [f"arn:aws:iam::{HUB}:role/governance-officers"],
    "OrganizationId": ORGANISATION,
}
LEFT_OUT = {**{name: [""] for name in SAID}, "DecisionsAtRegistration": "record", "OrganizationId": ""}
COMBINATIONS = [
    {name: SAID[name] if said else LEFT_OUT[name] for name, said in zip(SAID, which, strict=True)}
    for which in product((True, False), repeat=len(SAID))
]


def said(told: dict[str, Any]) -> str:
    return "-".join(name for name in told if told[name] == SAID[name])


@pytest.mark.parametrize("told", COMBINATIONS, ids=said)
def test_whatever_is_left_out_a_group_has_a_policy_that_iam_takes_or_none(told: dict[str, Any]) -> None:
    """IAM user guide, "IAM JSON policy elements": a policy has statements, and a principal is somebody."""
    (group,) = model_group(**told).of_type("AWS::SageMaker::ModelPackageGroup").values()
    admits = [name for name in ("DevAccountIds", "OrganizationalUnitPaths", "WorkloadAccountIds") if told[name] != [""]]
    if not admits and told["DecidingRoleArns"] == [""]:
        assert "ModelPackageGroupPolicy" not in group
        return
    statements = parse(group["ModelPackageGroupPolicy"])
    assert statements
    assert all(one.principals and all(one.principals) and all(one.resources) for one in statements)
    refused = [one.principals for one in statements if one.sid == "NobodyRegistersAsApproved"]
    registering = {"DevAccountIds", "OrganizationalUnitPaths"} & set(admits)
    assert bool(refused) == (told["DecisionsAtRegistration"] == "refuse" and bool(registering))
