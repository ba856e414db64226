"""How policies come into force, and groups under them: what asks less needs two officers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.authority import Authority
from governance.domain.errors import StaleVersion
from governance.domain.identifiers import person_behind
from governance.domain.loosening import loosens
from governance.domain.model_group import ModelGroup
from governance.domain.people import Names
from governance.domain.published import DEFAULT, current
from tests.builders import HUB, KATHERINE, MARY
from tests.unit.governance.policies.office import (
    ANNIE,
    DOROTHY,
    GROUP,
    OTHER,
    Office,
    house,
    known,
    refused,
    sign_offs,
)


@pytest.fixture
def office() -> Office:
    return Office()


# Publishing.


def test_a_policy_is_published_with_a_number_and_a_deed_in_its_chain(office):
    answer = office.publish(house())
    assert (answer["policy"], answer["outcome"], answer["changed"]) == ("house@1", "done", True)
    assert office.groups.active["house"].id == "house@1"
    assert office.actions("POLICY#house") == [("policy-published", known(KATHERINE))]


def test_what_asks_more_is_in_force_at_once(office):
    office.publish(house())
    assert office.publish(house(sign_offs(2)))["policy"] == "house@2"
    assert office.groups.active["house"].id == "house@2"


def test_what_asks_less_waits_for_another_officer_and_says_where_it_asks_less(office):
    office.publish(house(sign_offs(2)))
    answer = office.publish(house(sign_offs(1)))
    assert answer["outcome"] == "proposed"
    assert list(answer["looser"]) == ["sign-offs: needed 2 sign-offs and needs 1"]
    assert office.groups.active["house"].id == "house@1"
    assert office.actions("POLICY#house")[-1] == ("policy-proposed", known(KATHERINE))


def test_who_proposed_it_does_not_confirm_it(office):
    office.publish(house(sign_offs(2)))
    office.publish(house(sign_offs(1)))
    answer = office.publish(house(sign_offs(1)))
    assert (answer["outcome"], answer["changed"]) == ("waits-for-another-officer", False)
    through_another_role = person_behind(ANNIE.arn.replace("annie.easley", "Katherine.Johnson"))
    assert office.publish(house(sign_offs(1)), through_another_role)["outcome"] == "waits-for-another-officer"
    assert office.groups.active["house"].id == "house@1"


def test_another_officer_confirms_it_by_asking_for_the_same(office):
    office.publish(house(sign_offs(2)))
    office.publish(house(sign_offs(1)))
    answer = office.publish(house(sign_offs(1)), ANNIE)
    assert (answer["policy"], answer["outcome"], answer["confirms"]) == ("house@2", "done", KATHERINE.id)
    assert office.groups.active["house"].id == "house@2"
    last = office.policies.journal.entries["POLICY#house"][-1].content
    assert last["new"]["confirms"] == known(KATHERINE)
    assert last["new"]["looser"]


def test_another_officer_who_asks_for_something_else_proposes_that(office):
    office.publish(house(sign_offs(2)))
    office.publish(house(sign_offs(1)))
    assert office.publish(house(), ANNIE)["outcome"] == "proposed"
    assert office.publish(house(sign_offs(1)), ANNIE)["outcome"] == "proposed"
    assert office.publish(house(sign_offs(1)), KATHERINE)["policy"] == "house@2"


def test_what_was_proposed_over_an_earlier_version_is_no_longer_proposed(office):
    office.publish(house(sign_offs(2)))
    office.publish(house(sign_offs(1)))
    office.publish(house(sign_offs(3)), ANNIE)
    assert office.publish(house(sign_offs(1)), ANNIE)["outcome"] == "proposed"
    assert office.groups.active["house"].id == "house@2"


def test_what_is_in_force_already_is_not_published_again(office):
    office.publish(house())
    answer = office.publish(house(), ANNIE)
    assert (answer["policy"], answer["outcome"], answer["changed"]) == ("house@1", "in-force-already", False)
    assert len(office.actions("POLICY#house")) == 1


def test_the_built_in_policy_can_be_replaced_and_keeps_counting(office):
    answer = office.publish(house(name="default"))
    assert answer["policy"] == f"default@{DEFAULT.version + 1}"


def test_a_dry_run_says_what_would_come_of_it_and_changes_nothing(office):
    office.publish(house(sign_offs(2)))
    before = office.policies.journal.entries["POLICY#house"][:]
    assert office.publish(house(sign_offs(3)), dry_run=True)["would_change"] is True
    assert office.publish(house(sign_offs(1)), dry_run=True)["outcome"] == "proposed"
    assert office.policies.journal.entries["POLICY#house"] == before
    assert office.groups.active["house"].id == "house@1"


@pytest.mark.parametrize("person", [MARY, DOROTHY, person_behind(KATHERINE.arn.replace(HUB, "111122223333"))])
def test_nobody_but_an_officer_publishes_or_assigns(office, person):
    refused("not-entitled", office.publish, house(), person)
    refused("not-entitled", office.assign, "default", person)
    assert office.actions("POLICY#house") == []


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"gates": [{"kind": "metric", "name": "m", "metric": "made-up", "at_least": 1}]}, "made-up is not known"),
        ({"gates": [{"kind": "evidence", "name": "e", "evidence": "tea-leaves"}]}, "gates[0].evidence"),
        ({"gates": []}, "gates"),
        ({"nonsense": 1}, "nonsense"),
        ({"metrics": {"m": {"better": "higher", "least": float("nan")}}}, "metrics.m.least"),
    ],
)
def test_what_is_no_policy_is_refused_by_the_field_that_is_wrong(office, told, said):
    assert said in refused("no-policy", office.publish, {**house(), **told})
    assert office.policies.names() == []


@pytest.mark.parametrize("check", ["approver-entitled", "not-by-the-author", "preceding-stage-approved"])
@pytest.mark.parametrize("how", ["left out", "advising", "not in production", "not for low risk"])
def test_no_policy_does_without_what_is_indispensable(office, check, how):
    document = house()
    gate = next(one for one in document["gates"] if one["name"] == check)
    if how == "left out":
        document["gates"].remove(gate)
    gate |= {"mode": "advise"} if how == "advising" else {}
    gate |= {"stages": ["development", "test", "pre-production"]} if how == "not in production" else {}
    gate |= {"risks": ["high", "medium"]} if how == "not for low risk" else {}
    assert check in refused("unpublishable", office.publish, document)


def test_an_indispensable_check_may_be_told_stage_by_stage(office):
    document = house()
    gate = next(one for one in document["gates"] if one["name"] == "not-by-the-author")
    document["gates"].append({**gate, "stages": ["production"]})
    gate["stages"] = ["development", "test", "pre-production"]
    assert office.publish(document)["outcome"] == "done"


def test_a_policy_that_is_too_large_for_the_heads_of_groups_is_refused(office):
    document = house()
    document["gates"][0]["controls"] = [f"sr-26-2/{'x' * 600}{n}" for n in range(120)]
    assert "65,536" in refused("unpublishable", office.publish, document)


# Groups under policies.


def test_a_group_is_put_under_a_policy_that_asks_no_less(office):
    office.publish(house())
    answer = office.assign("house")
    assert (answer["outcome"], office.in_force()) == ("done", "house@1")
    assert office.policies.groups("house") == [GROUP]
    assert office.actions("POLICY#house")[-1] == ("policy-assigned", known(KATHERINE))


def test_a_group_is_put_under_what_asks_less_by_two_officers(office):
    office.publish(house(sign_offs(2)))
    office.assign("house")
    assert office.assign("default")["outcome"] == "proposed"
    assert office.assign("default")["outcome"] == "waits-for-another-officer"
    assert office.in_force() == "house@1"
    answer = office.assign("default", ANNIE)
    assert (answer["confirms"], office.in_force()) == (KATHERINE.id, DEFAULT.id)
    assert office.policies.groups("house") == []


def test_what_was_proposed_for_one_group_is_not_proposed_for_another(office):
    office.publish(house(sign_offs(2)))
    office.assign("house")
    office.assign("house", group=OTHER)
    office.assign("default")
    assert office.assign("default", ANNIE, group=OTHER)["outcome"] == "proposed"
    assert office.in_force(OTHER) == "house@1"


def test_a_proposal_for_a_group_falls_when_the_policy_changes_meanwhile(office):
    office.publish(house(sign_offs(2)))
    office.publish(house(sign_offs(1), name="mild"))
    office.assign("house")
    office.assign("mild")
    office.publish(house({**sign_offs(1), "roles": ["officer"]}, name="mild"))
    assert office.groups.active["mild"].id == "mild@2"
    assert office.assign("mild", ANNIE)["outcome"] == "proposed"


def test_a_new_policy_does_not_loosen_anything_by_being_new(office):
    office.publish(house(sign_offs(2)))
    office.assign("house")
    assert office.publish(house(name="mild"))["outcome"] == "done"
    assert office.assign("mild")["outcome"] == "proposed"
    assert office.in_force() == "house@1"


def test_a_group_that_is_under_a_policy_already_stays_so(office):
    office.publish(house())
    office.assign("house")
    answer = office.assign("house", ANNIE)
    assert (answer["outcome"], answer["changed"]) == ("in-force-already", False)
    assert len(office.actions("POLICY#house")) == 2


def test_there_is_no_putting_a_group_under_a_policy_that_nobody_published(office):
    refused("unknown-policy", office.assign, "sr-26-2")


def test_a_version_reaches_every_group_under_the_policy_and_no_other(office):
    office.publish(house())
    office.assign("house")
    office.assign("default", group=OTHER)
    assert office.publish(house(sign_offs(1)))["groups"] == 1
    assert (office.in_force(), office.in_force(OTHER)) == ("house@2", DEFAULT.id)


def test_a_version_that_did_not_reach_every_group_reaches_them_when_it_is_asked_for_again(office):
    office.publish(house())
    office.assign("house")
    office.assign("house", group=OTHER)
    behind = office.groups.kept[OTHER]
    office.publish(house(sign_offs(1)))
    office.groups.kept[OTHER] = behind
    answer = office.publish(house(sign_offs(1)))
    assert (answer["outcome"], answer["groups"]) == ("in-force-already", 1)
    assert office.in_force(OTHER) == "house@2"


def test_a_group_that_is_listed_and_no_longer_under_the_policy_is_left_alone(office):
    office.publish(house())
    office.assign("house")
    office.groups.list_under("default", GROUP)
    office.publish(house(sign_offs(1), name="default"))
    assert office.in_force() == "house@1"


def test_an_older_version_never_comes_after_a_newer_one(office):
    office.publish(house())
    first = office.groups.active["house"]
    office.publish(house(sign_offs(1)))
    second = office.groups.active["house"]
    assert current(second, first) == second
    assert current(first, second) == second
    assert current(DEFAULT, second) == DEFAULT


def test_who_finds_everything_moving_all_the_time_is_told_so(office, monkeypatch):
    def moved(*_: Any) -> None:
        raise StaleVersion("POLICY#house")

    monkeypatch.setattr(office.policies, "publish", moved)
    with pytest.raises(StaleVersion):
        office.publish(house())


def test_where_nobody_said_who_governs_iam_alone_guards_policies():
    office = Office(Authority(hub=HUB))
    assert office.publish(house())["outcome"] == "done"


DOCUMENTS = [house(), house(sign_offs(1)), house(sign_offs(2)), house({**sign_offs(2), "roles": ["officer"]})]
ASKED = st.lists(st.tuples(st.sampled_from([KATHERINE, ANNIE]), st.sampled_from(DOCUMENTS)), max_size=14)


@given(ASKED)
def test_nothing_that_asks_less_is_ever_in_force_by_one_officers_word(asked):
    office = Office()
    words: dict[str, set[str]] = {}
    for by, document in asked:
        before = office.groups.active.get("house")
        answer = office.publish(document, by)
        words.setdefault(answer["policy_hash"], set()).add(by.id)
        now = office.groups.active.get("house")
        if before is None or now is None or now == before:
            continue
        assert now.version == before.version + 1
        if loosens(now.document, before.document):
            assert words[now.hash] == {KATHERINE.id, ANNIE.id}
        words = {}


@given(
    st.lists(st.tuples(st.sampled_from([KATHERINE, ANNIE]), st.sampled_from(["default", "house", "mild"])), max_size=12)
)
def test_no_group_is_ever_under_what_asks_less_by_one_officers_word(asked):
    office = Office()
    office.publish(house(sign_offs(2)))
    office.publish(house(sign_offs(1), name="mild"))
    words: set[tuple[str, str]] = set()
    for by, name in asked:
        before = office.groups.kept.get(GROUP) or ModelGroup(arn=GROUP)
        office.assign(name, by)
        words.add((name, by.id))
        now = office.groups.kept.get(GROUP) or before
        if now.in_force == before.in_force:
            continue
        if loosens(now.in_force.document, before.in_force.document):
            assert {(name, KATHERINE.id), (name, ANNIE.id)} <= words
        words = set()


def test_who_published_and_who_proposed_is_known_by_name_and_in_no_deed(office):
    office.publish(house(sign_offs(2)))
    office.publish(house(sign_offs(1)), ANNIE)
    both = {known(KATHERINE): KATHERINE.id, known(ANNIE): ANNIE.id}
    assert office.policies.shelf("house").names == Names(by_id=both)
    office.assign("house")
    office.publish(house(), ANNIE, dry_run=True)
    assert set(office.policies.people) == {"POLICY#house"}
    entries = "".join(one.entry for chain in office.policies.journal.entries.values() for one in chain)
    assert not [name for name in both.values() if name in entries]


def test_an_erased_name_does_not_come_back_when_they_confirm(office):
    office.publish(house(sign_offs(2)))
    office.publish(house(sign_offs(1)))
    people = office.policies.people
    people["POLICY#house"] = people["POLICY#house"].without(known(KATHERINE))
    assert office.publish(house(sign_offs(1)), ANNIE)["confirms"] == known(KATHERINE)
    office.publish(house(sign_offs(3)))
    assert people["POLICY#house"] == Names(by_id={known(KATHERINE): "", known(ANNIE): ANNIE.id})
