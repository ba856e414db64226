"""What the answers about a use case lead to, and what is kept of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.ai_act import (
    LISTED,
    PROHIBITED,
    QUESTIONS,
    SAFETY,
    TRANSPARENCY,
    AiActClass,
    Assessment,
    Materiality,
    assessed,
)
from governance.domain.identifiers import Person
from governance.domain.jurisdictions import CODES, known
from governance.domain.lifecycle import ModelStatus
from governance.domain.use_case_deciding import Asking, assess, create
from governance.domain.use_case_policy import BUILT_IN, CHECKS
from governance.domain.use_cases import BACK, CORRESPONDING, MOVES, NEXT, ORDER, About, UseCaseStage
from tests.builders import HUB, after
from tests.unit.governance.use_cases.board import describes

YES = st.sets(st.sampled_from([one.id for one in QUESTIONS]))


def answered(yes: set[str]) -> Assessment:
    given_so = {one.id: {"answer": one.id in yes, "why": "so it is"} for one in QUESTIONS}
    told = {"answers": given_so, "materiality": "low", "materiality_why": "little depends on it"}
    return Assessment.model_validate(told)


def ids(questions) -> set[str]:
    return {one.id for one in questions}


@given(yes=YES)
def test_the_class_is_the_one_that_the_act_draws_from_the_answers(yes):
    exempt = "only-prepares" in yes and "profiles-people" not in yes
    if yes & ids(PROHIBITED):
        wanted = AiActClass.UNACCEPTABLE
    elif yes & ids(SAFETY) or (yes & ids(LISTED) and not exempt):
        wanted = AiActClass.HIGH
    elif yes & ids(TRANSPARENCY):
        wanted = AiActClass.LIMITED
    else:
        wanted = AiActClass.MINIMAL
    assert answered(yes).ai_act_class is wanted


@given(yes=YES, more=YES)
def test_no_further_yes_lowers_a_class_but_that_of_the_exemption(yes, more):
    assert answered(yes | (more - {"only-prepares"})).ai_act_class.rank >= answered(yes).ai_act_class.rank


@given(yes=YES)
def test_the_record_keeps_every_question_as_it_was_put_with_its_source(yes):
    kept = assessed(answered(yes))
    assert [one.id for one in kept.answers] == [one.id for one in QUESTIONS]
    assert {one.id for one in kept.answers if one.answer} == yes
    assert all(one.source and one.question for one in kept.answers)
    assert bool(kept.grounds) == (kept.ai_act_class is not AiActClass.MINIMAL)


def test_every_question_names_its_source_and_is_put_once():
    assert len(ids(QUESTIONS)) == len(QUESTIONS)
    assert all(one.source.startswith(("Art. ", "Annex III, ")) and one.text.endswith("?") for one in QUESTIONS)


@pytest.mark.parametrize(("code", "meant"), [("UK", "GB"), ("de", "DE"), ("EL", "GR"), ("USA", "US")])
def test_a_jurisdiction_that_is_none_is_refused_with_the_one_that_was_meant(code, meant):
    with pytest.raises(ValueError, match=f"did you mean {meant}"):
        known(code)


def test_there_are_as_many_codes_as_iso_assigned_and_the_union():
    assert len(CODES) == 249 + 1
    assert {"DE", "GB", "US", "EU"} <= CODES


def test_every_stage_has_its_moves_and_nothing_leads_out_of_what_is_retired():
    assert {stage for stage, _ in MOVES} == set(ORDER)
    for (stage, status), leads in MOVES.items():
        is_over = (stage, status) == (UseCaseStage.RETIRED, ModelStatus.APPROVED)
        assert bool(leads) != is_over
        assert leads <= MOVES.keys(), "nothing leads to where nothing is known"
    assert {BACK[after] for after in NEXT.values()} == set(NEXT)
    assert set(CORRESPONDING) == set(ORDER) - {UseCaseStage.PROOF_OF_CONCEPT, UseCaseStage.RETIRED}


def test_the_policy_makes_every_check_and_says_who_approves_each_stage():
    assert set(BUILT_IN.document.enforced) == set(CHECKS)
    assert set(BUILT_IN.document.roles) == set(ORDER) - {UseCaseStage.RETIRED}
    assert set(BUILT_IN.document.people_by_class) == set(AiActClass) - {AiActClass.UNACCEPTABLE}


ASSESSMENTS = st.builds(
    lambda yes, tier: assessed(answered(yes).model_copy(update={"materiality": tier})),
    st.sampled_from([set(), {"talks-to-people"}, {"essential-services"}, {"scores-socially"}]),
    st.sampled_from(Materiality),
)


@given(asked=st.lists(st.tuples(st.sampled_from(["vera", "viktor"]), ASSESSMENTS), min_size=1, max_size=8))
def test_what_rises_is_in_force_at_once_and_nothing_falls_by_one_person(asked):
    use_case = create(About.model_validate(describes()), asking("olive", 0)).after
    for number, (who, wanted) in enumerate(asked, start=1):
        before = use_case.assessed
        use_case = assess(use_case, wanted, asking(who, number)).after
        now = use_case.assessed
        assert now is not None
        assert not now.is_lower_than(wanted)
        if before is not None and now.is_lower_than(before):
            assert now == wanted
            assert any(other != who and earlier == wanted for other, earlier in asked[: number - 1])


def asking(who: str, number: int) -> Asking:
    by = Person(id=who, arn=f"arn:aws:sts::{HUB}:assumed-role/steward-validator/{who}")
    return Asking(by=by, at=after(number), request=f"request-{number:04d}")
