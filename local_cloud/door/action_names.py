"""How IAM names what is asked of queues, archives and replays, where MiniStack names it otherwise or not at all.

Actions and resources follow AWS's Service Authorization Reference.
"""

from typing import Any

from ministack.core import iam_actions

from local_cloud.door import hooks
from local_cloud.door.registry_actions import parsed


def install() -> None:
    """Correct the names that policies are compared with."""
    hooks.wrap(iam_actions, "extract_iam_action", _action)
    hooks.wrap(iam_actions, "eventbridge_resource_arns", _event_resources)


def _action(original: Any, service: str, *request: Any) -> str | None:
    """A batch of messages takes the right that a single one takes (SQS API reference: AddPermission)."""
    action: str | None = original(service, *request)
    return action.removesuffix("Batch") if action and service == "sqs" else action


def _event_resources(original: Any, body: bytes, region: str, account: str) -> list[str]:
    """A replay is authorised on the archive that it takes, on itself and on the bus that it goes to."""
    asked, begin = parsed(body), f"arn:aws:events:{region}:{account}"
    destination = asked.get("Destination")
    named = [
        f"{begin}:archive/{asked['ArchiveName']}" if asked.get("ArchiveName") else "",
        f"{begin}:replay/{asked['ReplayName']}" if asked.get("ReplayName") else "",
        str(asked.get("EventSourceArn") or "") if asked.get("ReplayName") else "",
        str(destination.get("Arn") or "") if isinstance(destination, dict) else "",
    ]
    return [arn for arn in named if arn] or list(original(body, region, account))
