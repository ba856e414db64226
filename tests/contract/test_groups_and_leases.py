"""What is promised of model groups and of turns, kept in memory and in DynamoDB."""

import pytest

from governance.adapters.dynamodb_groups import DynamoDbGroups, policy_row
from governance.adapters.dynamodb_leases import DynamoDbLeases
from governance.adapters.rows import PolicyRow, Table
from governance.domain.errors import StaleVersion
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup, Serving
from governance.domain.published import DEFAULT
from governance.domain.use_case import Profile
from governance.ports.delivery import Leases, Waiting
from governance.ports.ledger import Groups
from tests import fakes
from tests.aws.resources import TABLE, table_items
from tests.builders import BORN, after, group_arn, package_arn

KINDS = ("in memory", "DynamoDB")
HERE = (Stage.TEST, group_arn())


@pytest.fixture(params=KINDS)
def groups(request: pytest.FixtureRequest) -> Groups:
    if request.param == "in memory":
        return fakes.InMemoryGroups()
    request.getfixturevalue("seam")
    return DynamoDbGroups(Table(TABLE))


@pytest.fixture(params=KINDS)
def leases(request: pytest.FixtureRequest) -> Leases:
    if request.param == "in memory":
        return fakes.InMemoryLeases()
    request.getfixturevalue("seam")
    return DynamoDbLeases(Table(TABLE))


def a_group(**known) -> ModelGroup:
    return ModelGroup.model_validate({"arn": group_arn(), "revision": 1, **known})


def test_of_a_group_nobody_saved_nothing_is_known(groups):
    assert groups.get(group_arn()) is None


def test_a_group_comes_back_as_it_was(groups):
    serving = Serving(version=package_arn(), deployment_id="deploy-1", since=after(60))
    group = a_group(profile=Profile(use_case_id="pd", owner="mary"), serving={Stage.TEST: serving})
    groups.save(group, 0)
    assert groups.get(group_arn()) == group


def test_a_group_that_moved_on_is_not_overwritten(groups):
    groups.save(a_group(), 0)
    groups.save(a_group(revision=2, profile=Profile(owner="mary")), 1)
    with pytest.raises(StaleVersion):
        groups.save(a_group(revision=2, profile=Profile(owner="ada")), 1)
    assert groups.get(group_arn()).profile.owner == "mary"


def test_a_group_is_made_once(groups):
    groups.save(a_group(), 0)
    with pytest.raises(StaleVersion):
        groups.save(a_group(), 0)


def test_the_built_in_policy_is_in_force_where_nobody_published_another(groups):
    assert groups.in_force("default", BORN) == DEFAULT


def test_the_built_in_policy_is_published_as_a_version_and_as_the_active_one_and_only_once(seam):
    groups = DynamoDbGroups(Table(TABLE))
    groups.in_force("default", BORN)
    before = table_items()
    groups.in_force("default", BORN)
    assert table_items() == before
    assert [item["sk"]["S"] for item in before] == ["ACTIVE", "AUDIT#00000001", "HEAD", "VERSION#2"]


def test_what_an_earlier_release_had_built_in_gives_way_to_the_present_one(seam):
    table = Table(TABLE)
    for key in ("VERSION#1", "ACTIVE"):
        told = {"policy": "default@1", "policy_hash": "c" * 64, "document": '{"checks": []}'}
        table(PolicyRow)("POLICY#default", key, **told).save()
    assert DynamoDbGroups(table).in_force("default", BORN) == DEFAULT
    assert active_ones() == {"ACTIVE": "default@2", "VERSION#1": "default@1", "VERSION#2": "default@2"}


def test_an_active_policy_of_somebodys_own_is_left_active(seam):
    table = Table(TABLE)
    ours = DEFAULT.model_copy(update={"version": 7})
    policy_row(table(PolicyRow), "ACTIVE", ours).save()
    found = DynamoDbGroups(table).in_force("default", BORN)
    assert (found.id, found.hash) == (ours.id, ours.hash)
    assert active_ones() == {"ACTIVE": "default@7"}


def active_ones() -> dict[str, str]:
    """The policies on the shelf, by where they lie."""
    return {item["sk"]["S"]: item["policy"]["S"] for item in table_items() if "policy" in item}


def waiting(name: str, since: float = 0) -> Waiting:
    return Waiting(deployment_id=name, model_package_arn=package_arn(), since=after(since))


def test_of_two_contenders_one_holds_the_lease_and_the_other_waits(leases):
    assert leases.acquire(*HERE, waiting("one"))
    assert not leases.acquire(*HERE, waiting("two"))
    assert leases.next(*HERE) == waiting("two")


def test_who_holds_a_lease_may_take_it_again(leases):
    assert leases.acquire(*HERE, waiting("one"))
    assert leases.acquire(*HERE, waiting("one"))
    assert leases.next(*HERE) is None


