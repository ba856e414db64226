"""How requests about rules and buses are named in IAM, where MiniStack names them otherwise or not at all.

A rule on the default bus is `rule/NAME`, one on another `rule/BUS/NAME`; a bus is `event-bus/NAME`, however it is
called in the request (Service Authorization Reference, "Amazon EventBridge").
"""

from local_cloud.door.registry_actions import parsed

_ON_RULES = frozenset(
    {"DescribeRule", "ListTargetsByRule", "PutRule", "DeleteRule", "EnableRule", "DisableRule", "PutTargets"}
    | {"RemoveTargets"}
)


def resource_arn(headers: dict[str, str], body: bytes, region: str, account: str) -> str | None:
    """The resource that a request is authorised on; None where MiniStack's own name for it is right."""
    operation = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
    asked, begin = parsed(body), f"arn:aws:events:{region}:{account}"
    if operation == "DescribeEventBus":
        name = str(asked.get("Name") or "default")
        return name if name.startswith("arn:") else f"{begin}:event-bus/{name}"
    if operation not in _ON_RULES:
        return None
    name, bus = asked.get("Name") or asked.get("Rule"), str(asked.get("EventBusName") or "default").rpartition("/")[2]
    return f"{begin}:rule/{name}" if bus == "default" else f"{begin}:rule/{bus}/{name}"
