"""Approvals in an emergency: what the policy would refuse, for a few hours, and to be looked at by somebody else."""

from governance.domain import orders_on_models as o
from governance.domain.asking import (
    Asker,
    check_eligible,
    check_not_author,
    check_not_quarantined,
    check_reached,
    name_of,
    told,
)
from governance.domain.authority import Standing
from governance.domain.errors import Refused
from governance.domain.facts import AnyFact
from governance.domain.lifecycle import ModelStatus
from governance.domain.matters import answers_to, checks_of, matter_of
from governance.domain.model_version import ModelVersion
from governance.domain.policy import Mode, passes
from governance.domain.reviewing import GlassBroken, GlassReviewed
from governance.domain.terms import Terms
from governance.domain.values import iso


def break_glass(
    order: o.BreakGlass, asker: Asker, state: ModelVersion, terms: Terms, standing: Standing
) -> tuple[AnyFact, ...]:
    """An approval that the policy would refuse, unless there is none needed, or not even that would do."""
    check_not_author(state, asker, "an approval in an emergency")
    check_not_quarantined(state)
    check_reached(state, order.stage)
    check_eligible(state)
    known = state.stage(order.stage)
    if known.status is ModelStatus.APPROVED:
        return ()
    if known.glass and not known.glass.reviewed_by:
        since = f"that of {iso(known.glass.at)} in {order.stage}"
        raise Refused("review-first", f"an emergency is to be reviewed before the next: {since} has not been")
    check_needed(order, asker, state, terms)
    until = asker.at + o.HOUR * order.hours
    return (
        GlassBroken(
            **told(state, asker, order),
            stage=order.stage,
            roles=standing.roles,
            until=until,
            review_by=until + o.REVIEW_TIME,
        ),
    )


def check_needed(order: o.BreakGlass, asker: Asker, state: ModelVersion, terms: Terms) -> None:
    """Refuse an emergency that is none, and one that does not help."""
    policy, matter = terms.policy.document, matter_of(state, order.stage, asker.known, asker.now, terms)
    if passes(checks_of(answers_to(policy, matter, is_emergency=False))):
        raise Refused("no-emergency", f"{terms.policy.id} lets {name_of(state)} pass as it is: approve it")
    checks = checks_of(answers_to(policy, matter, is_emergency=True))
    stopping = [check for check in checks if check.mode is Mode.ENFORCE and not check.passed]
    if stopping:
        remedies = "; ".join(f"{check.name}: {check.remedy}" for check in stopping)
        raise Refused("not-even-in-an-emergency", f"this stops an approval always. {remedies}")


def review(order: o.ReviewEmergency, asker: Asker, state: ModelVersion) -> tuple[AnyFact, ...]:
    """Somebody else's word on it: neither who approved so, nor who made the version."""
    glass = state.stage(order.stage).glass
    if glass is None:
        raise Refused("no-emergency", f"nobody approved {name_of(state)} in an emergency in {order.stage}")
    if glass.reviewed_by:
        raise Refused("reviewed-already", f"it was {'upheld' if glass.upheld else 'overruled'} already")
    if glass.person.is_same_as(asker.known):
        raise Refused("four-eyes", "you approved it in an emergency: its review is for others")
    check_not_author(state, asker, "the review of its approval")
    return (
        GlassReviewed(**told(state, asker, order), stage=order.stage, glass=glass.fingerprint, upheld=order.upheld),
    )
