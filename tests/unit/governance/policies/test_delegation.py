"""Roles that are given to somebody else for a while, and taken back."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from governance.domain.authority import Role
from governance.domain.errors import Refused
from governance.domain.identifiers import Person, person_behind
from governance.domain.model_group import ModelGroup
from governance.domain.people import Names, Pseudonyms
from tests.builders import KATHERINE, MARY, PERSON_KEY
from tests.unit.governance.policies.office import AUTHORITY, DOROTHY, GROUP, NOW, Office, known, refused


@pytest.fixture
def with_group() -> Office:
    office = Office()
    office.groups.save(ModelGroup(arn=GROUP, revision=1), 0)
    return office


def standing(office: Office, person: Person, at: Any = NOW) -> tuple[Role, ...]:
    told = Pseudonyms(PERSON_KEY).person(person)
    return AUTHORITY.standing(told, office.groups.kept[GROUP].delegations, at).roles


def test_a_role_is_delegated_until_a_date_with_a_deed_in_the_hubs_chain(with_group):
    answer = with_group.delegate(Role.VALIDATOR, "mary.jackson", DOROTHY)
    assert (answer["changed"], answer["to"], answer["by"]) == (True, MARY.id, DOROTHY.id)
    assert standing(with_group, MARY) == (Role.OWNER, Role.VALIDATOR)
    assert standing(with_group, MARY, NOW + timedelta(days=7)) == (Role.OWNER,)
    assert with_group.actions("HUB#steward") == [("role-delegated", known(DOROTHY))]
    assert "mary" not in with_group.policies.journal.entries["HUB#steward"][-1].entry


def test_only_who_holds_a_role_themselves_delegates_it(with_group):
    refused("not-entitled", with_group.delegate, Role.VALIDATOR, "mary.jackson", KATHERINE)
    with_group.delegate(Role.VALIDATOR, "mary.jackson", DOROTHY)
    refused("not-entitled", with_group.delegate, Role.VALIDATOR, "ida.rhodes", MARY)


def test_nobody_delegates_to_themselves(with_group):
    refused("to-oneself", with_group.delegate, Role.VALIDATOR, "Dorothy.Vaughan", DOROTHY)


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_a_delegation_ends_within_ninety_days(with_group, days):
    refused("no-such-time", with_group.delegate, Role.VALIDATOR, "mary.jackson", DOROTHY, days=days)


def test_a_delegation_asked_for_again_is_one_and_a_later_end_replaces_it(with_group):
    with_group.delegate(Role.VALIDATOR, "mary.jackson", DOROTHY)
    assert with_group.delegate(Role.VALIDATOR, "mary.jackson", DOROTHY)["changed"] is False
    assert with_group.delegate(Role.VALIDATOR, "mary.jackson", DOROTHY, days=30)["changed"] is True
    (given,) = with_group.groups.kept[GROUP].delegations
    assert given.until == NOW + timedelta(days=30)


@pytest.mark.parametrize("person", [DOROTHY, MARY, KATHERINE], ids=["who gave it", "who has it", "an officer"])
def test_a_delegation_is_ended_before_its_time(with_group, person):
    with_group.delegate(Role.VALIDATOR, "mary.jackson", DOROTHY)
    later = NOW + timedelta(days=1)
    assert with_group.end(Role.VALIDATOR, "mary.jackson", person, at=later)["changed"] is True
    assert standing(with_group, MARY, later) == (Role.OWNER,)
    assert standing(with_group, MARY, NOW) == (Role.OWNER, Role.VALIDATOR), "what was done in it stays so"
    refused("no-delegation", with_group.end, Role.VALIDATOR, "mary.jackson", person, at=later)


def test_nobody_else_ends_a_delegation(with_group):
    with_group.delegate(Role.VALIDATOR, "mary.jackson", DOROTHY)
    stranger = person_behind(MARY.arn.replace("mary.jackson", "ida.rhodes"))
    refused("no-delegation", with_group.end, Role.VALIDATOR, "mary.jackson", stranger)


def test_what_is_long_over_is_forgotten(with_group):
    with_group.delegate(Role.VALIDATOR, "mary.jackson", DOROTHY, days=1)
    later = NOW + timedelta(days=9)
    with_group.delegate(Role.VALIDATOR, "ida.rhodes", DOROTHY, at=later, until=later + timedelta(days=1))
    assert [one.to for one in with_group.groups.kept[GROUP].delegations] == [Pseudonyms(PERSON_KEY).id_of("ida.rhodes")]


def test_no_role_is_delegated_in_a_group_that_is_not_on_record():
    office = Office()
    refused("unknown-group", office.delegate, Role.VALIDATOR, "mary.jackson", DOROTHY)
    refused("unknown-group", office.end, Role.VALIDATOR, "mary.jackson", DOROTHY)


def test_a_dry_run_delegates_nothing(with_group):
    assert with_group.delegate(Role.VALIDATOR, "mary.jackson", DOROTHY, dry_run=True)["would_change"] is True
    assert with_group.groups.kept[GROUP].delegations == ()


def test_whom_a_role_is_delegated_to_is_known_by_name_until_that_is_erased(with_group):
    with_group.delegate(Role.VALIDATOR, "mary.jackson", DOROTHY)
    people = with_group.policies.people
    assert people["HUB#steward"] == Names(by_id={known(DOROTHY): DOROTHY.id, known(MARY): MARY.id})
    people["HUB#steward"] = people["HUB#steward"].without(known(MARY))
    again = with_group.delegate(Role.VALIDATOR, "mary.jackson", DOROTHY, days=30)
    assert (again["by"], again["to"]) == (DOROTHY.id, known(MARY))
    assert people["HUB#steward"].by_id[known(MARY)] == ""


def test_who_ends_what_another_gave_is_told_whose_it_was(with_group):
    with_group.delegate(Role.VALIDATOR, "mary.jackson", DOROTHY)
    told = with_group.end(Role.VALIDATOR, "mary.jackson", KATHERINE, at=NOW + timedelta(days=1))
    assert (told["by"], told["to"]) == (DOROTHY.id, MARY.id)


@pytest.mark.parametrize("told", [{"dry_run": True}, {"days": 91}], ids=["a dry run", "refused"])
def test_what_changes_nothing_teaches_no_name(with_group, told):
    with suppress(Refused):
        with_group.delegate(Role.VALIDATOR, "mary.jackson", DOROTHY, **told)
    assert with_group.policies.people == {}
