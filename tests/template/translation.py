"""The templates as CloudFormation would see them: SAM translated, intrinsic functions resolved to concrete values.

Names and ARNs are those of the accounts that the local cloud uses. Generated identifiers (keys, streams) become
their logical id, so that a statement can be told by what it names.
"""

import functools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import yaml
from samcli.yamlhelper import intrinsics_multi_constructor
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

ROOT = Path(__file__).resolve().parents[2]
REGION = "eu-west-1"
HUB, DEV, TEST, PROD = "444455556666", "111122223333", "555566667777", "777788889999"

FURTHER = "888899990000"
HUB_PARAMETERS = {"DevAccountIds": [DEV], "TestAccountId": TEST, "ProdAccountId": PROD}
_NAME_PROPERTY = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CodePipeline::Pipeline": "Name",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SageMaker::ModelPackageGroup": "ModelPackageGroupName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
_ARN = {
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::CodePipeline::Pipeline": "arn:aws:codepipeline:{region}:{account}:{name}",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "AWS::Events::EventBus": "arn:aws:events:{region}:{account}:event-bus/{name}",
    "AWS::Events::Rule": "arn:aws:events:{region}:{account}:rule/{name}",
    "AWS::IAM::ManagedPolicy": "arn:aws:iam::{account}:policy/{name}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{name}",
    "AWS::KMS::Key": "arn:aws:kms:{region}:{account}:key/{name}",
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{name}:*",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::SageMaker::ModelPackageGroup": "arn:aws:sagemaker:{region}:{account}:model-package-group/{name}",
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "AWS::StepFunctions::StateMachine": "arn:aws:states:{region}:{account}:stateMachine:{name}",
}
_REF_IS_ARN = frozenset({"AWS::IAM::ManagedPolicy", "AWS::SNS::Topic", "AWS::StepFunctions::StateMachine"})
_ABSENT = object()


class TemplateLoader(yaml.SafeLoader):
    """Reads intrinsic functions in their short form. SAM's own reader changes PyYAML for the whole process."""


TemplateLoader.add_multi_constructor("!", intrinsics_multi_constructor)
TemplateLoader.add_constructor("tag:yaml.org,2002:timestamp", yaml.SafeLoader.construct_yaml_str)


class Stack:
    """One template, translated and resolved, in one account."""

    def __init__(self, template: Mapping[str, Any], account: str, parameters: Mapping[str, Any], region: str = REGION):
        """Resolve with these parameters; the template's defaults stand for the rest."""
        self.account = account
        self.region = region
        self._raw = template
        defaults = {name: _typed(declared) for name, declared in template.get("Parameters", {}).items()}
        self.parameters = {**defaults, **parameters}
        self.conditions: dict[str, Any] = {}
        for name, rule in template.get("Conditions", {}).items():
            self.conditions[name] = self._value(rule)
        self.resources: dict[str, dict[str, Any]] = {
            name: self._value(resource)
            for name, resource in template["Resources"].items()
            if self.conditions.get(resource.get("Condition", ""), True)
        }

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of every resource of a type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def arn(self, logical_id: str) -> str:
        """The ARN that a resource will have."""
        resource = self._raw["Resources"][logical_id]
        form = _ARN.get(resource["Type"], "arn:aws:{name}")
        return form.format(region=self.region, account=self.account, name=self.name(logical_id))

    def name(self, logical_id: str) -> str:
        """The physical name that a resource will have; its logical id where AWS would generate one."""
        resource = self._raw["Resources"][logical_id]
        named = resource.get("Properties", {}).get(_NAME_PROPERTY.get(resource["Type"], ""))
        return str(self._value(named)) if named is not None else logical_id

    def _value(self, node: Any) -> Any:
        if isinstance(node, list):
            return [item for item in map(self._value, node) if item is not _ABSENT]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((function, argument),) = node.items()
            handler = getattr(self, "_" + function.replace("Fn::", "fn_").lower(), None)
            if function in ("Ref", "Condition") or function.startswith("Fn::"):
                assert handler, f"{function} is not resolved here yet"
                return handler(argument)
        resolved = {key: self._value(value) for key, value in node.items()}
        return {key: value for key, value in resolved.items() if value is not _ABSENT}

    def _ref(self, name: str) -> Any:
        pseudo = {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": "aws",
            "AWS::StackName": "steward",
            "AWS::NoValue": _ABSENT,
        }
        if name in pseudo:
            return pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        is_arn = self._raw["Resources"][name]["Type"] in _REF_IS_ARN
        return self.arn(name) if is_arn else self.name(name)

    def _fn_getatt(self, argument: Any) -> Any:
        logical_id, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        if attribute == "StreamArn":
            return f"{self.arn(logical_id)}/stream/2026-10-12T00:00:00.000"
        return self.arn(logical_id) if attribute.endswith("Arn") else self.name(logical_id)

    def _fn_sub(self, argument: Any) -> str:
        text, extra = argument if isinstance(argument, list) else (argument, {})
        named = {name: self._value(value) for name, value in extra.items()}

        def one(match: re.Match[str]) -> str:
            name = match[1]
            if name in named:
                return str(named[name])
            return str(self._fn_getatt(name) if "." in name else self._ref(name))

        return re.sub(r"\$\{([^!}]+)\}", one, text)

    def _fn_join(self, argument: Any) -> str:
        separator, items = argument
        return str(separator).join(map(str, self._value(items)))

    def _fn_split(self, argument: Any) -> list[str]:
        separator, text = argument
        return str(self._value(text)).split(separator)

    def _fn_if(self, argument: Any) -> Any:
        condition, yes, no = argument
        return self._value(yes if self.conditions[condition] else no)

    def _fn_equals(self, argument: Any) -> bool:
        one, other = self._value(argument)
        return str(one) == str(other)

    def _fn_not(self, argument: Any) -> bool:
        return not self._value(argument)[0]

    def _fn_and(self, argument: Any) -> bool:
        return all(self._value(argument))

    def _condition(self, name: str) -> bool:
        return bool(self._value(self._raw["Conditions"][name]))

    def _fn_or(self, argument: Any) -> bool:
        return any(self._value(argument))

    def _fn_select(self, argument: Any) -> Any:
        place, items = self._value(argument)
        return items[int(place)]


