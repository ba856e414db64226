"""The fold, for any life: the same facts in any order and any number give the same state."""

import itertools
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from governance.domain import facts as f
from governance.domain.audit import breaks
from governance.domain.conclusions import conclude
from governance.domain.fold import fold, fold_all, is_late, step
from governance.domain.model_version import ModelVersion
from governance.domain.people import Names
from governance.domain.projection import projections, samples
from governance.domain.sealing import SealingStatus
from governance.domain.terms import Terms
from governance.domain.upcasting import as_written
from governance.ports.ledger import Change
from governance.services.recording import Recording
from tests import fakes
from tests.builders import Clock, after, observed, package_arn, sealed_artifact
from tests.unit.governance.lives import lives, outside_lives

FEW = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=80)
"""The same lives every time: a build of the same code has the same result."""


class WatchedLedger(fakes.InMemoryLedger):
    """A ledger that sees to it that no deployment is requested without the right to it."""

    def save(self, change: Change) -> None:
        for fact in change.facts:
            if isinstance(fact, f.DeploymentRequested):
                assert change.after.may_run_in(fact.stage), "requested although nothing justified it"
        super().save(change)


class Scribe:
    """Learns fact by fact, as events come in."""

    def __init__(self) -> None:
        self.ledger = WatchedLedger(fakes.InMemoryGroups())
        self.recording = Recording(self.ledger, Clock(after(100)))

    def learn(self, fact: f.AnyFact) -> ModelVersion | None:
        return self.recording.learn(package_arn(), lambda _page, _now: [fact], "correlation")

    def seal(self) -> None:
        """The state machine seals what is to be sealed, if anything is."""
        state, now = self.state, self.recording.now()
        if state.sealing.status is SealingStatus.REQUESTED:
            told = {"model": state.model, "effective_at": now, "recorded_at": now}
            self.learn(f.ArtifactsSealed(**told, effect_id=state.sealing.effect_id, artifacts=(sealed_artifact(),)))

    @property
    def state(self) -> ModelVersion:
        state = self.ledger.open(package_arn()).state
        assert state is not None
        return state


def learned(facts: Any) -> Scribe:
    scribe = Scribe()
    for fact in facts:
        scribe.learn(fact)
    return scribe


def step_by_step(facts: Any) -> ModelVersion:
    """The state as it is kept: one step on for each fact, everything over again for a late one."""
    state, history = None, []
    for fact in facts:
        history.append(fact)
        state = fold(history) if state is None or is_late(state, fact) else step(state, fact).state
    assert state is not None
    return state


@FEW
@given(lives(most=6))
def test_every_order_of_up_to_six_facts_gives_the_same_state_records_and_findings(facts):
    expected = fold_all(facts)
    rows = projections(expected.state, Names(), expected.past)
    for order in itertools.permutations(facts):
        folded = fold_all(order)
        assert folded == expected
    assert projections(folded.state, Names(), folded.past) == rows
    assert samples(reversed(facts)) == samples(facts)


@MANY
@given(lives(most=25, least=6), st.data())
def test_any_order_and_any_repetition_of_many_facts_give_the_same_state(facts, data):
    told = data.draw(st.permutations([*facts, *data.draw(st.lists(st.sampled_from(facts), max_size=10))]))
    assert fold(told) == fold(facts)


@MANY
@given(lives(most=12), st.data())
def test_a_fact_learned_again_later_changes_nothing_even_if_its_moment_cannot_be(facts, data):
    again = [fact.model_copy(update={"recorded_at": fact.recorded_at + timedelta(days=2)}) for fact in facts]
    assert fold(data.draw(st.permutations([*facts, *again]))) == fold(facts)


@MANY
@given(lives(most=12))
def test_a_moment_that_cannot_be_is_a_finding_and_nothing_happens_before_birth_or_after_now(facts):
    state = fold(facts)
    odd = [fact for fact in facts if fact.counts_from != fact.effective_at]
    codes = {finding.code for finding in state.findings.values()}
    assert ("time-impossible" in codes) == bool(odd)
    for fact in facts:
        assert fact.model.created_at <= fact.counts_from <= fact.recorded_at + timedelta(minutes=5)


def rows_step_by_step(facts: Any) -> dict[str, Any]:
    """The rows as they are kept: written where a step changed them, compared with all that is there for a late fact."""
    state, history, rows = None, [], {}
    for fact in facts:
        history.append(fact)
        if state is None or is_late(state, fact):
            folded = fold_all(history)
            rows = projections(folded.state, Names(), folded.past)
        else:
            was, folded = projections(state, Names()), step(state, fact)
            given = projections(folded.state, Names(), folded.past)
            rows = {sk: row for sk, row in rows.items() if sk in given or sk not in was} | given
        state = folded.state
    return rows


