"""The policy of use cases as a document: what contradicts itself, its hash, and what of it is looser than another."""

import json
import random
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from governance.domain.publishing import asks_less, document_in, unpublishable
from governance.domain.use_case_loosening import loosens_use_cases
from governance.domain.use_case_policy import BUILT_IN, CHECKS, UseCasePolicy, judge
from governance.domain.use_case_policy_document import (
    CHECK_NAMES,
    EVERYWHERE,
    USE_CASE_POLICIES,
    UseCasePolicyDocument,
)
from tests.unit.governance.policies.made import a_gate, a_policy
from tests.unit.governance.use_cases.policies_made import (
    STAGES,
    as_written,
    matters,
    use_case_policies,
    with_checks,
)

ROLES: dict[str, Any] = as_written()["roles"]
CLASSES: dict[str, Any] = as_written()["people_by_class"]
TIERS: dict[str, Any] = as_written()["people_by_tier"]


def document(**changed: Any) -> UseCasePolicyDocument:
    return UseCasePolicyDocument.model_validate(as_written(**changed))


def problems(**changed: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as refused:
        document(**changed)
    return {one.field: one.said for one in USE_CASE_POLICIES.problems_of(refused.value)}


REFUSED = [
    # what is written otherwise -> where it is wrong, and what is said
    ({"name": "use-case"}, "name", "“use-case” is not use-cases"),
    ({"title": ""}, "title", "it is empty"),
    ({"gates": []}, "gates", "there is no such field"),
    ({"schema_version": 2}, "schema_version", "“2” is not 1"),
    ({"roles": {**ROLES, "staging": ["officer"]}}, "roles.staging", "“staging” is none of proof-of-concept"),
    ({"roles": {**ROLES, "production": []}}, "roles.production", "it is empty: name one at least"),
    ({"roles": {**ROLES, "production": ["intern"]}}, "roles.production[0]", "none of owner, validator or officer"),
    ({"roles": {**ROLES, "production": ["officer", "officer"]}}, "roles.production", "twice"),
    ({"roles": {**ROLES, "retired": ["officer"]}}, "roles.retired", "approved by nobody"),
    ({"roles": {one: ROLES[one] for one in STAGES[:-1]}}, "roles.production", "nobody may approve this stage"),
    ({"people_by_class": {**CLASSES, "high": 0}}, "people_by_class.high", "at least 1"),
    ({"people_by_class": {**CLASSES, "high": "2"}}, "people_by_class.high", "no whole number"),
    ({"people_by_class": {**CLASSES, "unacceptable": 3}}, "people_by_class.unacceptable", "Art. 5"),
    ({"people_by_class": {"high": 2, "limited": 1}}, "people_by_class.minimal", "it is missing"),
    ({"people_by_tier": {"high": 2, "low": 1}}, "people_by_tier.medium", "it is missing"),
    ({"people_by_tier": {**TIERS, "low": 11}}, "people_by_tier.low", "at most 10"),
    ({"nobody_alone_from": "retired"}, "nobody_alone_from", "approved by nobody"),
    ({"nobody_alone_from": None}, "nobody_alone_from", "say from which stage on"),
    ({"enforced": with_checks("nobody-alone")}, "nobody_alone_from", "nothing would ask for it"),
    ({"enforced": with_checks(nobody_alone=STAGES[:2])}, "nobody_alone_from", "nothing would ask for it"),
    ({"oversight_for": ["unacceptable"]}, "oversight_for", "Art. 5"),
    ({"oversight_for": ["high", "high"]}, "oversight_for", "twice"),
    ({"oversight_for": []}, "oversight_for", "names no class"),
    ({"enforced": with_checks("human-oversight")}, "oversight_for", "nothing would ask for it"),
    ({"enforced": with_checks("enough-people")}, "people_by_class.high", "nobody asks for 2"),
    ({"enforced": with_checks(on_a_friday=STAGES)}, "enforced.on-a-friday", "“on-a-friday” is none of entitled"),
    ({"enforced": with_checks(assessed=["prod"])}, "enforced.assessed[0]", "“prod” is none of proof-of-concept"),
    ({"enforced": with_checks(assessed=[])}, "enforced.assessed", "it is empty"),
    ({"enforced": with_checks(assessed=STAGES * 2)}, "enforced.assessed", "twice"),
    ({"enforced": with_checks(assessed=["retired"])}, "enforced.assessed", "approved by nobody"),
    ({"enforced": with_checks(models_approved=STAGES)}, "enforced.models-approved", "no models yet"),
    ({"enforced": with_checks("entitled")}, "enforced.entitled", "under every policy: add proof-of-concept,"),
    ({"enforced": with_checks("acceptable")}, "enforced.acceptable", "under every policy"),
    ({"enforced": with_checks(acceptable=STAGES[1:])}, "enforced.acceptable", "add proof-of-concept"),
    ({"enforced": "all"}, "enforced", "“all” has no fields"),
    ({"roles": None}, "roles", "nothing has no fields"),
]


@pytest.mark.parametrize(("changed", "field", "said"), REFUSED)
def test_what_cannot_be_meant_is_told_with_the_field_it_stands_in(changed, field, said):
    assert said in problems(**changed)[field]


def test_everything_that_is_wrong_is_told_at_once_of_form_as_well_as_of_sense():
    found = problems(
        roles={"developmnt": ["owner"], "production": ["officer"]},
        people_by_class={"high": 0, "limited": 1},
        enforced=with_checks("acceptable", made_up=STAGES),
        nobody_alone_from="retired",
    )
    assert {
        "roles.developmnt",
        "roles.development",
        "people_by_class.high",
        "people_by_class.minimal",
        "enforced.acceptable",
        "enforced.made-up",
        "nobody_alone_from",
    } <= set(found)


WORDS = st.none() | st.text() | st.integers()


@given(st.recursive(WORDS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_whatever_stands_in_a_field_is_refused_and_breaks_nothing(anything):
    for field in ("roles", "people_by_class", "enforced", "oversight_for", "nobody_alone_from"):
        try:
            document(**{field: anything})
        except ValidationError as refused:
            assert USE_CASE_POLICIES.problems_of(refused)


def test_the_built_in_policy_is_the_one_that_deeds_on_record_pin():
    pinned = "a737b7ec897215cf609a88202616b97f1a995790dbd02e26451ded0cb8973670"
    assert (BUILT_IN.id, BUILT_IN.hash) == ("use-cases@1", pinned)
    assert tuple(CHECKS) == CHECK_NAMES == tuple(BUILT_IN.document.enforced)


def test_what_is_published_is_known_by_the_hash_of_its_content_alone():
    second = UseCasePolicy(document=BUILT_IN.document, version=2)
    assert (second.id, second.hash) == ("use-cases@2", BUILT_IN.document.hash)


@given(use_case_policies(), st.randoms())
def test_a_policy_has_one_hash_in_whatever_order_it_is_written(policy: UseCasePolicyDocument, chance: random.Random):
    assert UseCasePolicyDocument.model_validate(shuffled(policy.content(), chance)).hash == policy.hash
    assert document_in(json.loads(json.dumps(policy.content()))) == UseCasePolicyDocument(**policy.content())


def shuffled(told: Any, chance: random.Random) -> Any:
    """The same in another order, keys and lists."""
    if isinstance(told, dict):
        keys = chance.sample(list(told), len(told))
        return {key: shuffled(told[key], chance) for key in keys}
    return chance.sample(told, len(told)) if isinstance(told, list) else told


@given(use_case_policies(), use_case_policies())
def test_policies_that_say_different_things_have_different_hashes(some, other):
    assert (some.content() == other.content()) == (some.hash == other.hash)


# What is looser.

LOOSER = [
    # what is written otherwise than in the built-in policy -> the check that asks less, where, and how
    ({"roles": {**ROLES, "production": ["officer", "owner"]}}, "entitled", "production", "lets owner approve too"),
    ({"people_by_class": {**CLASSES, "high": 1}}, "enough-people", "class high", "needed 2 people and needs 1"),
    ({"people_by_tier": {**TIERS, "high": 1}}, "enough-people", "tier high", "needed 2 people and needs 1"),
    ({"enforced": with_checks("owner-known")}, "owner-known", "development", "is no longer made"),
    ({"enforced": with_checks(assessed=STAGES[:-1])}, "assessed", "production", "is no longer made"),
    ({"nobody_alone_from": "production"}, "nobody-alone", "pre-production", "asks from production on"),
    ({"enforced": with_checks("nobody-alone"), "nobody_alone_from": None}, "nobody-alone", "production", "no longer"),
    (
        {"enforced": with_checks("human-oversight"), "oversight_for": []},
        "human-oversight",
        "class high",
        "who oversees",
    ),
]

STRICTER = [
    {"roles": {**ROLES, "development": ["officer"]}},
    {"people_by_class": {**CLASSES, "minimal": 2}},
    {"people_by_tier": {**TIERS, "low": 3}},
    {"nobody_alone_from": "development"},
    {"oversight_for": ["limited", "high"]},
    {"enforced": with_checks(human_oversight=STAGES)},
    {"title": "The same by another title"},
]


@pytest.mark.parametrize(("changed", "gate", "place", "how"), LOOSER)
def test_what_asks_less_is_told_and_the_way_back_is_not(changed, gate, place, how):
    found = loosens_use_cases(document(**changed), BUILT_IN.document)
    assert [one for one in found if (one.gate, one.place) == (gate, place) and how in one.how]
    assert loosens_use_cases(BUILT_IN.document, document(**changed)) == ()


@pytest.mark.parametrize("changed", STRICTER)
def test_what_asks_as_much_or_more_is_not(changed):
    assert loosens_use_cases(document(**changed), BUILT_IN.document) == ()


@given(use_case_policies())
def test_no_policy_is_looser_than_itself(policy):
    assert loosens_use_cases(policy, policy) == ()


@given(use_case_policies(), use_case_policies())
def test_of_two_policies_that_differ_in_what_they_ask_one_at_least_is_looser(some, other):
    neither = not loosens_use_cases(some, other) and not loosens_use_cases(other, some)
    assert neither == (some.hash == other.hash)


@given(use_case_policies(), use_case_policies(), use_case_policies())
def test_step_by_step_nothing_becomes_looser_that_no_step_is(first, second, third):
    if not loosens_use_cases(second, first) and not loosens_use_cases(third, second):
        assert loosens_use_cases(third, first) == ()


@settings(max_examples=400)
@given(use_case_policies(), use_case_policies(), matters())
def test_what_a_policy_that_is_nowhere_looser_lets_pass_the_old_one_lets_pass_too(some, other, matter):
    for new, old in ((some, tightened(some, other)), (tightened(some, other), some)):
        if not loosens_use_cases(new, old) and all(one.passed for one in judge(new, matter)):
            assert all(one.passed for one in judge(old, matter))


def tightened(some: UseCasePolicyDocument, other: UseCasePolicyDocument) -> UseCasePolicyDocument:
    """A policy that asks what both ask, where anybody could be found for it."""
    told, more = deepcopy(some.content()), other.content()
    for stage in STAGES:
        told["roles"][stage] = [one for one in told["roles"][stage] if one in more["roles"][stage]] or ["officer"]
    for name, where in more["enforced"].items():
        told["enforced"][name] = sorted({*told["enforced"].get(name, ()), *where}, key=STAGES.index)
    for field in ("people_by_class", "people_by_tier"):
        told[field] = {one: max(number, more[field][one]) for one, number in told[field].items()}
    froms = [one["nobody_alone_from"] for one in (told, more) if one["nobody_alone_from"]]
    told["nobody_alone_from"] = min(froms, key=EVERYWHERE.index, default=None)
    told["oversight_for"] = sorted({*told["oversight_for"], *more["oversight_for"]})
    return UseCasePolicyDocument.model_validate(told)


def test_a_policy_of_models_and_one_of_use_cases_are_not_compared():
    models = a_policy(a_gate("evidence", evidence="bias"))
    assert asks_less(BUILT_IN.document, models) == asks_less(models, BUILT_IN.document) == ()


def test_no_policy_of_models_can_be_called_as_that_of_use_cases():
    models = a_policy(a_gate("evidence", evidence="bias"), name="use-cases")
    assert any("is the policy of use cases" in one for one in unpublishable(models))
    assert not list(unpublishable(BUILT_IN.document))
