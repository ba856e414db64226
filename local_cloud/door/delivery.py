"""How a rule hands an event to its target: with the permissions AWS asks for, and a dead-letter queue when it cannot.

AWS: EventBridge needs the function's, queue's or bus's resource policy, or the target's role, to deliver; what it may
not or cannot deliver goes to the target's `DeadLetterConfig` with the reason in message attributes (EventBridge guide,
"Using dead-letter queues"). An event forwarded to another bus keeps id, account, time and resources; across accounts
the receiving bus's policy must allow it. Lambda takes the event asynchronously (`async_lambda`). MiniStack asks no
policy, knows no dead letters, and drops what leaves the account.
"""

import json
import logging
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_evaluator as iam
from ministack.core.responses import get_account_id, request_scope
from ministack.services import eventbridge, lambda_svc, stepfunctions

from local_cloud.door import authority, bus, hooks, queues
from local_cloud.door.resource_policies import bus_policy

logger = logging.getLogger("steward.door")

_EVENTS = "events.amazonaws.com"


@dataclass(frozen=True)
class Undelivered(Exception):
    """Why an event could not be handed over; the words are EventBridge's."""

    code: str
    message: str


def install() -> None:
    """Take the delivery to targets over."""
    hooks.wrap(eventbridge, "_invoke_target", invoke_target)


def invoke_target(original: Any, target: dict[str, Any], event: bus.Event, rule: dict[str, Any], view: Any = None) -> None:
    """Deliver one event to one target, or to that target's dead-letter queue."""
    deliver = _DELIVERIES.get(_service_of(target))
    if deliver is None:
        original(target, event, rule, view)
        return
    view = view or eventbridge._pattern_event_view(event)
    payload = _payload(target, rule, view)
    try:
        deliver(target, payload, event, rule)
    except Undelivered as failure:
        _dead_letter(target, json.dumps(view.event_with_detail()), rule, failure)


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


def _to_lambda(target: dict[str, Any], payload: str, event: bus.Event, rule: dict[str, Any]) -> None:
    arn = target["Arn"]
    with request_scope(authority.account_of(arn), arn.split(":")[3]):
        function, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if not function or not config:
            raise Undelivered("RESOURCE_NOT_FOUND", f"Function not found: {arn}")
        keys = {"aws:SourceArn": rule["Arn"], "aws:SourceAccount": authority.account_of(rule["Arn"])}
        if authority.resource_decision(function["policy"], _EVENTS, "lambda:InvokeFunction", arn, keys) != "Allow":
            raise Undelivered("NO_PERMISSIONS", f"{rule['Arn']} may not invoke {arn}: add an AWS::Lambda::Permission")
        record = lambda_svc._execution_record_for_config(function, config)
        lambda_svc.invoke_async_with_retry(record, json.loads(payload))


def _to_queue(target: dict[str, Any], payload: str, event: bus.Event, rule: dict[str, Any]) -> None:
    arn = target["Arn"]
    if not queues.exists(arn):
        raise Undelivered("RESOURCE_NOT_FOUND", f"Queue not found: {arn}")
    if not queues.service_may_send(arn, _EVENTS, rule["Arn"], get_account_id()):
        raise Undelivered("NO_PERMISSIONS", f"The policy of {arn} does not let {rule['Arn']} send")
    queues.put(arn, payload)


def _to_state_machine(target: dict[str, Any], payload: str, event: bus.Event, rule: dict[str, Any]) -> None:
    arn = target["Arn"]
    if stepfunctions._resolve_state_machine_arn(arn) is None:
        raise Undelivered("RESOURCE_NOT_FOUND", f"State machine not found: {arn}")
    _require_role(target, "states:StartExecution", arn)
    status, _, body = stepfunctions._start_execution({"stateMachineArn": arn, "input": payload})
    if status >= 400:
        raise Undelivered("SDK_CLIENT_ERROR", body.decode())


def _to_bus(target: dict[str, Any], payload: str, event: bus.Event, rule: dict[str, Any]) -> None:
    arn = target["Arn"]
    account, region, name = bus.bus_of(arn)
    path = list(event.get("_DispatchPath") or [])
    here = f"{get_account_id()}:{rule['Arn']}"
    if here in path:
        return
    if target.get("RoleArn") or account == get_account_id():
        _require_role(target, "events:PutEvents", arn)
    if account != get_account_id() and not _bus_lets_in(target, arn, event):
        raise Undelivered("NO_PERMISSIONS", f"The policy of {arn} does not let {get_account_id()} put events")
    with request_scope(account, region):
        eventbridge._ensure_default_bus()
        if name not in eventbridge._event_buses:
            raise Undelivered("RESOURCE_NOT_FOUND", f"Event bus not found: {arn}")
    bus.receive(account, region, {**event, "EventBusName": name, "_DispatchPath": [*path, here]})


def _require_role(target: dict[str, Any], action: str, resource: str) -> None:
    role = target.get("RoleArn") or ""
    if not authority.role_trusts_service(role, _EVENTS) or not authority.role_allows(role, action, resource):
        raise Undelivered("NO_PERMISSIONS", f"Role {role or '(none given)'} may not {action} on {resource}")


def _bus_lets_in(target: dict[str, Any], arn: str, event: bus.Event) -> bool:
    found = bus_policy(arn)
    keys = {
        "events:source": event["Source"],
        "events:detail-type": event["DetailType"],
        "events:eventBusInvocation": "true",
    }
    role = target.get("RoleArn") or f"arn:aws:iam::{get_account_id()}:root"
    context = authority.session_context(role, "events", "events:PutEvents", arn, keys)
    if not target.get("RoleArn"):
        context.principal_arn, context.principal_type = role, "Root"
    return found is not None and iam.evaluate_resource_policy(found[0], context).decision == "Allow"


def _dead_letter(target: dict[str, Any], event_json: str, rule: dict[str, Any], failure: Undelivered) -> None:
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    logger.warning("event not delivered: %s %s, dead-letter queue %s", failure.code, failure.message, queue)
    if not queue or not queues.exists(queue):
        return
    if not queues.service_may_send(queue, _EVENTS, rule["Arn"], get_account_id()):
        logger.warning("the policy of %s does not let EventBridge send: the event is lost, as on AWS", queue)
        return
    attributes = {
        "RULE_ARN": rule["Arn"],
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": failure.code,
        "ERROR_MESSAGE": failure.message,
        "RETRY_ATTEMPTS": "0",
    }
    queues.put(queue, event_json, attributes)




_DELIVERIES = {"lambda": _to_lambda, "sqs": _to_queue, "states": _to_state_machine, "bus": _to_bus}
