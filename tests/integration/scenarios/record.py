"""What a stranger sees of Steward: the record, the pipelines, the queues of what failed; and how they wait for it."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from boto3.dynamodb.types import TypeDeserializer

from governance.domain.identifiers import group_arn_of
from tests.integration.scenarios.access import Access, Item

T = TypeVar("T")


def wait_for(
    what: str,
    look: Callable[[], T],
    until: Callable[[T], Any],
    timeout: float = 60,
    hopeless: Callable[[T], Any] = lambda _: False,
) -> T:
    """Look until it is so. Fails with what was seen last, at the deadline or as soon as it cannot come any more."""
    deadline = time.monotonic() + timeout
    while True:
        seen = look()
        if until(seen):
            return seen
        assert not hopeless(seen), f"it cannot come any more: {what}\nseen: {seen}"
        assert time.monotonic() < deadline, f"not within {timeout:.0f} s: {what}\nseen last: {seen}"
        time.sleep(0.1)


class Record(Access):
    """Everything a stranger looks at, and waits for."""

    def items(self, arn: str, prefix: str = "", who: str = "auditor") -> list[Item]:
        """A version's items whose sort key begins so, in their order."""
        condition, values = "pk = :pk", {":pk": {"S": f"MODEL#{arn}"}}
        if prefix:
            condition, values = f"{condition} AND begins_with(sk, :sk)", {**values, ":sk": {"S": prefix}}
        pages = self.client("dynamodb", who).get_paginator("query").paginate(
            TableName=self.outputs["GovernanceTable"], KeyConditionExpression=condition,
            ExpressionAttributeValues=values, ConsistentRead=True,
        )  # fmt: skip
        return [plain(item) for page in pages for item in page["Items"]]

    def item(self, pk: str, sk: str) -> Item:
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        table = self.outputs["GovernanceTable"]
        answer = self.client("dynamodb", "auditor").get_item(TableName=table, Key=key, ConsistentRead=True)
        return plain(answer.get("Item", {}))

    def head(self, arn: str) -> Item:
        return self.item(f"MODEL#{arn}", "HEAD")

    def stage(self, arn: str, stage: str) -> Item:
        return self.item(f"MODEL#{arn}", f"STAGE#{stage}")

    def deployments(self, arn: str, stage: str = "") -> list[Item]:
        found = [item for item in self.items(arn, "DEPLOYMENT#") if stage in ("", item["stage"])]
        return sorted(found, key=lambda item: item["requested_at"])

    def findings(self, arn: str, status: str = "open") -> dict[str, Item]:
        return {item["code"]: item for item in self.items(arn, "FINDING#") if item["status"] == status}

    def actions(self, arn: str) -> list[str]:
        """The chain's actions, in order."""
        return [json.loads(item["entry"])["action"] for item in self.items(arn, "AUDIT#")]

    def executions(self) -> list[Item]:
        """Every execution of both pipelines."""
        client = self.client("codepipeline", "auditor")
        return [
            execution
            for name in ("TestPipeline", "ProdPipeline")
            for page in client.get_paginator("list_pipeline_executions").paginate(pipelineName=self.outputs[name])
            for execution in page["pipelineExecutionSummaries"]
        ]

    def failed_event(self, about: str) -> Item:
        """A message of the failed-events queue in which a text occurs, left there; empty if there is none."""
        sqs, url = self.client("sqs", "hub"), self.outputs["FailedEvents"]
        taken: list[Item] = []
        while more := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=30).get("Messages"):
            taken += more
        for message in taken:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        found = (one for one in taken if about in one["Body"])
        return next(({**json.loads(one["Body"]), "handle": one["ReceiptHandle"]} for one in found), {})

    def forget(self, failed: Item) -> None:
        """Take a message out of the failed-events queue."""
        queue = self.outputs["FailedEvents"]
        self.client("sqs", "hub").delete_message(QueueUrl=queue, ReceiptHandle=failed["handle"])

    def undelivered(self) -> int:
        """How many events EventBridge could not hand over."""
        attributes = self.client("sqs", "ml-engineer").get_queue_attributes(
            QueueUrl=self.outputs["UndeliveredEvents"], AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])

    def wait_registered(self, arn: str) -> Item:
        return wait_for(f"the record of {arn}", lambda: self.stage(arn, "development"), bool)

    def wait_sealed(self, arn: str, timeout: float = 60) -> Item:
        return wait_for(
            f"{arn} is sealed", lambda: self.head(arn), lambda head: head.get("sealed"), timeout,
            hopeless=lambda _: {"artifact-missing", "artifact-changed", "sealing-failed"} & set(self.findings(arn)),
        )  # fmt: skip

    def wait_finding(self, arn: str, code: str, status: str = "open") -> Item:
        found = wait_for(
            f"{status} finding {code} of {arn}", lambda: self.findings(arn, status), lambda all_: code in all_
        )
        return found[code]

    def wait_stage(self, arn: str, stage: str, **wanted: str) -> Item:
        """Wait until the stage record says so."""
        return wait_for(
            f"{stage} of {arn} is {wanted}",
            lambda: self.stage(arn, stage),
            lambda record: all(record.get(name) == value for name, value in wanted.items()),
        )

    def wait_deployed(self, arn: str, stage: str = "test", validated: bool = True) -> Item:
        """Wait until it is deployed, and measured there."""
        return wait_for(
            f"{arn} is deployed to {stage}",
            lambda: self.stage(arn, stage),
            lambda record: record.get("deployment_status") == "deployed" and (record["validated_at"] or not validated),
            90,
            lambda record: record.get("deployment_status") in {"failed", "removed", "superseded"},
        )

    def wait_remembered(self, arn: str, place: str = "test") -> None:
        """Wait until its group knows that it serves there: told by announcement, so after the version's own record."""
        wait_for(
            f"the group knows that {arn} serves in {place}",
            lambda: json.loads(self.item(f"GROUP#{group_arn_of(arn)}", "HEAD").get("serving", "{}")).get(place, {}),
            lambda known: known.get("version") == arn,
        )

    def wait_failed(self, arn: str, stage: str = "test") -> Item:
        return wait_for(
            f"the deployment of {arn} to {stage} fails",
            lambda: self.stage(arn, stage),
            lambda record: record.get("deployment_status") == "failed",
            60,
            lambda record: record.get("deployment_status") == "deployed",
        )

    def settled(self, arns: Iterable[str], quiet: float = 1.5) -> dict[str, list[Item]]:
        """Every item of some versions, once none has changed for a while."""
        arns, since = list(arns), time.monotonic()
        seen: dict[str, list[Item]] = {}

        def look() -> float:
            nonlocal since, seen
            now = {arn: self.items(arn) for arn in arns}
            if now != seen:
                seen, since = now, time.monotonic()
            return time.monotonic() - since

        wait_for("the records hold still", look, lambda still: still > quiet)
        return seen


def plain(item: Mapping[str, Any]) -> Item:
    read = TypeDeserializer()
    return {name: read.deserialize(value) for name, value in item.items()}
