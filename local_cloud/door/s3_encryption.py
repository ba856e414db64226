"""The key behind an encrypted S3 object: whoever reads or writes the object must be allowed to use its key.

AWS: S3 calls KMS in the caller's name, so a GetObject of an SSE-KMS object needs `kms:Decrypt`, and a PutObject
`kms:GenerateDataKey`, in the caller's policy or the key's, with `kms:ViaService` and `kms:CallerAccount` set (S3 guide,
"Using server-side encryption with AWS KMS keys"). MiniStack encrypts nothing and asks nobody.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_actions
from ministack.core import iam_evaluator as iam
from ministack.core.responses import request_scope
from ministack.services import s3

from local_cloud.door import hooks

_KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"
_READS = frozenset({"s3:GetObject", "s3:GetObjectVersion"})

_written_key: ContextVar[str] = ContextVar("steward_written_key", default="")
_read_version: ContextVar[str] = ContextVar("steward_read_version", default="")


def install() -> None:
    """Remember, while a request is authorised, which key and which version it names."""
    hooks.wrap(iam_actions, "s3_service_context", _note_request)


def _note_request(
    original: Any, action: str, query: dict[str, Any] | None, path: str = "", headers: dict[str, str] | None = None
) -> dict[str, Any]:
    _written_key.set((headers or {}).get(_KEY_HEADER, ""))
    _read_version.set(iam_actions._query_param(query or {}, "versionId") or "")
    return dict(original(action, query, path, headers))


def key_refused(
    enforce: Callable[..., Any],
    access_key_id: str,
    action: str,
    region: str,
    resource_arn: str,
    principal: iam.PrincipalInfo,
) -> Any:
    """The refusal of the object's key, or None when it may be used or there is none."""
    bucket, _, key = resource_arn.removeprefix("arn:aws:s3:::").partition("/")
    owner = s3._bucket_owner_account(bucket)
    if not key or owner is None or not (action in _READS or action == "s3:PutObject"):
        return None
    needed = _key_of_object(owner, bucket, key) if action in _READS else _key_for_write(owner, bucket, region)
    if not needed:
        return None
    arn = needed if needed.startswith("arn:") else f"arn:aws:kms:{region}:{owner}:key/{needed}"
    context = {
        "kms:ViaService": f"s3.{region}.amazonaws.com",
        "kms:CallerAccount": principal.account,
        "kms:EncryptionContext:aws:s3:arn": resource_arn,
    }
    with request_scope(principal.account, region):
        return enforce(
            access_key_id,
            "kms:Decrypt" if action in _READS else "kms:GenerateDataKey",
            "kms",
            region,
            resource_arn=arn,
            service_context=context,
        )


def _key_of_object(owner: str, bucket: str, key: str) -> str:
    """The key a stored object is encrypted with; the version asked for when one is named, else the current one."""
    version = _read_version.get()
    if version:
        for entry in s3._object_versions.get_scoped(owner, None, (bucket, key)) or []:
            if entry.get("version_id") == version:
                return str((entry.get("preserved_headers") or {}).get(_KEY_HEADER, ""))
    record = s3._buckets.get_scoped(owner, None, bucket) or {}
    stored = (record.get("objects") or {}).get(key) or {}
    return str((stored.get("preserved_headers") or {}).get(_KEY_HEADER, ""))


def _key_for_write(owner: str, bucket: str, region: str) -> str:
    if _written_key.get():
        return _written_key.get()
    with request_scope(owner, region):
        return str(s3._bucket_default_sse_headers(bucket).get(_KEY_HEADER, ""))
