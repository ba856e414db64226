"""What orders to take something back make of a record: facts, or a refusal that says what to do next. Pure."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from governance.domain import orders_to_recall as o
from governance.domain.asking import Asker, name_of
from governance.domain.authority import Standing
from governance.domain.deployment import LEFT_THERE, RUNNING, UNDER_WAY, Deployment
from governance.domain.entitlement import check_role
from governance.domain.errors import Refused
from governance.domain.facts import AnyFact
from governance.domain.lifecycle import WORST_FIRST, DeploymentStatus
from governance.domain.model_version import ModelVersion
from governance.domain.noticed import Rollback
from governance.domain.recalls import RollbackOrdered, VersionQuarantined, VersionReleased
from governance.domain.retirement import RetirementProposed, VersionRetired
from governance.domain.retiring import retired
from governance.domain.terms import Terms
from governance.domain.values import Value, iso

GIVES = {
    "roll-back": (RollbackOrdered,),
    "quarantine": (VersionQuarantined,),
    "release": (VersionReleased,),
    "retire": (VersionRetired, RetirementProposed),
}
"""What each order makes known."""


class WayBack(Value):
    """What would serve in the place of a version that is taken back in a stage."""

    version: str = ""
    """The last good version; empty where there is none."""
    why_none: str = ""


def facts_of(
    order: o.AnyRecall, asker: Asker, state: ModelVersion, terms: Terms, way_back: Callable[[Deployment], WayBack]
) -> tuple[AnyFact, ...]:
    """What an order makes known, or nothing where all is so already. Raises `Refused`."""
    standing = terms.standing(asker.known, asker.at)
    check_role(order.command, standing, terms.authority)
    about = {"model": state.model, "effective_at": asker.at, "recorded_at": asker.now}
    about |= {"person": asker.person, "why": order.why}
    match order:
        case o.RollBack():
            return tuple(taken_back(order, about, state, way_back))
        case o.Quarantine():
            return () if is_quarantined(state, asker) else (VersionQuarantined(**about),)
        case o.Release():
            return () if is_released(state, asker, standing) else (VersionReleased(**about),)
        case o.Retire():
            return retired(order, about, state, asker)


def taken_back(
    order: o.RollBack, about: Mapping[str, Any], state: ModelVersion, way_back: Callable[[Deployment], WayBack]
) -> Iterator[RollbackOrdered]:
    """A version is taken back wherever it is in a stage, or in the environment that is named."""
    there = to_take_back(order, state)
    for deployment in there:
        check_way_back(order, deployment, way_back(deployment))
    alone = bool(order.environment) and any(runs_elsewhere(state, one) for one in there)
    for deployment in there:
        at = max(about["effective_at"], deployment.requested_at)  # a signature has whole seconds
        told = {**about, "effective_at": at, "stage": order.stage, "deployment_id": deployment.id}
        yield RollbackOrdered(**told, alone=alone)


def runs_elsewhere(state: ModelVersion, deployment: Deployment) -> bool:
    """Whether a version runs, or will, in other environments of a stage than that of a deployment."""
    others = [one for one in state.latest_in(deployment.stage).values() if one.id != deployment.id]
    return any(one.status in RUNNING | UNDER_WAY for one in others)


def to_take_back(order: o.RollBack, state: ModelVersion) -> tuple[Deployment, ...]:
    """The deployments by which a version is in a stage. Refuses where there is none, or all are being taken back."""
    name, latest = name_of(state), state.latest_in(order.stage)
    asked = [one for one in latest.values() if order.environment in {"", one.place}]
    there = [one for one in asked if one.status in LEFT_THERE | {DeploymentStatus.DEPLOYING} and one.execution_id]
    where = order.environment or order.stage
    if not there:
        status = min((one.status for one in asked), key=WORST_FIRST.index, default=DeploymentStatus.NONE)
        waits = "; reject it there before its turn comes" if status is DeploymentStatus.QUEUED else ""
        raise Refused("nothing-serves", f"{name} does not serve in {where}: its deployment there is {status}{waits}")
    taken = {one.id: state.rollback_of(one.id) for one in there}
    left = tuple(one for one in there if not is_open(taken[one.id]))
    if not left:
        raise Refused("under-way", f"{name} is being taken back in {where} already (steward show {name})")
    return left


def is_open(rollback: Rollback | None) -> bool:
    """Whether a rollback has begun and not ended."""
    return rollback is not None and not rollback.outcome


def check_way_back(order: o.RollBack, deployment: Deployment, way_back: WayBack) -> None:
    """Refuse where nothing could take its place, unless it is to be barred all the same."""
    if way_back.version or order.even_if_nothing_returns or deployment.status in UNDER_WAY:
        return
    raise Refused(
        "nothing-to-return-to",
        f"no earlier version can take its place in {deployment.place}: {way_back.why_none}. Approve another version; "
        "or bar this one all the same (--even-if-nothing-returns), and delete its stack if it must not serve till then",
    )


def is_quarantined(state: ModelVersion, asker: Asker) -> bool:
    """Whether it is so already. Refuses an order that was signed before a later release."""
    known = state.quarantine
    if known and known.released_at and asker.at < known.released_at:
        raise Refused("overtaken", f"it was released at {iso(known.released_at)}, after you signed: ask again")
    return state.is_quarantined


def is_released(state: ModelVersion, asker: Asker, standing: Standing) -> bool:
    """Whether it is so already. Refuses who ordered the quarantine, and where there never was one."""
    known, name = state.quarantine, name_of(state)
    if known is None:
        raise Refused("not-quarantined", f"nobody quarantined {name}: there is nothing to release")
    if not known.is_open:
        return True
    if known.at >= asker.at:
        raise Refused("overtaken", f"it was quarantined at {iso(known.at)}, and not before you signed: ask again")
    if known.person.is_same_as(asker.known) or standing.delegated_by == known.person.id:
        raise Refused("four-eyes", f"you quarantined {name}: its release is for another officer")
    return False
