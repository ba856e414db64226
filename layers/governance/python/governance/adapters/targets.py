"""Targets that dead letters were for: functions, the copy state machine, a subscriber's bus."""

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from governance.adapters.clients import code_of, message_of
from governance.domain.letters import Letter
from governance.ports.dead_letters import Handed


class AwsCourier:
    """`ports.Courier` on Lambda, Step Functions and EventBridge.

    A function that gets an event, or records of a stream, is waited for: only its own word says that it handled
    them. What runs on a schedule or for a pipeline may take longer than anybody waits, and is handed to Lambda, whose
    own retries and destination follow.
    """

    def __init__(self, lambda_: Any, states: Any, events: Any) -> None:
        self.lambda_ = lambda_
        self.states = states
        self.events = events

    def hand_over(self, letter: Letter) -> Handed:
        """One call. What AWS refuses is the answer; a call that never got one is too, and the letter stays."""
        kind = letter.target.split(":")[2:3]
        try:
            if kind == ["lambda"]:
                return self.to_function(letter)
            if kind == ["states"]:
                return self.to_machine(letter)
            if kind == ["events"]:
                return self.to_bus(letter)
        except ClientError as refused:
            return Handed(accepted=False, detail=f"{code_of(refused)}: {message_of(refused)}")
        except BotoCoreError as broken:
            return Handed(accepted=False, detail=f"no answer: {broken}")
        return Handed(accepted=False, detail=f"nobody here hands anything to {letter.target}")

    def to_function(self, letter: Letter) -> Handed:
        """Invoke it with the very payload."""
        is_awaited = not {"detail-type", "Records"}.isdisjoint(json.loads(letter.payload))
        kind = "RequestResponse" if is_awaited else "Event"
        answer = self.lambda_.invoke(
            FunctionName=letter.target, InvocationType=kind, Payload=letter.payload.encode()
        )  # fmt: skip
        if not is_awaited:
            return Handed(accepted=True, detail="Lambda has it, and will try it three times")
        said = json.loads(answer["Payload"].read() or b"null")
        if answer.get("FunctionError"):
            told = said if isinstance(said, dict) else {}
            return Handed(accepted=False, detail=f"{told.get('errorType', 'error')}: {told.get('errorMessage', '')}")
        failures = said.get("batchItemFailures") if isinstance(said, dict) else None
        if failures:
            return Handed(accepted=False, detail=f"{len(failures)} of its records failed again")
        return Handed(accepted=True, detail="handled")

    def to_machine(self, letter: Letter) -> Handed:
        """Start an execution under the letter's own name: a letter that is handed over again starts no second."""
        try:
            self.states.start_execution(stateMachineArn=letter.target, name=letter.id, input=letter.payload)
        except ClientError as refused:
            if code_of(refused) != "ExecutionAlreadyExists":
                raise
        return Handed(accepted=True, detail="an execution has it")

    def to_bus(self, letter: Letter) -> Handed:
        """Put the announcement on the subscriber's bus once more; its `event_id` is what it was."""
        event = json.loads(letter.payload)
        entry = {
            "EventBusName": letter.target,
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"], ensure_ascii=False),
            "Resources": event.get("resources", []),
        }
        answer = self.events.put_events(Entries=[entry])
        if answer.get("FailedEntryCount"):
            (one,) = answer["Entries"]
            return Handed(accepted=False, detail=f"{one.get('ErrorCode')}: {one.get('ErrorMessage')}")
        return Handed(accepted=True, detail="on the subscriber's bus")
