"""What somebody decides through Steward is written to the registry in its name, and is theirs on the record."""

from governance.domain.authority import Authority
from governance.domain.facts import DeadlinePassed, FindingsRaised, GlassBroken, MetricsReported
from governance.domain.findings import Severity
from governance.domain.lifecycle import ApprovalStatus, ModelStatus, Stage
from governance.domain.metrics import Metric
from governance.domain.reviewing import RaisedFinding
from governance.services.recording import Recording
from governance.services.writing_back import WritingBack
from tests.builders import (
    HUB,
    KATHERINE,
    MARY,
    WRITER,
    after,
    approved,
    call,
    change,
    described,
    identity,
    on_record,
    rejected,
)
from tests.unit.governance.write_backs.office import ADA_IN_THE_HUB, ARN, SCRIBE, Office, office


def asked(why: str = "sound") -> Office:
    """The owner asks for the approval in development."""
    made = office()
    made.asks_to_approve(MARY, 60.3, why=why)
    return made


def test_an_approval_is_written_and_then_counts_as_the_persons():
    made = asked()
    assert made.stage().status is ModelStatus.PENDING
    made.write(62)
    assert made.registry.packages[ARN].model_approval_status is ApprovalStatus.APPROVED
    assert made.stage().status is ModelStatus.PENDING, "the registry stays the place of truth"
    made.echo()
    assert made.stage().status is ModelStatus.APPROVED
    assert made.stage().decided_by == on_record(MARY)
    assert made.stage().why == "sound"
    assert made.decision().write_back == made.intents()[-1].effect_id


def test_an_approval_in_test_is_written_to_the_life_cycle_and_leaves_the_approval_description_alone():
    made = asked()
    made.write(62)
    made.echo()
    made.asks_to_approve(KATHERINE, 120.3, Stage.TEST, why="measured")
    made.write(122)
    shown = made.registry.packages[ARN]
    assert shown.life_cycle is not None
    told = (shown.life_cycle.stage, shown.life_cycle.status, shown.life_cycle.description)
    assert told == ("Test", "Approved", "measured")
    assert shown.approval_description == "sound"
    made.echo()
    assert made.stage(Stage.TEST).status is ModelStatus.APPROVED
    assert made.stage(Stage.TEST).decided_by == on_record(KATHERINE)


def test_the_writers_own_call_in_cloudtrail_is_no_news():
    made = asked()
    made.write(62)
    made.echo()
    entries = len(made.ledger.entries[ARN])
    made.synchronisation.identify(call(62, SCRIBE, modelApprovalStatus="Approved"), "trail-1")
    assert len(made.ledger.entries[ARN]) == entries
    assert made.stage().decided_by == on_record(MARY)


def test_where_nobody_could_ask_in_time_cloudtrail_names_the_writer_and_the_intent_the_person():
    made = asked(why="")
    made.write(62)
    told = described(change(62, "Approved", UpdatedModelPackageFields=["ModelApprovalStatus"]), SCRIBE)
    note = change(63, "Approved", CustomerMetadataProperties={"note": "x"}, UpdatedModelPackageFields=["Note"])
    made.registry.packages[ARN] = described(note, KATHERINE)
    made.deliver(change(62, "Approved", UpdatedModelPackageFields=["ModelApprovalStatus"]))
    assert told.changed_at == after(62)
    assert made.stage().status is ModelStatus.PENDING
    made.synchronisation.identify(call(62, SCRIBE, modelApprovalStatus="Approved"), "trail-1")
    assert made.stage().status is ModelStatus.APPROVED
    assert made.stage().decided_by == on_record(MARY)


def test_a_lost_event_is_known_by_its_words_when_the_reconciler_finds_it():
    made = asked(why="sound, see ticket 12")
    made.write(62)
    note = change(
        63,
        "Approved",
        ApprovalDescription="sound, see ticket 12",
        CustomerMetadataProperties={"note": "x"},
        UpdatedModelPackageFields=["CustomerMetadataProperties"],
    )
    made.tell(note, by=KATHERINE)
    assert made.stage().status is ModelStatus.APPROVED
    assert made.stage().decided_by == on_record(MARY)


def test_the_same_words_by_somebody_else_are_not_taken_for_ours():
    made = asked()
    made.registry.packages[ARN] = described(approved(62, ApprovalDescription="sound"), ADA_IN_THE_HUB)
    made.write(63)
    made.deliver(approved(62, ApprovalDescription="sound"))
    assert made.stage().status is ModelStatus.PENDING
    assert made.decision().write_back == ""


def test_who_decided_meanwhile_in_the_registry_prevails_and_the_person_is_told():
    made = asked()
    made.registry.packages[ARN] = described(rejected(61), KATHERINE)
    assert made.write(62).outcome == "overtaken"
    assert made.findings("write-back-overtaken")
    made.deliver(rejected(61))
    assert made.stage().status is ModelStatus.REJECTED
    assert made.findings("write-back-overtaken") == []


