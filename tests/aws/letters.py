"""A life in which things go wrong: events become dead letters, and somebody redrives them.

The queues are a stand-in, for moto's go by the wall clock: a letter in hand is invisible until the life's clock says
otherwise, whoever holds it.
"""

# ruff: noqa: N802, N803 - the names are AWS's

import io
import json
from dataclasses import dataclass, field
from typing import Any

from tests.aws import life
from tests.aws.cloud import FUNCTION_OF, MACHINE, Cloud, Delivery, machine, stream_event
from tests.aws.functions import ENVIRONMENT
from tests.aws.resources import FAILURES, client, table_items
from tests.aws.standins import Callers, Refused, StandIn
from tests.builders import ADA, MARY, after, approved, change
from tests.template.translation import REGION, hub

OPERATOR = f"arn:aws:sts::{hub().arn('RedriveEvents').split(':')[4]}:assumed-role/steward-ml-engineer/edsger.dijkstra"
UNDELIVERED = ENVIRONMENT["RedriveEvents"]["UNDELIVERED_QUEUE_URL"]
FAILED = ENVIRONMENT["RedriveEvents"]["FAILED_QUEUE_URL"]
NOW = after(4000)


@dataclass
class Queues(StandIn):
    """SQS: messages by queue, each with who has it in hand until when."""

    cloud: Cloud
    kept: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {UNDELIVERED: {}, FAILED: {}})

    def put(self, url: str, body: dict[str, Any], **said: str) -> None:
        """A message comes in."""
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in said.items()}
        number = f"{len(self.kept[url]):012d}"
        self.kept[url][f"00000000-0000-4000-8000-{number}"] = {
            "Body": json.dumps(body),
            "MessageAttributes": attributes,
        }

    def visible(self, one: dict[str, Any]) -> bool:
        """Whether nobody has it in hand."""
        return bool(one.get("until", 0.0) <= self.cloud.clock.moment.timestamp())

    def GetQueueAttributes(self, QueueUrl: str, **_: Any) -> dict[str, Any]:
        held = sum(not self.visible(one) for one in self.kept[QueueUrl].values())
        return {"Attributes": {"ApproximateNumberOfMessagesNotVisible": str(held)}}

    def ReceiveMessage(
        self, QueueUrl: str, MaxNumberOfMessages: int, VisibilityTimeout: int, **_: Any
    ) -> dict[str, Any]:
        found = [key for key, one in self.kept[QueueUrl].items() if self.visible(one)][:MaxNumberOfMessages]
        for key in found:
            self.hold(QueueUrl, key, VisibilityTimeout)
        sent = str(int(after(3000).timestamp() * 1000))
        messages = [
            {
                "MessageId": key,
                "ReceiptHandle": key,
                "Body": self.kept[QueueUrl][key]["Body"],
                "MessageAttributes": self.kept[QueueUrl][key]["MessageAttributes"],
                "Attributes": {"SentTimestamp": sent},
            }
            for key in found
        ]
        return {"Messages": messages}

    def hold(self, url: str, key: str, seconds: int) -> None:
        """Put a message out of sight for so long."""
        if key in self.kept[url]:
            self.kept[url][key]["until"] = self.cloud.clock.moment.timestamp() + seconds

    def ChangeMessageVisibilityBatch(self, QueueUrl: str, Entries: list[Any]) -> dict[str, Any]:
        for entry in Entries:
            self.hold(QueueUrl, entry["ReceiptHandle"], entry["VisibilityTimeout"])
        return {"Successful": [], "Failed": []}

    def DeleteMessage(self, QueueUrl: str, ReceiptHandle: str) -> dict[str, Any]:
        self.kept[QueueUrl].pop(ReceiptHandle, None)
        return {}


@dataclass
class Machines(StandIn):
    """Step Functions: an execution of a name is started once."""

    cloud: Cloud
    kept: dict[str, str] = field(default_factory=dict)

    def StartExecution(self, stateMachineArn: str, name: str, input: str) -> dict[str, Any]:
        assert stateMachineArn == MACHINE
        if name in self.kept:
            raise Refused("ExecutionAlreadyExists", f"Execution Already Exists: '{name}'")
        self.kept[name] = input
        self.cloud.queue.append(machine(json.loads(input)))
        return {"executionArn": f"{stateMachineArn}:{name}", "startDate": after(0)}


