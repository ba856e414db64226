"""What a deployment profile says is what the endpoint's stack does, and without one it does what it did before."""

import re
from typing import Any

import pytest
import yaml

from governance.adapters.profile_files import read_profile
from governance.adapters.stack_templates import stack_templates
from governance.domain.bundle import completed
from governance.domain.deployment_parameters import parameters
from governance.domain.deployment_profile import StageProfile
from governance.domain.lifecycle import Stage
from tests.template.translation import ROOT, Stack, TemplateLoader, model_endpoint, source

EXAMPLE = read_profile((ROOT / "examples/credit_risk/deployment-profile.yaml").read_bytes())
CANARY = {"instances": {"count": 4}, "rollout": {"kind": "canary", "percent": 25, "wait_seconds": 600}}


OTHER = "arn:aws:sagemaker:eu-west-1:111122223333:model-package/credit-risk-pd/6"
BESIDE = {"ServingModelPackageArn": OTHER}


def stack(told: Any, is_trial: bool = False) -> Stack:
    """The endpoint's stack as a stage's profile has it; while a version is tried, beside another."""
    profile = told if isinstance(told, StageProfile) else StageProfile.model_validate(told)
    beside = BESIDE if is_trial else {}
    return model_endpoint(tuple(sorted({**parameters(profile, is_trial=is_trial), **beside}.items())))


def only(of: Stack, kind: str) -> dict[str, Any]:
    (properties,) = of.of_type(kind).values()
    return properties


def test_every_parameter_that_a_profile_says_is_one_of_the_stack_and_of_its_kind():
    declared = source("stacks/model-endpoint.yaml")["Parameters"]
    for profile in (StageProfile(), EXAMPLE.of(Stage.TEST), EXAMPLE.of(Stage.PRODUCTION)):
        for name, value in parameters(profile).items():
            assert value, "CloudFormation takes no empty text for a list"
            if declared[name]["Type"] == "Number":
                assert float(value) >= declared[name].get("MinValue", float("-inf"))
                assert float(value) <= declared[name].get("MaxValue", float("inf"))
            allowed = [str(one) for one in declared[name].get("AllowedValues", [value])]
            assert value in allowed
            assert re.fullmatch(declared[name].get("AllowedPattern", ".*"), value)


def test_the_stack_stays_within_what_a_template_configuration_and_a_template_may_hold():
    declared = source("stacks/model-endpoint.yaml")["Parameters"]
    assert len(declared) <= 60
    longest = {"subnets": [f"subnet-{number:017x}" for number in range(16)], "security_groups": ["sg-0a1b2c3d"]}
    told = parameters(StageProfile.model_validate({"vpc": longest}))
    assert max(map(len, told.values())) <= 4096, "characters of a parameter's value"
    assert len(stack_templates().endpoint.encode()) <= 51_200, "bytes of a template that is given in the call"


def test_without_a_profile_every_parameter_has_the_templates_own_default():
    declared = source("stacks/model-endpoint.yaml")["Parameters"]
    told = parameters(StageProfile())
    assert told == {name: str(declared[name]["Default"]) for name in told}
    others = {"UseCaseId", "LineOfBusiness", "ServingModelPackageArn"}
    assert {name for name, one in declared.items() if "Default" in one} - set(told) == others


def test_without_a_profile_one_instance_serves_all_at_once_and_callers_sign():
    plain = stack({})
    endpoint, config = only(plain, "AWS::SageMaker::Endpoint"), only(plain, "AWS::SageMaker::EndpointConfig")
    assert "DeploymentConfig" not in endpoint
    assert "RetainAllVariantProperties" not in endpoint
    assert set(config) == {"ProductionVariants", "Tags"}
    assert config["ProductionVariants"] == [
        {"VariantName": "AllTraffic", "ModelName": "Model", "InitialInstanceCount": "1", "InstanceType": "ml.m5.large",
         "InitialVariantWeight": "1"}
    ]  # fmt: skip
    model = only(plain, "AWS::SageMaker::Model")
    assert (model["EnableNetworkIsolation"], "VpcConfig" in model) == (True, False)
    route = only(plain, "AWS::ApiGatewayV2::Route")
    assert (route["AuthorizationType"], "AuthorizerId" in route) == ("AWS_IAM", False)
    assert "DefaultRouteSettings" not in only(plain, "AWS::ApiGatewayV2::Stage")
    assert {alarm["AlarmName"].rsplit("-test-")[1] for alarm in plain.of_type("AWS::CloudWatch::Alarm").values()} == {
        "api-errors",
        "5xx",
    }
    assert not plain.of_type("AWS::ApplicationAutoScaling::ScalableTarget")
    assert not plain.of_type("AWS::ApiGatewayV2::Authorizer")


