"""CloudWatch alarms that see queues, tell dimensions apart, come back to OK and announce it.

AWS: SQS publishes `ApproximateNumberOfMessagesVisible` and its like; an alarm looks at its own dimensions; missing data
is treated as the alarm says; a change of state is an event `CloudWatch Alarm State Change` on the default bus.
MiniStack publishes no queue metrics, shows an alarm the points of every queue and function at once, keeps the last
state when there is no data, and announces nothing. `start` feeds the queue metrics that alarms ask for.
"""

import logging
import operator
import threading
import time
from typing import Any

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import cloudwatch, sqs

from local_cloud.door import bus, hooks

logger = logging.getLogger("steward.door")

_EVERY_SECONDS = 2.0
_QUEUE_METRICS = {
    "ApproximateNumberOfMessagesVisible": "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible": "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed": "ApproximateNumberOfMessagesDelayed",
}
_COMPARE = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def install() -> None:
    """Evaluate every alarm on its own metric only."""
    hooks.wrap(cloudwatch, "_evaluate_alarm", evaluate)


def start() -> None:
    """Feed queue metrics and evaluate alarms in the background for as long as the door runs."""
    threading.Thread(target=_forever, name="steward-alarms", daemon=True).start()


def evaluate(original: Any, alarm: dict[str, Any]) -> None:
    """Move one alarm to the state its own metric is in; alarms on expressions are left to MiniStack."""
    compare = _COMPARE.get(alarm.get("ComparisonOperator", ""))
    if compare is None or not alarm.get("MetricName"):
        original(alarm)
        return
    points = _recent_points(alarm)
    state: str | None
    if points:
        name = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
        value = cloudwatch._stat_value(cloudwatch._calc_stats(points), name, points)
        breaching = value is not None and compare(value, alarm.get("Threshold", 0))
        state, reason = "ALARM" if breaching else "OK", f"Threshold Crossed: {name} {value} of {len(points)} datapoints"
    else:
        state, reason = _state_without_data(alarm), "no datapoints were received"
    if state and state != alarm["StateValue"]:
        _change(alarm, state, reason)


def _recent_points(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    wanted = {item.get("Name"): item.get("Value") for item in alarm.get("Dimensions") or []}
    since = time.time() - alarm.get("Period", 60) * alarm.get("EvaluationPeriods", 1)
    return [
        point
        for key, points in list(cloudwatch._metrics.items())
        if key[:2] == (alarm.get("Namespace"), alarm.get("MetricName"))
        for point in list(points)
        if (point.get("Dimensions") or {}) == wanted and point["Timestamp"] >= since
    ]


def _state_without_data(alarm: dict[str, Any]) -> str | None:
    treatment = alarm.get("TreatMissingData") or "missing"
    return {"notBreaching": "OK", "breaching": "ALARM", "ignore": None}.get(treatment, "INSUFFICIENT_DATA")


def _change(alarm: dict[str, Any], state: str, reason: str) -> None:
    before = alarm["StateValue"]
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)
    detail = {
        "alarmName": alarm["AlarmName"],
        "state": {"value": state, "reason": reason},
        "previousState": {"value": before},
        "configuration": {"description": alarm.get("AlarmDescription", ""), "metrics": [_measured(alarm)]},
    }
    announced = {
        "account": get_account_id(),
        "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        "resources": [alarm.get("AlarmArn", "")],
        "detail": detail,
    }
    bus.receive(get_account_id(), get_region(), bus.aws_event(announced))


def _measured(alarm: dict[str, Any]) -> dict[str, Any]:
    """What an alarm looks at, as its event tells it."""
    metric = {
        "namespace": alarm.get("Namespace"),
        "name": alarm.get("MetricName"),
        "dimensions": {item["Name"]: item["Value"] for item in alarm.get("Dimensions") or []},
    }
    told = {"metric": metric, "period": alarm.get("Period"), "stat": alarm.get("Statistic")}
    return {"id": "m1", "metricStat": told, "returnData": True}


def _forever() -> None:
    while True:
        time.sleep(_EVERY_SECONDS)
        for (account, region, _), alarm in list(cloudwatch._alarms._data.items()):
            try:
                with request_scope(account, region):
                    _feed(alarm)
                    cloudwatch._evaluate_alarm(alarm)
            except (KeyError, RuntimeError):  # deleted, or changed by a request, while we looked
                logger.debug("alarm not evaluated this time: %s", alarm.get("AlarmName"), exc_info=True)


def _feed(alarm: dict[str, Any]) -> None:
    """Record the queue's present count for the alarm that looks at it."""
    attribute = _QUEUE_METRICS.get(alarm.get("MetricName", ""))
    names = [item.get("Value") for item in alarm.get("Dimensions") or [] if item.get("Name") == "QueueName"]
    if alarm.get("Namespace") != "AWS/SQS" or attribute is None or not names:
        return
    url = sqs._queue_name_to_url.get(names[0])
    queue = sqs._queues.get(url) if url else None
    if queue is not None:
        sqs._refresh_counts(queue)
        value = float(queue["attributes"].get(attribute, 0))
        cloudwatch.record_metric("AWS/SQS", alarm["MetricName"], value, "Count", {"QueueName": names[0]})
