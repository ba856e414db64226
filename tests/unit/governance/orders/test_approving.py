"""Who may approve through Steward, what the answer says is missing, and what is written to the registry for it."""

import pytest

from governance.domain.authority import Authority, Role
from governance.domain.errors import Refused
from governance.domain.facts import SignOffGiven, WriteBackRequested
from governance.domain.lifecycle import Stage
from tests.builders import MARY, after, approved, change, package_arn, specification
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


def code_of(desk: Desk, who, command, **more) -> str:
    with pytest.raises(Refused) as refused:
        desk.ask(who, command, **more)
    return refused.value.code


def facts(desk: Desk, kind: type) -> list:
    return [fact for fact in desk.ledger.known[package_arn()].values() if isinstance(fact, kind)]


def two_roles_needed(desk: Desk) -> Desk:
    """In development, an owner and a validator have to sign."""
    desk.in_force(policy_with(sign_offs(each_role=True)))
    return desk


def test_an_owners_approval_is_to_be_written_to_the_registry_and_then_counts():
    desk = registered()
    answer = desk.ask(OLIVE, "approve", stage="development")
    assert (answer["outcome"], answer["changed"], answer["status"]) == ("being-written", True, "pending")
    assert "WriteBackRequested" in desk.ledger.events(package_arn())
    desk.written(70)
    stage = desk.state().stage(Stage.DEVELOPMENT)
    assert (stage.status, stage.why) == ("approved", "as discussed")
    assert stage.decided_by and desk.names(stage.decided_by.id) == OLIVE.id
    assert desk.ask(OLIVE, "approve", at=80, stage="development")["outcome"] == "approved"


def test_the_answer_says_of_each_check_what_was_found_and_what_would_fix_it():
    desk = two_roles_needed(registered())
    answer = desk.ask(OLIVE, "approve", stage="development")
    assert answer["outcome"] == "waits"
    (missing,) = [check for check in answer["checks"] if check["stops"]]
    assert OLIVE.id in missing["found"]
    assert "validator" in missing["remedy"]
    assert facts(desk, WriteBackRequested) == []


def test_an_approval_that_waited_is_written_when_the_last_sign_off_comes():
    desk = two_roles_needed(registered())
    desk.ask(OLIVE, "approve", stage="development")
    answer = desk.ask(VERA, "sign-off", at=90, stage="development")
    assert answer["outcome"] == "being-written"
    assert {one["person"] for one in answer["sign_offs"]} == {OLIVE.id, VERA.id}
    desk.written(100)
    assert desk.status() == "approved"
    assert all(signed.decision for signed in desk.state().sign_offs)


def test_sign_offs_alone_approve_nothing():
    desk = two_roles_needed(registered())
    desk.ask(OLIVE, "sign-off", stage="development")
    answer = desk.ask(VERA, "sign-off", at=90, stage="development")
    assert answer["outcome"] == "ready"
    assert facts(desk, WriteBackRequested) == []
    assert desk.status() == "pending"


def test_a_sign_off_through_steward_counts_for_an_approval_in_studio():
    desk = two_roles_needed(registered())
    desk.ask(VERA, "sign-off", stage="development")
    desk.tell(approved(90), by=OLIVE)
    assert desk.status() == "approved"


def test_two_sign_offs_of_one_person_in_two_roles_are_one_persons():
    desk = two_roles_needed(registered())
    as_validator = OLIVE.model_copy(update={"arn": VERA.arn.replace(VERA.id, OLIVE.id)})
    desk.ask(OLIVE, "approve", stage="development")
    answer = desk.ask(as_validator, "sign-off", at=90, stage="development")
    assert answer["outcome"] == "waits"
    assert facts(desk, WriteBackRequested) == []


@pytest.mark.parametrize("command", ["approve", "sign-off"])
def test_the_author_is_refused_whatever_role_they_come_through(command):
    desk = registered()
    assert code_of(desk, AUTHOR, command, stage="development") == "four-eyes"
    assert facts(desk, SignOffGiven) == []


@pytest.mark.parametrize("command", ["approve", "sign-off", "reject", "raise-findings"])
def test_who_has_no_role_is_refused(command):
    desk = registered()
    about = {"findings": [{"severity": "high", "text": "x"}]} if command in {"reject", "raise-findings"} else {}
    assert code_of(desk, NINA, command, stage="development", **about) == "not-entitled"


def test_where_nobody_said_who_holds_roles_everybody_of_the_hub_owns_models():
    desk = registered(authority=Authority())
    assert desk.ask(NINA, "approve", stage="development")["outcome"] == "being-written"


