"""Who may use another account's model package group: those its policy or a resource share admits."""

from __future__ import annotations

from moto.ram.models import ram_backends
from moto.sagemaker.models import sagemaker_backends

from local_cloud.backend.arns import ResourceArn
from local_cloud.backend.caller import Caller
from local_cloud.backend.errors import AccessDeniedException
from local_cloud.backend.policies import Verdict, evaluate, is_principal
from local_cloud.backend.ram import PERMISSIONS, Share

ON_GROUP_OR_PACKAGE = frozenset({"CreateModelPackage", "ListModelPackages"})
"""Actions that IAM lets a policy grant on the group as well as on its packages."""


def authorize(caller: Caller, operation: str, resource: ResourceArn) -> None:
    """Return if the caller may do this across accounts; else raise `AccessDeniedException`.

    What the caller's own identity allows has been decided before, by the door.
    """
    group = sagemaker_backends[resource.account][resource.region].model_package_groups.get(resource.group)
    policy = getattr(group, "policy", None)
    verdict = evaluate(policy, caller, f"sagemaker:{operation}", _targets(operation, resource))
    if verdict is Verdict.DENY:
        raise _denied(caller, operation, resource, "with an explicit deny in a resource-based policy")
    if caller.account == resource.account or verdict is Verdict.ALLOW:
        return
    if f"sagemaker:{operation}" not in _shared_actions(caller, resource):
        raise _denied(
            caller,
            operation,
            resource,
            f"because no resource-based policy allows the sagemaker:{operation} action",
        )


def _targets(operation: str, resource: ResourceArn) -> list[str]:
    if operation not in ON_GROUP_OR_PACKAGE:
        return [str(resource)]
    group = resource.of("model-package-group", resource.group)
    return [str(group), str(resource.of("model-package", f"{resource.group}/*")), str(resource)]


def _shared_actions(caller: Caller, resource: ResourceArn) -> set[str]:
    """Return what the owner's active resource shares of this group let the caller do."""
    group = str(resource.of("model-package-group", resource.group))
    actions: set[str] = set()
    for share in ram_backends[resource.account][resource.region].resource_shares:
        if not isinstance(share, Share) or share.status != "ACTIVE" or group not in share.resource_arns:
            continue
        if is_principal({"AWS": share.principals}, caller):
            for permission in share.permission_arns:
                actions |= PERMISSIONS.get(permission.rsplit("/", 1)[-1], frozenset())
    return actions


def _denied(caller: Caller, operation: str, resource: ResourceArn, reason: str) -> AccessDeniedException:
    action = f"sagemaker:{operation}"
    return AccessDeniedException(
        f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} {reason}"
    )
