"""Looking around reads what AWS tells, in this account and in others, and says why where it cannot."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from governance.adapters.surroundings import AwsSurroundings, statements
from governance.domain.preflight import Kind, Place, Seen, State
from tests.template.translation import DEV, HUB, REGION
from tests.unit.governance.preflight.around import OF

STATEMENT = {"Sid": "Read", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})
TRUST = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}


@pytest.fixture
def around(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsSurroundings]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("MOTO_ACCOUNT_ID", HUB)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    with mock_aws():
        yield AwsSurroundings(boto3.client("sts"), OF)


def in_dev(service: str) -> Any:
    """A client of the dev account."""
    role = f"arn:aws:iam::{DEV}:role/admin"
    keys = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="admin")["Credentials"]
    return boto3.client(
        service,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def place(kind: Kind, name: str, account: str = HUB) -> Place:
    return Place(kind=kind, account=account, name=name)


def test_a_document_is_read_however_aws_hands_it_out() -> None:
    escaped = DOCUMENT.replace("{", "%7B").replace("}", "%7D").replace('"', "%22")
    for form in (DOCUMENT, escaped, json.loads(DOCUMENT), {"Statement": STATEMENT}):
        assert statements(form) == (STATEMENT,)


def test_the_policies_of_buckets_and_keys_are_read(around: AwsSurroundings) -> None:
    kms, s3 = boto3.client("kms"), boto3.client("s3")
    key = kms.create_key(Policy=DOCUMENT)["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket="of-models", CreateBucketConfiguration={"LocationConstraint": REGION})
    assert around.look(place(Kind.BUCKET_POLICY, "of-models")) == Seen(why="it has no policy")
    s3.put_bucket_policy(Bucket="of-models", Policy=DOCUMENT)
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = [{"ApplyServerSideEncryptionByDefault": by_default}]
    s3.put_bucket_encryption(Bucket="of-models", ServerSideEncryptionConfiguration={"Rules": rules})
    for kind, name in (
        (Kind.BUCKET_POLICY, "of-models"),
        (Kind.KEY_POLICY, key),
        (Kind.BUCKETS_KEY_POLICY, "of-models"),
    ):
        assert around.look(place(kind, name)).statements == (STATEMENT,)


def test_a_bucket_without_a_key_of_its_own_cannot_be_shared(around: AwsSurroundings) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="of-models", CreateBucketConfiguration={"LocationConstraint": REGION})
    rules = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    s3.put_bucket_encryption(Bucket="of-models", ServerSideEncryptionConfiguration={"Rules": rules})
    assert around.look(place(Kind.BUCKETS_KEY_POLICY, "of-models")).state is State.MISSING


def test_a_role_of_another_account_is_read_with_all_its_policies(around: AwsSurroundings) -> None:
    iam = in_dev("iam")
    name = f"steward-forward-registry-events-{REGION}"
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [TRUST]}))
    for number in range(3):
        iam.put_role_policy(RoleName=name, PolicyName=f"p{number}", PolicyDocument=DOCUMENT)
    assert around.look(place(Kind.TRUST, name, DEV)).statements == (TRUST,)
    assert around.look(place(Kind.ROLE, name, DEV)).statements == (STATEMENT,) * 3
    assert around.look(place(Kind.ROLE, "another", DEV)).state is State.MISSING


def test_a_rule_leads_to_its_targets_unless_it_is_disabled(around: AwsSurroundings) -> None:
    events, name = in_dev("events"), "steward-forward-registry-events"
    role = OF.role(DEV, "forward")
    events.put_rule(Name=name, EventPattern='{"source": ["aws.sagemaker"]}')
    events.put_targets(Rule=name, Targets=[{"Id": "Hub", "Arn": OF.intake_bus, "RoleArn": role}])
    assert around.look(place(Kind.RULE, name, DEV)).leads_to == (OF.intake_bus, role)
    events.disable_rule(Name=name)
    assert around.look(place(Kind.RULE, name, DEV)).leads_to == ()
    assert around.look(place(Kind.RULE, "another", DEV)).state is State.MISSING


def test_a_buss_policy_is_read(around: AwsSurroundings) -> None:
    events = boto3.client("events")
    events.create_event_bus(Name="steward-intake")
    bus = place(Kind.BUS_POLICY, OF.intake_bus)
    assert around.look(bus).statements == ()
    events.put_permission(EventBusName="steward-intake", Action="events:PutEvents", Principal=DEV, StatementId="dev")
    (found,) = around.look(bus).statements
    assert found["Action"] == "events:PutEvents"
    assert DEV in found["Principal"]["AWS"]


@pytest.mark.parametrize(("kind", "name"), [(Kind.IMAGE, ""), (Kind.SHARES, DEV)])
def test_what_nobody_can_say_is_unreadable_with_the_reason(around: AwsSurroundings, kind: Kind, name: str) -> None:
    seen = around.look(place(kind, name))
    assert seen.state is State.UNREADABLE
    assert seen.why


class Refusing:
    """An account that lets nobody in."""

    def assume_role(self, **asked: str) -> Any:
        response: Any = {"Error": {"Code": "AccessDenied", "Message": "no"}}
        raise boto3.client("sts").exceptions.ClientError(response, "AssumeRole")


def test_an_account_that_lets_nobody_in_says_which_parameter_names_them(around: AwsSurroundings) -> None:
    around.sts = Refusing()
    seen = around.look(place(Kind.TRUST, "steward-deployment", DEV))
    assert seen.state is State.UNREADABLE
    assert f"{DEV}:role/steward-preflight-dev" in seen.why
    assert "MlEngineerRoleArns" in seen.why
