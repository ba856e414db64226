"""Resource policies as AWS evaluates them: across accounts, on event buses, and against the root user too.

MiniStack combines the caller's policies with the policy of a bucket, key, queue or topic, but finds only the caller's
own account's buckets and keys, keeps bus policies without ever reading them, and lets the account's root past every
Deny. `install` closes these three gaps at the one function that decides, `iam_evaluator.enforce`.
"""

from typing import Any

from ministack.core import iam_evaluator as iam
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import eventbridge, kms, s3

from local_cloud.door import conditions, hooks, s3_encryption
from local_cloud.door.authority import account_of

_REFUSES_ROOT = frozenset({"s3", "events", "sqs"})
_UNLOCKS_BUCKET = frozenset({"s3:DeleteBucketPolicy", "s3:PutBucketPolicy", "s3:GetBucketPolicy"})


def install() -> None:
    """Let every request meet the policy of the resource it names, whoever owns it."""
    hooks.wrap(s3, "bucket_policy_for_arn", _bucket_policy)
    hooks.wrap(s3, "_foreign_bucket_allows", _foreign_bucket_allows)
    hooks.wrap(kms, "key_policy_for_arn", _key_policy)
    eventbridge.bus_policy_for_arn = bus_policy
    iam._RESOURCE_POLICY_LOOKUPS["events"] = ("eventbridge", "bus_policy_for_arn")
    hooks.wrap(iam, "enforce", enforce)


def enforce(
    original: Any,
    access_key_id: str,
    iam_action: str,
    service: str,
    region: str,
    resource_arn: str = "*",
    service_context: dict[str, Any] | None = None,
) -> Any:
    """Decide as MiniStack does, then ask what it does not: a Deny to root, and the key behind an S3 object."""
    keys = {**(service_context or {}), **conditions.item_keys(resource_arn)}
    denied = original(access_key_id, iam_action, service, region, resource_arn=resource_arn, service_context=keys)
    if denied is not None:
        return denied
    principal = iam.resolve_principal(access_key_id or "", get_account_id())
    if isinstance(principal, iam.AuthError):
        return None
    if principal.policies is None:
        return _root_refused(principal, iam_action, service, region, resource_arn, keys)
    if service == "s3":
        return s3_encryption.key_refused(original, access_key_id, iam_action, region, resource_arn, principal)
    return None


def _root_refused(
    principal: iam.PrincipalInfo, action: str, service: str, region: str, resource_arn: str, keys: dict[str, Any]
) -> iam.EvalResult | None:
    """A resource policy binds the root user as it binds everyone (IAM guide, "Policy evaluation logic").

    Only the calls that repair a bucket policy stay open to root, as on AWS.
    """
    found = iam._resource_policy(service, resource_arn) if service in _REFUSES_ROOT else None
    if found is None or action in _UNLOCKS_BUCKET:
        return None
    policy, owner = found
    context = iam.EvalContext(
        principal_arn=principal.arn,
        principal_type="Root",
        principal_account=principal.account,
        action=action,
        resource_arn=resource_arn,
        region=region,
        service_context={key.lower(): value for key, value in keys.items()},
        principal_keys=principal.keys,
    )
    verdict = iam.evaluate_resource_policy(policy, context)
    if verdict.decision == "Deny" or (owner not in (None, principal.account) and verdict.decision != "Allow"):
        verdict.principal_arn, verdict.resource_policy_arn = principal.arn, resource_arn
        return verdict
    return None


def _bucket_policy(original: Any, resource_arn: str) -> tuple[Any, str] | None:
    """The policy of a bucket of any account: a bucket's name is global (S3 guide, "Bucket naming rules")."""
    if not resource_arn.startswith("arn:aws:s3:::"):
        return _found(original(resource_arn))
    bucket = resource_arn.removeprefix("arn:aws:s3:::").partition("/")[0]
    owner = s3._bucket_owner_account(bucket)
    if owner is None:
        return None
    return s3._bucket_policies.get_scoped(owner, None, bucket) or "", owner


def _foreign_bucket_allows(original: Any, owner: str, bucket: str, key: str, *rest: Any, **kwargs: Any) -> bool:
    """Trust the decision of `enforce`, which knew the caller's role.

    MiniStack asks the owner's bucket policy about the caller's account as a whole, so a policy that names one role of
    another account, the usual way to share, would refuse that role.
    """
    if iam._anonymous.get():
        return bool(original(owner, bucket, key, *rest, **kwargs))
    return True


def _key_policy(original: Any, resource_arn: str) -> tuple[Any, str] | None:
    """The policy of a key of any account, by its ARN; MiniStack looks in the caller's account only."""
    owner = account_of(resource_arn)
    if not owner or owner == get_account_id():
        return _found(original(resource_arn))
    with request_scope(owner, resource_arn.split(":")[3] or get_region()):
        return _found(original(resource_arn))


def _found(answer: Any) -> tuple[Any, str] | None:
    """What MiniStack's lookups return: the policy and its owner, or None."""
    return (answer[0], str(answer[1])) if answer else None


def bus_policy(resource_arn: str) -> tuple[Any, str] | None:
    """The resource policy of an event bus of any account and its owner (EventBridge guide, "Permissions for buses")."""
    if ":event-bus/" not in resource_arn:
        return None
    _, _, _, region, account, resource = resource_arn.split(":", 5)
    name = resource.split("/", 1)[1]
    return eventbridge._event_bus_policies.get_scoped(account, region, name) or "", account