def guardrails(told: Any) -> Any:
    return only(stack(told), "AWS::SageMaker::Endpoint")["DeploymentConfig"]


def test_each_way_to_roll_out_is_the_policy_that_sagemaker_has_for_it():
    canary = guardrails(CANARY)["BlueGreenUpdatePolicy"]
    assert canary == {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "WaitIntervalInSeconds": "600",
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": "25"},
        },
        "TerminationWaitInSeconds": "0",
        "MaximumExecutionTimeoutInSeconds": "3600",
    }
    linear = guardrails(CANARY | {"rollout": {"kind": "linear", "instances": 2, "bake_seconds": 60}})
    routing = linear["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert routing["LinearStepSize"] == {"Type": "INSTANCE_COUNT", "Value": "2"}
    assert "CanarySize" not in routing
    assert linear["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] == "60"
    at_once = guardrails({"rollout": {"kind": "all-at-once", "bake_seconds": 60}})["BlueGreenUpdatePolicy"]
    assert at_once["TrafficRoutingConfiguration"] == {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": "0"}
    rolling = guardrails(CANARY | {"rollout": {"kind": "rolling", "percent": 25, "wait_seconds": 60}})
    assert rolling == {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": "25"},
            "WaitIntervalInSeconds": "60",
            "MaximumExecutionTimeoutInSeconds": "3600",
        }
    }


ALARMS: dict[str, tuple[dict[str, Any], str]] = {
    "error_rate": ({"above_percent": 0.5}, "error-rate"),
    "error_count": ({"at_least": 3}, "error-count"),
    "latency": ({"above_ms": 250.5}, "latency"),
    "business": ({"namespace": "Desk", "metric": "Refused", "trips": "below", "threshold": 0.4}, "business"),
}


@pytest.mark.parametrize("name", ALARMS)
def test_what_takes_a_new_version_back_is_an_alarm_of_the_stack_that_the_endpoint_names(name):
    told, ending = ALARMS[name]
    made = stack(CANARY | {"rollback_alarms": {name: {**told, "minutes": 2}}})
    (named,) = only(made, "AWS::SageMaker::Endpoint")["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]
    assert named == {"AlarmName": f"steward-credit-risk-pd-test-{ending}"}
    (alarm,) = [
        one for one in made.of_type("AWS::CloudWatch::Alarm").values() if one["AlarmName"] == named["AlarmName"]
    ]
    assert (alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == ("2", "notBreaching")
    threshold = {"error_rate": "0.5", "error_count": "3", "latency": "250500", "business": "0.4"}[name]
    assert alarm["Threshold"] == threshold


def test_all_that_a_profile_can_say_stands_together():
    made = stack(EXAMPLE.of(Stage.PRODUCTION))
    rollback = only(made, "AWS::SageMaker::Endpoint")["DeploymentConfig"]["AutoRollbackConfiguration"]
    assert len(rollback["Alarms"]) == 4
    config, model = only(made, "AWS::SageMaker::EndpointConfig"), only(made, "AWS::SageMaker::Model")
    assert config["DataCaptureConfig"]["DestinationS3Uri"] == "s3://bank-production-capture/data-capture/credit-risk-pd"
    assert config["KmsKeyId"].startswith("arn:aws:kms:")
    assert model["VpcConfig"] == {
        "Subnets": ["subnet-0a1b2c3d", "subnet-1a2b3c4d"],
        "SecurityGroupIds": ["sg-0f1e2d3c"],
    }
    target = only(made, "AWS::ApplicationAutoScaling::ScalableTarget")
    assert target["ResourceId"] == "endpoint/steward-credit-risk-pd-test/variant/AllTraffic"
    assert (target["MinCapacity"], target["MaxCapacity"]) == ("4", "12")
    token = only(made, "AWS::ApiGatewayV2::Authorizer")["JwtConfiguration"]
    assert token == {"Issuer": "https://login.bank.example/loan-desk", "Audience": ["credit-risk-pd"]}
    assert only(made, "AWS::ApiGatewayV2::Route")["AuthorizationType"] == "JWT"
    assert only(made, "AWS::ApiGatewayV2::Stage")["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": "50.0",
        "ThrottlingBurstLimit": "100",
    }


def test_a_serverless_endpoint_has_no_instances_and_cannot_be_isolated():
    made = stack(EXAMPLE.of(Stage.TEST))
    (variant,) = only(made, "AWS::SageMaker::EndpointConfig")["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": "2048", "MaxConcurrency": "5"}
    assert {"InstanceType", "InitialInstanceCount"}.isdisjoint(variant)
    assert only(made, "AWS::SageMaker::Model")["EnableNetworkIsolation"] is False


def test_dimensions_and_environment_have_their_places_in_the_template():
    told = {"PrimaryContainer": {"Image": "i", "Environment": {"A": 'x: "y"'}}}
    filled = completed(stack_templates().endpoint, told, EXAMPLE.of(Stage.PRODUCTION))
    assert 'Dimensions: [{"Name": "Product", "Value": "consumer-credit"}]' in filled
    assert yaml.load(filled, TemplateLoader)["Resources"]["Model"]["Properties"].items() >= told.items()
    assert completed(stack_templates().endpoint, {"PrimaryContainer": {}}, StageProfile()) == stack_templates().endpoint
    with pytest.raises(ValueError, match="just one line"):
        completed("nothing", told, StageProfile())


def test_several_containers_take_the_place_of_the_one():
    told = {"Containers": [{"Image": "one"}, {"Image": "two"}]}
    filled = yaml.load(completed(stack_templates().endpoint, told, StageProfile()), TemplateLoader)
    model = filled["Resources"]["Model"]["Properties"]
    assert model["Containers"] == told["Containers"]
    assert "PrimaryContainer" not in model


def tried(kind: str, percent: int, **more: Any) -> tuple[dict[str, Any], Stack]:
    """The endpoint's configuration while a version is tried, and the stack it is of."""
    made = stack({"trial": {"kind": kind, "percent": percent, "count": 2}, **more}, is_trial=True)
    return only(made, "AWS::SageMaker::EndpointConfig"), made


TRIED = {"VariantName": "Trial", "ModelName": "Model", "InitialInstanceCount": "2", "InstanceType": "ml.m5.large"}


def test_a_shadow_gets_copies_beside_the_one_model_that_serves():
    config, made = tried("shadow", 20)
    (serves,) = config["ProductionVariants"]
    assert (serves["ModelName"], serves["InitialVariantWeight"]) == ("ServingModel", "100")
    assert config["ShadowProductionVariants"] == [{**TRIED, "InitialVariantWeight": "20"}]
    assert set(made.of_type("AWS::SageMaker::Model")) == {"Model", "ServingModel"}


def test_a_weighted_trial_answers_its_share_of_the_requests():
    config, _ = tried("weighted", 10)
    serves, trial = config["ProductionVariants"]
    assert (serves["VariantName"], serves["ModelName"], serves["InitialVariantWeight"]) == (
        "AllTraffic",
        "ServingModel",
        "90",
    )
    assert trial == {**TRIED, "InitialVariantWeight": "10"}
    assert "ShadowProductionVariants" not in config


def test_a_trial_comes_without_guardrails_and_the_full_rollout_with_them():
    profile = CANARY | {"trial": {"kind": "shadow", "percent": 20}}
    assert "DeploymentConfig" not in only(stack(profile, is_trial=True), "AWS::SageMaker::Endpoint")
    full = stack(profile)
    assert "DeploymentConfig" in only(full, "AWS::SageMaker::Endpoint")
    assert set(full.of_type("AWS::SageMaker::Model")) == {"Model"}
    assert "ShadowProductionVariants" not in only(full, "AWS::SageMaker::EndpointConfig")


def test_while_a_version_is_tried_the_endpoint_says_which_one_serves():
    _, made = tried("weighted", 10)
    tags = {tag["Key"]: tag["Value"] for tag in only(made, "AWS::SageMaker::Endpoint")["Tags"]}
    assert tags["steward:model-package-arn"] == OTHER
    assert tags["steward:trial-model-package-arn"].endswith("credit-risk-pd/7")
    serving = made.of_type("AWS::SageMaker::Model")["ServingModel"]
    assert {"Key": "steward:model-package-arn", "Value": OTHER} in serving["Tags"]
    assert serving["EnableNetworkIsolation"] is True


def test_everything_is_tagged_for_whoever_pays_for_it():
    for kind in ("AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint"):
        tags = {tag["Key"] for tag in only(model_endpoint(), kind)["Tags"]}
        assert {f"steward:{name}" for name in ("use-case-id", "model-group", "model-version", "line-of-business",
                                               "stage")} <= tags  # fmt: skip
