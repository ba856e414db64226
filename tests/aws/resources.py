"""The template's own table, buckets and buses, made in moto: nothing of them is written down a second time."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import itemgetter
from typing import Any
from unittest.mock import patch

import boto3
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from tests.aws.moto_quick import quick
from tests.template.translation import REGION, dev_account, hub

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "hub",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}

TABLE = hub().name("GovernanceTable")
ARTIFACTS, BUNDLES = hub().name("ArtifactBucket"), hub().name("PipelineBucket")
AUDITS = hub().name("AuditBucket")
FAILURES = hub().name("StreamFailureBucket")
SOURCES = dev_account().name("ArtifactBucket")
"""The dev account's bucket."""
GOVERNANCE_BUS, INTAKE_BUS = hub().name("GovernanceBus"), hub().name("IntakeBus")
KEY = hub().arn("ArtifactKey")


@contextmanager
def in_memory() -> Iterator[None]:
    """An AWS of its own, and credentials for it."""
    with patch.dict(os.environ), mock_aws(), quick():
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
            os.environ.pop(name, None)
        os.environ.update(CREDENTIALS)
        boto3.DEFAULT_SESSION = None  # it keeps the credentials that it saw first
        yield
        boto3.DEFAULT_SESSION = None


def client(service: str) -> Any:
    """A client of the test's own."""
    make: Any = boto3.client
    return make(service, region_name=REGION)


def make_table(name: str = TABLE) -> None:
    """The governance table as the template defines it; encryption aside, which moto does not do."""
    defined = hub().of_type("AWS::DynamoDB::Table")["GovernanceTable"]
    same = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    stream = {**defined["StreamSpecification"], "StreamEnabled": True}
    wanted = {key: defined[key] for key in same}
    client("dynamodb").create_table(TableName=name, StreamSpecification=stream, **wanted)


def make_buckets() -> None:
    """The hub's buckets, versioned and locked as the template says, and the dev account's."""
    s3 = client("s3")
    where = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
    for logical_id, defined in hub().of_type("AWS::S3::Bucket").items():
        name = hub().name(logical_id)
        s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=defined.get("ObjectLockEnabled", False), **where)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=defined["VersioningConfiguration"])
    s3.create_bucket(Bucket=SOURCES, **where)


def make_buses() -> None:
    """Both buses."""
    for bus in hub().of_type("AWS::Events::EventBus"):
        client("events").create_event_bus(Name=hub().name(bus))


def table_items(name: str = TABLE, is_meant: Callable[[str], bool] = lambda _sort_key: True) -> list[dict[str, Any]]:
    """The items whose sort keys are meant, in the order of their keys.

    Read from moto itself, for it is asked after every delivery: most of the table it was told before.
    """
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[name]
    rows = (((pk.value, sk.value), item) for pk, kept in table.items.items() for sk, item in kept.items())
    meant = sorted((row for row in rows if is_meant(row[0][1])), key=itemgetter(0))
    return [item.to_json()["Attributes"] for _, item in meant]


def plain(item: dict[str, Any]) -> str:
    """An item as a text that compares."""
    return json.dumps(item, sort_keys=True)
