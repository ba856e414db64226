"""An approval that the policy refuses is put back in the registry, with the reasons, once, and over nobody's word."""

import pytest

from governance.domain.identifiers import STEWARD
from governance.domain.lifecycle import ApprovalStatus, ModelStatus, Stage
from governance.domain.refusals import size
from governance.services.recording import Recording
from governance.services.synchronisation import Synchronisation
from tests.builders import (
    ADA,
    KATHERINE,
    MARY,
    after,
    approved,
    call,
    change,
    described,
    moved,
    on_record,
    rejected,
    specification,
)
from tests.unit.governance.write_backs.office import ADA_IN_THE_HUB, ARN, Office, office


def refused(at: float = 60) -> Office:
    """The author approves their own version."""
    made = office()
    made.now.moment = after(at)
    made.tell(approved(at), by=ADA_IN_THE_HUB)
    return made


def test_a_refused_approval_is_put_back_with_the_reasons_that_studio_shows():
    made = refused()
    assert made.write(62).outcome == "written"
    shown = made.registry.packages[ARN]
    assert shown.model_approval_status is ApprovalStatus.PENDING
    assert "not-by-the-author" in shown.approval_description
    assert "To do: ask a colleague" in shown.approval_description
    assert size(shown.approval_description) <= 1024


def test_its_own_event_is_known_for_an_echo_and_sets_nothing_off():
    made = refused()
    made.write(62)
    made.echo()
    decision = made.decision()
    assert (decision.wanted, decision.person, decision.reverts) == (ModelStatus.PENDING, STEWARD, True)
    assert made.stage().status is ModelStatus.PENDING
    assert made.intents()[-1].echoed_at == decision.at
    assert len(made.intents()) == 1
    assert made.findings("gate-refused"), "the reasons stay until somebody decides otherwise"
    assert made.echo()
    assert len(made.written) == 1


def test_told_twice_it_is_written_once():
    made = refused()
    effect = made.intents()[-1].effect_id
    made.write(62, effect)
    made.write(63, effect)
    made.echo()
    made.write(65, effect)
    assert made.registry.calls.count("update") == 1


def test_the_next_approval_by_somebody_else_counts():
    made = refused()
    made.write(62)
    made.echo()
    made.tell(approved(120), by=MARY)
    assert made.stage().status is ModelStatus.APPROVED
    assert made.findings("gate-refused") == []
    assert len(made.intents()) == 1


def test_a_second_refused_approval_is_put_back_again():
    made = refused()
    made.write(62)
    made.echo()
    made.tell(approved(120), by=ADA_IN_THE_HUB)
    assert made.write(122).outcome == "written"
    made.echo()
    assert made.registry.calls.count("update") == 2
    assert made.stage().status is ModelStatus.PENDING


def test_a_rejected_version_that_its_author_approves_is_rejected_again():
    made = office()
    made.tell(rejected(30), by=MARY)
    made.tell(approved(60), by=ADA_IN_THE_HUB)
    made.write(62)
    assert made.registry.packages[ARN].model_approval_status is ApprovalStatus.REJECTED
    made.echo()
    assert made.stage().status is ModelStatus.REJECTED


def test_a_life_cycle_that_was_refused_is_put_back_in_its_own_words():
    made = office()
    made.tell(approved(60), by=MARY)
    made.tell(moved(120, "QA", "Approved"), by=ADA_IN_THE_HUB)
    made.write(122)
    shown = made.registry.packages[ARN]
    assert shown.life_cycle is not None
    assert (shown.life_cycle.stage, shown.life_cycle.status) == ("QA", "PendingApproval")
    assert shown.life_cycle.description == shown.approval_description
    assert shown.approval_description.startswith("Steward: not approved in test by default@")
    assert "not-by-the-author" in shown.approval_description
    assert shown.model_approval_status is ApprovalStatus.APPROVED, "the approval in development stands"
    made.echo()
    assert made.stage(Stage.TEST).status is ModelStatus.PENDING
    assert made.stage().status is ModelStatus.APPROVED
    assert made.decision(Stage.TEST).reverts


@pytest.mark.parametrize(
    ("who", "happens"),
    [
        ("rejects it", lambda at: rejected(at)),
        ("approves it", lambda at: approved(at)),
        ("moves its life cycle", lambda at: moved(at, "Test", "Approved")),
        ("writes a note", lambda at: change(at, "Approved", CustomerMetadataProperties={"note": "x"})),
    ],
)
def test_nothing_is_written_over_what_somebody_did_meanwhile(who, happens):
    made = refused()
    made.registry.packages[ARN] = described(happens(90), KATHERINE)
    assert made.write(92).outcome == "overtaken"
    assert made.registry.packages[ARN] == described(happens(90), KATHERINE)
    assert made.written == []


def test_what_was_overtaken_by_a_note_is_put_back_once_the_note_is_on_record():
    made = refused()
    note = change(90, "Approved", CustomerMetadataProperties={"note": "x"}, UpdatedModelPackageFields=["Note"])
    made.registry.packages[ARN] = described(note, KATHERINE)
    first = made.write(92)
    made.deliver(note)
    second = made.intents()[-1]
    assert first.outcome == "overtaken"
    assert second.effect_id != first.effect_id
    assert made.write(95).outcome == "written"
    made.echo()
    assert made.stage().status is ModelStatus.PENDING


