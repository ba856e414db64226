"""AWS::Events::EventBusPolicy and AWS::Events::Archive, and the `Policy` of AWS::Events::EventBus."""

import json
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

from local_cloud.door import hooks
from local_cloud.door.resource_types.names import new_name

Created = tuple[str, dict[str, Any]]


def install() -> None:
    """MiniStack's own EventBus type ignores the policy written on the bus."""
    handler = provisioners._RESOURCE_HANDLERS["AWS::Events::EventBus"]
    handler["create"], handler["update"] = _with_policy(handler["create"]), _with_policy(handler["update"])
    hooks.wrap(eventbridge, "_put_permission", _put_permission)
    hooks.wrap(eventbridge, "_describe_event_bus", _describe_event_bus)


def _with_policy(make: Any) -> Any:
    def made(*args: Any) -> Created:
        created: Created = make(*args)
        policy = next((arg["Policy"] for arg in reversed(args) if isinstance(arg, dict) and "Policy" in arg), None)
        if policy:
            _store(created[0], policy if isinstance(policy, dict) else json.loads(policy))
        return created

    return made


def _store(bus: str, policy: dict[str, Any]) -> None:
    eventbridge._event_bus_policies[bus] = policy


def _put_permission(original: Any, data: dict[str, Any]) -> Any:
    """PutPermission with a whole `Policy`, which replaces what is there, or with an account, which stands for its root.

    MiniStack knows only the short form, and keeps the account's number where a policy has an ARN.
    """
    if not data.get("Policy"):
        account = str(data.get("Principal") or "*")
        principal = {"AWS": f"arn:aws:iam::{account}:root"} if account.isdigit() else account
        return original({**data, "Principal": principal})
    _store(data.get("EventBusName") or "default", json.loads(data["Policy"]))
    return eventbridge.json_response({})


def _describe_event_bus(original: Any, data: dict[str, Any]) -> Any:
    """Show the bus's policy under `Policy`, as AWS does."""
    status, headers, body = original(data)
    name = str(data.get("Name") or "default").rpartition("/")[2]
    policy = eventbridge._event_bus_policies.get(name)
    if status == 200 and policy:
        body = json.dumps({**json.loads(body), "Policy": json.dumps(policy)}).encode()
    return status, headers, body


def _policy_create(logical_id: str, props: dict[str, Any], _stack: str) -> Created:
    bus, statement_id = props.get("EventBusName") or "default", props.get("StatementId") or logical_id
    statement = props.get("Statement")
    if not statement:
        statement = {
            "Effect": "Allow",
            "Principal": "*" if props["Principal"] == "*" else {"AWS": props["Principal"]},
            "Action": props.get("Action") or "events:PutEvents",
            "Resource": f"arn:aws:events:{get_region()}:{get_account_id()}:event-bus/{bus}",
        }
        if props.get("Condition"):
            condition = props["Condition"]
            statement["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    policy = eventbridge._event_bus_policies.get(bus) or {"Version": "2012-10-17", "Statement": []}
    kept = [other for other in policy["Statement"] if other.get("Sid") != statement_id]
    parsed = json.loads(statement) if isinstance(statement, str) else statement
    _store(bus, {**policy, "Statement": [*kept, {**parsed, "Sid": statement_id}]})
    return f"{bus}|{statement_id}", {}


def _policy_update(
    physical_id: str, old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str | None = None
) -> Created:
    _policy_delete(physical_id, old)
    return _policy_create(logical_id or physical_id.partition("|")[2], new, stack)


def _policy_delete(physical_id: str, _props: dict[str, Any]) -> None:
    bus, _, statement_id = physical_id.partition("|")
    eventbridge._remove_permission({"EventBusName": bus, "StatementId": statement_id})


def _archive_body(name: str, props: dict[str, Any]) -> dict[str, Any]:
    pattern = props.get("EventPattern") or ""
    return {
        "ArchiveName": name,
        "EventSourceArn": props.get("SourceArn", ""),
        "Description": props.get("Description", ""),
        "EventPattern": json.dumps(pattern) if isinstance(pattern, dict) else pattern,
        "RetentionDays": int(props.get("RetentionDays") or 0),
        "KmsKeyIdentifier": props.get("KmsKeyIdentifier", ""),
    }


def _archive_create(logical_id: str, props: dict[str, Any], stack: str) -> Created:
    name = props.get("ArchiveName") or new_name(stack, logical_id, 48)
    status, _, body = eventbridge._create_archive(_archive_body(name, props))
    if status >= 400:
        raise ValueError(f"AWS::Events::Archive: {body.decode()}")
    return name, {"Arn": json.loads(body)["ArchiveArn"], "ArchiveName": name}


def _archive_update(
    physical_id: str, _old: dict[str, Any], new: dict[str, Any], stack: str, logical_id: str | None = None
) -> Created:
    if new.get("ArchiveName") not in (None, physical_id):
        return _archive_create(logical_id or physical_id, new, stack)
    status, _, body = eventbridge._update_archive(_archive_body(physical_id, new))
    if status >= 400:
        raise ValueError(f"AWS::Events::Archive: {body.decode()}")
    return physical_id, {"Arn": json.loads(body)["ArchiveArn"], "ArchiveName": physical_id}


def _archive_delete(physical_id: str, _props: dict[str, Any]) -> None:
    eventbridge._delete_archive({"ArchiveName": physical_id})


TYPES: dict[str, dict[str, Any]] = {
    "AWS::Events::EventBusPolicy": {
        "create": _policy_create,
        "update": _policy_update,
        "update_with_logical_id": True,
        "delete": _policy_delete,
    },
    "AWS::Events::Archive": {
        "create": _archive_create,
        "update": _archive_update,
        "update_with_logical_id": True,
        "delete": _archive_delete,
    },
}
