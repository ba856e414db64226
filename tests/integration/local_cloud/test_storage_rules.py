"""S3, KMS, DynamoDB and ECR answer as AWS does where Steward's safety rests on it."""

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


def test_a_part_that_is_copied_has_the_checksum_that_its_upload_was_opened_for(client):
    a_bucket(client, "parts-of")
    may_read = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{HUB}:root"},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::parts-from/*",
    }
    a_bucket(client, "parts-from", DEV, [may_read])
    content = b"m" * 5 * 2**20 + b"odel"
    client("s3", DEV).put_object(Bucket="parts-from", Key="m", Body=content)
    s3, where = client("s3"), {"Bucket": "parts-of", "Key": "m"}
    upload = {**where, "UploadId": s3.create_multipart_upload(**where, ChecksumAlgorithm="SHA256")["UploadId"]}
    bounds = [(0, 5 * 2**20), (5 * 2**20, len(content))]
    digests = [hashlib.sha256(content[first:end]).digest() for first, end in bounds]
    for number, (first, end) in enumerate(bounds, 1):
        told = {"CopySource": {"Bucket": "parts-from", "Key": "m"}, "CopySourceRange": f"bytes={first}-{end - 1}"}
        copied = s3.upload_part_copy(**upload, **told, PartNumber=number)["CopyPartResult"]
        assert copied["ChecksumSHA256"] == base64.b64encode(digests[number - 1]).decode()
    parts = [
        {name: one[name] for name in ("PartNumber", "ETag", "ChecksumSHA256")}
        for one in s3.list_parts(**upload)["Parts"]
    ]
    s3.complete_multipart_upload(
        **upload, MultipartUpload={"Parts": parts}, MpuObjectSize=len(content), IfNoneMatch="*"
    )
    composite = base64.b64encode(hashlib.sha256(b"".join(digests)).digest()).decode()
    assert s3.head_object(**where, ChecksumMode="ENABLED")["ChecksumSHA256"] == f"{composite}-2"


def test_a_range_of_a_version_is_just_that(client):
    a_bucket(client, "ranges")
    s3 = client("s3")
    s3.put_bucket_versioning(Bucket="ranges", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="ranges", Key="m", Body=b"weights")["VersionId"]
    s3.put_object(Bucket="ranges", Key="m", Body=b"other")
    told = s3.get_object(Bucket="ranges", Key="m", VersionId=version, Range="bytes=2-4")
    assert (told["Body"].read(), told["ContentLength"], told["ContentRange"]) == (b"igh", 3, "bytes 2-4/7")


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"])
def test_an_object_tells_the_checksum_that_its_uploader_chose_as_one_of_the_whole(client, shared_bucket, algorithm):
    s3, where = client("s3", HUB), {"Bucket": "hub-sealed", "Key": f"whole/{algorithm}"}
    s3.put_object(**where, Body=b"weights", ChecksumAlgorithm=algorithm)
    for told in (s3.head_object(**where, ChecksumMode="ENABLED"), s3.get_object(**where, ChecksumMode="ENABLED")):
        assert told["ChecksumType"] == "FULL_OBJECT"
        assert told[f"Checksum{algorithm}"] and "-" not in told[f"Checksum{algorithm}"]


def test_an_object_that_was_uploaded_in_parts_tells_the_checksum_of_its_parts_as_such(client, shared_bucket):
    s3, where = client("s3", HUB), {"Bucket": "hub-sealed", "Key": "in-parts"}
    upload = {**where, "UploadId": s3.create_multipart_upload(**where, ChecksumAlgorithm="CRC32")["UploadId"]}
    parts = []
    for number, body in enumerate((b"a" * 5 * 1024**2, b"b"), 1):
        one = s3.upload_part(**upload, PartNumber=number, Body=body, ChecksumAlgorithm="CRC32")
        parts.append({"PartNumber": number, "ETag": one["ETag"], "ChecksumCRC32": one["ChecksumCRC32"]})
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    told = s3.head_object(**where, ChecksumMode="ENABLED")
    assert told["ChecksumCRC32"].endswith("-2")
    assert told["ChecksumType"] == "COMPOSITE"


IMAGES = {"Action": "ecr:BatchGetImage", "Resource": f"arn:aws:ecr:{REGION}:*:repository/shared"}


def test_an_image_of_another_account_is_seen_by_whom_both_sides_let_look(client, role):
    ecr, manifest = client("ecr", DEV), '{"schemaVersion": 2}'
    ecr.create_repository(repositoryName="shared")
    digest = ecr.put_image(repositoryName="shared", imageManifest=manifest, imageTag="1")["image"]["imageId"][
        "imageDigest"
    ]
    asked = {"registryId": DEV, "repositoryName": "shared", "imageIds": [{"imageTag": "1"}]}
    looks = client("ecr", role=role("looker", [IMAGES]))
    assert code_of(looks.batch_get_image, **asked) == "AccessDeniedException"
    principal = {"Principal": {"AWS": f"arn:aws:iam::{HUB}:role/looker"}, "Effect": "Allow"}
    policy = {"Version": "2012-10-17", "Statement": [{**principal, "Action": "ecr:BatchGetImage"}]}
    ecr.set_repository_policy(repositoryName="shared", policyText=json.dumps(policy))
    (found,) = looks.batch_get_image(**asked)["images"]
    assert found["imageId"]["imageDigest"] == digest
    asked["imageIds"] = [{"imageDigest": f"sha256:{'0' * 64}"}]
    assert looks.batch_get_image(**asked)["failures"][0]["failureCode"] == "ImageNotFound"
    blind = client("ecr", role=role("blind", []))
    assert code_of(blind.batch_get_image, **asked) == "AccessDeniedException"
    assert client("ecr").describe_repositories()["repositories"] == [], "it is dev's, and nobody else's"
