"""Who may decide what: by the role of the hub through which somebody comes, or by delegation."""

import pytest

from governance.domain.authority import Delegation, Role
from governance.domain.identifiers import person_behind
from governance.domain.people import Pseudonyms
from governance.settings import Settings
from tests.builders import HUB, after

TOLD = Settings(
    hub_account_id=HUB,
    owner_roles="model-owners, AWSReservedSSO_Owners_0123456789abcdef",
    validator_roles="validators",
    officer_roles="officers",
).authority


def came(role: str, account: str = HUB, name: str = "mary.jackson"):
    return person_behind(f"arn:aws:sts::{account}:assumed-role/{role}/{name}")


def test_who_comes_through_a_role_that_is_named_has_its_role():
    assert TOLD.roles_of(came("model-owners")) == (Role.OWNER,)
    assert TOLD.roles_of(came("AWSReservedSSO_Owners_0123456789abcdef")) == (Role.OWNER,)
    assert TOLD.roles_of(came("validators")) == (Role.VALIDATOR,)
    assert TOLD.roles_of(came("officers")) == (Role.OFFICER,)


def test_somebody_known_by_their_id_has_the_role_that_they_came_through():
    assert TOLD.roles_of(Pseudonyms("a key").person(came("officers"))) == (Role.OFFICER,)


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:sts::{HUB}:assumed-role/ml-engineers/margaret.hamilton",
        f"arn:aws:sts::{HUB}:assumed-role/officers-too/katherine.johnson",
        "arn:aws:sts::111122223333:assumed-role/officers/katherine.johnson",
        f"arn:aws:iam::{HUB}:user/officers",
        f"arn:aws:iam::{HUB}:root",
        "",
    ],
)
def test_who_comes_any_other_way_has_no_role(arn: str):
    assert TOLD.roles_of(person_behind(arn)) == ()


def test_one_role_of_iam_may_hold_two_of_ours():
    both = Settings(hub_account_id=HUB, validator_roles="risk", officer_roles="risk").authority
    assert both.roles_of(came("risk")) == (Role.VALIDATOR, Role.OFFICER)


def test_where_no_role_is_named_everybody_of_the_hub_owns_models_and_nobody_else_does():
    nobody_said = Settings(hub_account_id=HUB).authority
    assert nobody_said.roles_of(came("whatever")) == (Role.OWNER,)
    assert nobody_said.roles_of(came("whatever", account="111122223333")) == ()


def delegated(role: Role, to: str, **changes):
    told = {"role": role, "by": "dorothy.vaughan", "to": to, "since": after(0), "until": after(60), "why": "on leave"}
    return Delegation(**(told | changes))


def test_a_delegated_role_holds_from_its_beginning_to_its_end():
    given = (delegated(Role.VALIDATOR, "mary.jackson"),)
    mary = came("model-owners")
    assert TOLD.standing(mary, given, after(-1)).roles == (Role.OWNER,)
    assert TOLD.standing(mary, given, after(0)).roles == (Role.OWNER, Role.VALIDATOR)
    assert TOLD.standing(mary, given, after(60)).roles == (Role.OWNER,)
    assert TOLD.standing(came("model-owners", name="ida.rhodes"), given, after(1)).roles == (Role.OWNER,)


def test_whose_word_it_is_is_told_where_somebody_acts_in_a_delegated_role_only():
    given = (delegated(Role.VALIDATOR, "mary.jackson"),)
    assert TOLD.standing(came("ml-engineers"), given, after(1)).delegated_by == "dorothy.vaughan"
    assert TOLD.standing(came("model-owners"), given, after(1)).delegated_by == ""


@pytest.mark.parametrize("account", ["111122223333", ""])
def test_nobody_acts_in_a_delegated_role_from_outside_the_hub(account: str):
    arn = f"arn:aws:sts::{account}:assumed-role/validators/mary.jackson" if account else ""
    outside = person_behind(arn).model_copy(update={"id": "mary.jackson"})
    assert TOLD.standing(outside, (delegated(Role.VALIDATOR, "mary.jackson"),), after(1)).roles == ()
