"""What S3 does and moto 5.2.5 does not, made good in front of it; and what moto takes too long to do.

CopyObject: moto takes no notice of `IfNoneMatch` and `CopySourceIfMatch`; S3 answers 412 (S3 API: CopyObject).
"""

import copy
from collections import defaultdict
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.dynamodb import models as dynamodb
from moto.dynamodb.models.table import Table

Call = Callable[[Any, str, Mapping[str, Any]], Any]


def filled(client: Any, operation: str, parameters: Mapping[str, Any], original: Call) -> Any:
    """The answer to a call as S3 would have given it."""
    if operation == "CopyObject":
        check_copy(client, parameters, original)
    return original(client, operation, parameters)


def check_copy(client: Any, asked: Mapping[str, Any], original: Call) -> None:
    """Refuse a copy onto an object that is there, and one of an object that is not the one meant."""
    wanted = asked.get("CopySourceIfMatch")
    if wanted and original(client, "HeadObject", asked["CopySource"])["ETag"].strip('"') != wanted.strip('"'):
        raise refusal()
    if asked.get("IfNoneMatch") == "*" and exists(client, asked, original):
        raise refusal()


def exists(client: Any, asked: Mapping[str, Any], original: Call) -> bool:
    """Whether something lies under the key already."""
    try:
        original(client, "HeadObject", {"Bucket": asked["Bucket"], "Key": asked["Key"]})
    except ClientError:
        return False
    return True


def refusal() -> ClientError:
    """412, in S3's words."""
    told = {"Code": "PreconditionFailed", "Message": "At least one of the pre-conditions you specified did not hold"}
    return ClientError({"Error": told, "ResponseMetadata": {"HTTPStatusCode": 412}}, "CopyObject")


def make_transactions_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a transaction back its table up in a moment.

    Before each transaction moto copies the whole table with all its items, once for every item of the transaction, to
    roll back to. Items of ours are put or deleted, never changed where they are, so that a copy may share them.
    """

    def backup(original: Any) -> Any:
        return copy_of(original) if isinstance(original, Table) else copy.deepcopy(original)

    monkeypatch.setattr(dynamodb, "copy", SimpleNamespace(deepcopy=backup, copy=copy.copy))


def copy_of(table: Table) -> Table:
    """A table with the same items."""
    made = copy.copy(table)
    made.items = defaultdict(dict, {key: dict(rows) for key, rows in table.items.items()})
    return made
