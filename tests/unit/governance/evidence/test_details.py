"""The details that no life tells by itself: exact moments, which of two pieces decides, what a tag may look like."""

import json
from datetime import timedelta
from typing import Any

import pytest

from governance.domain.collecting import expiry, told_by
from governance.domain.deadlines import WARNING, gone_by, next_due
from governance.domain.evidence import CARD, EvidenceKind, Piece, evidence_digest, latest_pieces
from governance.domain.findings import Severity
from governance.domain.fold import fold
from governance.domain.lifecycle import Stage
from governance.domain.model_version import ModelVersion
from governance.domain.producers import may_report, producers_from
from governance.domain.published import DEFAULT
from governance.domain.reviewing import Glass, ReviewFinding
from governance.domain.values import digest, iso
from tests.builders import DEV, HUB, MARY, after, observed
from tests.unit.governance.evidence.worlds import SEVEN, policy

A_MOMENT = timedelta(microseconds=1)
SPECIFICATION = "a" * 64
OF_10_DAYS = policy({"name": "quality", "kind": "evidence", "evidence": "model-quality", "max_age_days": 10})
ENDS = after(0) + timedelta(days=10)


def a_piece(**told: Any) -> Piece:
    """A report of the package that counts, as old as the version."""
    about = {"effect_id": "collect-1", "kind": "model-quality", "uri": "s3://b/q.json", "source": "package"}
    made = {"specification": SPECIFICATION, "requested_at": after(0), "dated_at": after(0), "status": "collected"}
    return Piece.model_validate({**about, **made, "sha256": "b" * 64, "expires_at": ENDS, **told})


def a_finding(due: Any, overdue: bool = False, key: str = "review-1") -> ReviewFinding:
    """A reviewer's finding."""
    told = {"stage": Stage.DEVELOPMENT, "severity": Severity.LOW, "text": "explain", "check": "", "owner": ""}
    return ReviewFinding.model_validate(
        {**told, "id": key, "due": due, "overdue": overdue, "raised_by": MARY, "raised_at": after(0)}
    )


def state_with(*pieces: Piece, reviews: tuple[ReviewFinding, ...] = (), glass: Glass | None = None) -> ModelVersion:
    """A version that was registered, with this on its record."""
    known = fold([observed(0)]).model_copy(update={"pieces": pieces, "reviews": {one.id: one for one in reviews}})
    return known.with_stage(Stage.DEVELOPMENT, glass=glass)


def an_emergency(**told: Any) -> Glass:
    about = {"fingerprint": "f", "person": MARY, "roles": ("officer",), "at": after(0), "why": "outage"}
    return Glass.model_validate({**about, "until": after(100), "review_by": after(200), **told})


@pytest.mark.parametrize(
    ("at", "standings"),
    [
        (ENDS - WARNING - A_MOMENT, []),
        (ENDS - WARNING, ["expiring"]),
        (ENDS - A_MOMENT, ["expiring"]),
        (ENDS, ["expired"]),
    ],
)
def test_evidence_is_due_from_its_moment_on_and_not_before(at, standings):
    assert [fact.standing for fact in gone_by(state_with(a_piece()), OF_10_DAYS, at)] == standings


def test_what_was_warned_of_is_next_due_when_it_expires():
    warned = state_with(a_piece(warned=True))
    assert next_due(warned) == ENDS
    assert gone_by(warned, OF_10_DAYS, ENDS - A_MOMENT) == []
    assert [fact.standing for fact in gone_by(warned, OF_10_DAYS, ENDS)] == ["expired"]


def test_a_date_that_is_moved_by_just_the_warning_is_a_warning():
    moved = policy({"name": "q", "kind": "evidence", "evidence": "model-quality", "max_age_days": 24})
    (fact,) = gone_by(state_with(a_piece(warned=True)), moved, ENDS)
    assert (fact.standing, fact.expires_at) == ("expiring", ENDS + WARNING)


@pytest.mark.parametrize(
    "other",
    [
        a_piece(effect_id="collect-0", expires_at=None),
        a_piece(effect_id="collect-0", expires_at=after(0) + timedelta(days=400)),
        a_piece(effect_id="collect-0", status="requested"),
        a_piece(effect_id="collect-0", problem="no JSON"),
    ],
)
def test_a_piece_that_is_not_due_keeps_no_other_from_being(other):
    assert [fact.effect_id for fact in gone_by(state_with(other, a_piece()), OF_10_DAYS, ENDS)] == ["collect-1"]


@pytest.mark.parametrize(("at", "told"), [(after(100) - A_MOMENT, []), (after(100), ["review-1"])])
def test_a_finding_is_overdue_from_its_moment_on_and_those_that_are_not_due_are_not(at, told):
    others = a_finding(after(900), key="review-2"), a_finding(None, key="review-3")
    state = state_with(reviews=(*others, a_finding(after(100)), a_finding(after(50), overdue=True, key="review-4")))
    assert [fact.subject for fact in gone_by(state, DEFAULT, at)] == told
    assert next_due(state) == after(100)


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (after(100) - A_MOMENT, []),
        (after(100), ["emergency"]),
        (after(200) - A_MOMENT, ["emergency"]),
        (after(200), ["emergency", "review"]),
    ],
)
def test_an_emergency_ends_and_its_review_is_overdue_from_their_moments_on(at, told):
    state = state_with(glass=an_emergency())
    assert [fact.what for fact in gone_by(state, DEFAULT, at)] == told
    assert next_due(state) == after(100)
    assert next_due(state_with(glass=an_emergency(ended=True))) == after(200)
    assert next_due(state_with(glass=an_emergency(ended=True, overdue=True))) is None


