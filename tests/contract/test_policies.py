"""What is promised of published policies, kept in memory and in DynamoDB."""

from typing import Any

import pytest

from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.adapters.dynamodb_people import DynamoDbPeople
from governance.adapters.dynamodb_policies import DynamoDbPolicies
from governance.adapters.rows import Table
from governance.domain.audit import Deed, breaks
from governance.domain.errors import StaleVersion
from governance.domain.identifiers import STEWARD
from governance.domain.model_group import ModelGroup
from governance.domain.people import Names
from governance.domain.published import DEFAULT, PublishedPolicy
from governance.domain.publishing import Proposal, Shelf
from governance.domain.use_case_policy import BUILT_IN, UseCasePolicy
from governance.domain.use_cases import UseCaseStage
from governance.ports.ledger import Groups
from governance.ports.policies import Policies
from tests import fakes
from tests.aws.resources import TABLE, table_items
from tests.builders import BORN, KATHERINE, PERSON_KEY, group_arn
from tests.fakes_of_policies import InMemoryPolicies
from tests.unit.governance.policies.made import a_gate, a_policy

KINDS = ("in memory", "DynamoDB")
HOUSE = PublishedPolicy(
    document=a_policy(a_gate("sign-offs", needed=1, roles=["officer"], risks=["high"], controls=[])), version=1
)
GROUP = group_arn()


@pytest.fixture(params=KINDS)
def kept(request: pytest.FixtureRequest) -> tuple[Policies, Groups]:
    if request.param == "in memory":
        groups = fakes.InMemoryGroups()
        return InMemoryPolicies(groups), groups
    request.getfixturevalue("seam")
    return DynamoDbPolicies(Table(TABLE), "steward"), DynamoDbGroups(Table(TABLE))


@pytest.fixture
def policies(kept: tuple[Policies, Groups]) -> Policies:
    return kept[0]


def deed(action: str = "policy-published", **told: Any) -> Deed:
    return Deed.model_validate(
        {"action": action, "who": STEWARD, "why": "", "at": BORN, "correlation_id": "c", "new": {}, **told}
    )


def proposal(policy: PublishedPolicy = HOUSE) -> Proposal:
    told = {"policy_hash": policy.hash, "over": DEFAULT.hash, "by": KATHERINE, "at": BORN, "why": "less to do"}
    return Proposal.model_validate({**told, "document": policy.document})


def test_of_a_policy_that_nobody_published_there_is_an_empty_shelf(policies):
    assert policies.shelf("house") == Shelf(name="house")
    assert policies.names() == []


def test_the_built_in_policy_is_on_its_shelf_from_the_beginning(policies):
    shelf = policies.shelf("default")
    assert (shelf.active, shelf.highest) == (DEFAULT, DEFAULT.version)


def test_a_published_policy_is_in_force_and_comes_back_as_it_was(kept):
    policies, groups = kept
    policies.publish(policies.shelf("house"), HOUSE, deed())
    shelf = policies.shelf("house")
    assert (shelf.active, shelf.highest, shelf.link.sequence) == (HOUSE, 1, 1)
    assert shelf.active and shelf.active.hash == HOUSE.hash
    assert groups.in_force("house", BORN) == HOUSE
    assert policies.names() == ["house"]


def test_a_later_version_takes_the_place_of_the_earlier_one(policies):
    policies.publish(policies.shelf("house"), HOUSE, deed())
    second = HOUSE.model_copy(update={"version": 2})
    policies.publish(policies.shelf("house"), second, deed())
    shelf = policies.shelf("house")
    assert (shelf.active, shelf.highest, shelf.link.sequence) == (second, 2, 2)
    assert (policies.version("house", 1), policies.version("house", 2)) == (HOUSE, second)
    assert policies.version("house", 3) is None


USE_CASES = UseCasePolicy(
    document=BUILT_IN.document.model_copy(update={"nobody_alone_from": UseCaseStage.DEVELOPMENT}), version=2
)


