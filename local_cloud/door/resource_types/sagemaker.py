"""AWS::SageMaker::ModelPackageGroup, Model, EndpointConfig and Endpoint.

`Ref` is the ARN and `GetAtt` gives the name, as for the real types. Model and EndpointConfig are replaced on any
change; an endpoint is updated in place and waited for, in and out of failure.
"""

import json
import time
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region

from local_cloud.door.resource_types import api, stack_roles
from local_cloud.door.resource_types.names import new_name

Created = tuple[str, dict[str, Any]]
Props = dict[str, Any]

_WAIT_SECONDS = 300.0
_POLL_SECONDS = 0.2
_NUMBERS = {
    "InitialInstanceCount": int,
    "InitialVariantWeight": float,
    "InitialSamplingPercentage": int,
    "VolumeSizeInGB": int,
    "ContainerStartupHealthCheckTimeoutInSeconds": int,
    "ModelDataDownloadTimeoutInSeconds": int,
    "MaximumExecutionTimeoutInSeconds": int,
    "WaitIntervalInSeconds": int,
    "TerminationWaitInSeconds": int,
    "MemorySizeInMB": int,
    "MaxConcurrency": int,
    "Value": str,
}


def typed(value: Any) -> Any:
    """Give numbers and truth values that a parameter brought in as text their type, as CloudFormation does."""
    if isinstance(value, list):
        return [typed(item) for item in value]
    if isinstance(value, dict):
        return {
            key: _NUMBERS[key](item) if key in _NUMBERS and isinstance(item, str | int | float) else typed(item)
            for key, item in value.items()
        }
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _arn(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:{get_region()}:{get_account_id()}:{kind}/{name}"


def _name(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]


def _make(kind: str, member: str, operation: str) -> Callable[[str, Props, str], Created]:
    """A create function for the types that are made with one call and never change."""

    def create(logical_id: str, props: Props, stack: str) -> Created:
        name = props.get(member) or new_name(stack, logical_id, 63)
        arn = _arn(kind, name.lower())
        stack_roles.require(stack, f"sagemaker:{operation}", arn)
        if props.get("ExecutionRoleArn"):
            passed = {"iam:PassedToService": "sagemaker.amazonaws.com"}
            stack_roles.require(stack, "iam:PassRole", props["ExecutionRoleArn"], passed)
        made = api.call(stack, "sagemaker", operation, {**typed(props), member: name})
        return made.get(f"{member.removesuffix('Name')}Arn") or arn, {member: name}

    return create


def _replace(create: Callable[[str, Props, str], Created]) -> Callable[..., Created]:
    def update(physical_id: str, _old: Props, new: Props, stack: str, logical_id: str | None = None) -> Created:
        return create(logical_id or physical_id, new, stack)

    return update


def _delete(member: str, operation: str) -> Callable[[str, Props], None]:
    def delete(physical_id: str, _props: Props) -> None:
        _forgiving("", operation, {member: _name(physical_id)})

    return delete


def _forgiving(stack: str, operation: str, body: Props) -> None:
    """Delete what may be gone already."""
    try:
        api.call(stack, "sagemaker", operation, body)
    except api.Refused as refused:
        if refused.code not in ("ValidationException", "ResourceNotFound", "ResourceNotFoundException"):
            raise


def _endpoint_create(logical_id: str, props: Props, stack: str) -> Created:
    name = props.get("EndpointName") or new_name(stack, logical_id, 63)
    arn = _arn("endpoint", name.lower())
    stack_roles.require(stack, "sagemaker:CreateEndpoint", arn)
    members = ("EndpointConfigName", "Tags", "DeploymentConfig")
    asked: dict[str, Any] = {key: typed(props[key]) for key in members if key in props}
    asked["EndpointConfigName"] = _name(asked["EndpointConfigName"])
    made = api.call(stack, "sagemaker", "CreateEndpoint", {**asked, "EndpointName": name})
    try:
        _wait_in_service(stack, name)
    except ValueError:  # CloudFormation removes what it could not create; MiniStack only what it could
        _forgiving(stack, "DeleteEndpoint", {"EndpointName": name})
        raise
    return made.get("EndpointArn") or arn, {"EndpointName": name, "EndpointArn": made.get("EndpointArn") or arn}


def _endpoint_update(physical_id: str, old: Props, new: Props, stack: str, logical_id: str | None = None) -> Created:
    name = _name(physical_id)
    if new.get("EndpointName") not in (None, old.get("EndpointName")):
        return _endpoint_create(logical_id or name, new, stack)
    name = str(new.get("EndpointName") or name)
    stack_roles.require(stack, "sagemaker:UpdateEndpoint", physical_id)
    members = (
        "EndpointConfigName",
        "DeploymentConfig",
        "RetainAllVariantProperties",
        "ExcludeRetainedVariantProperties",
        "RetainDeploymentConfig",
    )
    changed = {key: typed(new[key]) for key in members if key in new}
    changed["EndpointConfigName"] = _name(changed["EndpointConfigName"])
    is_other = _name(str(old.get("EndpointConfigName", ""))) != changed["EndpointConfigName"]
    if is_other and not _serves(stack, name, changed):
        api.call(stack, "sagemaker", "UpdateEndpoint", {**changed, "EndpointName": name})
        _wait_in_service(stack, name, changed.get("DeploymentConfig"))
    if old.get("Tags") != new.get("Tags") and new.get("Tags"):
        api.call(stack, "sagemaker", "AddTags", {"ResourceArn": physical_id, "Tags": typed(new["Tags"])})
    return physical_id, {"EndpointName": name, "EndpointArn": physical_id}


def _serves(stack: str, name: str, wanted: Props) -> bool:
    """Whether it serves what is wanted already: what SageMaker took back itself needs no update to go back."""
    seen = api.call(stack, "sagemaker", "DescribeEndpoint", {"EndpointName": name})
    return (seen.get("EndpointStatus"), seen.get("EndpointConfigName")) == ("InService", wanted["EndpointConfigName"])


def _wait_in_service(stack: str, name: str, policy: Props | None = None) -> None:
    """Return once the endpoint serves; raise with SageMaker's reason when it failed or went back."""
    asked = api.call(stack, "sagemaker", "DescribeEndpoint", {"EndpointName": name}).get("EndpointConfigName")
    rollout = (policy or {}).get("BlueGreenUpdatePolicy") or (policy or {}).get("RollingUpdatePolicy") or {}
    until = time.monotonic() + max(_WAIT_SECONDS, float(rollout.get("MaximumExecutionTimeoutInSeconds") or 0))
    while time.monotonic() < until:
        seen = api.call(stack, "sagemaker", "DescribeEndpoint", {"EndpointName": name})
        status = seen.get("EndpointStatus")
        if status == "InService" and not seen.get("FailureReason"):
            return
        if status in ("InService", "Failed", "UpdateRollbackFailed", "OutOfService"):
            raise ValueError(f"Endpoint {name} ({asked}) is {status}: {seen.get('FailureReason') or 'no reason given'}")
        time.sleep(_POLL_SECONDS)
    raise ValueError(f"Endpoint {name} did not come into service in time")


def _group_create(logical_id: str, props: Props, stack: str) -> Created:
    name = props.get("ModelPackageGroupName") or new_name(stack, logical_id, 63)
    stack_roles.require(stack, "sagemaker:CreateModelPackageGroup", _arn("model-package-group", name))
    members = ("ModelPackageGroupDescription", "Tags")
    body = {"ModelPackageGroupName": name, **{key: typed(props[key]) for key in members if props.get(key)}}
    made = api.call(stack, "sagemaker", "CreateModelPackageGroup", body)
    _set_policy(stack, name, props)
    return made["ModelPackageGroupArn"], _group_attributes(name, made["ModelPackageGroupArn"])


def _group_update(physical_id: str, old: Props, new: Props, stack: str, logical_id: str | None = None) -> Created:
    if old.get("ModelPackageGroupName") != new.get("ModelPackageGroupName"):
        return _group_create(logical_id or physical_id, new, stack)
    name = _name(physical_id)
    _set_policy(stack, name, new)
    gone = {tag["Key"] for tag in old.get("Tags") or []} - {tag["Key"] for tag in new.get("Tags") or []}
    if gone:
        api.call(stack, "sagemaker", "DeleteTags", {"ResourceArn": physical_id, "TagKeys": sorted(gone)})
    if new.get("Tags"):
        api.call(stack, "sagemaker", "AddTags", {"ResourceArn": physical_id, "Tags": typed(new["Tags"])})
    return physical_id, _group_attributes(name, physical_id)


def _group_import(identifier: dict[str, str]) -> Created:
    """A group that is there comes to belong to a stack, as it is."""
    arn = identifier["ModelPackageGroupArn"]
    return arn, _group_attributes(_name(arn), arn)


def _set_policy(stack: str, name: str, props: Props) -> None:
    policy = props.get("ModelPackageGroupPolicy")
    if policy:
        text = policy if isinstance(policy, str) else json.dumps(policy)
        body = {"ModelPackageGroupName": name, "ResourcePolicy": text}
        api.call(stack, "sagemaker", "PutModelPackageGroupPolicy", body)
    else:
        _forgiving(stack, "DeleteModelPackageGroupPolicy", {"ModelPackageGroupName": name})


def _group_attributes(name: str, arn: str) -> dict[str, Any]:
    return {"ModelPackageGroupArn": arn, "ModelPackageGroupName": name, "ModelPackageGroupStatus": "Completed"}


_model_create = _make("model", "ModelName", "CreateModel")
_config_create = _make("endpoint-config", "EndpointConfigName", "CreateEndpointConfig")


def _type(create: Any, update: Any, delete: Any) -> dict[str, Any]:
    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


TYPES: dict[str, dict[str, Any]] = {
    "AWS::SageMaker::Model": _type(_model_create, _replace(_model_create), _delete("ModelName", "DeleteModel")),
    "AWS::SageMaker::EndpointConfig": _type(
        _config_create, _replace(_config_create), _delete("EndpointConfigName", "DeleteEndpointConfig")
    ),
    "AWS::SageMaker::Endpoint": _type(_endpoint_create, _endpoint_update, _delete("EndpointName", "DeleteEndpoint")),
    "AWS::SageMaker::ModelPackageGroup": {
        **_type(_group_create, _group_update, _delete("ModelPackageGroupName", "DeleteModelPackageGroup")),
        "import": _group_import,
    },
}
