"""What is promised of the stacks of workload accounts, kept by the fake and by CloudFormation alike."""

import json
from collections.abc import Callable

import boto3
import pytest
from botocore.exceptions import ClientError

from governance.adapters.workload_stacks import WorkloadStacks
from governance.domain.environment import Environment
from governance.domain.errors import AccountUnreadable
from governance.domain.lifecycle import Stage
from governance.ports.delivery import Stacks
from tests import fakes
from tests.aws.resources import client
from tests.aws.seam import Seam
from tests.builders import TEST

ENVIRONMENT = Environment(stage=Stage.TEST, account=TEST, pipeline="steward-deploy-test")
NAME = "steward-credit-risk-pd-test"


def of_the_fake() -> tuple[Stacks, Callable[[], str]]:
    stacks = fakes.InMemoryStacks()

    def make() -> str:
        stacks.statuses[TEST, NAME] = "CREATE_COMPLETE"
        return "CREATE_COMPLETE"

    return stacks, make


def of_aws() -> tuple[Stacks, Callable[[], str]]:
    def make() -> str:
        keys = boto3.client("sts").assume_role(RoleArn=f"arn:aws:iam::{TEST}:role/admin", RoleSessionName="admin")
        held = keys["Credentials"]
        there = boto3.client(
            "cloudformation",
            region_name="eu-west-1",
            aws_access_key_id=held["AccessKeyId"],
            aws_secret_access_key=held["SecretAccessKey"],
            aws_session_token=held["SessionToken"],
        )
        queue = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
        there.create_stack(StackName=NAME, TemplateBody=json.dumps(queue))
        return str(there.describe_stacks(StackName=NAME)["Stacks"][0]["StackStatus"])

    return WorkloadStacks(client("sts"), "steward"), make


@pytest.mark.parametrize("kind", [of_the_fake, of_aws])
def test_a_stack_tells_its_status_and_one_that_is_not_there_none(seam: Seam, kind):
    stacks, make = kind()
    assert stacks.status(ENVIRONMENT, NAME) == ""
    status = make()
    assert stacks.status(ENVIRONMENT, NAME) == status


class Refusing:
    """An account whose role does not let the hub in, or anything else that is wrong."""

    def __init__(self, code: str) -> None:
        self.code = code

    def assume_role(self, **_: str) -> None:
        raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, "AssumeRole")


def test_an_account_that_lets_nobody_look_is_told_from_a_fault():
    with pytest.raises(AccountUnreadable):
        WorkloadStacks(Refusing("AccessDenied"), "steward").status(ENVIRONMENT, NAME)
    with pytest.raises(ClientError):
        WorkloadStacks(Refusing("Throttling"), "steward").status(ENVIRONMENT, NAME)
