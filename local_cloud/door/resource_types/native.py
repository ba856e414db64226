"""Properties that MiniStack's own CloudFormation types read past, set through the API that does know them.

`AWS::S3::Bucket`: BucketEncryption, ObjectLockEnabled, ObjectLockConfiguration. `AWS::DynamoDB::Table`:
PointInTimeRecoverySpecification, SSESpecification, and truth values that a parameter brings in as text.
"""

from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import dynamodb, s3
from ministack.services.cloudformation import provisioners

Created = tuple[str, dict[str, Any]]
Props = dict[str, Any]


def install() -> None:
    """Complete the two types, on create and on update."""
    for name, complete in (("AWS::S3::Bucket", _complete_bucket), ("AWS::DynamoDB::Table", _complete_table)):
        handler = provisioners._RESOURCE_HANDLERS[name]
        for act in ("create", "update"):
            handler[act] = _then(handler[act], complete)


def _then(make: Callable[..., Created], complete: Callable[[str, Props], None]) -> Callable[..., Created]:
    """Make as before, then complete with the newest properties: the last dictionary among the arguments."""

    def made(*args: Any) -> Created:
        created = make(*args)
        complete(created[0], next(arg for arg in reversed(args) if isinstance(arg, dict)))
        return created

    return made


def _complete_bucket(name: str, props: Props) -> None:
    rules = (props.get("BucketEncryption") or {}).get("ServerSideEncryptionConfiguration") or []
    if rules:
        rows = "".join(_encryption_rule(rule) for rule in rules)
        document = f"<ServerSideEncryptionConfiguration>{rows}</ServerSideEncryptionConfiguration>"
        s3._put_bucket_encryption(name, document.encode())
    if _true(props.get("ObjectLockEnabled")):
        rule = (props.get("ObjectLockConfiguration") or {}).get("Rule") or {}
        default = {key: value for key, value in (rule.get("DefaultRetention") or {}).items() if value}
        numbers = {key: int(value) if key in ("Days", "Years") else value for key, value in default.items()}
        s3._bucket_versioning[name] = "Enabled"
        s3._bucket_object_lock[name] = {"enabled": True, "default_retention": numbers or None}


def _encryption_rule(rule: Props) -> str:
    default = rule.get("ServerSideEncryptionByDefault") or {}
    key = default.get("KMSMasterKeyID")
    named = f"<KMSMasterKeyID>{escape(key)}</KMSMasterKeyID>" if key else ""
    algorithm = f"<SSEAlgorithm>{escape(default.get('SSEAlgorithm', 'AES256'))}</SSEAlgorithm>"
    bucket_key = "true" if _true(rule.get("BucketKeyEnabled")) else "false"
    return (
        f"<Rule><ApplyServerSideEncryptionByDefault>{algorithm}{named}</ApplyServerSideEncryptionByDefault>"
        f"<BucketKeyEnabled>{bucket_key}</BucketKeyEnabled></Rule>"
    )


def _complete_table(name: str, props: Props) -> None:
    recovery = props.get("PointInTimeRecoverySpecification") or {}
    dynamodb._pitr_settings[name] = _true(recovery.get("PointInTimeRecoveryEnabled"))
    table = dynamodb._tables.get(name)
    if table is None:
        return
    table["DeletionProtectionEnabled"] = _true(props.get("DeletionProtectionEnabled"))
    encryption = props.get("SSESpecification") or {}
    if _true(encryption.get("SSEEnabled")):
        asked = {**encryption, "Enabled": True}
        table["SSEDescription"] = dynamodb._sse_description_from_spec(asked)


def _true(value: Any) -> bool:
    return str(value).lower() == "true"
