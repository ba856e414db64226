"""What the samples tell of, and how it is looked at: credit-risk-pd version 7, and the table that its record is in."""

from typing import Any

from examples.cloud import Cloud
from tests.docker.lambda_containers import Invocation

GROUP = "credit-risk-pd"
ARN = "arn:aws:sagemaker:eu-west-1:444455556666:model-package/credit-risk-pd/7"
GROUP_ARN = "arn:aws:sagemaker:eu-west-1:444455556666:model-package-group/credit-risk-pd"
DEPLOYMENT = "deploy-0b7e6f5d4c3b2a190807f6e5d4c3b2a1"
TAGS = {"steward:owner": "mary.jackson", "steward:use-case-id": "credit-scoring", "steward:risk": "high"}


class Records:
    """The governance table, read as its account."""

    def __init__(self, cloud: dict[str, Any], hub: Cloud) -> None:
        self.client, self.name = hub.client("dynamodb", "hub"), cloud["outputs"]["GovernanceTable"]

    def items(self, pk: str = f"MODEL#{ARN}", begins: str = "") -> list[dict[str, Any]]:
        """The items of a partition, strings and numbers as strings."""
        asked = {"TableName": self.name, "ConsistentRead": True, "KeyConditionExpression": "pk = :pk"}
        found = self.client.query(**asked, ExpressionAttributeValues={":pk": {"S": pk}})["Items"]
        plain = [{name: next(iter(value.values())) for name, value in item.items()} for item in found]
        return [item for item in plain if item["sk"].startswith(begins)]

    def put(self, item: dict[str, str]) -> None:
        """Write an item of strings."""
        self.client.put_item(TableName=self.name, Item={name: {"S": value} for name, value in item.items()})


def refused_as(invocation: Invocation, kind: str) -> str:
    """The message of the error that ended an invocation, which must be of this kind."""
    assert invocation.error is not None, invocation.text
    assert invocation.error["errorType"] == kind, invocation.error
    return str(invocation.error["errorMessage"])


def succeeded(invocation: Invocation) -> Invocation:
    assert invocation.error is None, invocation.text
    return invocation