def test_the_policy_of_use_cases_is_the_built_in_one_until_another_is_published(policies):
    shelf = policies.shelf("use-cases")
    assert (shelf.active, shelf.highest, policies.of_use_cases()) == (BUILT_IN, 1, BUILT_IN)
    policies.publish(shelf, USE_CASES, deed())
    shelf = policies.shelf("use-cases")
    assert (shelf.active, shelf.highest, policies.of_use_cases()) == (USE_CASES, 2, USE_CASES)
    assert (policies.version("use-cases", 1), policies.version("use-cases", 2)) == (BUILT_IN, USE_CASES)
    assert policies.version("use-cases", 3) is None
    assert policies.names() == ["use-cases"]


def test_a_proposal_for_use_cases_comes_back_as_it_was(policies):
    told = {"document": USE_CASES.document, "policy_hash": USE_CASES.hash, "over": BUILT_IN.hash}
    proposed = proposal().model_copy(update=told)
    policies.propose(policies.shelf("use-cases"), proposed, deed("policy-proposed"))
    assert policies.shelf("use-cases").proposal == proposed
    assert policies.of_use_cases() == BUILT_IN
    policies.publish(policies.shelf("use-cases"), USE_CASES, deed())
    assert policies.shelf("use-cases").proposal is None


def test_two_who_publish_for_use_cases_at_once_do_not_both(policies):
    seen = policies.shelf("use-cases")
    policies.publish(seen, USE_CASES, deed())
    with pytest.raises(StaleVersion):
        policies.publish(seen, USE_CASES.model_copy(update={"document": BUILT_IN.document}), deed())
    assert policies.of_use_cases() == USE_CASES


def test_a_policy_of_models_that_was_called_so_before_does_not_stand_for_use_cases(policies):
    models = PublishedPolicy(document=HOUSE.document.model_copy(update={"name": "use-cases"}), version=1)
    policies.publish(policies.shelf("use-cases"), models, deed())
    shelf = policies.shelf("use-cases")
    assert (shelf.active, shelf.highest, policies.of_use_cases()) == (BUILT_IN, 1, BUILT_IN)
    assert policies.version("use-cases", 1) == models
    policies.publish(shelf, USE_CASES, deed())
    assert policies.of_use_cases() == USE_CASES


def test_two_who_publish_at_once_do_not_both(policies):
    seen = policies.shelf("house")
    policies.publish(seen, HOUSE, deed())
    with pytest.raises(StaleVersion):
        policies.publish(seen, HOUSE.model_copy(update={"version": 2}), deed())
    assert policies.shelf("house").active == HOUSE


def test_a_proposal_lies_on_the_shelf_until_something_is_published(policies):
    policies.propose(policies.shelf("house"), proposal(), deed("policy-proposed"))
    shelf = policies.shelf("house")
    assert (shelf.active, shelf.proposal) == (None, proposal())
    policies.publish(shelf, HOUSE, deed())
    assert policies.shelf("house").proposal is None


def test_nobody_proposes_over_what_has_moved_on(policies):
    seen = policies.shelf("house")
    policies.publish(seen, HOUSE, deed())
    with pytest.raises(StaleVersion):
        policies.propose(seen, proposal(), deed("policy-proposed"))
    with pytest.raises(StaleVersion):
        policies.propose_for(seen, GROUP, proposal(), deed("assignment-proposed"))
    assert policies.shelf("house").proposal is None


