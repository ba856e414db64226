"""A person is forgotten in a real table: beside versions and use cases, once, and wherever it was broken off."""

import json
from typing import Any

import pytest

from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.dynamodb_people import DynamoDbPeople
from governance.adapters.dynamodb_policies import DynamoDbPolicies
from governance.adapters.dynamodb_rows import DynamoDbRows
from governance.adapters.dynamodb_use_cases import DynamoDbUseCases
from governance.adapters.rows import Table
from governance.domain.audit import Deed
from governance.domain.errors import RecordDamaged, StaleVersion
from governance.domain.identifiers import STEWARD
from governance.domain.model_group import ModelGroup
from governance.domain.people import Names, Pseudonyms
from governance.domain.published import DEFAULT
from governance.domain.use_cases import About, UseCase
from governance.ports.use_cases import Opened
from governance.services.forgetting import ATTEMPTS, Forgetting
from tests.aws.resources import TABLE, client, table_items
from tests.builders import BORN, KATHERINE, MARY, Clock, after, group_arn
from tests.unit.governance.use_cases.board import describes

HUB = "HUB#steward"


@pytest.fixture
def table(seam) -> Table:
    return Table(TABLE)


@pytest.fixture
def forgetting(table) -> Forgetting:
    kept, journal = DynamoDbPeople(table, "steward"), DynamoDbJournal(table)
    return Forgetting(DynamoDbRows(table), kept, journal, "steward", Clock(after(5000)))


def on_record(table: Table, *ids: str) -> str:
    """Use cases that Katherine owns and Mary wrote down; Katherine's id."""
    people = Pseudonyms(DynamoDbRows(table).make_person_key())
    owner, _ = people.id_of(KATHERINE.id), people.id_of(MARY.id)
    for one in ids:
        made = UseCase(about=About.model_validate(describes(id=one, owner=owner)), created_at=BORN, changed_at=BORN)
        deed = Deed(action="use-case-created", who=STEWARD, why="", at=BORN, correlation_id="c")
        DynamoDbUseCases(table, "steward").save(Opened(), made, deed, names=Names(by_id=people.seen))
    return owner


def rows(sk: str) -> dict[str, Any]:
    return {one["pk"]["S"]: one for one in table_items() if one["sk"]["S"].startswith(sk)}


def test_a_name_is_found_by_name_or_id_and_erased_beside_every_use_case_with_one_deed_that_tells_where(
    table, forgetting
):
    katherine = on_record(table, "credit-scoring", "fraud")
    for name in ("Katherine.Johnson", katherine):
        assert forgetting.find(name).use_cases == ("credit-scoring", "fraud")
    before = chains()
    gone = forgetting.forget(katherine, MARY, "asked to be forgotten", "request-1")
    assert (gone.versions, gone.use_cases) == ((), ("credit-scoring", "fraud"))
    assert not [one for one in table_items() if "katherine" in json.dumps(one)]
    assert len([one for one in rows("PEOPLE").values() if "mary.jackson" in json.dumps(one)]) == 2, "nobody else is"
    assert chains() == before, "no chain but the hub's"
    entry = json.loads(rows("AUDIT#")[HUB]["entry"]["S"])
    where = {"versions": [], "use_cases": ["credit-scoring", "fraud"], "policies": [], "hub": False}
    assert entry["new"] == {"person": katherine, **where}
    assert forgetting.forget("katherine.johnson", MARY, "again", "request-2").use_cases == ()
    assert DynamoDbJournal(table).link(HUB).sequence == 1, "there was nothing to be told"


def chains() -> list[str]:
    """Heads and entries of every chain but the hub's."""
    found = [one for one in table_items() if one["sk"]["S"].startswith(("HEAD", "AUDIT#")) and one["pk"]["S"] != HUB]
    return sorted(json.dumps(one, sort_keys=True) for one in found)


def test_an_erased_name_stays_known_as_erased(table, forgetting):
    katherine = on_record(table, "credit-scoring")
    forgetting.forget(KATHERINE.id, MARY, "asked to be forgotten", "request-1")
    use_cases = DynamoDbUseCases(table, "steward")
    seen = use_cases.open_with_people("credit-scoring")
    assert seen.names.by_id[katherine] == ""
    names = seen.names.with_new({katherine: KATHERINE.id, "person-9": "ada"})
    assert seen.use_case is not None
    deed = Deed(action="use-case-changed", who=STEWARD, why="", at=BORN, correlation_id="d")
    use_cases.save(seen, seen.use_case, deed, names=names)
    assert not [one for one in table_items() if "katherine" in json.dumps(one)]
    assert use_cases.open_with_people("credit-scoring").names.shown(katherine) == katherine


