"""Who calls can be proven to a third party; held objects stay; archived events come again."""

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from .conftest import HUB, REGION
from .test_events_and_functions import a_queue, a_rule, eventually, messages, put

pytestmark = pytest.mark.cloud


def presigned(bare_cloud: str, keys: dict[str, str], digest: str) -> str:
    """A GetCallerIdentity that binds a header, to be sent by somebody else."""
    credentials = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    url = f"{bare_cloud}/?Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("GET", url, headers={"x-digest": digest, "Host": bare_cloud.removeprefix("http://")})
    SigV4QueryAuth(credentials, "sts", REGION, expires=60).add_auth(request)
    return str(request.url)


def test_a_presigned_request_tells_who_made_it_only_with_the_header_it_was_signed_for(bare_cloud, role):
    url = presigned(bare_cloud, role("prover", []), "1234")
    with urllib.request.urlopen(urllib.request.Request(url, headers={"x-digest": "1234"})) as answer:
        assert f"<Arn>arn:aws:sts::{HUB}:assumed-role/prover/ada.lovelace</Arn>" in answer.read().decode()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(url, headers={"x-digest": "5678"}))
    assert "SignatureDoesNotMatch" in refused.value.read().decode()


def test_an_object_under_legal_hold_cannot_be_deleted_until_the_hold_is_lifted(client):
    s3, name = client("s3"), "held-objects"
    where: Any = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True, CreateBucketConfiguration=where)
    held = {"Bucket": name, "Key": "a"}
    held["VersionId"] = s3.put_object(**held, Body=b"x")["VersionId"]
    s3.put_object_legal_hold(**held, LegalHold={"Status": "ON"})
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(**held)
    s3.put_object_legal_hold(**held, LegalHold={"Status": "OFF"})
    s3.delete_object(**held)


def test_archived_events_come_again_when_they_are_replayed(client):
    events = client("events")
    bus = events.create_event_bus(Name="replayed")["EventBusArn"]
    archive = events.create_archive(ArchiveName="replayed", EventSourceArn=bus)["ArchiveArn"]
    url, arn = a_queue(client, "replayed")
    a_rule(client, "replayed", {"Arn": arn}, bus="replayed", source=["replayed"])
    put(events, "replayed", {"n": 1}, bus="replayed")
    (first,) = eventually(lambda: messages(client, url))
    now = datetime.now(UTC)
    events.start_replay(
        ReplayName="again", EventSourceArn=archive, Destination={"Arn": bus},
        EventStartTime=now - timedelta(hours=1), EventEndTime=now + timedelta(hours=1),
    )  # fmt: skip
    both = eventually(lambda: len(found := messages(client, url)) == 2 and found)
    original, again = (json.loads(message["Body"]) for message in both)
    assert json.loads(first["Body"])["detail"] == original["detail"] == again["detail"] == {"n": 1}
    assert original["id"] == again["id"]
    assert {"replay-name"} == set(original) ^ set(again)


def test_a_replay_takes_the_right_to_the_archive_to_the_bus_and_to_itself(client, role):
    events = client("events")
    bus = events.create_event_bus(Name="guarded")["EventBusArn"]
    archive = events.create_archive(ArchiveName="guarded", EventSourceArn=bus)["ArchiveArn"]
    own = f"arn:aws:events:{REGION}:{HUB}:replay/mine-*"
    may = {"Action": ["events:StartReplay", "events:DescribeReplay", "events:DescribeArchive"]}
    allowed = client("events", role=role("replayer", [{**may, "Resource": [archive, bus, own]}]))
    without_bus = client("events", role=role("half-a-replayer", [{**may, "Resource": [archive, own]}]))
    now = datetime.now(UTC)
    asked: dict[str, Any] = {
        "ReplayName": "mine-1", "EventSourceArn": archive, "Destination": {"Arn": bus},
        "EventStartTime": now - timedelta(hours=1), "EventEndTime": now,
    }  # fmt: skip
    assert allowed.describe_archive(ArchiveName="guarded")["ArchiveName"] == "guarded"
    with pytest.raises(ClientError, match="AccessDenied"):
        without_bus.start_replay(**asked)
    with pytest.raises(ClientError, match="AccessDenied"):
        allowed.start_replay(**{**asked, "ReplayName": "yours"})
    allowed.start_replay(**asked)
    assert allowed.describe_replay(ReplayName="mine-1")["State"] in {"STARTING", "RUNNING", "COMPLETED"}


def test_a_batch_of_messages_takes_the_right_to_one_message(client, role):
    url, arn = a_queue(client, "batches")
    client("sqs").send_message(QueueUrl=url, MessageBody="x")
    rights = ["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"]
    sqs = client("sqs", role=role("batcher", [{"Action": rights, "Resource": arn}]))
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    entry = {"Id": "0", "ReceiptHandle": message["ReceiptHandle"]}
    changed = sqs.change_message_visibility_batch(QueueUrl=url, Entries=[{**entry, "VisibilityTimeout": 0}])
    assert [one["Id"] for one in changed["Successful"]] == ["0"]
    with pytest.raises(ClientError, match="AccessDenied"):
        sqs.delete_message_batch(QueueUrl=url, Entries=[entry])