def test_a_delegated_role_counts_while_it_lasts():
    desk = two_roles_needed(registered())
    desk.delegated(Role.VALIDATOR, VERA, NINA, since=50, until=100)
    desk.ask(OLIVE, "approve", stage="development")
    answer = desk.ask(NINA, "sign-off", at=90, stage="development")
    assert answer["outcome"] == "being-written"
    (signed,) = [one for one in desk.state().sign_offs if one.delegated_by]
    assert desk.names(signed.delegated_by) in {VERA.id, signed.delegated_by}
    assert code_of(desk, NINA, "sign-off", at=110, stage="development") == "not-entitled"


def test_a_dry_run_tells_the_verdict_and_decides_nothing():
    desk = registered()
    before = dict(desk.ledger.states)
    answer = desk.ask(OLIVE, "approve", stage="development", dry_run=True)
    assert (answer["outcome"], answer["changed"], answer["would_change"]) == ("being-written", False, True)
    assert desk.ledger.states == before
    missing = two_roles_needed(desk).ask(OLIVE, "approve", stage="development", dry_run=True)
    assert missing["outcome"] == "waits"


def test_the_same_request_again_is_the_same_deed():
    desk = two_roles_needed(registered())
    assert desk.ask(OLIVE, "approve", stage="development")["changed"]
    assert not desk.ask(OLIVE, "approve", stage="development")["changed"]
    assert len(facts(desk, SignOffGiven)) == 1


def test_a_sign_off_that_holds_is_not_given_twice():
    desk = two_roles_needed(registered())
    assert desk.ask(OLIVE, "sign-off", stage="development")["changed"]
    assert not desk.ask(OLIVE, "sign-off", at=70, stage="development")["changed"]


def test_an_approval_that_is_being_written_is_not_asked_for_twice():
    desk = registered()
    desk.ask(OLIVE, "approve", stage="development")
    answer = desk.ask(OTTO, "approve", at=61, stage="development")
    assert (answer["outcome"], answer["changed"]) == ("being-written", False)
    assert len(facts(desk, WriteBackRequested)) == 1


def test_a_change_of_what_it_runs_makes_a_sign_off_void():
    desk = two_roles_needed(registered())
    desk.ask(OLIVE, "approve", stage="development")
    other = change(
        80,
        UpdatedModelPackageFields=["InferenceSpecification"],
        InferenceSpecification=specification("s3://dev-bucket/other.tar.gz"),
    )
    desk.tell(other, by=MARY)
    answer = desk.ask(VERA, "sign-off", at=90, stage="development")
    assert answer["outcome"] == "waits"
    assert [one["person"] for one in answer["sign_offs"]] == [VERA.id]


def test_another_policy_makes_a_sign_off_void():
    desk = two_roles_needed(registered())
    desk.ask(OLIVE, "approve", stage="development")
    desk.in_force(policy_with(sign_offs(each_role=False)))
    answer = desk.ask(VERA, "sign-off", at=90, stage="development")
    assert answer["outcome"] == "waits"
    assert {signed["person"] for signed in answer["sign_offs"]} == {VERA.id}


@pytest.mark.parametrize(
    ("fields", "stage", "code"),
    [
        ({}, "test", "not-reached"),
        ({"ModelPackageStatus": "Failed"}, "development", "not-eligible"),
    ],
)
def test_what_cannot_be_approved_is_refused_with_the_reason(fields, stage, code):
    desk = Desk()
    desk.register(**fields)
    assert code_of(desk, OLIVE, "approve", stage=stage) == code


def test_a_version_without_a_record_is_refused():
    assert code_of(Desk(), OLIVE, "approve", stage="development") == "unknown-version"


def test_where_nobody_writes_to_the_registry_the_answer_says_so():
    desk = registered(writer="")
    answer = desk.ask(OLIVE, "approve", stage="development")
    assert (answer["outcome"], answer["writes"]) == ("not-written-here", False)
    desk.tell(approved(90), by=OLIVE)
    assert desk.status() == "approved"


def test_an_approval_in_test_is_written_as_a_life_cycle():
    desk = registered()
    desk.tell(approved(30), by=OLIVE)
    answer = desk.ask(OSKAR, "approve", stage="test")
    assert answer["outcome"] == "being-written"
    (intent,) = facts(desk, WriteBackRequested)
    assert (intent.field, intent.wanted, intent.stage) == ("ModelLifeCycle", "approved", "test")
    assert intent.effective_at >= after(60)