def test_what_went_by_at_once_follows_one_another_and_all_that_was_known():
    state = state_with(a_piece(), reviews=(a_finding(after(1)),), glass=an_emergency())
    moments = [fact.effective_at for fact in gone_by(state, OF_10_DAYS, ENDS)]
    assert moments == [ENDS + number * A_MOMENT for number in range(4)]
    later = ENDS + timedelta(hours=1)
    first, *_ = gone_by(state.model_copy(update={"position": f"{iso(later)}#0##"}), OF_10_DAYS, ENDS)
    assert first.effective_at == later + A_MOMENT


def latest(*pieces: Piece) -> list[str]:
    return [one.effect_id for one in latest_pieces(pieces, SPECIFICATION)]


def attached(effect: str, **told: Any) -> Piece:
    return a_piece(effect_id=effect, source="attached", **told)


def test_of_what_was_attached_the_youngest_of_a_kind_counts_and_what_is_to_be_fetched_waits_beside_it():
    older, younger = attached("a", dated_at=after(1)), attached("b", dated_at=after(2))
    waiting, another = (attached(name, status="requested", dated_at=None) for name in "cd")
    assert latest(younger, older, waiting, another) == ["b", "c", "d"]
    assert latest(younger, attached("e", kind="lineage")) == ["e", "b"]


def test_what_does_not_count_takes_no_place_of_what_does():
    assert latest(attached("a"), attached("b", status="refused", problem="gone", dated_at=after(9))) == ["a", "b"]


def card(effect: str, **told: Any) -> Piece:
    return a_piece(effect_id=effect, kind="model-card", uri=f"{SEVEN}{CARD}", **told)


def test_of_the_packages_cards_the_last_stands_whatever_came_of_it_and_beside_what_was_attached():
    first, last = card("a", dated_at=after(1)), card("b", dated_at=after(2))
    assert latest(first, last) == ["b"]
    assert latest(first, last.model_copy(update={"status": "refused", "problem": "gone"})) == ["b"]
    assert latest(first, last.model_copy(update={"status": "requested"})) == ["a", "b"]
    assert latest(first, attached("c", kind="model-card", dated_at=after(9))) == ["a", "c"]


def test_all_other_reports_of_a_package_stand_beside_one_another():
    assert latest(a_piece(effect_id="a"), a_piece(effect_id="b")) == ["a", "b"]


def test_the_digest_of_evidence_is_of_what_counts_for_the_specification():
    counting = evidence_digest([a_piece()], SPECIFICATION)
    assert counting == digest({"evidence": [["model-quality", "b" * 64]]})
    assert evidence_digest([a_piece(), a_piece(status="expired", sha256="c" * 64)], SPECIFICATION) == counting
    assert evidence_digest([a_piece(), a_piece(specification="z", sha256="c" * 64)], SPECIFICATION) == counting
    assert evidence_digest([a_piece(), a_piece(sha256="c" * 64)], SPECIFICATION) != counting
    assert evidence_digest([], SPECIFICATION) != counting


def test_the_age_of_a_report_is_limited_by_gates_on_what_it_measures_and_by_those_of_its_kind_alone():
    measured = {"name": "auc", "kind": "metric", "metric": "auc", "measured_by": "model-quality", "at_least": 0.5}
    by_metric = policy({**measured, "max_age_days": 7})
    assert expiry(by_metric.document, state_with(), EvidenceKind.MODEL_QUALITY, after(0)) == after(7 * 86_400)
    for kind in (EvidenceKind.BIAS, EvidenceKind.LINEAGE):
        assert expiry(by_metric.document, state_with(), kind, after(0)) is None
    validated = policy({**measured, "measured_by": "validation", "stages": ["test"], "max_age_days": 7})
    assert expiry(validated.document, state_with(), EvidenceKind.LINEAGE, after(0)) is None


def test_what_cannot_be_named_is_counted_as_left_out():
    told = {"binary_classification_metrics": {"auc": {"value": 1}, "not a name": {"value": 2}}}
    read = told_by(json.dumps(told).encode(), EvidenceKind.MODEL_QUALITY, SEVEN, DEFAULT.document)
    assert (dict(read.values), read.left_out) == ({"auc": 1.0}, 1)


@pytest.mark.parametrize("named", [5, None, "", ["x"], {"a": 1}])
def test_a_version_that_is_named_by_no_text_is_not_named(named):
    told = {"model_package_arn": named, "binary_classification_metrics": {"auc": {"value": 1}}}
    assert not told_by(json.dumps(told).encode(), EvidenceKind.MODEL_QUALITY, SEVEN, DEFAULT.document).problem


@pytest.mark.parametrize("kind", [EvidenceKind.MODEL_CARD, EvidenceKind.DOCUMENT])
def test_a_card_from_model_cards_that_is_of_another_version_says_nothing_of_this_one(kind):
    told = [{"model_package_details": {"model_package_arn": arn}} for arn in (SEVEN, f"{SEVEN}7")]
    own, others = (told_by(json.dumps(one).encode(), kind, SEVEN, DEFAULT.document).problem for one in told)
    assert (own, others) == ("", f"it speaks of another version, {SEVEN}7")


@pytest.mark.parametrize(
    ("tags", "named"),
    [
        ({}, ()),
        ({"steward:producers": ""}, ()),
        ({"steward:producers": f"{HUB}  {DEV} {DEV}"}, (DEV, HUB)),
        ({"steward:producers": f"{DEV},{HUB}"}, (DEV, HUB)),
    ],
)
def test_producers_are_named_with_spaces_or_commas_between_them(tags, named):
    assert producers_from(tags) == named


def test_where_nobody_is_registered_for_a_stage_nobody_may_report_on_it():
    assert not may_report(HUB, Stage.TEST, SEVEN, None, {})
