"""Events that are lost, come twice, late or in another order: on their way to the bus, and from a rule to its target.

AWS: services send events to EventBridge on a best-effort or at-least-once basis; EventBridge delivers at least once,
in no order (EventBridge guide, "Events from AWS services"; SageMaker's own events are best effort). What EventBridge
has taken in it does not lose: it is delivered, or a dead letter after 24 hours.
"""

import contextvars
import threading
from collections.abc import Callable
from typing import Any

from ministack import app
from ministack.services import eventbridge

from local_cloud.door import bus, delivery, hooks
from local_cloud.door.mischief import plan

_TARGETS = ("lambda", "states")
"""Deliveries to these are harmed; queues and other buses are where others listen."""

Deliver = Callable[[], None]

_held: dict[str, list[Deliver]] = {}
_lock = threading.Lock()


def install() -> None:
    """Stand between services and buses, and between rules and targets."""
    hooks.wrap(bus, "receive", _receive)
    hooks.wrap(eventbridge, "_invoke_target", _invoke_target)


def release() -> None:
    """Let everything go that is still held back."""
    with _lock:
        waiting = [one for several in _held.values() for one in several]
        _held.clear()
    for deliver in waiting:
        deliver()


def _receive(original: Any, account: str, region: str, event: bus.Event) -> None:
    """An AWS service's event on its way to a bus; what a bus forwards to another has arrived before."""
    mischief = plan.current()
    told_by_aws = str(event["Source"]).startswith("aws.") and "_DispatchPath" not in event
    if mischief is None or not told_by_aws:
        original(account, region, event)
        return
    about = _about(event)
    _play(mischief, mischief.events, "events", about, lambda: original(account, region, event))


def _invoke_target(
    original: Any, target: dict[str, Any], event: bus.Event, rule: dict[str, Any], view: Any = None
) -> None:
    mischief = plan.current()
    arn = str(target.get("Arn", ""))
    if mischief is None or arn.split(":")[2:3] not in [[service] for service in _TARGETS]:
        original(target, event, rule, view)
        return
    about = {**_about(event), "target": arn}
    context = contextvars.copy_context()

    def deliver() -> None:
        context.copy().run(original, target, event, rule, view)

    def give_up() -> None:
        context.copy().run(delivery.give_up, target, event, rule, view)

    _play(mischief, mischief.deliveries, "deliveries", about, deliver, give_up)


def _play(
    mischief: plan.Mischief,
    rates: plan.Rates,
    name: str,
    about: dict[str, str],
    deliver: Deliver,
    give_up: Deliver | None = None,
) -> None:
    """Throw the dice for one event, and do with it what they say."""
    key = f"{name}/{about.get('target', '')}/{about['resource']}/{about['detail_type']}"
    if not rates.concerns(about["source"], about["detail_type"]):
        deliver()
        return
    dice = mischief.dice(key)
    lost, twice, late, swapped, dead = (dice.random() for _ in range(5))
    pause = dice.uniform(0, rates.seconds)
    if lost < rates.drop:
        mischief.note(f"{name} dropped", **about)
        return
    if give_up is not None and dead < rates.undeliverable:
        mischief.note(f"{name} undeliverable", **about)
        give_up()
        return
    if twice < rates.duplicate:
        mischief.note(f"{name} duplicated", **about)
        _later(pause, deliver)
    order = f"{name}/{about.get('target', '')}/{about['resource']}"
    if swapped < rates.reorder:
        mischief.note(f"{name} reordered", **about)
        _hold(order, rates.seconds, deliver)
        return
    if late < rates.delay:
        mischief.note(f"{name} delayed", **about)
        _later(pause, deliver)
    else:
        deliver()
    for overtaken in _take(order):
        overtaken()


def _hold(order: str, seconds: float, deliver: Deliver) -> None:
    """Keep it until the next of its kind has gone by, or so long."""
    with _lock:
        _held.setdefault(order, []).append(deliver)
    _in(seconds, lambda: [one() for one in _take(order, deliver)])


def _later(seconds: float, deliver: Deliver) -> None:
    order = f"late/{id(deliver)}/{seconds}"
    _hold(order, seconds, deliver)


def _take(order: str, only: Deliver | None = None) -> list[Deliver]:
    with _lock:
        waiting = _held.get(order, [])
        taken = [one for one in waiting if only in (None, one)]
        left = [one for one in waiting if one not in taken]
        if left:
            _held[order] = left
        else:
            _held.pop(order, None)
        return taken


def _in(seconds: float, act: Callable[[], Any]) -> None:
    """Do it later, on the event loop, where MiniStack changes its state."""
    loop = app._MAIN_LOOP
    loop.call_soon_threadsafe(loop.call_later, seconds, act)


def _about(event: bus.Event) -> dict[str, str]:
    return {
        "event_id": str(event["EventId"]),
        "source": str(event["Source"]),
        "detail_type": str(event["DetailType"]),
        "resource": str(next(iter(event.get("Resources") or [""]))),
    }
