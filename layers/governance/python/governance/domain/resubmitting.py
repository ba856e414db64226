"""What was rejected comes back: the same version, or another in its place, with how each finding is closed."""

from governance.domain import orders_on_models as o
from governance.domain.asking import Asker, name_of, told
from governance.domain.errors import Refused
from governance.domain.facts import AnyFact
from governance.domain.identifiers import version_name_of
from governance.domain.lifecycle import ModelStatus
from governance.domain.model_version import ModelVersion
from governance.domain.reviewing import FindingAnswered, Resubmitted


def resubmission(order: o.Resubmit, asker: Asker, state: ModelVersion, earlier: ModelVersion) -> tuple[AnyFact, ...]:
    """A version takes up what was rejected, with an answer to every finding that is open there."""
    check_comes_after(state, earlier)
    check_not_replaced(earlier)
    check_rejected(earlier)
    unknown = sorted(order.answers.keys() - earlier.reviews.keys())
    if unknown:
        open_ones = ", ".join(sorted(earlier.reviews)) or "none"
        raise Refused(
            "unknown-finding", f"no open finding of {name_of(earlier)}: {', '.join(unknown)}; open: {open_ones}"
        )
    missing = [f"{key} ({one.text})" for key, one in sorted(earlier.reviews.items()) if key not in order.answers]
    if missing:
        raise Refused("findings-open", f"say of each finding how it is closed; not said of: {'; '.join(missing)}")
    return (Resubmitted(**told(state, asker, order), of=earlier.model.arn, answers=order.answers),)


def check_comes_after(state: ModelVersion, earlier: ModelVersion) -> None:
    """Refuse a version in the place of another group's, or of a later one."""
    if state.model.group != earlier.model.group or not state.is_versioned:
        raise Refused("another-group", f"{name_of(state)} takes the place of versions of its own group alone")
    if (state.model.number or 0) < (earlier.model.number or 0):
        raise Refused("not-later", f"{name_of(state)} came before {name_of(earlier)}, and cannot take its place")


def check_not_replaced(earlier: ModelVersion) -> None:
    """Refuse what another version has taken the place of: its findings were answered there."""
    if earlier.replaced_by:
        other = version_name_of(earlier.replaced_by)
        raise Refused("replaced", f"{other} has taken the place of {name_of(earlier)}: that one is judged")


def check_rejected(earlier: ModelVersion) -> None:
    """Refuse to resubmit what nobody rejected."""
    rejected = any(known.status is ModelStatus.REJECTED for known in earlier.stages.values())
    if not rejected and not earlier.reviews:
        raise Refused("not-rejected", f"{name_of(earlier)} is not rejected, and no finding on it is open")


def closed_by(order: o.Resubmit, asker: Asker, earlier: ModelVersion, at_once: int) -> tuple[AnyFact, ...]:
    """How the findings of the earlier version were closed, on its own record; so many at once."""
    left = [key for key in sorted(order.answers) if key in earlier.reviews][:at_once]
    times = {"effective_at": asker.at, "recorded_at": asker.now}
    return tuple(
        FindingAnswered(
            model=earlier.model,
            **times,
            finding_id=key,
            person=asker.person,
            how=f"in {version_name_of(order.version)}: {order.answers[key]}",
            in_version=order.version,
        )
        for key in left
    )
