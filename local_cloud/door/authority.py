"""Whether a role may do what an AWS service does in its name: the checks AWS makes and MiniStack's services skip.

MiniStack enforces IAM on requests that arrive over HTTP. What its services do among themselves (EventBridge
starting a state machine, Lambda reading a stream or writing a failure to a queue, Step Functions invoking a
function) happens in process, without a look at the role concerned. These helpers take that look.
"""

import json
from typing import Any

from ministack.core import iam_evaluator as iam
from ministack.core.responses import get_region
from ministack.services import iam as iam_service


def account_of(arn: str) -> str:
    """The account an ARN names, or an empty string (S3 ARNs name none)."""
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 else ""


def role_name(role_arn: str) -> str:
    """The bare name at the end of a role's ARN, without its path."""
    return role_arn.rsplit("/", 1)[-1]


def find_role(role_arn: str) -> dict[str, Any] | None:
    """The role record of any account, or None when there is no such role."""
    role: dict[str, Any] | None = iam_service._roles.get_scoped(account_of(role_arn), None, role_name(role_arn))
    return role


def session_context(
    role_arn: str, session: str, action: str, resource: str, keys: dict[str, Any] | None = None
) -> iam.EvalContext:
    """What a policy sees when a session of the role acts on the resource."""
    account = account_of(role_arn)
    return iam.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{role_name(role_arn)}/{session}",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=get_region(),
        service_context={name.lower(): value for name, value in (keys or {}).items()},
    )


def role_allows(role_arn: str, action: str, resource: str, keys: dict[str, Any] | None = None) -> bool:
    """Whether the role's own policies allow it; the resource's policy is the caller's business."""
    if find_role(role_arn) is None:
        return False
    context = session_context(role_arn, "service", action, resource, keys)
    policies = iam._gather_role_policies(role_name(role_arn), account_of(role_arn))
    boundary = iam._permissions_boundary(iam_service._roles, role_name(role_arn), account_of(role_arn))
    return bool(iam.evaluate(context, policies, *boundary).decision == "Allow")


def role_trusts_service(role_arn: str, service: str, keys: dict[str, Any] | None = None) -> bool:
    """Whether the role's trust policy lets the service principal assume it (`lambda.amazonaws.com` and its like)."""
    role = find_role(role_arn)
    if role is None:
        return False
    document = role.get("AssumeRolePolicyDocument") or "{}"
    trust = json.loads(document) if isinstance(document, str) else document
    statements = trust.get("Statement") or []
    named = [
        {key: value for key, value in statement.items() if key != "Principal"} | {"Resource": "*"}
        for statement in ([statements] if isinstance(statements, dict) else statements)
        if iam._service_principal_matches(statement.get("Principal"), service)
    ]
    context = session_context(role_arn, "service", "sts:AssumeRole", role_arn, keys)
    context.principal_arn, context.principal_type = service, "Service"
    return bool(iam.evaluate(context, [iam.parse_policy_document({"Statement": named})]).decision == "Allow")


def resource_decision(policy: Any, service: str, action: str, resource: str, keys: dict[str, Any]) -> str:
    """What a resource's own policy says to an AWS service: Allow, Deny or ImplicitDeny."""
    context = iam.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource,
        region=get_region(),
        service_context={name.lower(): value for name, value in keys.items()},
    )
    return str(iam.evaluate_resource_policy(policy, context, service=service).decision)
