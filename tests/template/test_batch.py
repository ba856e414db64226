"""What a profile says of transform jobs is what the batch stack asks of SageMaker, and by which rights."""

import json
from typing import Any

import pytest
import yaml
from botocore.session import get_session
from botocore.validate import ParamValidator

from governance.adapters.profile_files import read_profile
from governance.adapters.stack_templates import stack_templates
from governance.domain.bundle import completed, of_the_jobs
from governance.domain.deployment_profile import StageProfile
from governance.domain.lifecycle import Stage
from tests.template.policies import allows, role_statements
from tests.template.translation import (
    HUB,
    REGION,
    ROOT,
    TEST,
    Stack,
    TemplateLoader,
    model_batch,
    source,
    workload_account,
)

EXAMPLE = read_profile((ROOT / "examples/credit_risk/batch-profile.yaml").read_bytes())
OUTPUT = "s3://scores/batch-output/x"
KEY = f"arn:aws:kms:{REGION}:{TEST}:key/1234abcd"


def stack(told: Any) -> Stack:
    """The stack as a stage's profile has it."""
    profile = told if isinstance(told, StageProfile) else StageProfile.model_validate(told)
    assert profile.batch
    return model_batch(tuple(sorted(of_the_jobs(profile, profile.batch).items())))


def only(of: Stack, kind: str) -> dict[str, Any]:
    (properties,) = of.of_type(kind).values()
    return properties


def job(of: Stack) -> dict[str, Any]:
    """What the machine's only state asks of SageMaker."""
    definition = json.loads(only(of, "AWS::StepFunctions::StateMachine")["DefinitionString"])
    (state,) = definition["States"].values()
    assert state["Resource"] == "arn:aws:states:::sagemaker:createTransformJob.sync"
    asked: dict[str, Any] = state["Parameters"]
    return asked


def as_started(asked: Any) -> Any:
    """The same, with what an execution puts in."""
    if isinstance(asked, dict):
        return {name.removesuffix(".$"): "s3://b/k" if name.endswith(".$") and name != "TransformJobName.$" else
                "job" if name == "TransformJobName.$" else as_started(one) for name, one in asked.items()}  # fmt: skip
    return [as_started(one) for one in asked] if isinstance(asked, list) else asked


PROFILES: list[Any] = [
    EXAMPLE.of(Stage.TEST),
    EXAMPLE.of(Stage.PRODUCTION),
    {"batch": {"output": OUTPUT}},
    {"batch": {"output": OUTPUT, "split": "none", "max_payload_mb": 0}, "kms_key": KEY},
]


@pytest.mark.parametrize("profile", PROFILES)
def test_what_the_machine_asks_is_what_create_transform_job_takes(profile):
    shape = get_session().get_service_model("sagemaker").operation_model("CreateTransformJob").input_shape
    asked = as_started(job(stack(profile)))
    report = ParamValidator().validate(asked, shape)
    assert not report.has_errors(), report.generate_report()


def test_every_parameter_is_one_of_the_stack_and_the_others_have_a_default_or_come_with_the_bundle():
    declared = source("stacks/model-batch.yaml")["Parameters"]
    batch = EXAMPLE.of(Stage.PRODUCTION)
    told = of_the_jobs(batch, batch.batch)
    assert set(told) <= set(declared)
    assert all(told.values()), "CloudFormation takes no empty text for a list"
    assert len(stack_templates().batch.encode()) <= 51_200


def test_the_profile_decides_what_the_job_is():
    asked = job(stack(EXAMPLE.of(Stage.PRODUCTION)))
    assert (asked["MaxConcurrentTransforms"], asked["MaxPayloadInMB"], asked["BatchStrategy"]) == (4, 6, "MultiRecord")
    assert asked["TransformResources"]["InstanceCount"] == 2
    assert asked["TransformResources"]["VolumeKmsKeyId"].endswith("1234abcd-12ab-34cd-56ef-1234567890ab")
    assert asked["TransformOutput"]["KmsKeyId"]
    whole = job(stack(EXAMPLE.of(Stage.TEST)))
    assert whole["TransformInput"]["SplitType"] == "None"
    assert not {"BatchStrategy"} & set(whole)
    assert not {"VolumeKmsKeyId"} & set(whole["TransformResources"])


