"""The templates around the hub fit it, and every template is one that CloudFormation accepts."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from governance.domain.copying import SIDE_BY_SIDE
from tests.template.policies import allows, parse, role_statements
from tests.template.translation import (
    DEV,
    HUB,
    PROD,
    REGION,
    ROOT,
    TEST,
    dev_account,
    hub,
    model_endpoint,
    model_group,
    onboarding_catalog,
    workload_account,
)

STACKS = sorted(path.name for path in (ROOT / "stacks").glob("*.yaml"))


def test_every_template_is_clean():
    linter = Path(sys.executable).with_name("cfn-lint")
    controls = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "controls").glob("*.yaml"))
    templates = ["template.yaml", *(f"stacks/{name}" for name in STACKS), *controls]
    command = [str(linter), "--regions", REGION, "--template", *templates]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("path", [*(ROOT / "stacks").glob("*.yaml"), *(ROOT / "controls").glob("*.yaml")], ids=str)
def test_a_sentence_of_why_stands_above_every_resource(path):
    lines = path.read_text().splitlines()
    for number in range(lines.index("Resources:"), lines.index("Outputs:")):
        if re.match(r"^  [A-Z]\w+:$", lines[number]):
            assert lines[number - 1].strip().startswith("# "), lines[number]


@pytest.mark.parametrize("stack", [dev_account(), workload_account()], ids=["dev", "workload"])
def test_what_cannot_be_forwarded_is_kept_and_somebody_is_told(stack):
    (rule,) = stack.of_type("AWS::Events::Rule").values()
    (queue,) = stack.of_type("AWS::SQS::Queue")
    (target,) = rule["Targets"]
    assert target["Arn"] == hub().arn("IntakeBus")
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
    assert target["DeadLetterConfig"]["Arn"] == stack.arn(queue)
    assert stack.of_type("AWS::SQS::Queue")[queue]["KmsMasterKeyId"]
    (alarm,) = stack.of_type("AWS::CloudWatch::Alarm").values()
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": stack.name(queue)}]


def test_the_roles_that_the_hub_enters_exist_and_trust_only_the_one_who_enters():
    entered = {
        "DeploymentRole": ("steward-pipeline",),
        "ValidationRole": ("steward-validate-deployment",),
        "ReconciliationRole": ("steward-reconcile-registry", "steward-verify-deployment"),
    }
    workload = workload_account()
    for role, by in entered.items():
        (entry,) = parse(workload.of_type("AWS::IAM::Role")[role]["AssumeRolePolicyDocument"])
        assert entry.principals == (f"arn:aws:iam::{HUB}:root",)
        named = tuple(f"arn:aws:iam::{HUB}:role/{name}" for name in by)
        assert entry.conditions == {"ArnEquals": {"aws:PrincipalArn": named}}
        assert set(by) <= {hub().name(name) for name in hub().of_type("AWS::IAM::Role")}


def test_the_hub_may_enter_every_role_that_lets_it_in():
    for stage_account in (TEST, PROD):
        for role, entering in (
            ("deployment", "PipelineRole"),
            ("validation", "ValidateDeploymentRole"),
            ("reconciliation", "ReconcileRegistryRole"),
            ("reconciliation", "VerifyDeploymentRole"),
        ):
            arn = f"arn:aws:iam::{stage_account}:role/steward-{role}"
            assert allows(role_statements(entering), "sts:AssumeRole", arn)


def test_the_hub_enters_an_account_where_models_are_built_to_look_at_what_it_imports_and_for_nothing_else():
    dev = dev_account()
    (entry,) = parse(dev.of_type("AWS::IAM::Role")["ImportSourceRole"]["AssumeRolePolicyDocument"])
    assert entry.principals == (f"arn:aws:iam::{HUB}:root",)
    assert entry.conditions == {
        "ArnEquals": {"aws:PrincipalArn": (f"arn:aws:iam::{HUB}:role/steward-import-model-version",)}
    }
    (statement,) = role_statements("ImportSourceRole", dev)
    assert statement.actions == ("sagemaker:DescribeModelPackage",)
    arn, inside = f"arn:aws:iam::{DEV}:role/steward-import-source-{REGION}", {"aws:ResourceAccount": DEV}
    assert allows(role_statements("ImportModelVersionRole"), "sts:AssumeRole", arn, inside)
    elsewhere = "arn:aws:iam::999900001111:role/steward-import-source-{REGION}", {"aws:ResourceAccount": "999900001111"}
    assert not allows(role_statements("ImportModelVersionRole"), "sts:AssumeRole", *elsewhere)


def test_who_imports_registers_and_neither_decides_nor_makes_groups():
    statements = role_statements("ImportModelVersionRole")
    version = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/credit-risk-pd/1"
    group = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package-group/credit-risk-pd"
    assert allows(statements, "sagemaker:CreateModelPackage", group)
    for action in ("UpdateModelPackage", "DeleteModelPackage", "CreateModelPackageGroup"):
        assert not [one for one in (version, group) if allows(statements, f"sagemaker:{action}", one)]


def test_the_pipelines_role_for_a_stack_may_make_everything_that_the_endpoints_stack_holds():
    making = {
        "AWS::SageMaker::Model": ("sagemaker:CreateModel", f"arn:aws:sagemaker:{REGION}:{TEST}:model/model-x1"),
        "AWS::SageMaker::EndpointConfig": (
            "sagemaker:CreateEndpointConfig",
            f"arn:aws:sagemaker:{REGION}:{TEST}:endpoint-config/endpointconfig-x1",
        ),
        "AWS::SageMaker::Endpoint": (
            "sagemaker:CreateEndpoint",
            f"arn:aws:sagemaker:{REGION}:{TEST}:endpoint/steward-credit-risk-pd-test",
        ),
        "AWS::Lambda::Function": (
            "lambda:CreateFunction",
            f"arn:aws:lambda:{REGION}:{TEST}:function:steward-credit-risk-pd-test",
        ),
        "AWS::Lambda::Permission": (
            "lambda:AddPermission",
            f"arn:aws:lambda:{REGION}:{TEST}:function:steward-credit-risk-pd-test",
        ),
        "AWS::Logs::LogGroup": (
            "logs:CreateLogGroup",
            f"arn:aws:logs:{REGION}:{TEST}:log-group:/aws/lambda/steward-credit-risk-pd-test",
        ),
        "AWS::CloudWatch::Alarm": (
            "cloudwatch:PutMetricAlarm",
            f"arn:aws:cloudwatch:{REGION}:{TEST}:alarm:steward-credit-risk-pd-test-5xx",
        ),
        "AWS::ApiGatewayV2::Api": ("apigateway:POST", f"arn:aws:apigateway:{REGION}::/apis"),
        "AWS::ApiGatewayV2::Integration": ("apigateway:POST", f"arn:aws:apigateway:{REGION}::/apis/a1/integrations"),
        "AWS::ApiGatewayV2::Route": ("apigateway:POST", f"arn:aws:apigateway:{REGION}::/apis/a1/routes"),
        "AWS::ApiGatewayV2::Stage": ("apigateway:POST", f"arn:aws:apigateway:{REGION}::/apis/a1/stages"),
        "AWS::ApiGatewayV2::Authorizer": ("apigateway:POST", f"arn:aws:apigateway:{REGION}::/apis/a1/authorizers"),
        "AWS::ApplicationAutoScaling::ScalableTarget": (
            "application-autoscaling:RegisterScalableTarget",
            f"arn:aws:application-autoscaling:{REGION}:{TEST}:scalable-target/1234abcd",
        ),
        "AWS::ApplicationAutoScaling::ScalingPolicy": (
            "application-autoscaling:PutScalingPolicy",
            f"arn:aws:application-autoscaling:{REGION}:{TEST}:scalable-target/1234abcd",
        ),
    }
    may = role_statements("CloudFormationRole", workload_account())
    for resource in model_endpoint()._raw["Resources"].values():
        action, arn = making[resource["Type"]]
        assert allows(may, action, arn), resource["Type"]


def test_what_a_profile_asks_of_the_account_its_roles_may_do_and_no_more():
    making, running = (
        role_statements(role, workload_account()) for role in ("CloudFormationRole", "ModelExecutionRole")
    )
    key, via = f"arn:aws:kms:{REGION}:{TEST}:key/1234abcd", {"kms:ViaService": f"sagemaker.{REGION}.amazonaws.com"}
    assert allows(making, "kms:CreateGrant", key, via)
    assert not allows(making, "kms:CreateGrant", key)
    assert not allows(making, "kms:Decrypt", key, via)
    role = "aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling"
    linked = f"arn:aws:iam::{TEST}:role/{role}_SageMakerEndpoint"
    for name, may in (("sagemaker.application-autoscaling.amazonaws.com", True), ("ecs.amazonaws.com", False)):
        assert allows(making, "iam:CreateServiceLinkedRole", linked, {"iam:AWSServiceName": name}) == may
    alarm = f"arn:aws:cloudwatch:{REGION}:{TEST}:alarm:TargetTracking-endpoint"
    assert allows(
        making, "cloudwatch:PutMetricAlarm", f"{alarm}/steward-credit-risk-pd-test/variant/AllTraffic-AlarmLow"
    )
    assert not allows(making, "cloudwatch:PutMetricAlarm", f"{alarm}/somebody-elses/variant/AllTraffic-AlarmLow")
    for bucket, account, may in (("data-capture/x", TEST, True), ("data-capture/x", HUB, False), ("x", TEST, False)):
        kept = f"arn:aws:s3:::bank-capture/{bucket}"
        assert allows(running, "s3:PutObject", kept, {"aws:ResourceAccount": account}) == may
    subnet = f"arn:aws:ec2:{REGION}:{TEST}:subnet/subnet-0a1b2c3d"
    assert allows(running, "ec2:CreateNetworkInterface", subnet)
    assert not allows(running, "ec2:CreateNetworkInterface", subnet.replace(TEST, HUB))


def test_the_endpoint_runs_by_roles_that_the_account_has():
    roles = {workload_account().name(role) for role in workload_account().of_type("AWS::IAM::Role")}
    endpoint = model_endpoint()
    (model,) = endpoint.of_type("AWS::SageMaker::Model").values()
    (invoker,) = endpoint.of_type("AWS::Lambda::Function").values()
    for arn in (model["ExecutionRoleArn"], invoker["Role"]):
        assert arn.startswith(f"arn:aws:iam::{TEST}:role/")
        assert arn.rsplit("/", 1)[-1] in roles


def test_an_endpoint_says_what_was_approved_and_has_nothing_to_serve_but_what_its_bundle_puts_in():
    endpoint = model_endpoint()
    (model,) = endpoint.of_type("AWS::SageMaker::Model").values()
    assert model["PrimaryContainer"] == {}
    for kind in ("AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint"):
        (properties,) = endpoint.of_type(kind).values()
        tags = {tag["Key"]: tag["Value"] for tag in properties["Tags"]}
        assert tags["steward:model-package-arn"].endswith(":model-package/credit-risk-pd/7")


def test_models_and_configurations_have_no_names_to_collide():
    (model,) = model_endpoint().of_type("AWS::SageMaker::Model").values()
    (config,) = model_endpoint().of_type("AWS::SageMaker::EndpointConfig").values()
    assert "ModelName" not in model
    assert "EndpointConfigName" not in config


def test_the_template_in_stacks_is_the_one_that_bundles_carry():
    link = ROOT / "stacks/model-endpoint.yaml"
    assert link.is_symlink()
    assert link.resolve() == ROOT / "layers/governance/python/governance/adapters/model_endpoint.yaml"


def test_the_state_machine_calls_one_function_and_records_every_failure():
    text = (ROOT / "statemachines/copy_artifacts.asl.json").read_text()
    substituted = hub().of_type("AWS::StepFunctions::StateMachine")["CopyArtifactsMachine"]["DefinitionSubstitutions"]
    assert set(re.findall(r"\$\{(\w+)\}", text)) == set(substituted)
    for name, value in substituted.items():
        text = text.replace("${" + name + "}", str(value))
    states = json.loads(text)["States"]
    maps = [state["ItemProcessor"]["States"] for state in states.values() if state["Type"] == "Map"]
    every = [*states.items(), *[one for within in maps for one in within.items()]]
    tasks = {name: state for name, state in every if state["Type"] == "Task"}
    assert len(tasks) == 13
    assert {state["Resource"] for state in tasks.values()} == {hub().arn("CopyArtifacts")}
    assert all(state["Retry"][0]["MaxAttempts"] == 3 for state in tasks.values())
    many = ["MeasureEach", "PlaceEach", "CompleteEach"]
    for name in ("Plan", "CopyEach", "Seal", "PlanPieces", "Name", "Gather", *many):
        (catch,) = states[name]["Catch"]
        assert catch["ErrorEquals"] == ["States.ALL"]
        assert states[catch["Next"]]["Parameters"]["task"] == "fail"
        assert states[catch["Next"]]["Next"] == "Failed"
    assert states["Failed"]["Type"] == "Fail"


def test_a_map_of_many_hands_on_numbers_alone_and_notes_what_broke_down():
    text = re.sub(r": \$\{\w+\}", ": 1", (ROOT / "statemachines/copy_artifacts.asl.json").read_text())
    states = json.loads(text)["States"]
    many = {name: state for name, state in states.items() if "Label" in state}
    assert set(many) == {"MeasureEach", "PlaceEach", "CompleteEach"}
    for name, state in many.items():
        processor = state["ItemProcessor"]
        assert processor["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
        assert state["ItemsPath"] in {"$.pieces.batches", "$.named.uploads"}, name
        assert state["MaxConcurrency"] == SIDE_BY_SIDE, "batches are made for so many"
        assert state["ResultPath"] is None, "what its executions answer is no part of the payload"
        (noting,) = [one for one in processor["States"].values() if one.get("Parameters", {}).get("task") == "note"]
        (catch,) = processor["States"][processor["StartAt"]]["Catch"]
        assert processor["States"][catch["Next"]] == noting
        assert processor["States"][noting["Next"]]["Type"] == "Fail", "the map fails too, and with it the execution"


def test_the_machine_runs_its_own_maps_and_no_other_machine():
    machine = role_statements("CopyArtifactsMachineRole")
    arn = hub().arn("CopyArtifactsMachine")
    runs = arn.replace(":stateMachine:", ":execution:") + "/PlaceEach:0f3a51c2"
    assert allows(machine, "states:StartExecution", arn)
    assert not allows(machine, "states:StartExecution", arn + "-other")
    for action in ("states:DescribeExecution", "states:StopExecution"):
        assert allows(machine, action, runs)
        assert not allows(machine, action, runs.replace("copy-artifacts", "payroll"))


def test_a_sample_of_a_task_has_what_the_state_machine_gives_it():
    states = json.loads(re.sub(r": \$\{\w+\}", ": 1", (ROOT / "statemachines/copy_artifacts.asl.json").read_text()))[
        "States"
    ]
    given = [state["Parameters"] for state in states.values() if "Parameters" in state]
    given += [state["ItemSelector"] for state in states.values() if state["Type"] == "Map"]
    given.append(states["PlaceEach"]["ItemProcessor"]["States"]["NotePlace"]["Parameters"])
    for parameters in given:
        sample = json.loads((ROOT / f"events/copy_artifacts-{parameters['task']}.json").read_text())
        assert {name.removesuffix(".$") for name in parameters} == set(sample)


def test_whoever_launches_a_group_from_the_catalog_makes_groups_and_their_shares_and_nothing_else():
    catalog = onboarding_catalog()
    may = role_statements("LaunchRole", catalog)
    group = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package-group/credit-risk-pd"
    stack = f"arn:aws:cloudformation:{REGION}:{HUB}:stack"
    for action in ("CreateModelPackageGroup", "PutModelPackageGroupPolicy", "AddTags", "DeleteTags"):
        assert allows(may, f"sagemaker:{action}", group)
    assert allows(may, "cloudformation:CreateStack", f"{stack}/SC-{HUB}-pp-a1/0f3a")
    assert not allows(may, "cloudformation:UpdateStack", f"{stack}/steward/0f3a")
    assert not allows(may, "s3:GetObject", "arn:aws:s3:::somebodys/object")
    version = group.replace("-group", "") + "/1"
    for action in ("DeleteModelPackageGroup", "UpdateModelPackage", "CreateModelPackage", "DeleteModelPackage"):
        assert not [one for one in (group, version) if allows(may, f"sagemaker:{action}", one)], action
    (constraint,) = catalog.of_type("AWS::ServiceCatalog::LaunchRoleConstraint").values()
    assert constraint["RoleArn"] == catalog.arn("LaunchRole")


def test_a_group_of_the_catalog_says_what_a_group_has_to_say():
    (rules,) = onboarding_catalog().of_type("AWS::ServiceCatalog::LaunchTemplateConstraint").values()
    (rule,) = json.loads(rules["Rules"]).values()
    asked = {one["Assert"]["Fn::Not"][0]["Fn::Equals"][0]["Ref"] for one in rule["Assertions"]}
    assert asked == {"UseCaseId", "Owner", "LineOfBusiness", "Risk"} <= set(model_group()._raw["Parameters"])
