"""Officers publish the policy of use cases by the same command as policies of models, and by the same two people."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.published import PublishedPolicy
from governance.domain.use_case_loosening import loosens_use_cases
from governance.domain.use_case_policy import BUILT_IN
from tests.builders import KATHERINE, MARY
from tests.unit.governance.policies.made import a_gate, a_policy
from tests.unit.governance.policies.office import ANNIE, DOROTHY, GROUP, Office, house, known, refused
from tests.unit.governance.use_cases.policies_made import STAGES, as_written, with_checks

STRICTER = as_written(nobody_alone_from="development")
LOOSER = as_written(people_by_tier={"high": 1, "medium": 1, "low": 1})
CHAIN = "POLICY#use-cases"


@pytest.fixture
def office() -> Office:
    return Office()


def last(office: Office) -> dict[str, Any]:
    content: dict[str, Any] = office.policies.journal.entries[CHAIN][-1].content
    return content


def test_one_that_asks_no_less_is_in_force_at_once_after_the_built_in_one(office):
    answer = office.publish(STRICTER)
    assert (answer["policy"], answer["outcome"], answer["groups"]) == ("use-cases@2", "done", 0)
    assert office.policies.of_use_cases().document.content() == STRICTER
    assert office.actions(CHAIN) == [("policy-published", known(KATHERINE))]
    assert last(office)["old"] == {"version": "use-cases@1", "policy_hash": BUILT_IN.hash}
    assert last(office)["new"] == {"version": "use-cases@2", "policy_hash": answer["policy_hash"]}
    assert office.policies.version("use-cases", 1) == BUILT_IN, "what was in force before is there still"


def test_what_the_built_in_one_says_is_in_force_already(office):
    answer = office.publish(as_written())
    assert (answer["outcome"], answer["policy_hash"], answer["changed"]) == ("in-force-already", BUILT_IN.hash, False)
    assert office.actions(CHAIN) == []


def test_one_that_asks_less_is_in_force_when_another_officer_asks_for_just_the_same(office):
    answer = office.publish(LOOSER)
    assert answer["looser"] == {"enough-people: needed 2 people and needs 1": ["tier high"]}
    assert (answer["outcome"], office.policies.of_use_cases()) == ("proposed", BUILT_IN)
    assert office.publish(LOOSER)["outcome"] == "waits-for-another-officer"
    answer = office.publish(LOOSER, ANNIE)
    assert (answer["policy"], answer["confirms"]) == ("use-cases@2", KATHERINE.id)
    assert office.policies.of_use_cases().document.content() == LOOSER
    assert last(office)["new"]["looser"] == answer["looser"]


def test_a_proposal_falls_when_another_policy_is_in_force_meanwhile(office):
    office.publish(LOOSER)
    office.publish(STRICTER)
    assert office.publish(LOOSER, ANNIE)["outcome"] == "proposed"


def test_a_dry_run_says_what_would_come_of_it_and_changes_nothing(office):
    assert office.publish(STRICTER, dry_run=True)["would_change"] is True
    assert office.publish(LOOSER, dry_run=True)["outcome"] == "proposed"
    assert (office.actions(CHAIN), office.policies.of_use_cases()) == ([], BUILT_IN)


@pytest.mark.parametrize("person", [MARY, DOROTHY])
def test_nobody_but_an_officer_publishes_it(office, person):
    refused("not-entitled", office.publish, STRICTER, person)


def test_what_contradicts_itself_is_refused_with_every_field_that_is_wrong(office):
    wrong = as_written(enforced=with_checks("acceptable", on_a_friday=STAGES), nobody_alone_from="retired")
    said = refused("no-policy", office.publish, wrong)
    for field in ("enforced.acceptable: it is made in every stage", "enforced.on-a-friday: ", "nobody_alone_from: "):
        assert field in said
    assert "name: “others” is not use-cases" in refused("no-policy", office.publish, as_written(name="others"))


def test_no_policy_of_models_is_published_under_its_name(office):
    assert "is the policy of use cases" in refused("unpublishable", office.publish, house(name="use-cases"))


def test_no_group_stands_under_it(office):
    refused("of-use-cases", office.assign, "use-cases")


def test_it_is_not_published_over_a_policy_of_models_that_groups_stand_under(office):
    models = PublishedPolicy(document=a_policy(a_gate("evidence", evidence="bias"), name="use-cases"), version=1)
    office.policies.versions["use-cases"] = [models]
    office.groups.list_under("use-cases", GROUP)
    assert "1 groups stand under" in refused("name-taken", office.publish, STRICTER)
    office.groups.members["use-cases"].clear()
    assert office.publish(STRICTER)["policy"] == "use-cases@2"


DOCUMENTS = [as_written(), STRICTER, LOOSER, as_written(oversight_for=["high", "limited"])]


@given(st.lists(st.tuples(st.sampled_from([KATHERINE, ANNIE]), st.sampled_from(DOCUMENTS)), max_size=14))
def test_nothing_that_asks_less_is_ever_in_force_by_one_officers_word(asked):
    office = Office()
    words: dict[str, set[str]] = {}
    for by, document in asked:
        before = office.policies.of_use_cases()
        answer = office.publish(document, by)
        words.setdefault(answer["policy_hash"], set()).add(by.id)
        now = office.policies.of_use_cases()
        if now == before:
            continue
        assert now.version == before.version + 1
        if loosens_use_cases(now.document, before.document):
            assert words[now.hash] == {KATHERINE.id, ANNIE.id}
        words = {}
