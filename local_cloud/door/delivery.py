"""How a rule hands an event to its target: with the permissions AWS asks for, and a dead-letter queue when it cannot.

AWS: EventBridge needs the function's, queue's or bus's resource policy, or the target's role, to deliver; what it may
not or cannot deliver goes to the target's `DeadLetterConfig` with the reason in message attributes (EventBridge guide,
"Using dead-letter queues"). An event forwarded to another bus keeps id, account, time and resources; across accounts
the receiving bus's policy must allow it. Lambda takes the event asynchronously (`async_lambda`). MiniStack asks no
policy, knows no dead letters, and drops what leaves the account.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_evaluator as iam
from ministack.core.responses import get_account_id, request_scope
from ministack.services import eventbridge, lambda_svc, stepfunctions

from local_cloud.door import authority, bus, hooks, queues
from local_cloud.door.resource_policies import bus_policy

logger = logging.getLogger("steward.door")

_EVENTS = "events.amazonaws.com"


class Undelivered(Exception):
    """Why an event could not be handed over; the code is EventBridge's."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def install() -> None:
    """Take the delivery to targets over."""
    hooks.wrap(eventbridge, "_invoke_target", invoke_target)


@dataclass(frozen=True)
class Handover:
    """One event on its way to one target of one rule."""

    target: dict[str, Any]
    rule: dict[str, Any]
    event: bus.Event
    payload: str

    @property
    def arn(self) -> str:
        """Where it goes."""
        return str(self.target["Arn"])

    @property
    def rule_arn(self) -> str:
        """The rule that sends it."""
        return str(self.rule["Arn"])


def invoke_target(
    original: Any, target: dict[str, Any], event: bus.Event, rule: dict[str, Any], view: Any = None
) -> None:
    """Deliver one event to one target, or to that target's dead-letter queue."""
    deliver = _DELIVERIES.get(_service_of(target))
    if deliver is None:
        original(target, event, rule, view)
        return
    view = view or eventbridge._pattern_event_view(event)
    handover = Handover(target, rule, event, _payload(target, rule, view))
    try:
        deliver(handover)
    except Undelivered as failure:
        _dead_letter(handover, json.dumps(view.event_with_detail()), failure)


def give_up(target: dict[str, Any], event: bus.Event, rule: dict[str, Any], view: Any = None) -> None:
    """Make an event a dead letter, as after 24 hours in which the target could not be reached."""
    view = view or eventbridge._pattern_event_view(event)
    handover = Handover(target, rule, event, _payload(target, rule, view))
    failure = Undelivered("SDK_CLIENT_ERROR", "The target did not answer.")
    _dead_letter(handover, json.dumps(view.event_with_detail()), failure)


def _service_of(target: dict[str, Any]) -> str:
    parts = str(target.get("Arn", "")).split(":", 5)
    if len(parts) < 6:
        return ""
    return "bus" if parts[5].startswith("event-bus/") else parts[2]


def _payload(target: dict[str, Any], rule: dict[str, Any], view: Any) -> str:
    whole = view.event_with_detail()
    if target.get("InputTransformer"):
        return str(eventbridge._apply_input_transformer(target["InputTransformer"], rule, view))
    if target.get("Input"):
        return str(target["Input"])
    if target.get("InputPath"):
        value: Any = whole
        for part in target["InputPath"].removeprefix("$").strip(".").split("."):
            value = value.get(part) if part and isinstance(value, dict) else value
        return json.dumps(value)
    return json.dumps(whole)


def _to_lambda(handover: Handover) -> None:
    arn = handover.arn
    with request_scope(authority.account_of(arn), arn.split(":")[3]):
        function, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if not function or not config:
            raise Undelivered("RESOURCE_NOT_FOUND", f"Function not found: {arn}")
        keys = {"aws:SourceArn": handover.rule_arn, "aws:SourceAccount": authority.account_of(handover.rule_arn)}
        if authority.resource_decision(function["policy"], _EVENTS, "lambda:InvokeFunction", arn, keys) != "Allow":
            raise Undelivered("NO_PERMISSIONS", f"{handover.rule_arn} has no permission to invoke {arn}")
        record = lambda_svc._execution_record_for_config(function, config)
        lambda_svc.invoke_async_with_retry(record, json.loads(handover.payload))