def _typed(declared: Mapping[str, Any]) -> Any:
    default = declared.get("Default", "")
    return str(default).split(",") if declared["Type"] == "CommaDelimitedList" else default


def source(path: str) -> dict[str, Any]:
    """A template as it is written, with short intrinsic functions spelled out."""
    parsed: dict[str, Any] = yaml.load((ROOT / path).read_text(), Loader=TemplateLoader)
    return parsed


@functools.cache
def serverless(path: str) -> dict[str, Any]:
    """A template of SAM's as CloudFormation gets it, with intrinsic functions as they are."""
    template = source(path)
    for resource in template["Resources"].values():
        for place in ("CodeUri", "ContentUri", "DefinitionUri"):
            if place in resource["Properties"]:
                resource["Properties"][place] = "s3://somewhere/" + str(resource["Properties"][place])
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION))
    translated: dict[str, Any] = translator.translate(sam_template=template, parameter_values={})
    return translated


@functools.cache
def hub(subscriber: bool = False, install: str = "steward", further: str = "") -> Stack:
    """The hub as it is by default; or with a subscriber in another account, alarms that go somewhere, and officers.

    `further` names accounts of environments beside its own two, separated by commas.
    """
    parameters = {**HUB_PARAMETERS, "Install": install}
    if subscriber:
        parameters["SubscriberBusArn"] = f"arn:aws:events:{REGION}:999900001111:event-bus/subscriber"
        parameters["OfficerRoles"] = "steward-officer"
        parameters["AlarmTopicArn"] = f"arn:aws:sns:{REGION}:{HUB}:alarms"
    if further:
        parameters["FurtherAccountIds"] = further.split(",")
    return Stack(serverless("template.yaml"), HUB, parameters)


@functools.cache
def dev_account(account: str = DEV, region: str = REGION, **told: str) -> Stack:
    """An account where models are built."""
    return Stack(source("stacks/dev-account.yaml"), account, {**_hub_side(), **told}, region)


@functools.cache
def workload_account(account: str = TEST, region: str = REGION, **told: str) -> Stack:
    """The test account."""
    outputs = {
        "Stage": "test",
        "ArtifactBucketName": hub().name("ArtifactBucket"),
        "ArtifactKeyArn": hub().arn("ArtifactKey"),
        "PipelineBucketName": hub().name("PipelineBucket"),
        "PipelineKeyArn": hub().arn("PipelineKey"),
    }
    return Stack(source("stacks/workload-account.yaml"), account, {**_hub_side(), **outputs, **told}, region)