def test_what_the_policy_would_not_let_pass_any_more_is_not_written():
    made = asked()
    strict = Recording(made.ledger, made.now, Authority(hub="999900001111"), WRITER)
    WritingBack(made.registry, strict, made.now.wait).write(ARN, made.intents()[-1].effect_id, "event-5")
    assert made.intents()[-1].outcome == "overtaken"
    assert "policy" in made.intents()[-1].reason
    assert made.written == []


def test_what_is_approved_already_is_not_written_again():
    made = asked()
    made.tell(approved(60), by=KATHERINE)
    assert made.write(62).outcome == "overtaken"
    assert made.written == []


def test_an_echo_is_known_although_something_was_told_of_a_moment_ahead_of_the_clock():
    made = office()
    made.now.moment = after(60)
    metric = Metric(name="psi", value=0.1)
    told = {"stage": Stage.TEST, "purpose": "monitoring", "metrics": (metric,), "producer": HUB}
    ahead = MetricsReported(model=identity(), effective_at=after(300), recorded_at=after(60), **told)
    made.recording.learn(ARN, lambda _page, _now: [ahead], "command-2")
    made.asks_to_approve(MARY, 61.3)
    assert made.intents()[-1].requested_at >= after(300)
    assert made.write(63).outcome == "written"
    made.echo()
    assert made.decision().write_back
    assert made.stage().decided_by == on_record(MARY)


def a_rejection(made: Office, at: float) -> FindingsRaised:
    """Somebody rejects the version through Steward, and says why."""
    return FindingsRaised(
        model=made.state(ARN).model,
        effective_at=after(at),
        recorded_at=after(at),
        stage=Stage.DEVELOPMENT,
        person=KATHERINE,
        why="it drifts",
        findings=(RaisedFinding(severity=Severity.HIGH, text="PSI of income is 0.4"),),
        rejects=True,
    )


def test_a_rejection_is_written_whatever_the_policy_says():
    made = asked()
    made.write(62)
    made.echo()
    made.recording.learn(ARN, lambda _page, _now: [a_rejection(made, 120.3)], "command-3")
    made.write(122)
    assert made.registry.packages[ARN].model_approval_status is ApprovalStatus.REJECTED
    made.echo()
    assert made.stage().status is ModelStatus.REJECTED
    assert made.stage().decided_by == on_record(KATHERINE)
    assert made.stage().why == "it drifts To be put right: [high] PSI of income is 0.4"


def test_what_is_rejected_already_is_not_rejected_again():
    made = office()
    made.tell(rejected(60), by=MARY)
    made.recording.learn(ARN, lambda _page, _now: [a_rejection(made, 120.3)], "command-3")
    assert made.intents() == []


def test_an_emergency_approval_that_ends_without_a_review_is_put_back():
    made = office()
    state = made.state(ARN)
    broken = GlassBroken(
        model=state.model,
        effective_at=after(60.3),
        recorded_at=after(60.3),
        stage=Stage.DEVELOPMENT,
        person=MARY,
        roles=("owner",),
        why="the old version fails everybody",
        until=after(3600),
        review_by=after(7200),
    )
    raised = RaisedFinding(severity=Severity.HIGH, text="not measured for tenants")
    finding = FindingsRaised(
        model=state.model,
        effective_at=after(50),
        recorded_at=after(50),
        stage=Stage.DEVELOPMENT,
        person=KATHERINE,
        why="look",
        findings=(raised,),
    )
    made.recording.learn(ARN, lambda _page, _now: [finding], "command-3")
    made.recording.learn(ARN, lambda _page, _now: [broken], "command-4")
    made.write(62)
    assert made.registry.packages[ARN].approval_description == "the old version fails everybody"
    made.echo()
    assert made.stage().status is ModelStatus.APPROVED
    assert made.stage().verdict and made.stage().verdict.glass
    glass = made.stage().glass
    assert glass is not None
    about = {"what": "emergency", "subject": glass.fingerprint, "due": glass.until}
    over = DeadlinePassed(model=state.model, effective_at=after(3600), recorded_at=after(3700), **about)
    made.recording.learn(ARN, lambda _page, _now: [over], "schedule-1")
    assert made.stage().status is ModelStatus.PENDING
    made.write(3702)
    shown = made.registry.packages[ARN]
    assert shown.model_approval_status is ApprovalStatus.PENDING
    assert "has ended without a review" in shown.approval_description
    made.echo()
    assert made.decision().reverts


def test_what_is_asked_for_and_written_within_one_second_is_one_word():
    made = office()
    made.writing_back = WritingBack(made.registry, made.recording, lambda _seconds: None)
    made.asks_to_approve(MARY, 60.4)
    made.write(60.7)
    made.echo()
    assert made.decision().at == after(60) < made.intents()[-1].requested_at
    assert made.stage().status is ModelStatus.APPROVED
    assert made.stage().wish is None
    assert [(signed.round, bool(signed.decision)) for signed in made.state(ARN).sign_offs] == [(1, True)]


def test_writing_waits_until_the_second_of_what_it_answers_is_over():
    made = office()
    made.asks_to_approve(MARY, 60.4)
    made.write(60.7)
    made.echo()
    assert made.decision().at == after(61) > made.intents()[-1].requested_at
    assert made.stage().status is ModelStatus.APPROVED