def test_a_group_that_is_put_under_a_policy_is_listed_there_and_no_longer_where_it_was(kept):
    policies, groups = kept
    groups.save(ModelGroup(arn=GROUP, revision=1), 0)
    groups.list_under("default", GROUP)
    groups.list_under("default", GROUP)
    assert policies.groups("default") == [GROUP]
    policies.publish(policies.shelf("house"), HOUSE, deed())
    policies.propose_for(policies.shelf("house"), GROUP, proposal(), deed("assignment-proposed"))
    assert policies.proposed_for("house", GROUP) == proposal()
    under = ModelGroup(arn=GROUP, revision=2).under(HOUSE)
    policies.assign(policies.shelf("house"), under, "default", deed("policy-assigned"))
    assert groups.get(GROUP) == under
    assert (policies.groups("house"), policies.groups("default")) == ([GROUP], [])
    assert policies.proposed_for("house", GROUP) is None
    assert policies.shelf("house").link.sequence == 3


def test_a_group_may_be_put_under_a_policy_before_anything_else_is_known_of_it(kept):
    policies, groups = kept
    policies.publish(policies.shelf("house"), HOUSE, deed())
    under = ModelGroup(arn=GROUP, revision=1).under(HOUSE)
    policies.assign(policies.shelf("house"), under, "default", deed("policy-assigned"))
    assert groups.get(GROUP) == under


def test_a_group_that_moved_on_meanwhile_is_not_put_under_a_policy(kept):
    policies, groups = kept
    groups.save(ModelGroup(arn=GROUP, revision=1), 0)
    groups.save(ModelGroup(arn=GROUP, revision=2), 1)
    policies.publish(policies.shelf("house"), HOUSE, deed())
    with pytest.raises(StaleVersion):
        policies.assign(policies.shelf("house"), ModelGroup(arn=GROUP, revision=2).under(HOUSE), "default", deed())
    with pytest.raises(StaleVersion):
        policies.keep(ModelGroup(arn=GROUP, revision=2), "HUB#steward", deed("role-delegated"))
    assert groups.get(GROUP).in_force == DEFAULT
    assert policies.shelf("house").link.sequence == 1
    assert policies.groups("house") == []


def test_a_group_is_kept_with_a_deed(kept):
    policies, groups = kept
    groups.save(ModelGroup(arn=GROUP, revision=1), 0)
    changed = ModelGroup(arn=GROUP, revision=2, listed="default")
    policies.keep(changed, "HUB#steward", deed("role-delegated"))
    assert groups.get(GROUP) == changed


def test_the_hubs_chain_tells_every_role_that_was_delegated_from_the_first(kept):
    policies, groups = kept
    assert policies.hub() == []
    groups.save(ModelGroup(arn=GROUP, revision=1), 0)
    for revision, action in ((2, "role-delegated"), (3, "delegation-ended")):
        policies.keep(ModelGroup(arn=GROUP, revision=revision), "HUB#steward", deed(action, new={"to": "nina"}))
    policies.publish(policies.shelf("house"), HOUSE, deed())
    assert [one.content["action"] for one in policies.hub()] == ["role-delegated", "delegation-ended"]
    assert policies.hub()[0].content["new"] == {"to": "nina"}
    assert not breaks(policies.hub())


def test_the_key_of_peoples_ids_is_made_where_there_is_none_and_never_changed(seam):
    policies = DynamoDbPolicies(Table(TABLE), "steward")
    assert policies.person_key(make=False) == ""
    assert table_items() == []
    made = policies.person_key(make=True)
    assert len(made) >= len(PERSON_KEY)
    assert policies.person_key(make=True) == made == policies.person_key(make=False)


def test_what_is_published_is_a_version_for_good_with_its_deed(seam):
    policies = DynamoDbPolicies(Table(TABLE), "steward")
    policies.publish(policies.shelf("house"), HOUSE, deed())
    policies.publish(policies.shelf("house"), HOUSE.model_copy(update={"version": 2}), deed())
    shelf = {item["sk"]["S"]: item for item in table_items() if item["pk"]["S"] == "POLICY#house"}
    assert sorted(shelf) == ["ACTIVE", "AUDIT#00000001", "AUDIT#00000002", "HEAD", "VERSION#1", "VERSION#2"]
    assert shelf["VERSION#1"]["policy"]["S"] == "house@1"
    assert shelf["ACTIVE"]["policy"]["S"] == "house@2"
    assert shelf["ACTIVE"]["policy_hash"]["S"] == HOUSE.hash