def _to_queue(handover: Handover) -> None:
    arn = handover.arn
    if not queues.exists(arn):
        raise Undelivered("RESOURCE_NOT_FOUND", f"Queue not found: {arn}")
    if not queues.service_may_send(arn, _EVENTS, handover.rule_arn, get_account_id()):
        raise Undelivered("NO_PERMISSIONS", f"The policy of {arn} does not let {handover.rule_arn} send")
    queues.put(arn, handover.payload)


def _to_state_machine(handover: Handover) -> None:
    arn = handover.arn
    if stepfunctions._resolve_state_machine_arn(arn) is None:
        raise Undelivered("RESOURCE_NOT_FOUND", f"State machine not found: {arn}")
    _require_role(handover, "states:StartExecution", arn)
    status, _, body = stepfunctions._start_execution({"stateMachineArn": arn, "input": handover.payload})
    if status >= 400:
        raise Undelivered("SDK_CLIENT_ERROR", body.decode())


def _to_bus(handover: Handover) -> None:
    arn = handover.arn
    account, region, name = bus.bus_of(arn)
    path = list(handover.event.get("_DispatchPath") or [])
    here = f"{get_account_id()}:{handover.rule_arn}"
    if here in path:
        return
    if handover.target.get("RoleArn") or account == get_account_id():
        _require_role(handover, "events:PutEvents", arn)
    if account != get_account_id() and not _bus_lets_in(handover):
        raise Undelivered("NO_PERMISSIONS", f"The policy of {arn} does not let {get_account_id()} put events")
    with request_scope(account, region):
        eventbridge._ensure_default_bus()
        if name not in eventbridge._event_buses:
            raise Undelivered("RESOURCE_NOT_FOUND", f"Event bus not found: {arn}")
    bus.receive(account, region, {**handover.event, "EventBusName": name, "_DispatchPath": [*path, here]})


def _require_role(handover: Handover, action: str, resource: str) -> None:
    role = handover.target.get("RoleArn") or ""
    keys = {"aws:SourceArn": handover.rule_arn, "aws:SourceAccount": get_account_id()}
    if not authority.role_trusts_service(role, _EVENTS, keys) or not authority.role_allows(role, action, resource):
        raise Undelivered("NO_PERMISSIONS", f"Role {role or '(none given)'} may not {action} on {resource}")


def _bus_lets_in(handover: Handover) -> bool:
    found, event, given_role = bus_policy(handover.arn), handover.event, handover.target.get("RoleArn")
    keys = {
        "events:source": event["Source"],
        "events:detail-type": event["DetailType"],
        "events:eventBusInvocation": "true",
    }
    role = given_role or f"arn:aws:iam::{get_account_id()}:root"
    context = authority.session_context(role, "events", "events:PutEvents", handover.arn, keys)
    if not given_role:
        context.principal_arn, context.principal_type = role, "Root"
    return found is not None and iam.evaluate_resource_policy(found[0], context).decision == "Allow"


def _dead_letter(handover: Handover, event_json: str, failure: Undelivered) -> None:
    queue = (handover.target.get("DeadLetterConfig") or {}).get("Arn")
    logger.warning("event not delivered: %s %s, dead-letter queue %s", failure.code, failure.message, queue)
    if not queue or not queues.exists(queue):
        return
    if not queues.service_may_send(queue, _EVENTS, handover.rule_arn, get_account_id()):
        logger.warning("the policy of %s does not let EventBridge send: the event is lost, as on AWS", queue)
        return
    attributes = {
        "RULE_ARN": handover.rule_arn,
        "TARGET_ARN": handover.arn,
        "ERROR_CODE": failure.code,
        "ERROR_MESSAGE": failure.message,
        "RETRY_ATTEMPTS": "0",
    }
    queues.put(queue, event_json, attributes)


_DELIVERIES: dict[str, Callable[[Handover], None]] = {
    "lambda": _to_lambda,
    "sqs": _to_queue,
    "states": _to_state_machine,
    "bus": _to_bus,
}
