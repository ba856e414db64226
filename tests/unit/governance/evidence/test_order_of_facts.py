"""Facts about evidence in any order, any number of times: the same state, the same rows, nothing in them doubled."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.domain.deadlines import next_due
from governance.domain.evidence import CARD, latest_pieces
from governance.domain.evidence_facts import EvidenceAged, EvidenceCollected, EvidenceRefused, EvidenceRequested
from governance.domain.fold import fold, fold_all
from governance.domain.people import Names
from governance.domain.projection import projections
from tests.builders import after, identity, observed, package_arn
from tests.unit.governance.test_fold_properties import rows_step_by_step, step_by_step

MANY = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
SECONDS = st.sampled_from([10, 20, 20, 30, 40])
EFFECTS = st.sampled_from(["collect-1", "collect-2", "collect-3", "collect-4"])
HASHES = st.sampled_from(["a" * 64, "b" * 64])
KINDS = dict.fromkeys(("collect-1", "collect-2"), "model-quality") | dict.fromkeys(
    ("collect-3", "collect-4"), "model-card"
)
SPECIFICATIONS = st.sampled_from(["a" * 64, "a" * 64, "b" * 64])


def told(at: int, effect: str) -> dict[str, Any]:
    return {"model": identity(), "effective_at": after(at), "recorded_at": after(at + 1), "effect_id": effect}


@st.composite
def named(draw: st.DrawFn) -> EvidenceRequested:
    """A piece is named: a card of the package, another report of it, or what somebody attaches."""
    effect = draw(EFFECTS)
    source = draw(st.sampled_from(["package", "attached"]))
    is_card = KINDS[effect] == "model-card" and source == "package"
    uri = f"{package_arn()}{CARD}" if is_card else f"s3://dev-bucket/{effect}.json"
    about = {"evidence": KINDS[effect], "uri": uri, "claimed": draw(st.just("") | HASHES), "source": source}
    return EvidenceRequested.model_validate(
        {**told(draw(SECONDS), effect), **about, "specification": draw(SPECIFICATIONS)}
    )


@st.composite
def collected(draw: st.DrawFn) -> EvidenceCollected:
    """It is there, and may not be readable."""
    stored = {"bucket": "hub", "key": "evidence/a", "version_id": "v1"}
    expires = draw(st.none() | st.builds(after, st.sampled_from([100, 200])))
    about = {"sha256": draw(HASHES), "size": 3, "stored": stored, "dated_at": after(draw(SECONDS))}
    problem = draw(st.sampled_from(["", "", "no JSON"]))
    values = {"auc": draw(st.sampled_from([0.9, "NaN"]))}
    return EvidenceCollected.model_validate(
        {**told(draw(SECONDS), draw(EFFECTS)), **about, "problem": problem, "values": values, "expires_at": expires}
    )


@st.composite
def refused(draw: st.DrawFn) -> EvidenceRefused:
    return EvidenceRefused.model_validate({**told(draw(SECONDS), draw(EFFECTS)), "reason": "it is not there"})


@st.composite
def aged(draw: st.DrawFn) -> EvidenceAged:
    standing = draw(st.sampled_from(["current", "expiring", "expired"]))
    about = {"standing": standing, "expires_at": after(draw(SECONDS)), "policy": "ours@3"}
    return EvidenceAged.model_validate({**told(draw(SECONDS), draw(EFFECTS)), **about})


RESPECIFIED = st.builds(
    lambda at, letter: observed(at, specification=letter * 64, updated=("InferenceSpecification",)),
    SECONDS,
    st.sampled_from("ab"),
)
FACTS = st.lists(named() | named() | collected() | collected() | refused() | aged() | RESPECIFIED, max_size=14).map(
    lambda facts: [observed(0), *facts]
)


@MANY
@given(FACTS, st.data())
def test_in_any_order_and_any_number_they_give_the_same_state(facts, data):
    again = data.draw(st.lists(st.sampled_from(facts), max_size=5))
    assert fold(data.draw(st.permutations([*facts, *again]))) == fold(facts)


@MANY
@given(FACTS, st.data())
def test_kept_step_by_step_state_and_rows_are_those_of_all_facts(facts, data):
    order = data.draw(st.permutations(facts))
    folded = fold_all(facts)
    assert step_by_step(order) == folded.state
    assert rows_step_by_step(order) == projections(folded.state, Names(), folded.past)


@MANY
@given(FACTS)
def test_the_state_holds_just_what_still_decides(facts):
    state = fold(facts)
    assert sorted(state.pieces, key=lambda one: (one.kind, one.effect_id)) == list(
        latest_pieces(state.pieces, state.specification)
    )
    assert all(piece.specification == state.specification for piece in state.pieces)
    cards = [one for one in state.pieces if one.uri.endswith(CARD) and one.status != "requested"]
    attached = [
        (one.kind, one.counts) for one in state.pieces if one.source == "attached" and one.status != "requested"
    ]
    assert len(cards) <= 1
    assert len(attached) == len(set(attached))
    assert len({one.effect_id for one in state.pieces}) == len(state.pieces)


@MANY
@given(FACTS)
def test_something_is_due_just_as_long_as_a_piece_that_counts_can_expire(facts):
    state = fold(facts)
    expected = any(piece.counts and piece.expires_at for piece in state.pieces)
    assert (next_due(state) is not None) == expected
