"""Somebody asks for something about a version: who, when, and what may be asked about it at all."""

from typing import Any

from governance.domain import orders_on_models as o
from governance.domain.entitlement import is_author
from governance.domain.errors import Refused
from governance.domain.identifiers import Person, version_name_of
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.values import Instant, Value


class Asker(Value):
    """Who asks, and when."""

    person: Person
    """As they came."""
    known: Person
    """As the record knows them."""
    at: Instant
    """When they signed what they ask for."""
    now: Instant
    """Steward's clock."""


def told(state: ModelVersion, asker: Asker, order: o.OnModel) -> dict[str, Any]:
    """What every fact of somebody's word says."""
    times = {"effective_at": asker.at, "recorded_at": asker.now}
    return {"model": state.model, **times, "person": asker.person, "why": order.why}


def name_of(state: ModelVersion) -> str:
    """A version as people call it."""
    return version_name_of(state.model.arn)


def check_governed(state: ModelVersion) -> None:
    """Refuse to decide on what is dormant, gone, or not the version that it was."""
    name = name_of(state)
    if state.is_dormant:
        raise Refused("not-adopted", f"{name} is from before governance: an officer has to adopt it first")
    if state.missing:
        raise Refused("gone", f"the registry no longer has {name}")
    if state.reused:
        raise Refused("gone", f"another package was created as {name}: register it under a number of its own")


def check_not_author(state: ModelVersion, asker: Asker, deed: str) -> None:
    """Refuse who made it: four eyes."""
    if is_author(state, asker.known):
        raise Refused("four-eyes", f"you registered {name_of(state)} or changed what it runs: {deed} is for others")


def check_not_quarantined(state: ModelVersion) -> None:
    """Refuse what somebody ordered to run nowhere."""
    if state.is_quarantined:
        what = f"{name_of(state)} is quarantined, and approved nowhere until it is released"
        raise Refused("quarantined", f"{what}: an officer other than who ordered it may (steward release)")


def check_reached(state: ModelVersion, stage: Stage) -> None:
    """Refuse a stage in which there is nothing to decide, or nothing any more."""
    if stage not in state.stages:
        reached = ", ".join(state.stages)
        raise Refused("not-reached", f"{name_of(state)} has not reached {stage}, only {reached}")
    if state.stage(stage).status is ModelStatus.RETIRED:
        raise Refused("retired", f"{name_of(state)} is retired in {stage}")


def check_eligible(state: ModelVersion) -> None:
    """Refuse what could never be deployed."""
    if not state.is_eligible:
        why = f"its package is {state.registration or state.package_status}"
        raise Refused("not-eligible", f"{name_of(state)} cannot be approved: {why}")
