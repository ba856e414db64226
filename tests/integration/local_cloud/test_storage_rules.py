"""S3, KMS and DynamoDB answer as AWS does where Steward's safety rests on it."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import DEV, HUB, REGION

pytestmark = pytest.mark.cloud


def code_of(call: Callable[..., Any], **kwargs: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**kwargs)
    return str(error.value.response["Error"]["Code"])


def a_bucket(client: Any, name: str, account: str = HUB, statements: list[dict[str, Any]] | None = None) -> str:
    s3 = client("s3", account)
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    if statements:
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    return name


def a_key(client: Any, statements: list[dict[str, Any]], account: str = HUB) -> str:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **one} for one in statements]}
    return str(client("kms", account).create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"])


READS = {"Action": ["s3:GetObject", "s3:GetObjectVersion"], "Resource": "arn:aws:s3:::dev-models/*"}
WRITES = {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::hub-sealed/*"}
THEIRS = {"CopySource": {"Bucket": "dev-models", "Key": "m"}, "Bucket": "hub-sealed"}


@pytest.fixture(scope="module")
def shared_bucket(client: Any) -> None:
    a_bucket(client, "hub-sealed")
    may_read = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{HUB}:role/copier"},
        "Action": ["s3:GetObject", "s3:GetObjectVersion"],
        "Resource": "arn:aws:s3:::dev-models/*",
    }
    only_tls = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::dev-models", "arn:aws:s3:::dev-models/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    a_bucket(client, "dev-models", DEV, [may_read, only_tls])
    client("s3", DEV).put_object(Bucket="dev-models", Key="m", Body=b"model")


def test_a_copy_across_accounts_needs_both_sides(client, role, shared_bucket):
    in_dev = {"Condition": {"StringEquals": {"aws:ResourceAccount": DEV}}}
    copier = client("s3", role=role("copier", [{**READS, **in_dev}, WRITES]))
    uninvited = client("s3", role=role("uninvited-copier", [READS, WRITES]))
    without_policy = client("s3", role=role("copier-without", [WRITES]))

    digest = base64.b64encode(hashlib.sha256(b"model").digest()).decode()
    copied = copier.copy_object(**THEIRS, Key="sealed/x", ChecksumAlgorithm="SHA256", IfNoneMatch="*")
    assert copied["CopyObjectResult"]["ChecksumSHA256"] == digest
    assert client("s3").get_object(Bucket="hub-sealed", Key="sealed/x")["Body"].read() == b"model"
    assert code_of(uninvited.copy_object, **THEIRS, Key="y") == "AccessDenied"
    assert code_of(without_policy.copy_object, **THEIRS, Key="y") == "AccessDenied"
    assert [b["Name"] for b in client("s3").list_buckets()["Buckets"] if b["Name"] == "dev-models"] == []


def test_a_copy_never_overwrites_when_told_so(client, shared_bucket):
    s3 = client("s3")
    s3.put_object(Bucket="hub-sealed", Key="taken", Body=b"first")
    source = {"CopySource": {"Bucket": "hub-sealed", "Key": "taken"}, "Bucket": "hub-sealed"}

    assert code_of(s3.copy_object, **source, Key="taken", IfNoneMatch="*") == "PreconditionFailed"
    assert code_of(s3.copy_object, **source, Key="z", CopySourceIfMatch='"0"') == "PreconditionFailed"


def test_a_bucket_policy_binds_root_as_well(client):
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::guarded/sealed/*",
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{HUB}:role/only-writer"}},
    }
    a_bucket(client, "guarded", statements=[deny])

    assert code_of(client("s3").put_object, Bucket="guarded", Key="sealed/x", Body=b"") == "AccessDenied"
    assert client("s3").put_object(Bucket="guarded", Key="other", Body=b"")


def test_an_encrypted_object_needs_its_key(client, role):
    via_s3 = {
        "Principal": {"AWS": "*"},
        "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
        "Condition": {
            "StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com", "kms:CallerAccount": HUB},
            "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{HUB}:role/key-*"},
        },
    }
    administer = {"Principal": {"AWS": f"arn:aws:iam::{HUB}:root"}, "Action": "kms:*"}
    key = a_key(client, [administer, via_s3])
    a_bucket(client, "encrypted")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    client("s3").put_bucket_encryption(Bucket="encrypted", ServerSideEncryptionConfiguration={"Rules": [rule]})
    on_objects = {"Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::encrypted/*"}
    with_key, without = role("key-user", [on_objects]), role("no-key-user", [on_objects])
    allowed_by_itself = role("own-key-user", [on_objects, {"Action": "kms:Decrypt", "Resource": key}])

    client("s3", role=with_key).put_object(Bucket="encrypted", Key="x", Body=b"secret")
    assert client("s3", role=with_key).get_object(Bucket="encrypted", Key="x")["Body"].read() == b"secret"
    assert client("s3", role=allowed_by_itself).get_object(Bucket="encrypted", Key="x")
    assert code_of(client("s3", role=without).get_object, Bucket="encrypted", Key="x") == "AccessDenied"
    assert code_of(client("s3", role=without).put_object, Bucket="encrypted", Key="y", Body=b"") == "AccessDenied"


def test_leading_keys_limit_a_role_to_its_rows(client, role):
    client("dynamodb").create_table(
        TableName="rows",
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
    )
    table = f"arn:aws:dynamodb:{REGION}:{HUB}:table/rows"
    leases = {"Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["LEASE#*"]}}}
    dynamodb = client(
        "dynamodb",
        role=role(
            "leaser",
            [
                {
                    "Action": ["dynamodb:DeleteItem", "dynamodb:Query", "dynamodb:BatchGetItem"],
                    "Resource": table,
                    **leases,
                },
                {"Action": "dynamodb:PutItem", "Resource": table},
            ],
        ),
    )
    lease, model = ({"pk": {"S": f"{kind}#1"}, "sk": {"S": "HEAD"}} for kind in ("LEASE", "MODEL"))

    both = [{"Put": {"TableName": "rows", "Item": model}}, {"Delete": {"TableName": "rows", "Key": lease}}]
    dynamodb.transact_write_items(TransactItems=both)
    asked = {"TableName": "rows", "KeyConditionExpression": "pk = :p"}
    dynamodb.query(**asked, ExpressionAttributeValues={":p": {"S": "LEASE#1"}})
    dynamodb.batch_get_item(RequestItems={"rows": {"Keys": [lease]}})
    assert code_of(dynamodb.delete_item, TableName="rows", Key=model) == "AccessDeniedException"
    wrong = [{"Delete": {"TableName": "rows", "Key": model}}]
    assert code_of(dynamodb.transact_write_items, TransactItems=wrong) == "AccessDeniedException"
    assert (
        code_of(dynamodb.query, **asked, ExpressionAttributeValues={":p": {"S": "MODEL#1"}}) == "AccessDeniedException"
    )