def test_waiting_twice_is_waiting_once(leases):
    leases.acquire(*HERE, waiting("one"))
    leases.acquire(*HERE, waiting("two"))
    leases.acquire(*HERE, waiting("two"))
    leases.leave(*HERE, "two")
    assert leases.next(*HERE) is None


def test_who_has_waited_longest_is_next(leases):
    leases.acquire(*HERE, waiting("holder"))
    for name, since in (("late", 30), ("early", 10), ("middle", 20)):
        leases.acquire(*HERE, waiting(name, since))
    order = []
    while found := leases.next(*HERE):
        order.append(found.deployment_id)
        leases.leave(*HERE, found.deployment_id)
    assert order == ["early", "middle", "late"]


def test_whoever_takes_their_turn_stays_in_the_queue_until_they_leave_it(leases):
    leases.acquire(*HERE, waiting("one"))
    leases.acquire(*HERE, waiting("two"))
    leases.release(*HERE, "one")
    assert leases.acquire(*HERE, waiting("two"))
    assert leases.next(*HERE) == waiting("two")
    leases.leave(*HERE, "two")
    assert leases.next(*HERE) is None
    assert leases.acquire(*HERE, waiting("two")), "leaving the queue is not giving up the lease"


def test_everybody_who_waits_is_told_the_longest_first(leases):
    first, second, third = waiting("first", 1), waiting("second", 2), waiting("third", 3)
    for one in (first, third, second):
        leases.acquire(*HERE, one)
    assert leases.queue(*HERE) == (second, third)
    assert leases.queue(Stage.PRODUCTION, HERE[1]) == ()


def test_those_behind_somebody_are_told_the_latest_first_and_so_many_at_most(leases):
    holder, *others = (waiting(name, number) for number, name in enumerate(("holder", "one", "two", "three", "four")))
    for one in (holder, *others):
        leases.acquire(*HERE, one)
    leases.acquire(Stage.PRODUCTION, HERE[1], waiting("elsewhere", 0))
    leases.acquire(Stage.PRODUCTION, HERE[1], waiting("behind it", 9))
    first, second, third, fourth = others
    assert tuple(leases.later(*HERE, first, 10)) == (fourth, third, second)
    assert tuple(leases.later(*HERE, first, 2)) == (fourth, third)
    assert tuple(leases.later(*HERE, holder, 10)) == (fourth, third, second, first), "who does not wait is behind none"
    assert tuple(leases.later(*HERE, fourth, 10)) == ()


def test_of_one_moment_the_greater_id_is_later(leases):
    leases.acquire(*HERE, waiting("holder"))
    for name in ("b", "a", "c"):
        leases.acquire(*HERE, waiting(name, 5))
    assert [one.deployment_id for one in leases.later(*HERE, waiting("a", 5), 10)] == ["c", "b"]
    assert [one.deployment_id for one in leases.queue(*HERE)] == ["a", "b", "c"]


def test_a_lease_that_is_given_up_can_be_taken(leases):
    leases.acquire(*HERE, waiting("one"))
    leases.release(*HERE, "one")
    assert leases.acquire(*HERE, waiting("two"))


def test_a_lease_that_is_not_mine_cannot_be_given_up_by_me(leases):
    leases.acquire(*HERE, waiting("one"))
    leases.release(*HERE, "two")
    assert not leases.acquire(*HERE, waiting("three"))


def test_giving_up_what_was_only_waited_for_leaves_the_queue(leases):
    leases.acquire(*HERE, waiting("one"))
    leases.acquire(*HERE, waiting("two"))
    leases.release(*HERE, "two")
    assert leases.next(*HERE) is None


@pytest.mark.parametrize("told", [True, False], ids=["known since when", "not known"])
def test_whoever_leaves_the_queue_leaves_it_alone_known_or_not_since_when(leases, told):
    for number, name in enumerate(("holder", "one", "two", "three")):
        leases.acquire(*HERE, waiting(name, number))
    since = after(2) if told else None
    leases.leave(*HERE, "two", since)
    leases.leave(*HERE, "two", since)
    assert leases.queue(*HERE) == (waiting("one", 1), waiting("three", 3))
    leases.release(*HERE, "holder", after(0) if told else None)
    assert leases.acquire(*HERE, waiting("one", 1))


def test_environments_and_groups_take_turns_apart(leases):
    assert leases.acquire(Stage.TEST, group_arn(), waiting("one"))
    assert leases.acquire(Stage.PRODUCTION, group_arn(), waiting("two"))
    assert leases.acquire(Stage.TEST, group_arn("another"), waiting("three"))
    assert leases.acquire("test-eu", group_arn(), waiting("four")), "another environment of the stage has its own turn"
