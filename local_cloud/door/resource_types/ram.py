"""AWS::RAM::ResourceShare: shares a model group with other accounts."""

from typing import Any
from urllib.parse import quote

from local_cloud.door.resource_types import api, stack_roles

Created = tuple[str, dict[str, Any]]
Props = dict[str, Any]


def _body(props: Props) -> dict[str, Any]:
    body: dict[str, Any] = {"name": props["Name"]}
    for member, name in (("ResourceArns", "resourceArns"), ("Principals", "principals"), ("Sources", "sources")):
        if props.get(member):
            body[name] = list(props[member])
    if props.get("PermissionArns"):
        body["permissionArns"] = list(props["PermissionArns"])
    allowed = props.get("AllowExternalPrincipals", True)
    body["allowExternalPrincipals"] = str(allowed).lower() == "true"
    body["tags"] = [{"key": tag["Key"], "value": tag["Value"]} for tag in props.get("Tags") or []]
    return body


def _create(_logical_id: str, props: Props, stack: str) -> Created:
    stack_roles.require(stack, "ram:CreateResourceShare", "*")
    made = api.call_path(stack, "ram", "POST", "/createresourceshare", _body(props))
    arn = made["resourceShare"]["resourceShareArn"]
    return arn, {"Arn": arn}


def _update(physical_id: str, old: Props, new: Props, stack: str) -> Created:
    """Associate what is new, disassociate what is gone; a change of permissions is a new association of them."""
    for member, name in (("ResourceArns", "resourceArns"), ("Principals", "principals")):
        before, after = set(old.get(member) or []), set(new.get(member) or [])
        for path, items in (
            ("/associateresourceshare", after - before),
            ("/disassociateresourceshare", before - after),
        ):
            if items:
                api.call_path(stack, "ram", "POST", path, {"resourceShareArn": physical_id, name: sorted(items)})
    return physical_id, {"Arn": physical_id}


def _delete(physical_id: str, _props: Props) -> None:
    api.call_path("", "ram", "DELETE", f"/deleteresourceshare?resourceShareArn={quote(physical_id, safe='')}", {})


TYPES: dict[str, dict[str, Any]] = {
    "AWS::RAM::ResourceShare": {"create": _create, "update": _update, "delete": _delete},
}