def test_who_decides_in_the_very_moment_of_the_writing_is_told_that_it_came_over_their_word():
    made = refused()
    made.write(64)
    made.deliver(approved(62))  # after Steward had looked: the registry shows Steward's word by now
    made.echo()
    assert made.stage().status is ModelStatus.PENDING
    assert [finding.owner for finding in made.findings("decision-overwritten")] == [""]
    made.synchronisation.identify(call(62, MARY, modelApprovalStatus="Approved"), "trail")
    assert [finding.owner for finding in made.findings("decision-overwritten")] == [on_record(MARY).id]
    made.tell(approved(120), by=MARY)
    assert made.stage().status is ModelStatus.APPROVED
    assert made.findings("decision-overwritten") == []


def test_what_came_over_a_decision_on_other_contents_is_nothing_to_decide_again():
    made = refused()
    made.write(64)
    made.deliver(approved(62))
    made.echo()
    assert "wrote pending over it" in made.findings("decision-overwritten")[0].detail
    made.tell(
        change(120, "PendingManualApproval", InferenceSpecification=specification("s3://dev-bucket/other.tar.gz"))
    )
    assert made.findings("decision-overwritten") == []


@pytest.mark.parametrize("first", ["the event of what they decided", "the event of what Steward wrote"])
def test_in_whichever_order_the_events_come_they_are_told(first):
    made = refused()
    made.write(64)
    made.synchronisation.identify(call(62, MARY, modelApprovalStatus="Approved"), "trail")
    if first == "the event of what they decided":
        made.deliver(approved(62))
    made.echo()
    made.deliver(approved(62))
    assert [finding.owner for finding in made.findings("decision-overwritten")] == [on_record(MARY).id]


def test_an_approval_that_did_not_count_anyway_is_not_said_to_be_overwritten():
    made = refused()
    made.write(64)
    made.synchronisation.identify(call(62, ADA_IN_THE_HUB, modelApprovalStatus="Approved"), "trail")
    made.deliver(approved(62))
    made.echo()
    assert made.findings("gate-refused")
    assert made.findings("decision-overwritten") == []


def test_who_rejects_while_an_approval_is_written_is_told_that_it_came_over_their_word():
    made = office()
    made.asks_to_approve(MARY, 60)
    made.write(64)
    made.synchronisation.identify(call(62, KATHERINE, modelApprovalStatus="Rejected"), "trail")
    made.deliver(rejected(62))
    made.echo()
    assert [finding.owner for finding in made.findings("decision-overwritten")] == [on_record(KATHERINE).id]


def test_what_somebody_rejected_meanwhile_stays_rejected_and_is_theirs():
    made = refused()
    made.registry.packages[ARN] = described(rejected(90), KATHERINE)
    made.write(92)
    made.deliver(rejected(90))
    assert made.stage().status is ModelStatus.REJECTED
    assert made.decision().person == on_record(KATHERINE)
    assert [one.outcome for one in made.intents()] == ["overtaken"]


def test_two_updates_of_one_second_are_told_apart_by_what_they_decide():
    made = refused()
    made.registry.packages[ARN] = described(change(60), KATHERINE)
    assert made.write(62).outcome == "overtaken"


def test_a_package_that_is_gone_is_left_gone():
    made = refused()
    del made.registry.packages[ARN]
    assert made.write(62).outcome == "overtaken"


def test_an_update_that_the_registry_refuses_is_a_finding_until_it_gets_through():
    made = refused()
    made.registry.refuses = "Value at 'approvalDescription' failed to satisfy constraint"
    assert made.write(62).outcome == "failed"
    assert [finding.severity for finding in made.findings("write-back-failed")] == ["high"]
    entries = len(made.ledger.entries[ARN])
    made.write(63)
    assert len(made.ledger.entries[ARN]) == entries, "the same failure is no news"
    made.registry.refuses = ""
    assert made.write(64).outcome == "written"
    assert made.findings("write-back-failed") == []


def test_a_try_that_got_through_without_an_answer_is_found_and_not_made_again():
    made = refused()
    intent = made.intents()[-1]
    made.write(62)
    made.ledger.states[ARN] = made.ledger.states[ARN].replace('"outcome":"written"', '"outcome":""')
    made.ledger.known[ARN] = {
        key: fact for key, fact in made.ledger.known[ARN].items() if fact.kind != "write-back-finished"
    }
    assert made.write(130, intent.effect_id).outcome == "written"
    assert made.registry.calls.count("update") == 1


def test_where_nobody_writes_nothing_is_intended():
    made = Office()
    made.recording = Recording(made.ledger, made.now, made.recording.authority)
    made.synchronisation = Synchronisation(made.registry, made.recording)
    made.register()
    made.tell(approved(60), by=ADA)
    assert made.intents() == []
    assert made.findings("gate-refused")


def test_what_has_ended_costs_one_look():
    made = refused()
    effect = made.write(62).effect_id
    made.ledger.calls.clear()
    made.writing_back.write(ARN, effect, "event-6")
    assert made.ledger.calls == ["open"]


def test_writing_costs_four_calls_and_its_own_event_three_like_any_other():
    made = refused()
    effect = made.intents()[-1].effect_id
    made.now.moment = after(62.4)
    made.ledger.calls.clear()
    made.registry.calls.clear()
    made.writing_back.write(ARN, effect, "event-6")
    assert (made.ledger.calls, made.registry.calls) == (["open", "save"], ["describe", "update"])
    made.ledger.calls.clear()
    made.echo()
    assert made.ledger.calls == ["open", "save"], "it comes after all that is on record, so nothing is folded again"
