"""What goes by unseen is noted once, whatever the order: evidence that grows old, findings, emergencies, reviews."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.deadlines import WARNING, next_due
from governance.domain.errors import DeadlinesMissed, RecordDamaged
from governance.domain.evidence_facts import EvidenceRequested
from governance.domain.facts import AnyFact
from governance.domain.findings import Severity
from governance.domain.fold import fold
from governance.domain.lifecycle import Stage
from governance.domain.reviewing import FindingAnswered, FindingsRaised, GlassBroken, GlassReviewed, RaisedFinding
from governance.services.deadlines import RESERVE, Deadlines
from tests.builders import KATHERINE, MARY, after
from tests.fakes_of_evidence import InMemoryCalendar
from tests.unit.governance.evidence.worlds import AUC, EIGHT, QUALITY, SEVEN, Evident, names, policy
from tests.world import open_findings

A_DAY = 86_400
GATE = {"name": "quality", "kind": "evidence", "evidence": "model-quality", "max_age_days": 30}
OF_30_DAYS = policy(GATE)


class Dated(Evident):
    """A world in which time goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.deadlines = Deadlines(InMemoryCalendar(self.ledger), self.recording)
        self.under(OF_30_DAYS)

    def with_report(self) -> None:
        """Version 7 has a report, as old as itself, that counts for 30 days."""
        self.documents.put(QUALITY, AUC, after(0))
        self.register(**names())
        self.collect()

    def run(self, at: float, seconds: float = 900) -> bool:
        """The schedule comes round."""
        self.now.moment = max(self.now.moment, after(at))
        return self.deadlines.pass_by("schedule", lambda: seconds)

    def learn(self, *facts: AnyFact, arn: str = SEVEN) -> None:
        self.recording.learn(arn, lambda page, now: facts, "e")

    def told(self, at: float) -> dict:
        self.now.moment = max(self.now.moment, after(at))
        return {"model": self.state(SEVEN).model, "effective_at": after(at), "recorded_at": after(at)}

    def facts_of(self, kind: str) -> Sequence[AnyFact]:
        return [fact for fact in self.ledger.known[SEVEN].values() if fact.kind == kind]


@pytest.fixture
def world() -> Dated:
    return Dated()


def test_evidence_is_announced_before_it_expires_and_when_it_does(world):
    world.with_report()
    world.run(15 * A_DAY)
    assert world.facts_of("evidence-aged") == []
    world.run(16 * A_DAY)
    assert "evidence-expiring" in open_findings(world)
    assert world.piece().counts
    world.run(29 * A_DAY)
    assert len(world.facts_of("evidence-aged")) == 1
    world.run(30 * A_DAY)
    assert (world.piece().status, world.piece().counts) == ("expired", False)
    assert open_findings(world) >= {"evidence-expired"}
    assert "evidence-expiring" not in open_findings(world)
    assert world.ledger.events(SEVEN).count("EvidenceExpired") == 1


def test_told_again_nothing_is_noted_twice(world):
    world.with_report()
    for at in (16, 16, 17, 30, 30, 400):
        world.run(at * A_DAY)
    assert len(world.facts_of("evidence-aged")) == 2
    assert next_due(world.state(SEVEN)) is None


def test_a_run_that_comes_too_late_warns_of_nothing_any_more(world):
    world.with_report()
    world.run(90 * A_DAY)
    assert [fact.standing for fact in world.facts_of("evidence-aged")] == ["expired"]


def test_evidence_that_is_too_old_when_it_comes_expires_at_the_next_run(world):
    world.documents.put(QUALITY, AUC, after(-40 * A_DAY))
    world.register(**names())
    world.collect()
    world.run(60)
    assert world.piece().status == "expired"


def test_newer_evidence_takes_its_place_and_ends_the_finding(world):
    world.with_report()
    world.run(31 * A_DAY)
    source = {"S3Uri": "s3://dev-bucket/second.json", "ContentType": "application/json"}
    world.documents.put("s3://dev-bucket/second.json", AUC.replace(b"0.91", b"0.92"), after(31 * A_DAY))
    at = world.told(31 * A_DAY + 60)
    told = {"effect_id": "collect-second", "evidence": "model-quality", "uri": source["S3Uri"], "source": "attached"}
    world.learn(EvidenceRequested.model_validate({**at, **told, "specification": world.state(SEVEN).specification}))
    world.collect()
    assert [piece.status for piece in world.state(SEVEN).pieces if piece.counts] == ["collected"]
    assert "evidence-expired" not in open_findings(world)


