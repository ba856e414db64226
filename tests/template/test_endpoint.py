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
from tests.template.policies import allows, role_statements
from tests.template.translation import (
    REGION,
    ROOT,
    TEST,
    Stack,
    TemplateLoader,
    model_endpoint,
    source,
    workload_account,
)

EXAMPLE = read_profile((ROOT / "examples/credit_risk/deployment-profile.yaml").read_bytes())
CANARY = {"instances": {"count": 4}, "rollout": {"kind": "canary", "percent": 25, "wait_seconds": 600}}


OTHER = "arn:aws:sagemaker:eu-west-1:111122223333:model-package/credit-risk-pd/6"
BESIDE = {"ServingModelPackageArn": OTHER, "ServingModelVersion": "6", "ServingDeploymentId": "deploy-6"}


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
    assert len(declared) <= 200, "AWS CloudFormation quotas: parameters of a template"
    longest = {"subnets": [f"subnet-{number:017x}" for number in range(16)], "security_groups": ["sg-0a1b2c3d"]}
    told = parameters(StageProfile.model_validate({"vpc": longest}))
    assert max(map(len, told.values())) <= 4096, "characters of a parameter's value"
    assert len(stack_templates().endpoint.encode()) <= 51_200, "bytes of a template that is given in the call"


def test_without_a_profile_every_parameter_has_the_templates_own_default():
    declared = source("stacks/model-endpoint.yaml")["Parameters"]
    told = parameters(StageProfile())
    assert told == {name: str(declared[name]["Default"]) for name in told}
    others = {"UseCaseId", "LineOfBusiness", "ServingModelPackageArn", "ServingModelVersion", "ServingDeploymentId"}
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
    arn = f"arn:aws:cloudwatch:{REGION}:{TEST}:alarm:{alarm['AlarmName']}"
    runs_as = role_statements("ModelExecutionRole", workload_account())
    assert allows(runs_as, "cloudwatch:DescribeAlarms", arn), (
        "SageMaker looks at it as the role that the endpoint runs as"
    )
    assert not allows(runs_as, "cloudwatch:DescribeAlarms", arn.replace("steward-", "payroll-"))


def test_callers_are_told_of_a_new_version_only_once_it_has_rolled_out():
    """CloudFormation changes what does not depend on one another at once, and a rollout may take hours."""
    told = model_endpoint().resources["Invoker"]
    assert told["DependsOn"] == "Endpoint"
    assert told["Properties"]["Environment"]["Variables"]["MODEL_PACKAGE_ARN"].endswith("/7")


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


def tags_of(properties: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"].removeprefix("steward:"): tag["Value"] for tag in properties["Tags"]}


OWN = ("model-package-arn", "model-version", "deployment-id")
"""The tags that tell one version's costs from another's."""


def test_while_a_version_is_tried_everything_says_which_one_it_is_of():
    _, made = tried("weighted", 10)
    models = {name: tags_of(one) for name, one in made.of_type("AWS::SageMaker::Model").items()}
    serves = (OTHER, "6", "deploy-6")
    assert tuple(models["ServingModel"][name] for name in OWN) == serves
    tries = tuple(models["Model"][name] for name in OWN)
    assert set(tries).isdisjoint(serves)
    for kind in ("AWS::SageMaker::Endpoint", "AWS::SageMaker::EndpointConfig"):
        tags = tags_of(only(made, kind))
        assert tuple(tags[name] for name in OWN) == serves
        assert (tags["trial-model-package-arn"], tags["trial-deployment-id"]) == (tries[0], tries[2])
    assert made.of_type("AWS::SageMaker::Model")["ServingModel"]["EnableNetworkIsolation"] is True


def test_without_a_trial_nothing_says_that_there_is_one():
    for kind in ("AWS::SageMaker::Endpoint", "AWS::SageMaker::EndpointConfig"):
        assert not any("trial" in name for name in tags_of(only(stack({}), kind)))


WATCHED = {
    "error_rate": {"above_percent": 5, "minutes": 2},
    "error_count": {"at_least": 3},
    "latency": {"above_ms": 250, "statistic": "p99"},
}


def of_the_trial(made: Stack) -> dict[str, dict[str, Any]]:
    """The alarms that look at the variant on trial, by the end of their names."""
    alarms = {one["AlarmName"]: one for one in made.of_type("AWS::CloudWatch::Alarm").values()}
    return {name.partition("-trial-")[2]: one for name, one in alarms.items() if "-trial-" in name}


def variants_of(alarm: dict[str, Any]) -> set[str]:
    """The variants that an alarm measures."""
    metrics = [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", ()) if "MetricStat" in one] or [alarm]
    return {one["Value"] for metric in metrics for one in metric["Dimensions"] if one["Name"] == "VariantName"}


@pytest.mark.parametrize("kind", ["weighted", "shadow"])
def test_what_is_tried_has_alarms_of_its_own_variant(kind):
    made = stack({"trial": {"kind": kind, "percent": 20, "alarms": WATCHED}}, is_trial=True)
    alarms = of_the_trial(made)
    assert set(alarms) == {"5xx", "error-rate", "error-count", "latency"}
    assert all(variants_of(one) == {"Trial"} for one in alarms.values())
    rate, count, latency = (alarms[name] for name in ("error-rate", "error-count", "latency"))
    assert (float(rate["Threshold"]), float(rate["EvaluationPeriods"])) == (5, 2)
    assert float(count["Threshold"]) == 3
    assert (float(latency["Threshold"]), latency["Metrics"][0]["MetricStat"]["Stat"]) == (250_000, "p99")
    others = [one for one in made.of_type("AWS::CloudWatch::Alarm").values() if one not in alarms.values()]
    assert all(variants_of(one) <= {"AllTraffic"} for one in others)


def test_errors_of_what_is_tried_raise_an_alarm_whatever_the_profile_says():
    assert set(of_the_trial(tried("weighted", 10)[1])) == {"5xx"}


def test_a_shadow_without_alarms_of_its_own_is_watched_like_a_new_version():
    told = CANARY | {"rollback_alarms": {"latency": {"above_ms": 100}}, "trial": {"kind": "shadow", "percent": 5}}
    assert set(of_the_trial(stack(told, is_trial=True))) == {"5xx", "latency"}


def test_what_takes_all_traffic_has_no_alarms_of_a_trial():
    assert of_the_trial(stack({"trial": {"kind": "weighted", "percent": 10, "alarms": WATCHED}})) == {}


def test_everything_is_tagged_for_whoever_pays_for_it():
    for kind in ("AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint"):
        tags = {tag["Key"] for tag in only(model_endpoint(), kind)["Tags"]}
        assert {f"steward:{name}" for name in ("use-case-id", "model-group", "model-version", "line-of-business",
                                               "stage")} <= tags  # fmt: skip