@dataclass
class Functions(StandIn):
    """Lambda: what is invoked is done next, and goes well."""

    cloud: Cloud

    def Invoke(self, FunctionName: str, Payload: bytes, InvocationType: str) -> dict[str, Any]:
        self.cloud.queue.append(Delivery(FUNCTION_OF[FunctionName], json.loads(Payload)))
        return {"StatusCode": 200, "Payload": io.BytesIO(b"null")}


def begun(cloud: Cloud) -> None:
    """A version is registered as any other."""
    queues, machines = Queues(cloud), Machines(cloud)
    cloud.others = [queues, machines]
    mine = {"sqs": queues, "stepfunctions": machines, "lambda": Functions(cloud), "sts": Callers(OPERATOR)}
    cloud.seam.standins = {**cloud.seam.standins, **mine}
    life.tell(cloud, change(0), 0, ADA)


def gone_wrong(cloud: Cloud) -> None:
    """Nothing of what happens now reaches its function: one letter in each place, of each kind."""
    queues = cloud.others[0]
    life.tell(cloud, approved(600), 600, MARY)
    for delivery in cloud.queue:
        queues.put(FAILED, given_up(hub().arn(delivery.function), delivery.event))
    cloud.queue.clear()
    (sealing,) = [one for one in cloud.announced() if one["detail-type"] == "SealingRequested"]
    queues.put(UNDELIVERED, sealing, TARGET_ARN=MACHINE, RULE_ARN="arn:aws:events:rule", ERROR_CODE="NO_PERMISSIONS")
    told = {"TARGET_ARN": hub().arn("AnchorAudit"), "SCHEDULE_ARN": "arn:aws:scheduler:schedule"}
    queues.put(UNDELIVERED, {}, **told, ERROR_CODE="SDK_CLIENT_ERROR")
    queues.put(FAILED, {"nobody": "wrote this"})
    (entry, *_) = [one for one in table_items() if one["sk"]["S"].startswith("AUDIT#")]
    batch = given_up(hub().arn("RelayChanges"), None) | {"payload": json.dumps(stream_event(entry))}
    key = "aws/lambda/7f1c/shardId-0/2026-10-12T10.00.00-1"
    client("s3").put_object(Bucket=FAILURES, Key=key, Body=json.dumps(batch).encode())
    cloud.clock.moment = NOW


def given_up(function: str, event: Any) -> dict[str, Any]:
    """The record of an event that a function gave up on."""
    about = {"functionArn": f"{function}:$LATEST", "condition": "RetriesExhausted", "approximateInvokeCount": 3}
    said = {"errorType": "ClientError", "errorMessage": "the registry does not answer"}
    return {"requestContext": about, "requestPayload": event, "responsePayload": said, "responseContext": {}}


def asked(cloud: Cloud, action: str = "redrive", number: int = 1, **more: Any) -> dict[str, Any]:
    """A request with a proof of this moment. What its signature is worth, the stand-in for STS does not ask."""
    stamp = cloud.clock.moment.strftime("%Y%m%dT%H%M%SZ")
    proof = (
        "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Credential=ASIAOPERATOR00%2F{stamp[:8]}%2F{REGION}%2Fsts%2Faws4_request&X-Amz-Date={stamp}"
        f"&X-Amz-Expires=900&X-Amz-SignedHeaders=host%3Bx-steward-digest&X-Amz-Signature={'0f' * 32}"
    )
    payload = {"action": action, "why": "it answers again", "function": hub().arn("RedriveEvents")}
    payload |= {"request_id": f"00000000-0000-4000-8000-{number:012d}"}
    return {"payload": payload | more, "proof": proof}


def is_done(answer: dict[str, Any]) -> bool:
    """Whether nothing is left that could go, and nothing is in somebody else's hand."""
    kept = [one for one in answer["letters"] if one["outcome"] == "kept" and not one["obstacle"]]
    return not kept and not any(box["held"] for box in answer["boxes"].values())


def redriven(cloud: Cloud) -> None:
    """An operator redrives everything, and looks whether it was all."""

    def complete(answer: dict[str, Any]) -> list[Delivery]:
        if not is_done(answer):
            raise RuntimeError(str(answer))
        return []

    cloud.queue.append(Delivery("RedriveEvents", asked(cloud), complete))


def looked(cloud: Cloud) -> None:
    """And then looks again."""
    cloud.clock.wait(600)
    cloud.queue.append(Delivery("RedriveEvents", asked(cloud, "list", 2)))


STEPS = (
    ("a version is registered", begun),
    ("what happens next reaches nobody", gone_wrong),
    ("an operator redrives everything", redriven),
    ("and looks at what is left", looked),
)