@MANY
@given(lives(most=20), st.data())
def test_rows_kept_step_by_step_are_those_of_all_facts_though_the_state_forgets(facts, data):
    folded = fold_all(facts)
    assert rows_step_by_step(data.draw(st.permutations(facts))) == projections(folded.state, Names(), folded.past)


@MANY
@given(lives(most=15), st.data())
def test_a_state_kept_step_by_step_is_the_one_folded_at_once(facts, data):
    assert step_by_step(data.draw(st.permutations(facts))) == fold(facts)


@MANY
@given(lives(most=15))
def test_when_steward_learned_a_fact_makes_no_difference(facts):
    facts = [fact for fact in facts if fact.counts_from == fact.effective_at] or [observed(0)]
    later = [fact.model_copy(update={"recorded_at": fact.recorded_at + timedelta(days=1)}) for fact in facts]
    decided = {"verdict", "refused"}
    known, known_later = fold(facts), fold(later)
    for stage, before in known.stages.items():
        assert before.model_dump(exclude=decided) == known_later.stage(stage).model_dump(exclude=decided)
    told = {"stages": True, "write_backs": {"__all__": {"asked_at"}}}
    assert known.model_dump(exclude=told) == known_later.model_dump(exclude=told)


@MANY
@given(lives(most=15))
def test_a_state_survives_being_written_down(facts):
    state = fold(facts)
    assert ModelVersion.model_validate_json(state.model_dump_json()) == state


@MANY
@given(lives(most=15))
def test_a_fact_survives_being_written_down(facts):
    for fact in facts:
        assert as_written(fact.model_dump_json()) == fact
        assert as_written(fact.model_dump_json()).fingerprint == fact.fingerprint


@MANY
@given(outside_lives(most=8), st.data())
def test_the_record_of_events_in_any_order_is_the_fold_of_its_facts(facts, data):
    scribe = learned(data.draw(st.permutations(facts)))
    assert scribe.state == fold(scribe.ledger.facts(package_arn()))
    assert breaks(scribe.ledger.entries[package_arn()]) == []
    assert len(scribe.ledger.entries[package_arn()]) == len(scribe.ledger.facts(package_arn()))


@MANY
@given(outside_lives(most=8), st.data())
def test_events_told_again_add_nothing(facts, data):
    scribe = learned(data.draw(st.permutations(facts)))
    before = scribe.state
    for fact in data.draw(st.permutations(facts)):
        assert scribe.learn(fact) is None
    assert scribe.state == before


@MANY
@given(outside_lives(most=8, specifications="a"), st.data())
def test_nothing_is_concluded_twice(facts, data):
    """As long as the version stays what it was registered as: one that was changed and changed back is sealed again."""
    scribe = learned(data.draw(st.permutations(facts)))
    known = scribe.ledger.facts(package_arn())
    for kind, name in ((f.SealingRequested, "effect_id"), (f.DeploymentRequested, "deployment_id")):
        named = [getattr(fact, name) for fact in known if isinstance(fact, kind)]
        assert len(named) == len(set(named))
    assert conclude(scribe.state, Terms(), after(200)) is None


@settings(MANY, max_examples=300)
@given(outside_lives(most=8), st.data())
def test_no_deployment_is_requested_twice_or_without_the_right_to_it(facts, data):
    """Whenever the artifacts come to be sealed; the ledger itself sees to it that each request was justified."""
    order = data.draw(st.permutations(facts))
    sealed_after = data.draw(st.sets(st.integers(0, len(order) - 1), min_size=1))
    scribe = Scribe()
    for number, fact in enumerate(order):
        scribe.learn(fact)
        if number in sealed_after:
            scribe.seal()
    known = scribe.ledger.facts(package_arn())
    requested = [fact.deployment_id for fact in known if isinstance(fact, f.DeploymentRequested)]
    assert len(requested) == len(set(requested))
    assert scribe.state == fold(known)
    event("a deployment was requested" if requested else "none was")


def standing(state: ModelVersion) -> dict[str, Any]:
    """What was decided of a version and by whom, which no order of telling may change.

    A stage of which nothing was ever decided says nothing: an approval opened it that counted until what sorts before
    it came, and where that was told first there was none to open it.
    """
    stages = {
        stage: (known.status, known.decided_by, known.decided_at, known.metrics, known.endpoint_status)
        for stage, known in state.stages.items()
        if known.decision or known.deployment_id or known.metrics or known.endpoint_status
    }
    registry = {"approval", "life_cycle", "changed_at", "specification", "born_deciding", "missing", "group"}
    return {"stages": stages, **state.model_dump(include=registry)}


@FEW
@given(outside_lives(most=5))
def test_what_was_decided_is_the_same_in_whatever_order_it_was_told(facts):
    expected = standing(learned(facts).state)
    for order in itertools.permutations(facts):
        assert standing(learned(order).state) == expected
