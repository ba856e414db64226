"""The hook's rules let Steward's endpoints pass, and stop what did not come through it. Judged by AWS's own engine."""

import copy
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.template.guard import ENGINE, broken
from tests.template.translation import HUB, REGION, Stack, model_endpoint, source

if not ENGINE.exists() and not os.environ.get("CI"):
    pytest.skip(f"{ENGINE} is not there: make install", allow_module_level=True)

SEALED = "s3://steward-artifacts-444455556666-eu-west-1/sealed/abc/model.tar.gz"
ARN = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/credit-risk-pd/7"


def of_steward() -> dict[str, Any]:
    """What the pipeline is about to make, with its references resolved."""
    told = model_endpoint()
    parameters = {**told.parameters, "ModelPackageArn": ARN}
    resolved = Stack(source("stacks/model-endpoint.yaml"), told.account, parameters)
    resolved.resources["Model"]["Properties"]["PrimaryContainer"] = {"Image": "i", "ModelDataUrl": SEALED}
    return {"Resources": copy.deepcopy(resolved.resources)}


def changed(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    template = of_steward()
    change(template["Resources"])
    return template


def drop_tag(kind: str, key: str) -> Callable[[dict[str, Any]], None]:
    def change(resources: dict[str, Any]) -> None:
        tags = resources[kind]["Properties"]["Tags"]
        tags[:] = [one for one in tags if one["Key"] != key]

    return change


def test_what_the_pipeline_makes_passes(tmp_path: Path) -> None:
    assert broken(of_steward(), tmp_path) == set()


def test_a_template_without_an_endpoint_is_none_of_its_business(tmp_path: Path) -> None:
    assert broken({"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {}}}}, tmp_path) == set()


@pytest.mark.parametrize("kind", ["Model", "EndpointConfig", "Endpoint"])
@pytest.mark.parametrize("key", ["steward:model-package-arn", "steward:deployment-id", "steward:stage"])
def test_what_lacks_one_of_stewards_tags_is_refused(tmp_path: Path, kind: str, key: str) -> None:
    assert broken(changed(drop_tag(kind, key)), tmp_path) == {"STEWARD_TAGS"}


@pytest.mark.parametrize("kind", ["Model", "EndpointConfig", "Endpoint"])
def test_what_has_no_tags_at_all_is_refused(tmp_path: Path, kind: str) -> None:
    assert broken(changed(lambda made: made[kind]["Properties"].pop("Tags")), tmp_path) == {"STEWARD_TAGS"}


def test_a_tag_that_names_no_version_is_refused(tmp_path: Path) -> None:
    def change(resources: dict[str, Any]) -> None:
        for one in resources["Endpoint"]["Properties"]["Tags"]:
            one["Value"] = "latest" if one["Key"] == "steward:model-package-arn" else one["Value"]

    assert broken(changed(change), tmp_path) == {"STEWARD_TAG_NAMES_A_VERSION"}


@pytest.mark.parametrize(
    "container",
    [
        {"Image": "i", "ModelDataUrl": "s3://somebodys-bucket/model.tar.gz"},
        {"Image": "i", "ModelDataSource": {"S3DataSource": {"S3Uri": "s3://somebodys-bucket/model/"}}},
        {"ModelPackageName": ARN},
    ],
    ids=["object", "prefix", "package"],
)
@pytest.mark.parametrize("several", [False, True])
def test_what_was_not_sealed_is_refused(tmp_path: Path, container: dict[str, Any], several: bool) -> None:
    def change(resources: dict[str, Any]) -> None:
        properties = resources["Model"]["Properties"]
        del properties["PrimaryContainer"]
        properties |= {"Containers": [{"Image": "i", "ModelDataUrl": SEALED}, container]} if several else {}
        properties |= {} if several else {"PrimaryContainer": container}

    assert broken(changed(change), tmp_path) == {"STEWARD_SEALED_ARTIFACTS"}


def test_sealed_artifacts_of_any_shape_pass(tmp_path: Path) -> None:
    def change(resources: dict[str, Any]) -> None:
        del resources["Model"]["Properties"]["PrimaryContainer"]
        prefix = {"S3DataSource": {"S3Uri": SEALED + "/", "S3DataType": "S3Prefix", "CompressionType": "None"}}
        sealed = [{"Image": "i", "ModelDataUrl": SEALED}, {"Image": "i", "ModelDataSource": prefix}, {"Image": "i"}]
        resources["Model"]["Properties"]["Containers"] = sealed

    assert broken(changed(change), tmp_path) == set()


def test_a_model_that_does_not_say_whether_it_has_a_network_is_refused(tmp_path: Path) -> None:
    silent = changed(lambda made: made["Model"]["Properties"].pop("EnableNetworkIsolation"))
    assert broken(silent, tmp_path) == {"STEWARD_ISOLATION_IS_SAID"}


def test_a_serverless_model_of_stewards_which_cannot_be_isolated_passes(tmp_path: Path) -> None:
    serverless = changed(lambda made: made["Model"]["Properties"].update(EnableNetworkIsolation=False))
    assert broken(serverless, tmp_path) == set()


def test_a_template_whose_values_are_references_yet_is_judged_by_what_it_says(tmp_path: Path) -> None:
    assert broken(source("stacks/model-endpoint.yaml"), tmp_path) == set()


def test_the_hook_looks_at_what_the_rules_are_about_before_it_is_made() -> None:
    (hook,) = (
        one["Properties"]
        for one in source("controls/proactive.yaml")["Resources"].values()
        if one["Type"] == "AWS::CloudFormation::GuardHook"
    )
    names = {"AWS::SageMaker::Model", "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Endpoint"}
    assert set(hook["TargetFilters"]["TargetNames"]) == names
    assert hook["TargetFilters"]["InvocationPoints"] == ["PRE_PROVISION"]
    assert set(hook["TargetFilters"]["Actions"]) == {"CREATE", "UPDATE"}
    assert hook["HookStatus"] == "ENABLED"
    assert source("controls/proactive.yaml")["Parameters"]["Failure"]["Default"] == "FAIL"