def attached(world: Dated, at: float, name: str = "second.json", content: bytes = AUC + b" ") -> None:
    """Somebody attaches a report that was written in that moment."""
    uri = f"s3://dev-bucket/{name}"
    world.documents.put(uri, content, after(at))
    told = {"effect_id": f"collect-{name}", "evidence": "model-quality", "uri": uri, "source": "attached"}
    about = world.told(at + 60) | told | {"specification": world.state(SEVEN).specification}
    world.learn(EvidenceRequested.model_validate(about))
    world.collect()


def test_what_newer_evidence_took_the_place_of_neither_warns_nor_expires_until_that_is_gone_too(world):
    world.with_report()
    world.run(17 * A_DAY)
    attached(world, 18 * A_DAY)
    assert "evidence-expiring" not in open_findings(world)
    assert next_due(world.state(SEVEN)) == after(34 * A_DAY)
    world.run(31 * A_DAY)
    assert world.ledger.events(SEVEN).count("EvidenceExpired") == 0
    world.run(49 * A_DAY)
    assert [piece.status for piece in world.state(SEVEN).pieces] == ["collected", "expired"]
    world.run(49 * A_DAY + 900)
    assert {piece.status for piece in world.state(SEVEN).pieces} == {"expired"}


def test_evidence_that_was_no_good_is_forgiven_once_a_good_one_comes_however_old_that_is(world):
    world.register()
    attached(world, 100, "broken.json", b"no JSON")
    assert "evidence-unreadable" in open_findings(world)
    world.now.moment = after(300)
    attached(world, 200, "good.json")
    assert "evidence-unreadable" not in open_findings(world)
    attached(world, 400, "broken-again.json", b"no JSON either")
    assert "evidence-unreadable" in open_findings(world)


LOOSER = policy({**GATE, "max_age_days": 60})
WITHOUT = policy({"name": "author", "kind": "check"} | {"name": "not-by-the-author"})
STRICTER = policy({**GATE, "max_age_days": 20})


def test_under_a_policy_that_allows_more_it_does_not_expire_yet(world):
    world.with_report()
    world.run(16 * A_DAY)
    world.under(LOOSER)
    world.run(30 * A_DAY)
    assert (world.piece().status, world.piece().warned) == ("collected", False)
    assert world.piece().expires_at == after(60 * A_DAY)
    assert not {"evidence-expiring", "evidence-expired"} & open_findings(world)
    world.run(60 * A_DAY)
    assert world.piece().status == "expired"


def test_under_a_policy_that_sets_no_age_it_never_expires(world):
    world.with_report()
    world.under(WITHOUT)
    world.run(30 * A_DAY)
    assert (world.piece().status, world.piece().expires_at) == ("collected", None)
    assert next_due(world.state(SEVEN)) is None


def test_under_a_stricter_policy_it_expires_at_the_next_look(world):
    world.with_report()
    world.under(STRICTER)
    world.run(16 * A_DAY)
    assert world.piece().expires_at == after(20 * A_DAY)
    world.run(20 * A_DAY)
    assert world.piece().status == "expired"


def raised(world: Dated, at: float, due: float | None, text: str = "explain the drift") -> str:
    """A reviewer wants something put right by then."""
    finding = RaisedFinding(severity=Severity.HIGH, text=text, due=after(due) if due else None)
    told = {"stage": Stage.DEVELOPMENT, "person": MARY, "why": "review", "findings": (finding,)}
    world.learn(FindingsRaised.model_validate({**world.told(at), **told}))
    return sorted(world.state(SEVEN).reviews)[-1]


def test_a_finding_that_nobody_answers_in_time_is_overdue_and_announced(world):
    world.register()
    raised(world, 60, 7 * A_DAY)
    world.run(6 * A_DAY)
    assert "review-overdue" not in open_findings(world)
    world.run(7 * A_DAY)
    world.run(8 * A_DAY)
    assert "review-overdue" in open_findings(world)
    assert len(world.facts_of("deadline-passed")) == 1


def test_a_finding_that_was_answered_is_never_overdue(world):
    world.register()
    finding = raised(world, 60, 7 * A_DAY)
    answer = {"finding_id": finding, "person": MARY, "how": "done"}
    world.learn(FindingAnswered.model_validate({**world.told(120), **answer}))
    world.run(8 * A_DAY)
    assert world.facts_of("deadline-passed") == []


def test_a_finding_that_is_moved_to_another_date_is_due_then(world):
    world.register()
    finding = raised(world, 60, 7 * A_DAY)
    world.run(7 * A_DAY)
    moved = {"finding_id": finding, "person": MARY, "how": "agreed", "closes": False, "due": after(14 * A_DAY)}
    world.learn(FindingAnswered.model_validate({**world.told(7 * A_DAY + 60), **moved}))
    assert next_due(world.state(SEVEN)) == after(14 * A_DAY)
    world.run(14 * A_DAY)
    assert len(world.facts_of("deadline-passed")) == 2