def test_answers_go_where_the_profile_says_whoever_starts_the_machine():
    asked = job(stack({"batch": {"output": OUTPUT}}))
    assert asked["TransformOutput"]["S3OutputPath.$"] == f"States.Format('{OUTPUT}/{{}}', $$.Execution.Name)"
    assert asked["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri.$"] == "$.input"


def test_the_machine_runs_just_the_model_of_its_own_stack_which_has_no_network_to_send_data_to():
    made = stack({"batch": {"output": OUTPUT}})
    model = only(made, "AWS::SageMaker::Model")
    assert job(made)["ModelName"] == "Model", "the resource of that name, as the translation shows it"
    assert model["ModelName"] == "steward-credit-risk-pd-test-0123456789ab"
    assert model["EnableNetworkIsolation"] is True
    kinds = {one["Type"] for one in made._raw["Resources"].values()}
    assert kinds == {"AWS::SageMaker::Model", "AWS::StepFunctions::StateMachine", "AWS::CloudWatch::Alarm"}
    tags = {one["Key"]: one["Value"] for one in job(made)["Tags"]}
    assert tags["steward:model-package-arn"] == f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/credit-risk-pd/7"
    assert {one["Key"] for one in model["Tags"]} == set(tags)


def test_a_bundle_puts_the_version_into_the_stack():
    told = {"PrimaryContainer": {"Image": "image@sha256:1", "ModelDataUrl": "s3://hub/sealed/1/model.tar.gz"}}
    filled = yaml.load(completed(stack_templates().batch, told, EXAMPLE.of(Stage.TEST)), TemplateLoader)
    assert filled["Resources"]["Model"]["Properties"]["PrimaryContainer"] == told["PrimaryContainer"]


def test_the_template_in_stacks_is_the_one_that_bundles_carry():
    link = ROOT / "stacks/model-batch.yaml"
    assert link.is_symlink()
    assert link.read_text() == stack_templates().batch


def test_who_sets_it_up_runs_it_and_measures_it_may_do_that_and_no_more():
    setting_up, running, measuring, loading = (
        role_statements(f"{name}Role", workload_account())
        for name in ("CloudFormation", "BatchRunner", "Validation", "ModelExecution")
    )
    machine = f"arn:aws:states:{REGION}:{TEST}:stateMachine:steward-credit-risk-pd-test"
    run = machine.replace("stateMachine", "execution") + ":steward-validation-1"
    assert allows(setting_up, "states:CreateStateMachine", machine)
    assert not allows(setting_up, "states:CreateStateMachine", machine.replace(":steward-", ":my-"))
    passed = {"iam:PassedToService": "states.amazonaws.com"}
    assert allows(setting_up, "iam:PassRole", workload_account().arn("BatchRunnerRole"), passed)
    made = f"arn:aws:sagemaker:{REGION}:{TEST}:transform-job/steward-batch-1"
    assert allows(running, "sagemaker:CreateTransformJob", made)
    assert not allows(running, "sagemaker:CreateTransformJob", made.replace("steward-", "my-"))
    assert allows(measuring, "states:StartExecution", machine)
    assert allows(measuring, "states:DescribeExecution", run)
    assert not allows(measuring, "states:DescribeExecution", run.replace("steward-validation-1", "nightly"))
    assert not allows(measuring, "sagemaker:CreateTransformJob", made)
    here = {"aws:ResourceAccount": TEST}
    for may, statements, action, key in (
        (True, measuring, "s3:PutObject", "batch-input/steward-validation-1/rows.csv"),
        (False, measuring, "s3:PutObject", "batch-input/loans/today.csv"),
        (False, measuring, "s3:GetObject", "batch-input/loans/today.csv"),
        (True, measuring, "s3:GetObject", "batch-output/x/steward-validation-1/rows.csv.out"),
        (False, measuring, "s3:GetObject", "batch-output/x/nightly/today.csv.out"),
        (True, loading, "s3:GetObject", "batch-input/loans/today.csv"),
        (True, loading, "s3:PutObject", "batch-output/x/nightly/today.csv.out"),
        (False, loading, "s3:PutObject", "batch-input/loans/today.csv"),
        (False, loading, "s3:GetObject", "batch-output/x/nightly/today.csv.out"),
    ):
        assert allows(statements, action, f"arn:aws:s3:::scores/{key}", here) == may, (action, key)
        assert not allows(statements, action, f"arn:aws:s3:::scores/{key}", {"aws:ResourceAccount": HUB})
