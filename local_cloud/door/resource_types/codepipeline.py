"""AWS::CodePipeline::Pipeline: the template's PascalCase becomes the API's camelCase."""

from typing import Any

from ministack.core.responses import get_account_id, get_region

from local_cloud.door.resource_types import api, stack_roles
from local_cloud.door.resource_types.names import new_name

Created = tuple[str, dict[str, Any]]
Props = dict[str, Any]

_KEPT_AS_IS = ("configuration",)
_NOT_PIPELINE = ("Tags", "RestartExecutionOnUpdate", "DisableInboundStageTransitions")
_NUMBERS = ("runOrder", "timeoutInMinutes")


def declaration(name: str, role: str, props: Props) -> dict[str, Any]:
    """The pipeline structure of the API for a template's properties."""
    wanted = {key: value for key, value in props.items() if key not in _NOT_PIPELINE}
    return {"version": 1, **_camel(wanted), "name": name, "roleArn": role}


def _camel(value: Any) -> Any:
    if isinstance(value, list):
        return [_camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    named = {key[0].lower() + key[1:]: item for key, item in value.items()}
    return {key: _item(key, item) for key, item in named.items()}


def _item(key: str, item: Any) -> Any:
    if key in _KEPT_AS_IS and isinstance(item, dict):
        return {name: str(entry).lower() if isinstance(entry, bool) else entry for name, entry in item.items()}
    return int(item) if key in _NUMBERS else _camel(item)


def _create(logical_id: str, props: Props, stack: str) -> Created:
    name = props.get("Name") or new_name(stack, logical_id, 100)
    arn = f"arn:aws:codepipeline:{get_region()}:{get_account_id()}:{name}"
    stack_roles.require(stack, "codepipeline:CreatePipeline", arn)
    tags = [{"key": tag["Key"], "value": tag["Value"]} for tag in props.get("Tags") or [] if _is_own(tag)]
    body = {"pipeline": declaration(name, props["RoleArn"], props), "tags": tags}
    made = api.call(stack, "codepipeline", "CreatePipeline", body)
    return name, {"Version": str(made["pipeline"].get("version", 1))}


def _is_own(tag: dict[str, str]) -> bool:
    """Whether a tag is the stack's own; moto lets nobody set CloudFormation's `aws:` tags, which AWS does itself."""
    return not tag["Key"].startswith("aws:")


def _update(physical_id: str, old: Props, new: Props, stack: str, logical_id: str | None = None) -> Created:
    if old.get("Name") != new.get("Name"):
        return _create(logical_id or physical_id, new, stack)
    body = {"pipeline": declaration(physical_id, new["RoleArn"], new)}
    made = api.call(stack, "codepipeline", "UpdatePipeline", body)
    return physical_id, {"Version": str(made["pipeline"].get("version", 1))}


def _delete(physical_id: str, _props: Props) -> None:
    api.call("", "codepipeline", "DeletePipeline", {"name": physical_id})


TYPES: dict[str, dict[str, Any]] = {
    "AWS::CodePipeline::Pipeline": {
        "create": _create,
        "update": _update,
        "update_with_logical_id": True,
        "delete": _delete,
    }
}