class BreaksOff(DynamoDbPeople):
    """Fails at the second item."""

    replaced = 0

    def replace(self, chain: str, seen: Names, names: Names) -> None:
        if self.replaced:
            raise ConnectionError
        self.replaced += 1
        super().replace(chain, seen, names)


def test_the_same_request_again_goes_on_where_it_was(table, forgetting):
    on_record(table, "credit-scoring", "fraud")
    journal = DynamoDbJournal(table)
    broken = Forgetting(DynamoDbRows(table), BreaksOff(table, "steward"), journal, "steward", Clock(after(5000)))
    with pytest.raises(ConnectionError):
        broken.forget(KATHERINE.id, MARY, "asked to be forgotten", "request-1")
    assert forgetting.find(KATHERINE.id).use_cases == ("fraud",)
    forgetting.forget(KATHERINE.id, MARY, "asked to be forgotten", "request-1")
    assert forgetting.find(KATHERINE.id).use_cases == ()
    assert journal.link(HUB).sequence == 1


class Rushed(DynamoDbPeople):
    """Somebody else keeps a name between every look and every write, some times."""

    times = 1

    def replace(self, chain: str, seen: Names, names: Names) -> None:
        if self.times:
            self.times -= 1
            super().replace(chain, seen, seen.with_new({f"person-{self.times}": "ada"}))
        super().replace(chain, seen, names)


@pytest.mark.parametrize(("times", "holds"), [(ATTEMPTS - 1, True), (ATTEMPTS, False)])
def test_names_that_come_meanwhile_stay_and_the_one_is_erased(table, times: int, holds: bool):
    on_record(table, "credit-scoring")
    rushed = Rushed(table, "steward")
    rushed.times = times
    forgetting = Forgetting(DynamoDbRows(table), rushed, DynamoDbJournal(table), "steward", Clock(after(5000)))
    if not holds:
        with pytest.raises(StaleVersion):
            forgetting.forget(KATHERINE.id, MARY, "asked to be forgotten", "request-1")
        return
    forgetting.forget(KATHERINE.id, MARY, "asked to be forgotten", "request-1")
    (item,) = rows("PEOPLE").values()
    assert "katherine" not in json.dumps(item)
    assert json.dumps(item).count("ada") == times


@pytest.mark.parametrize("names", ["no JSON", '["ada"]'])
def test_names_that_cannot_be_read_are_told_and_nobody_is_forgotten_by_halves(table, forgetting, names: str):
    on_record(table, "credit-scoring", "fraud")
    item = rows("PEOPLE")["USECASE#credit-scoring"]
    client("dynamodb").put_item(TableName=TABLE, Item={**item, "names": {"S": names}})
    for read in (
        lambda: forgetting.forget(KATHERINE.id, MARY, "asked to be forgotten", "request-1"),
        lambda: DynamoDbUseCases(table, "steward").open_with_people("credit-scoring"),
    ):
        with pytest.raises(RecordDamaged, match="PEOPLE cannot be read"):
            read()
    assert DynamoDbJournal(table).link(HUB).sequence == 0
    assert DynamoDbUseCases(table, "steward").open("credit-scoring").use_case is not None
    client("dynamodb").delete_item(TableName=TABLE, Key={"pk": item["pk"], "sk": item["sk"]})
    assert forgetting.find(KATHERINE.id).use_cases == ("fraud",)


def test_a_name_is_erased_beside_policies_and_beside_the_hubs_own_chain(table, forgetting):
    on_record(table)
    people = Pseudonyms(DynamoDbRows(table).make_person_key())
    katherine, _ = people.id_of(KATHERINE.id), people.id_of(MARY.id)
    names, policies = Names(by_id=people.seen), DynamoDbPolicies(table, "steward")
    deed = Deed(action="as-decided", who=STEWARD, why="", at=BORN, correlation_id="c")
    groups = DynamoDbGroups(table)
    groups.save(ModelGroup(arn=group_arn(), revision=1), 0)
    policies.publish(policies.shelf("house"), DEFAULT.model_copy(update={"version": 1}), deed, names)
    under = ModelGroup(arn=group_arn(), revision=2).under(DEFAULT)
    policies.assign(policies.shelf("default"), under, "default", deed, names)
    delegated = under.model_copy(update={"revision": 3})
    policies.keep(delegated, HUB, deed, Names(), names)
    found = forgetting.find(KATHERINE.id)
    assert (found.person, found.policies, found.hub) == (katherine, ("default", "house"), True)
    before = policies.journal.link(HUB).sequence
    assert forgetting.forget(KATHERINE.id, MARY, "asked to be forgotten", "request-1") == found
    assert not [one for one in table_items() if "katherine" in json.dumps(one)]
    assert policies.shelf("house").names.by_id[katherine] == policies.names_beside(HUB).by_id[katherine] == ""
    assert policies.journal.link(HUB).sequence == before + 1
    assert not forgetting.find(katherine).anywhere
