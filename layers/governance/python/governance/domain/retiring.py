"""What an order to retire a version makes of its record: the retirement, a proposal of it, or a refusal. Pure."""

from collections.abc import Mapping
from typing import Any

from governance.domain.asking import Asker, name_of
from governance.domain.errors import Refused
from governance.domain.facts import AnyFact
from governance.domain.fold_of_recalls import exposed
from governance.domain.identifiers import group_arn_of, version_name_of
from governance.domain.lifecycle import DeploymentStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.orders_to_recall import Retire
from governance.domain.removing import is_being_removed, to_remove
from governance.domain.retirement import RetirementProposed, VersionRetired
from governance.domain.values import iso


def retired(order: Retire, about: Mapping[str, Any], state: ModelVersion, asker: Asker) -> tuple[AnyFact, ...]:
    """The retirement; where the version runs in production, the first person's word for it; nothing if it is so.

    Retired already, it asks anew for what could not be removed. Raises `Refused`.
    """
    told = {"successor": order.successor, "keep_days": order.keep_days}
    if state.is_retired:
        check_same(order, state)
        return (VersionRetired(**about, **told),) if is_left(state) else ()
    if state.is_dormant:
        raise Refused("not-adopted", f"{name_of(state)} is from before governance: an officer has to adopt it first")
    check_successor(order, state)
    if not runs_in_production(state):
        return (VersionRetired(**about, **told),)
    known = state.retiring
    same = known is not None and (known.successor, known.keep_days) == (order.successor, order.keep_days)
    if known is None or not same:
        return (RetirementProposed(**about, **told),)
    if known.person.is_same_as(asker.known):
        return ()
    if known.at >= asker.at:
        raise Refused("overtaken", f"it was proposed at {iso(known.at)}, and not before you signed: ask again")
    return (VersionRetired(**about, **told, proposed_by=known.person),)


def runs_in_production(state: ModelVersion) -> bool:
    """Whether it runs in production, or is about to: nobody takes that away alone."""
    return any(one.stage is Stage.PRODUCTION for one in exposed(state))


def is_left(state: ModelVersion) -> bool:
    """Whether something of a retired version could not be removed, and nobody is about it."""
    failed = {one.removes for one in state.deployments.values() if one.status is DeploymentStatus.FAILED}
    return any(one.id in failed and not is_being_removed(state, one) for one in to_remove(state))


def check_same(order: Retire, state: ModelVersion) -> None:
    """Refuse to name another successor of what is retired: its record is closed."""
    known = state.retirement
    if known and order.successor and order.successor != known.successor:
        by = f"by {version_name_of(known.successor)}" if known.successor else "and nothing succeeds it"
        raise Refused("retired", f"{name_of(state)} is retired since {iso(known.at)}, {by}: that stays on record")


def check_successor(order: Retire, state: ModelVersion) -> None:
    """Refuse a version that would succeed itself, and one of another registry."""
    if order.successor == state.model.arn:
        raise Refused("cycle", f"{name_of(state)} cannot take its own place")
    if order.successor and group_arn_of(order.successor) is None:
        raise Refused("no-successor", f"{order.successor} is a version of no group")
