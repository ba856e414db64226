"""How requests to SageMaker, CodePipeline and RAM are named in IAM: action, resource and condition keys.

MiniStack has none of the three services, so it knows none of their names. Actions and resources follow AWS's Service
Authorization Reference.
"""

import json
import re
from typing import Any

FORWARDED = {"sagemaker": "sagemaker", "codepipeline": "codepipeline", "ram": "ram"}
"""Service, as the router calls it, and its IAM namespace."""

_INVOKE = re.compile(r"^/endpoints/([^/]+)/(invocations|async-invocations|invocations-response-stream)$")

_NAMED = {
    "TransformJobName": "transform-job",
    "EndpointName": "endpoint",
    "EndpointConfigName": "endpoint-config",
    "ModelName": "model",
    "ModelPackageGroupName": "model-package-group",
    "ModelPackageName": "model-package",
    "ModelPackageArn": "model-package",
    "TrainingJobName": "training-job",
    "ResourceArn": "",
}


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON object in a request's body; empty for anything else."""
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def action_name(service: str, path: str, headers: dict[str, str]) -> str | None:
    """The IAM action of a request, or None where the request names no operation."""
    target = headers.get("x-amz-target", "")
    if service in ("sagemaker", "codepipeline") and "." in target:
        return f"{service}:{target.rsplit('.', 1)[-1]}"
    if service == "sagemaker" and (match := _INVOKE.match(path)):
        return "sagemaker:InvokeEndpointAsync" if match[2] == "async-invocations" else "sagemaker:InvokeEndpoint"
    if service == "ram":
        return f"ram:{path.strip('/').split('/')[0]}"  # IAM compares actions without case
    return None


def resource_arns(service: str, path: str, body: bytes, action: str, region: str, account: str) -> list[str]:
    """Every resource the request is authorised on; `["*"]` where AWS has no resource-level permission.

    A new model package has no version yet, so it is authorised on its group's packages (`model-package/GROUP/*`) and
    on the group, which is what AWS's own sample policies grant for CreateModelPackage.
    """
    asked = parsed(body)
    if service == "codepipeline":
        return _pipeline_arns(asked, action, region, account)
    if service == "ram":
        return [asked.get("resourceShareArn") or "*"]
    if match := _INVOKE.match(path):
        return [f"arn:aws:sagemaker:{region}:{account}:endpoint/{match[1].lower()}"]
    if action == "sagemaker:CreateModelPackage":
        return _new_package_arns(asked, region, account)
    if action == "sagemaker:BatchDescribeModelPackage":
        return [str(arn) for arn in asked.get("ModelPackageArnList") or ["*"]]
    if action.startswith("sagemaker:Search") or (
        action.startswith("sagemaker:List") and action != "sagemaker:ListTags" and "ModelPackageGroupName" not in asked
    ):
        return ["*"]
    for member, kind in _NAMED.items():
        if isinstance(value := asked.get(member), str) and value:
            return [_sagemaker_arn(kind, value, region, account)]
    return ["*"]


def _sagemaker_arn(kind: str, value: str, region: str, account: str) -> str:
    if value.startswith("arn:"):
        return value
    name = value.lower() if kind in ("endpoint", "endpoint-config", "model") else value
    return f"arn:aws:sagemaker:{region}:{account}:{kind}/{name}"


def _new_package_arns(asked: dict[str, Any], region: str, account: str) -> list[str]:
    group = asked.get("ModelPackageGroupName")
    if not isinstance(group, str) or not group:
        name = asked.get("ModelPackageName") or "*"
        return [f"arn:aws:sagemaker:{region}:{account}:model-package/{name}"]
    arn = _sagemaker_arn("model-package-group", group, region, account)
    return [arn.replace(":model-package-group/", ":model-package/") + "/*", arn]


def _pipeline_arns(asked: dict[str, Any], action: str, region: str, account: str) -> list[str]:
    pipeline = asked.get("pipeline")
    name = asked.get("pipelineName") or asked.get("name") or (pipeline or {}).get("name")
    if not isinstance(name, str) or not name or action.endswith(("Result", "ListPipelines")):
        return [asked.get("resourceArn") or "*"]
    if isinstance(asked.get("stageName"), str):
        name = f"{name}/{asked['stageName']}" + (f"/{asked['actionName']}" if asked.get("actionName") else "")
    return [f"arn:aws:codepipeline:{region}:{account}:{name}"]


def request_keys(action: str, body: bytes) -> dict[str, Any]:
    """The registry's condition keys that a request sets."""
    if action not in ("sagemaker:CreateModelPackage", "sagemaker:UpdateModelPackage"):
        return {}
    asked = parsed(body)
    cycle = asked.get("ModelLifeCycle")
    keys: dict[str, Any] = {}
    if isinstance(cycle, dict):
        keys["sagemaker:ModelLifeCycle:stage"] = cycle.get("Stage")
        keys["sagemaker:ModelLifeCycle:stageStatus"] = cycle.get("StageStatus")
    if asked.get("ModelApprovalStatus"):
        keys["sagemaker:ModelApprovalStatus"] = asked["ModelApprovalStatus"]
    return {key: value for key, value in keys.items() if value is not None}
