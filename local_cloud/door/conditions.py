"""Condition keys as IAM's documents define them, where MiniStack resolves them differently or not at all."""

import json
from typing import Any

from ministack.core import iam_actions
from ministack.core import iam_evaluator as iam
from ministack.services import dynamodb, s3
from ministack.services import iam as iam_service

from local_cloud.door import hooks, registry_actions

_LEADING_KEYS = "dynamodb:LeadingKeys"


class TransactionItemArn(str):
    """A table's ARN that remembers which partition key this item of a transaction touches."""

    leading_key: str | None = None


def install() -> None:
    """Correct the keys that Steward's policies are written with."""
    hooks.wrap(iam, "_resolve_condition_key", _resolve)
    hooks.wrap(iam_actions, "dynamodb_service_context", _dynamodb_context)
    hooks.wrap(iam_actions, "dynamodb_transaction_checks", _transaction_checks)
    hooks.wrap(iam_actions, "request_tag_context", _request_context)


def _resolve(original: Any, key: str, context: iam.EvalContext) -> Any:
    """Give three global keys their AWS meaning.

    - `aws:PrincipalArn` of an assumed role is the ROLE's ARN (IAM user guide, "aws:PrincipalArn"); MiniStack gives
      the session's.
    - `aws:SecureTransport`: AWS endpoints are TLS. The door listens on the loopback interface only, which stands in
      for TLS here, so that a bucket policy which refuses plain HTTP can be deployed unchanged.
    - `aws:ResourceAccount` / `s3:ResourceAccount` of a bucket: S3 ARNs carry no account, so it is looked up.
    """
    name = key.lower()
    if name == "aws:securetransport":
        return "true"
    if name == "aws:principalarn":
        return _principal_arn(context)
    if name in ("aws:resourceaccount", "s3:resourceaccount") and context.resource_arn.startswith("arn:aws:s3:::"):
        bucket = context.resource_arn.removeprefix("arn:aws:s3:::").partition("/")[0]
        return s3._bucket_owner_account(bucket) or context.principal_account
    return original(key, context)


def _principal_arn(context: iam.EvalContext) -> str:
    arn = str(context.principal_arn)
    if ":assumed-role/" not in arn:
        return arn
    role = iam._role_name_from_assumed_arn(arn)
    stored = iam_service._roles.get_scoped(context.principal_account, None, role)
    return str((stored or {}).get("Arn") or f"arn:aws:iam::{context.principal_account}:role/{role}")


def _request_context(original: Any, service: str, action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
    """Add what a request to the registry or to a bus says about itself.

    `sagemaker:ModelLifeCycle:stage` and `...:stageStatus` are the requested values (SageMaker guide, "Set up Staging
    Construct Examples"); `events:source` and `events:detail-type` are those of the entries, the first a list, the
    second one text (Service Authorization Reference). MiniStack knows neither; of entries of several types it sees none
    that a single one is asked for.
    """
    context = dict(original(service, action, body, params))
    if service == "sagemaker":
        context.update(registry_actions.request_keys(action, body))
    elif action == "events:PutEvents":
        entries = [entry for entry in _json(body).get("Entries", []) if isinstance(entry, dict)]
        context["events:source"] = sorted({str(entry.get("Source", "")) for entry in entries})
        types = sorted({str(entry.get("DetailType", "")) for entry in entries})
        context["events:detail-type"] = types[0] if len(types) == 1 else types
    return context


def _dynamodb_context(original: Any, body: bytes) -> dict[str, Any]:
    """Add what a request touches (DynamoDB guide, "Using conditions").

    `dynamodb:LeadingKeys` are the partition keys; `dynamodb:Attributes` of an item that is put are all of its names,
    which MiniStack gives for projections only.
    """
    context = dict(original(body))
    request = _json(body)
    keys = _leading_keys(request)
    if isinstance(request.get("Item"), dict):
        context["dynamodb:Attributes"] = sorted(request["Item"])
    if keys:
        context[_LEADING_KEYS] = keys
    return context


def _leading_keys(request: dict[str, Any]) -> list[str]:
    table = request.get("TableName")
    if isinstance(table, str) and table:
        return [key for key in [_key_of(table, request)] if key]
    keys: list[str] = []
    for name, asked in (request.get("RequestItems") or {}).items():
        items = asked.get("Keys", []) if isinstance(asked, dict) else [next(iter(r.values()), {}) for r in asked]
        for item in items:
            found = _key_of(name, item if isinstance(asked, list) else {"Key": item})
            keys += [found] if found else []
    return keys


def _key_of(table: str, request: dict[str, Any]) -> str | None:
    name = _partition_key(table, request.get("IndexName"))
    value = (request.get("Key") or request.get("Item") or {}).get(name)
    if value is None and "KeyConditionExpression" in request:
        value = _queried_value(name, request)
    return str(next(iter(value.values()))) if isinstance(value, dict) and value else None


def _queried_value(name: str, request: dict[str, Any]) -> Any:
    """The value that `name = :value` asks for in a key condition, names and values being placeholders or not."""
    names = request.get("ExpressionAttributeNames") or {}
    aliases = {name, *(alias for alias, real in names.items() if real == name)}
    words = str(request["KeyConditionExpression"]).replace("(", " ").replace(")", " ").replace("=", " = ").split()
    for left, middle, right in zip(words, words[1:], words[2:], strict=False):
        if middle == "=" and left in aliases:
            return (request.get("ExpressionAttributeValues") or {}).get(right)
    return None


def _partition_key(table: str, index: str | None) -> str:
    record = dynamodb._tables.get(table.rsplit("/", 1)[-1]) or {}
    schema = record.get("KeySchema") or []
    for found in record.get("GlobalSecondaryIndexes") or []:
        if index and found.get("IndexName") == index:
            schema = found.get("KeySchema") or schema
    return next((part["AttributeName"] for part in schema if part.get("KeyType") == "HASH"), "")


def _transaction_checks(original: Any, action: str, body: bytes, region: str, account: str) -> list[tuple[str, str]]:
    """Let each item of a transaction carry its own leading key into its own check, as AWS authorises item by item."""
    checks = original(action, body, region, account)
    keys = [
        _key_of(detail["TableName"], detail)
        for item in (_json(body).get("TransactItems") or [])
        if isinstance(item, dict)
        for member in iam_actions._DYNAMODB_TRANSACT_ITEM_ACTIONS
        if isinstance(detail := item.get(member), dict) and detail.get("TableName")
    ]
    marked: list[tuple[str, str]] = []
    for (item_action, arn), key in zip(checks, keys, strict=True):
        item_arn = TransactionItemArn(arn)
        item_arn.leading_key = key
        marked.append((item_action, item_arn))
    return marked


def item_keys(resource_arn: str) -> dict[str, Any]:
    """The leading key that `_transaction_checks` tied to one item's ARN, as a condition key."""
    key = getattr(resource_arn, "leading_key", None)
    return {_LEADING_KEYS: [key]} if key else {}


def _json(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