KATHERINES, BOTH = Names(by_id={"person-1": "katherine"}), Names(by_id={"person-1": "katherine", "person-2": "annie"})
ERASED = Names(by_id={"person-1": "", "person-2": "annie"})


def erase(policies: Policies, chain: str, seen: Names, names: Names) -> None:
    if isinstance(policies, InMemoryPolicies):
        policies.people[chain] = names
    else:
        DynamoDbPeople(Table(TABLE), "steward").replace(chain, seen, names)


def test_names_are_kept_with_whatever_is_written_on_a_shelf(kept):
    policies, groups = kept
    groups.save(ModelGroup(arn=GROUP, revision=1), 0)
    policies.publish(policies.shelf("house"), HOUSE, deed(), KATHERINES)
    assert policies.shelf("house").names == policies.names_beside("POLICY#house") == KATHERINES
    policies.propose(policies.shelf("house"), proposal(), deed("policy-proposed"))
    assert policies.shelf("house").names == KATHERINES, "who has none to tell leaves them as they are"
    policies.propose(policies.shelf("house"), proposal(), deed("policy-proposed"), BOTH)
    assert policies.shelf("house").names == BOTH
    more = BOTH.with_new({"person-3": "vera"})
    policies.propose_for(policies.shelf("house"), GROUP, proposal(), deed("assignment-proposed"), more)
    assert policies.shelf("house").names == more
    most = more.with_new({"person-4": "otto"})
    under = ModelGroup(arn=GROUP, revision=2).under(HOUSE)
    policies.assign(policies.shelf("house"), under, "default", deed("policy-assigned"), most)
    assert policies.shelf("house").names == most
    assert policies.shelf("default").names == Names()


def test_names_of_whoever_delegates_are_kept_beside_the_hubs_chain(kept):
    policies, groups = kept
    groups.save(ModelGroup(arn=GROUP, revision=1), 0)
    assert policies.names_beside("HUB#steward") == Names()
    policies.keep(ModelGroup(arn=GROUP, revision=2), "HUB#steward", deed("role-delegated"), Names(), BOTH)
    assert policies.names_beside("HUB#steward") == BOTH


def test_a_name_that_was_erased_meanwhile_is_not_written_back(kept):
    policies, groups = kept
    groups.save(ModelGroup(arn=GROUP, revision=1), 0)
    policies.publish(policies.shelf("house"), HOUSE, deed(), KATHERINES)
    policies.keep(ModelGroup(arn=GROUP, revision=2), "HUB#steward", deed("role-delegated"), Names(), KATHERINES)
    seen = policies.shelf("house")
    for chain in ("POLICY#house", "HUB#steward"):
        erase(policies, chain, KATHERINES, KATHERINES.without("person-1"))
    under, later = ModelGroup(arn=GROUP, revision=3).under(HOUSE), HOUSE.model_copy(update={"version": 2})
    for write in (
        lambda: policies.publish(seen, later, deed(), BOTH),
        lambda: policies.propose(seen, proposal(), deed(), BOTH),
        lambda: policies.propose_for(seen, GROUP, proposal(), deed(), BOTH),
        lambda: policies.assign(seen, under, "default", deed(), BOTH),
        lambda: policies.keep(under, "HUB#steward", deed(), KATHERINES, BOTH),
    ):
        with pytest.raises(StaleVersion):
            write()
    again = policies.shelf("house")
    assert (again.link, again.proposal, groups.get(GROUP).revision) == (seen.link, None, 2)
    policies.propose(again, proposal(), deed("policy-proposed"), again.names.with_new(BOTH.by_id))
    assert policies.shelf("house").names == ERASED