def broken(world: Dated, at: float = 60) -> str:
    """Somebody approves in an emergency: for four hours, to be reviewed within two days."""
    told = {"stage": Stage.DEVELOPMENT, "person": MARY, "roles": ("officer",), "why": "outage"}
    until = {"until": after(at + 4 * 3600), "review_by": after(at + 2 * A_DAY)}
    world.learn(GlassBroken.model_validate({**world.told(at), **told, **until}))
    return world.state(SEVEN).stage(Stage.DEVELOPMENT).glass.fingerprint


def test_an_emergency_ends_in_its_time_and_its_review_is_still_due(world):
    world.register()
    broken(world)
    world.run(3 * 3600)
    assert not world.state(SEVEN).stage(Stage.DEVELOPMENT).glass.ended
    world.run(5 * 3600)
    assert world.state(SEVEN).stage(Stage.DEVELOPMENT).glass.ended
    assert "emergency-approval" in open_findings(world)
    world.run(3 * A_DAY)
    assert "emergency-overdue" in open_findings(world)
    assert [fact.what for fact in world.facts_of("deadline-passed")] == ["emergency", "review"]
    assert next_due(world.state(SEVEN)) is None


def test_an_emergency_that_was_reviewed_has_no_end(world):
    world.register()
    glass = broken(world)
    upheld = {"stage": Stage.DEVELOPMENT, "glass": glass, "person": KATHERINE, "upheld": True, "why": "right"}
    world.learn(GlassReviewed.model_validate({**world.told(120), **upheld}))
    assert next_due(world.state(SEVEN)) is None
    world.run(3 * A_DAY)
    assert world.facts_of("deadline-passed") == []


def test_everything_that_is_due_at_once_is_noted_at_once(world):
    world.with_report()
    raised(world, 60, 7 * A_DAY)
    raised(world, 61, 8 * A_DAY, "and the card")
    broken(world)
    saves = world.ledger.calls.count("save")
    world.run(40 * A_DAY)
    assert world.ledger.calls.count("save") == saves + 1
    assert len(world.facts_of("deadline-passed")) == 4
    assert fold(world.ledger.facts(SEVEN)).model_dump_json() == world.state(SEVEN).model_dump_json()


def test_what_is_not_due_is_not_opened(world):
    world.with_report()
    world.register(8)
    world.ledger.calls.clear()
    world.run(10 * A_DAY)
    assert list(InMemoryCalendar(world.ledger).due(after(10 * A_DAY))) == []


def test_without_time_nothing_is_begun_and_the_next_run_goes_on(world):
    world.with_report()
    assert world.run(31 * A_DAY, seconds=RESERVE - 1) is False
    assert world.piece().status == "collected"
    assert world.run(31 * A_DAY) is True
    assert world.piece().status == "expired"


def test_a_damaged_record_does_not_keep_the_others_waiting(world):
    world.with_report()
    world.documents.put(QUALITY, AUC, after(0))
    world.register(8, **names())
    world.collect(EIGHT)
    opened = world.ledger.open

    def damaged(version, fact_key=""):
        if version == SEVEN and world.now.moment > after(30 * A_DAY):
            raise RecordDamaged(version)
        return opened(version, fact_key)

    calendar = InMemoryCalendar(world.ledger)
    due = list(calendar.due(after(31 * A_DAY)))
    calendar.due = lambda by: iter(due)
    world.deadlines = Deadlines(calendar, world.recording)
    world.ledger.open = damaged
    with pytest.raises(DeadlinesMissed, match="RecordDamaged"):
        world.run(31 * A_DAY)
    assert world.state(EIGHT).pieces[0].status == "expired"


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 100), min_size=1, max_size=6), st.integers(1, 60))
def test_however_often_the_schedule_comes_round_the_end_is_the_same_and_known_in_time(days, age):
    world = Dated()
    world.under(policy({**GATE, "max_age_days": age}))
    world.with_report()
    for at in sorted(days):
        world.run(at * A_DAY)
        found = world.piece()
        assert (found.status == "expired") == (at >= age)
        assert found.warned == (at * A_DAY >= age * A_DAY - WARNING.total_seconds())
    assert len(world.facts_of("evidence-aged")) <= 2
    due = next_due(world.state(SEVEN))
    assert due is None or due > world.now.moment - timedelta(minutes=1)
