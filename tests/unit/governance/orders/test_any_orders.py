"""Whatever people ask for, in whatever order and how often: a request is one deed, and its record is its facts'."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.errors import Refused
from governance.domain.fold import fold_all
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.upcasting import as_written
from tests.builders import ADA, on_record, package_arn
from tests.unit.governance.orders.desk import (
    AUTHOR,
    NINA,
    OLIVE,
    OSKAR,
    OTTO,
    VERA,
    Desk,
    policy_with,
    registered,
    sign_offs,
)

PEOPLE = (AUTHOR, NINA, OLIVE, OTTO, VERA, OSKAR)
STAGES = st.sampled_from(["development", "test"])
ORDERS = st.one_of(
    st.fixed_dictionaries({"command": st.sampled_from(["approve", "sign-off", "break-glass"]), "stage": STAGES}),
    st.fixed_dictionaries({"command": st.sampled_from(["reject", "raise-findings"]), "stage": STAGES}),
    st.fixed_dictionaries({"command": st.just("review-emergency"), "stage": STAGES, "upheld": st.booleans()}),
    st.fixed_dictionaries({"command": st.sampled_from(["answer-finding", "resubmit"])}),
)
STEPS = st.lists(st.tuples(st.sampled_from(PEOPLE), ORDERS, st.booleans(), st.integers(0, 40)), max_size=10)


def filled(desk: Desk, order: dict[str, Any]) -> dict[str, Any]:
    """An order with what it needs to say of the record."""
    open_ones = sorted(desk.state().reviews)
    match order["command"]:
        case "reject" | "raise-findings":
            return {**order, "findings": [{"severity": "low", "text": "something"}]}
        case "answer-finding":
            return {**order, "finding": open_ones[0] if open_ones else "review-000000000000"}
        case "resubmit":
            return {**order, "of": package_arn(), "answers": dict.fromkeys(open_ones, "put right")}
    return order


def open_write_back(desk: Desk) -> bool:
    return any(not one.is_over for one in desk.state().write_backs[-1:])


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, strict=st.booleans())
def test_each_request_is_one_deed_and_the_record_is_what_its_facts_give(steps, strict):
    desk = registered()
    if strict:
        desk.in_force(policy_with(sign_offs(each_role=True)))
    at = 60.0
    for who, order, is_written, pause in steps:
        at += pause
        asked = {"at": at, **filled(desk, order)}
        before = desk.ledger.states[package_arn()]
        try:
            tried = desk.ask(who, **asked, dry_run=True)
            assert desk.ledger.states[package_arn()] == before
            answer = desk.ask(who, **asked)
        except Refused:
            assert desk.ledger.states[package_arn()] == before, "a refusal leaves no trace"
            continue
        assert answer["changed"] == tried["would_change"]
        after_once = desk.ledger.states[package_arn()]
        assert not desk.ask(who, **asked)["changed"], "the same request again"
        assert desk.ledger.states[package_arn()] == after_once
        if is_written and open_write_back(desk):
            at += 3
            desk.written(at)
    assert_sound(desk)


def assert_sound(desk: Desk) -> None:
    """The record is its facts', names nobody, and nobody without a right to it let anything pass."""
    facts = list(desk.ledger.known[package_arn()].values())
    told = [as_written(fact.model_dump_json()) for fact in reversed(facts)]
    assert fold_all(told).state == desk.state()
    assert not [fact for fact in facts if any(person.id in fact.text for person in PEOPLE)]
    for stage, known in desk.state().stages.items():
        if known.status is ModelStatus.APPROVED:
            assert known.verdict and known.verdict.passed
            assert known.decided_by != on_record(ADA)
            assert stage is not Stage.TEST or desk.status() == "approved" or known.decided_at
