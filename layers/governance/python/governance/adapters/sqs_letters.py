"""Dead letters in SQS: what EventBridge and its Scheduler could not hand over, and what functions gave up on.

A letter that is looked at is invisible to others for a minute at most: whoever looks puts it back at once, and if
they die, SQS does (SQS guide: "Amazon SQS visibility timeout"). The queues have no redrive policy, so that no number
of looks moves a letter on. Message attributes of EventBridge's letters: EventBridge guide, "Using dead-letter queues
to process undelivered events"; the record of a function's: Lambda guide, "Capturing records of Lambda asynchronous
invocations".
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from governance.domain.letters import Letter, letter_id, versions_in
from governance.ports.dead_letters import Look, Taken

IN_HAND = 60
"""Seconds for which letters are out of others' sight while they are looked at."""
HANDING_OVER = 180
"""Seconds for which a letter is out of others' sight while its target works on it."""
LIMIT = 500
"""How many letters one look takes."""
PAGE = 10
"""The most that SQS gives, or takes, at a time."""


class SqsLetters:
    """`ports.Letterbox` on one of the two queues. `patience` is for how many seconds SQS asks all of its servers."""

    def __init__(self, sqs: Any, url: str, box: Literal["undelivered", "failed"], patience: int = 1) -> None:
        self.sqs = sqs
        self.url = url
        self.box = box
        self.patience = patience

    def look(self) -> Look:
        """One call for each ten letters, one that finds no more, and one for how many are in somebody else's hand."""
        found: dict[str, Taken] = {}
        more = True
        while more and len(found) < LIMIT:
            page = self.received()
            known = len(found)
            for message in page:
                taken = Taken(letter=self.letter(message), handle=message["ReceiptHandle"])
                found[taken.letter.id] = taken
            more = len(found) > known
        asked = self.sqs.get_queue_attributes(
            QueueUrl=self.url, AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
        )
        held = int(asked["Attributes"]["ApproximateNumberOfMessagesNotVisible"]) - len(found)
        return Look(taken=tuple(found.values()), held=max(held, 0), more=more)

    def received(self) -> Sequence[Mapping[str, Any]]:
        """Ten letters, or fewer."""
        answer = self.sqs.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=PAGE,
            VisibilityTimeout=IN_HAND,
            WaitTimeSeconds=self.patience,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        messages: Sequence[Mapping[str, Any]] = answer.get("Messages", [])
        return messages

    def release(self, taken: Sequence[Taken]) -> None:
        """One call for each ten. What fails to be put back shows again by itself."""
        for start in range(0, len(taken), PAGE):
            entries = [
                {"Id": str(number), "ReceiptHandle": one.handle, "VisibilityTimeout": 0}
                for number, one in enumerate(taken[start : start + PAGE])
            ]
            self.sqs.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)

    def keep(self, taken: Taken) -> None:
        """One call."""
        told = [{"Id": "0", "ReceiptHandle": taken.handle, "VisibilityTimeout": HANDING_OVER}]
        self.sqs.change_message_visibility_batch(QueueUrl=self.url, Entries=told)

    def discard(self, taken: Taken) -> None:
        """One call. SQS takes an old handle, and one of a message that is gone, without a word."""
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=taken.handle)

    def letter(self, message: Mapping[str, Any]) -> Letter:
        """A message as a letter; one that cannot be read says so, and stays."""
        sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
        read: Callable[[Mapping[str, Any]], dict[str, Any]] = undelivered if self.box == "undelivered" else failed
        try:
            told = read(message)
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            told = unreadable(message["Body"], wrong)
        return Letter(
            id=letter_id(self.box, message["MessageId"]),
            box=self.box,
            at=sent,
            versions=versions_in(message["Body"]),
            **told,
        )


def undelivered(message: Mapping[str, Any]) -> dict[str, Any]:
    """What EventBridge, or its Scheduler, says of what it could not hand over."""
    said = {name: str(one.get("StringValue", "")) for name, one in message.get("MessageAttributes", {}).items()}
    target = said.get("TARGET_ARN", "")
    cause = ": ".join(one for one in (said.get("ERROR_CODE", ""), said.get("ERROR_MESSAGE", "")) if one)
    is_cut = said.get("IS_PAYLOAD_TRUNCATED", "").lower() == "true"
    obstacle = "the letter does not say what it was for" if not target else "AWS cut it off" if is_cut else ""
    return {
        "target": unqualified(target),
        "source": said.get("RULE_ARN") or said.get("SCHEDULE_ARN", ""),
        "cause": cause or said.get("EXHAUSTED_RETRY_CONDITION", "") or "EventBridge gives no cause",
        "attempts": 1 + int(said.get("RETRY_ATTEMPTS") or 0),
        "payload": payload_of(message["Body"]),
        "obstacle": obstacle,
    }


def payload_of(body: str) -> str:
    """The text for the target: the event, or what the Scheduler would have called a function with."""
    content = json.loads(body)
    if set(content) == {"FunctionName", "InvocationType", "Payload"}:
        return str(content["Payload"])
    return body


def failed(message: Mapping[str, Any]) -> dict[str, Any]:
    """What Lambda says of an event that a function gave up on."""
    record = json.loads(message["Body"])
    about, answer = record["requestContext"], record.get("responsePayload") or {}
    error = ": ".join(str(answer[name]) for name in ("errorType", "errorMessage") if answer.get(name))
    return {
        "target": unqualified(about["functionArn"]),
        "source": "",
        "cause": error or str(about.get("condition", "")),
        "attempts": int(about.get("approximateInvokeCount") or 1),
        "payload": json.dumps(record["requestPayload"], ensure_ascii=False),
        "obstacle": "" if record["requestPayload"] is not None else "Lambda did not keep its payload",
    }


def unreadable(body: str, wrong: Exception) -> dict[str, Any]:
    """A letter that nobody of ours wrote."""
    obstacle = f"it cannot be read ({type(wrong).__name__}): look at it in the queue itself"
    return {"target": "", "source": "", "cause": "unknown", "attempts": 1, "payload": body, "obstacle": obstacle}


def unqualified(arn: str) -> str:
    """A function's ARN without its version: a role may call the function, and not one version of it."""
    parts = arn.split(":")
    return ":".join(parts[:7]) if parts[2:3] == ["lambda"] else arn
