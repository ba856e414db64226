"""What S3 does and moto 5.2.5 does not, made good in front of it; and what moto takes too long to do.

CopyObject: moto takes no notice of `IfNoneMatch` and `CopySourceIfMatch`; S3 answers 412 (S3 API: CopyObject).
Object Lock: moto has no GetObjectRetention, shortens what S3 does not, and fails without a word where there is no
object (S3 API: GetObjectRetention, PutObjectRetention; S3 user guide: "Locking objects with Object Lock").
"""

import copy
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb import models as dynamodb
from moto.dynamodb.models.table import Table
from moto.s3.models import FakeDeleteMarker, s3_backends

from tests.aws import moto_gaps_of_parts

Call = Callable[[Any, str, Mapping[str, Any]], Any]


def filled(client: Any, operation: str, parameters: Mapping[str, Any], original: Call) -> Any:
    """The answer to a call as S3 would have given it."""
    if operation == "CopyObject":
        check_copy(client, parameters, original)
    if operation in moto_gaps_of_parts.OF_PARTS:
        return moto_gaps_of_parts.filled(client, operation, parameters, original)
    if operation in LOCKS:
        present = lock_of(operation, parameters)
        if operation == "PutObjectRetention":
            check_no_shortening(parameters, present)
        if operation == "GetObjectRetention":
            return {"Retention": present_or_refused(present, "RetainUntilDate", operation)}
        if operation == "GetObjectLegalHold":
            return {"LegalHold": present_or_refused(present, "Status", operation)}
    return original(client, operation, parameters)


def check_copy(client: Any, asked: Mapping[str, Any], original: Call) -> None:
    """Refuse a copy onto an object that is there, and one of an object that is not the one meant."""
    wanted = asked.get("CopySourceIfMatch")
    if wanted and original(client, "HeadObject", asked["CopySource"])["ETag"].strip('"') != wanted.strip('"'):
        raise refusal()
    if asked.get("IfNoneMatch") == "*" and exists(client, asked, original):
        raise refusal()


LOCKS = frozenset({"GetObjectRetention", "PutObjectRetention", "GetObjectLegalHold", "PutObjectLegalHold"})


def lock_of(operation: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """How moto keeps an object version locked. Refuses, as S3 does, for one that is not there."""
    kept = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[asked["Bucket"]].keys.getlist(asked["Key"], default=[])
    wanted = asked.get("VersionId")
    found = next((one for one in reversed(kept) if wanted in (None, one.version_id)), None)
    if found is None:
        raise no_such("NoSuchVersion" if kept else "NoSuchKey", "The specified object does not exist.", operation)
    if isinstance(found, FakeDeleteMarker):
        raise no_such("MethodNotAllowed", "The specified method is not allowed against this resource.", operation)
    until = datetime.fromisoformat(found.lock_until) if found.lock_until else None
    return {"Mode": found.lock_mode, "RetainUntilDate": until, "Status": found.lock_legal_status}


def present_or_refused(present: dict[str, Any], name: str, operation: str) -> dict[str, Any]:
    """The part of a lock that is asked for, or S3's word that there is none."""
    if not present[name]:
        words = "The specified object does not have a ObjectLock configuration"
        raise no_such("NoSuchObjectLockConfiguration", words, operation)
    return {key: present[key] for key in (("Mode", name) if name == "RetainUntilDate" else (name,))}


def check_no_shortening(asked: Mapping[str, Any], present: dict[str, Any]) -> None:
    """Refuse a shorter lock, or another mode, from whoever does not bypass governance."""
    wanted, until = asked["Retention"], present["RetainUntilDate"]
    weaker = until and (wanted["RetainUntilDate"] < until or wanted["Mode"] != present["Mode"])
    if weaker and not asked.get("BypassGovernanceRetention"):
        told = {"Code": "AccessDenied", "Message": "Access Denied because object protected by object lock."}
        answered = {"Error": told, "ResponseMetadata": {"HTTPStatusCode": 403}}
        raise ClientError(answered, "PutObjectRetention")


def no_such(code: str, message: str, operation: str) -> ClientError:
    """404 or 405, in S3's words."""
    told = {"Code": code, "Message": message}
    status = 405 if code == "MethodNotAllowed" else 404
    return ClientError({"Error": told, "ResponseMetadata": {"HTTPStatusCode": status}}, operation)


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