@functools.cache
def environment(lines: str = "") -> Stack:
    """A further production account, as the hub's side of it."""
    told = {
        "Name": "production-eu",
        "Stage": "production",
        "AccountId": FURTHER,
        "PipelineKeyArn": hub().arn("PipelineKey"),
        "LinesOfBusiness": lines.split(","),
    }
    return Stack(source("stacks/environment.yaml"), HUB, told)


@functools.cache
def onboarding_catalog() -> Stack:
    """Model groups as a product of the Service Catalog."""
    told = {"TemplateUrl": "https://templates.s3.eu-west-1.amazonaws.com/model-group.yaml"}
    return Stack(source("stacks/onboarding-catalog.yaml"), HUB, {**told, "EngineerRoleName": "steward-ml-engineer"})


def model_group(**more: Any) -> Stack:
    """A model group with everything said about it."""
    told = {"ModelGroupName": "credit-risk-pd", "DevAccountIds": [DEV], "WorkloadAccountIds": [TEST], "Owner": "mary"}
    return Stack(source("stacks/model-group.yaml"), HUB, {**told, **more})


@functools.cache
def model_endpoint(settings: tuple[tuple[str, str], ...] = ()) -> Stack:
    """A version's endpoint in the test account, with what a deployment profile says as parameters."""
    template = source("stacks/model-endpoint.yaml")
    lists = [name for name, one in template["Parameters"].items() if one["Type"] == "CommaDelimitedList"]
    told = {name: value.split(",") if name in lists else value for name, value in settings}
    told |= {
        "Install": "steward",
        "Stage": "test",
        "EndpointName": "steward-credit-risk-pd-test",
        "ModelPackageArn": f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/credit-risk-pd/7",
    }
    return Stack(template, TEST, told)


@functools.cache
def model_batch(settings: tuple[tuple[str, str], ...] = ()) -> Stack:
    """A version without an endpoint in the test account, with what a deployment profile says as parameters."""
    template = source("stacks/model-batch.yaml")
    lists = [name for name, one in template["Parameters"].items() if one["Type"] == "CommaDelimitedList"]
    told = {name: value.split(",") if name in lists else value for name, value in settings}
    told = {"OutputUri": "s3://scores/batch-output/x", **told}
    told |= {
        "Install": "steward",
        "Stage": "test",
        "Name": "steward-credit-risk-pd-test",
        "ModelName": "steward-credit-risk-pd-test-0123456789ab",
        "ModelPackageArn": f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/credit-risk-pd/7",
    }
    return Stack(template, TEST, told)


@functools.cache
def detective_control() -> Stack:
    """The Config rule in the production account."""
    told = {"HubAccountId": HUB, "HubRegion": REGION, "ArtifactBucketName": hub().name("ArtifactBucket")}
    return Stack(source("controls/detective.yaml"), PROD, told)


@functools.cache
def proactive_control() -> Stack:
    """The hook in the production account; its rules lie encrypted in a bucket of somebody's."""
    told = {
        "RulesBucketName": "steward-rules",
        "RulesVersionId": "v1",
        "RulesKeyArn": f"arn:aws:kms:{REGION}:{HUB}:key/RulesKey",
    }
    return Stack(source("controls/proactive.yaml"), PROD, told)


def every_stack() -> dict[str, Stack]:
    """Every template as it is deployed; what only takes away, the service control policies, has tests of its own."""
    return {
        "hub": hub(subscriber=True),
        "dev": dev_account(),
        "workload": workload_account(),
        "environment": environment(),
        "group": model_group(),
        "catalog": onboarding_catalog(),
        "endpoint": model_endpoint(),
        "batch": model_batch(),
        "detective": detective_control(),
        "proactive": proactive_control(),
    }


def _hub_side() -> dict[str, Any]:
    engineers = [f"arn:aws:iam::{HUB}:role/steward-ml-engineer"]
    return {"HubAccountId": HUB, "HubIntakeBusArn": hub().arn("IntakeBus"), "MlEngineerRoleArns": engineers}
