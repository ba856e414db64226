"""A record compared with its facts and put right, in a real table: whatever was done to its rows is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.dynamodb_ledger import DynamoDbLedger
from governance.adapters.dynamodb_people import DynamoDbPeople
from governance.adapters.dynamodb_rows import DynamoDbRows
from governance.adapters.dynamodb_use_cases import DynamoDbUseCases
from governance.adapters.rows import Table
from governance.domain.audit import AuditEntry, breaks
from governance.domain.errors import RecordDamaged, UnknownModelVersion
from governance.domain.facts import CommandRefused
from governance.domain.fold import FOLD_VERSION
from governance.domain.lifecycle import ModelStatus, Stage
from governance.services.forgetting import Forgetting
from governance.services.inventory import Inventory
from governance.services.rebuilding import Rebuilding
from governance.services.recording import Recording
from tests import fakes
from tests.aws.resources import TABLE, client, table_items
from tests.builders import ADA, KATHERINE, MARY, Clock, after, approved, identity, observed, on_record, package_arn
from tests.golden.lives import LIVES, told_late, whole_life
from tests.world import World

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*/*.json"))
PK = f"MODEL#{package_arn()}"


@pytest.fixture
def table(seam) -> Table:
    return Table(TABLE)


@pytest.fixture
def world(table, monkeypatch) -> World:
    monkeypatch.setattr(fakes, "InMemoryLedger", lambda _groups: DynamoDbLedger(table))
    return World()


@pytest.fixture
def rebuilding(table) -> Rebuilding:
    return Rebuilding(DynamoDbRows(table), Clock(after(5000)))


def row(sk: str) -> dict[str, Any]:
    return client("dynamodb").get_item(TableName=TABLE, Key={"pk": {"S": PK}, "sk": {"S": sk}})["Item"]


def put(item: dict[str, Any]) -> None:
    client("dynamodb").put_item(TableName=TABLE, Item=item)


def drop(sk: str) -> None:
    client("dynamodb").delete_item(TableName=TABLE, Key={"pk": {"S": PK}, "sk": {"S": sk}})


def keys(prefix: str) -> list[str]:
    mine = [item["sk"]["S"] for item in table_items() if item["pk"]["S"] == PK]
    return sorted(sk for sk in mine if sk.startswith(prefix))


@pytest.mark.parametrize("life", LIVES)
def test_a_record_that_nobody_touched_is_what_its_facts_give(life, world, rebuilding):
    LIVES[life](world)
    assert [difference for version in rebuilding.versions() for difference in rebuilding.check(version)] == []


def tampered() -> dict[str, Any]:
    stage, head = row("STAGE#test"), row("HEAD")
    finding = {"pk": {"S": PK}, "sk": {"S": "FINDING#made-up"}, "code": {"S": "x"}, "schema_version": {"N": "2"}}
    return {
        "a status that was not given": ({**stage, "model_status": {"S": "rejected"}}, "STAGE#test", "model_status"),
        "an index key": ({**stage, "gsi2pk": {"S": "STAGE#test#pending#99"}}, "STAGE#test", "gsi2pk"),
        "an index key taken away": (
            {key: one for key, one in stage.items() if key != "gsi2sk"}, "STAGE#test", "gsi2sk",
        ),
        "an attribute nobody knows": ({**stage, "note": {"S": "hello"}}, "STAGE#test", "note"),
        "a number as a text": ({**stage, "model_version": {"S": "7"}}, "STAGE#test", "model_version"),
        "a version from the future": ({**stage, "schema_version": {"N": "99"}}, "STAGE#test", "schema_version"),
        "a head with another state": ({**head, "state": {"S": "{}"}}, "HEAD", "state"),
        "a head that is no JSON": ({**head, "state": {"S": "oh"}, "facts": {"S": "many"}}, "HEAD", "facts"),
        "a head with another end of the chain": ({**head, "audit_hash": {"S": "f" * 64}}, "HEAD", "audit_hash"),
        "a finding nobody made": (finding, "FINDING#made-up", ""),
        "a row nobody knows": ({"pk": {"S": PK}, "sk": {"S": "NOTE#1"}, "schema_version": {"N": "2"}}, "NOTE#1", ""),
        "an entry of no number": ({"pk": {"S": PK}, "sk": {"S": "AUDIT#x"}}, "AUDIT#x", ""),
    }  # fmt: skip


@pytest.mark.parametrize("index", range(12))
def test_whatever_was_done_to_a_row_is_named_and_put_right_with_one_entry(index, world, rebuilding):
    whole_life(world)
    before = {item["sk"]["S"]: item for item in table_items() if item["pk"]["S"] == PK}
    item, sk, attribute = list(tampered().values())[index]
    put(item)
    assert (sk, attribute) in {(one.sk, one.attribute) for one in rebuilding.check(package_arn())}
    entries = keys("AUDIT#0")
    assert rebuilding.repair(package_arn(), MARY, "somebody wrote by hand")
    assert rebuilding.check(package_arn()) == []
    assert rebuilding.repair(package_arn(), MARY, "again") == []
    assert len(keys("AUDIT#")) == len(entries) + 1
    last = json.loads(row(keys("AUDIT#")[-1])["entry"]["S"])
    assert (last["action"], last["who"], last["why"]) == ("repaired", known(MARY), "somebody wrote by hand")
    after_all = {item["sk"]["S"]: item for item in table_items() if item["pk"]["S"] == PK}
    assert {sk: one for sk, one in after_all.items() if sk in before and sk != "HEAD"} == {
        sk: one for sk, one in before.items() if sk != "HEAD"
    }
    chain = [AuditEntry(sequence=int(one["sequence"]["N"]), entry=one["entry"]["S"], hash=one["hash"]["S"])
             for one in map(row, keys("AUDIT#"))]  # fmt: skip
    assert breaks(chain) == []


def known(person: Any) -> str:
    from governance.domain.people import Pseudonyms

    return Pseudonyms(DynamoDbRows(Table(TABLE)).person_key()).person(person).id


@pytest.mark.parametrize("sk", ["HEAD", "STAGE#development", "PEOPLE"])
def test_a_row_that_is_gone_is_made_again(sk, world, rebuilding):
    told_late(world)
    before = row(sk)
    drop(sk)
    found = {one.sk for one in rebuilding.check(package_arn())}
    if sk == "PEOPLE":
        assert found  # the names are gone: rows that showed them no longer say what is known
        return
    assert found == {sk}
    rebuilding.repair(package_arn(), MARY, "lost")
    assert rebuilding.check(package_arn()) == []
    made = row(sk)
    ends = {"audit_sequence", "audit_hash"}
    assert {name: one for name, one in made.items() if name not in ends} == {
        name: one for name, one in before.items() if name not in ends
    }


def damaged() -> dict[str, Any]:
    sk = keys("FACT#")[2]
    fact = row(sk)
    other = fact["content"]["S"].replace("registry-observed", "registry-dreamt").replace("2026", "2025")
    return {
        "no JSON": {**fact, "content": {"S": "{"}},
        "another kind": {**fact, "content": {"S": other}},
        "another time": {**fact, "recorded_at": {"S": "2020-01-01T00:00:00.000000Z"}},
        "no text": {key: one for key, one in fact.items() if key != "content"},
        "bytes": {**fact, "content": {"B": b"\x00"}},
    }


@pytest.mark.parametrize("kind", ["no JSON", "another kind", "another time", "no text", "bytes", "gone"])
def test_a_damaged_fact_is_a_difference_and_nothing_is_repaired_upon_it(kind, world, rebuilding):
    whole_life(world)
    sk = keys("FACT#")[2]
    drop(sk) if kind == "gone" else put(damaged()[kind])
    assert sk in {one.sk for one in rebuilding.check(package_arn())}
    before = table_items()
    with pytest.raises(RecordDamaged, match=r"FACT#2026"):
        rebuilding.repair(package_arn(), MARY, "why not")
    assert table_items() == before


@pytest.mark.parametrize("sk", ["HEAD", "FACT"])
def test_an_event_of_a_version_with_a_damaged_row_fails_by_name_and_those_of_others_do_not(sk, world, table):
    whole_life(world)
    broken = row("HEAD" if sk == "HEAD" else keys("FACT#")[2])
    put({**broken, ("state" if sk == "HEAD" else "content"): {"S": "{"}})
    with pytest.raises(RecordDamaged, match=sk):
        world.deliver(approved(50))
    world.register(9)
    assert world.state(package_arn(version=9)).facts


def test_a_fact_with_another_text_than_its_entry_tells_is_named(world, rebuilding):
    whole_life(world)
    sk = next(one for one in keys("FACT#") if "ModelApprovalStatus" in row(one)["content"]["S"])
    fact = row(sk)
    put({**fact, "content": {"S": fact["content"]["S"].replace('"why":"looks good"', '"why":"looks bad"')}})
    assert (sk, "content") in {(one.sk, one.attribute) for one in rebuilding.check(package_arn())}


@pytest.mark.parametrize("which", [0, 2, -1])
def test_an_audit_entry_that_is_gone_is_named(which, world, rebuilding):
    whole_life(world)
    sk = keys("AUDIT#")[which]
    drop(sk)
    assert sk in {one.sk for one in rebuilding.check(package_arn())}


def test_a_version_of_which_nothing_is_there_is_unknown(rebuilding):
    with pytest.raises(UnknownModelVersion):
        rebuilding.check(package_arn())


def populate(path: Path) -> str:
    """Put the rows of an earlier release into the table; the version's ARN."""
    rows = json.loads(path.read_text())["rows"]
    for item in rows:
        put(item)
    return str(rows[0]["pk"]["S"]).removeprefix("MODEL#")


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_record_of_an_earlier_release_is_sound_before_and_after_its_first_event_of_this_one(path, table, rebuilding):
    arn = populate(path)
    assert rebuilding.check(arn) == []
    ledger = DynamoDbLedger(table)
    recording = Recording(ledger, Clock(after(9000)))
    common = {"effective_at": after(8000), "recorded_at": after(8000), "command": "ModelMetricsReported"}
    fact = CommandRefused(model=identity(version=int(arn[-1])), **common, stage=Stage.TEST, producer="999900001111")
    assert ledger.open(arn).is_refolded
    recording.learn(arn, lambda _page, _now: [fact], "correlation")
    assert not ledger.open(arn).is_refolded
    assert rebuilding.check(arn) == []
    head = client("dynamodb").get_item(TableName=TABLE, Key={"pk": {"S": f"MODEL#{arn}"}, "sk": {"S": "HEAD"}})["Item"]
    assert head["fold_version"]["N"] == str(FOLD_VERSION)
    assert "mary.jackson" not in head["state"]["S"].replace("approved by mary.jackson", "")


@pytest.mark.parametrize(("approver", "status"), [(ADA, ModelStatus.REJECTED), (MARY, ModelStatus.APPROVED)])
def test_an_author_known_by_name_to_an_earlier_release_is_still_the_author(approver, status, table):
    arn = populate(next(path for path in GOLDEN if path.stem == "within-one-second"))
    ledger = DynamoDbLedger(table)
    before = ledger.open(arn).state
    assert before is not None
    fact = observed(8000, "Approved", changed_by=approver, specification=before.specification, containers=())
    state = Recording(ledger, Clock(after(9000))).learn(arn, lambda _page, _now: [fact], "correlation")
    assert state is not None
    assert state.stage(Stage.DEVELOPMENT).status is status


def test_the_record_of_a_time_is_what_was_on_record_then(world, table):
    world.register()
    inventory = Inventory(DynamoDbRows(table), DynamoDbRows(table))
    views = []
    for life in (lambda: world.seal(), lambda: told_late(world)):
        life()
        views.append((world.now(), inventory.show(package_arn())))
        world.now.wait(60)
    for moment, then in views:
        assert inventory.as_of(package_arn(), moment) == then.model_copy(update={"as_of": moment})
    with pytest.raises(UnknownModelVersion):
        inventory.as_of(package_arn(), after(-1))


def test_a_late_decision_is_not_in_the_record_of_the_time_before_it_was_told(world, table):
    world.register()
    world.now.moment = after(160)
    world.tell(approved(60))
    inventory = Inventory(DynamoDbRows(table), DynamoDbRows(table))
    view = inventory.as_of(package_arn(), after(120))
    assert view.stages[Stage.DEVELOPMENT]["model_status"] == "pending"
    assert inventory.show(package_arn()).stages[Stage.DEVELOPMENT]["model_status"] == "approved"
    assert view.audit_sequence < inventory.show(package_arn()).audit_sequence


def test_versions_are_listed_by_where_they_stand(world, table):
    whole_life(world)
    inventory = Inventory(DynamoDbRows(table), DynamoDbRows(table))
    assert [one.model_package_arn for one in inventory.list()] == [package_arn(), package_arn(version=8)]
    assert [one.record["model_stage"] for one in inventory.list()] == ["production", "production"]
    assert len(list(inventory.list(Stage.DEVELOPMENT, ModelStatus.APPROVED))) == 2
    assert list(inventory.list(group="another")) == []


def test_a_person_is_forgotten_and_the_chain_holds(world, table, rebuilding):
    told_late(world)
    rows, journal = DynamoDbRows(table), DynamoDbJournal(table)
    shown = {one["sk"]["S"] for one in table_items() if "katherine" in json.dumps(one)}
    assert shown
    assert not any(sk.startswith(("FACT#", "AUDIT#", "HEAD")) for sk in shown)
    before = {sk: row(sk) for sk in [*keys("FACT#"), *keys("AUDIT#"), "HEAD"]}
    forgetting = Forgetting(rows, DynamoDbPeople(table, "steward"), journal, "steward", Clock(after(5000)))
    assert forgetting.find("Katherine.Johnson").versions == (package_arn(),)
    assert forgetting.find("somebody.else").versions == ()
    forgotten = forgetting.forget("katherine.johnson", MARY, "asked to be forgotten")
    assert forgotten.person == known(KATHERINE)
    assert not [one for one in table_items() if "katherine" in json.dumps(one)]
    assert {sk: row(sk) for sk in before} == before
    assert rebuilding.check(package_arn()) == []
    assert row("STAGE#test")["model_audit_user"]["S"] in {known(KATHERINE), "unknown", "ada.lovelace", "mary.jackson"}
    assert forgetting.forget("katherine.johnson", MARY, "again").versions == ()
    told_late(world)
    assert not [one for one in table_items() if "katherine" in json.dumps(one)]


def test_whoever_is_forgotten_owns_nothing_any_more_whether_or_not_a_record_names_them(world, table):
    told_late(world)
    journal, use_cases = DynamoDbJournal(table), DynamoDbUseCases(table, "steward")
    forgetting = Forgetting(
        DynamoDbRows(table), DynamoDbPeople(table, "steward"), journal, "steward", Clock(after(5000))
    )
    people = forgetting.find("katherine.johnson").person, forgetting.find("ada.byron").person
    assert [use_cases.has_left(one) for one in people] == [False, False]
    for _ in range(2):
        forgetting.forget("katherine.johnson", MARY, "left", "request-1")
        forgetting.forget("ada.byron", MARY, "left", "request-2")
    assert [use_cases.has_left(one) for one in people] == [True, True]
    assert journal.link("HUB#steward").sequence == 2, "each is one deed"


def test_no_name_is_in_a_fact_an_entry_or_a_head(world):
    whole_life(world)
    for item in table_items():
        if item["sk"]["S"].startswith(("FACT#", "AUDIT#", "HEAD")) and item["pk"]["S"].startswith("MODEL#"):
            assert not any(name in json.dumps(item) for name in (ADA.id, MARY.id, KATHERINE.id))
    assert row("STAGE#test")["model_audit_user"]["S"] == KATHERINE.id
    assert on_record(MARY).id.startswith("person-")


def test_the_key_of_peoples_ids_is_made_once_and_for_all(table, world):
    rows = DynamoDbRows(table)
    assert rows.person_key() == ""
    made = rows.make_person_key()
    assert len(made) == 64
    world.register()
    assert rows.make_person_key() == rows.person_key() == made


def test_whoever_makes_the_key_second_takes_the_first_ones(table, monkeypatch):
    rows, slow = DynamoDbRows(table), DynamoDbRows(table)
    looks = iter(["", rows.make_person_key()])
    monkeypatch.setattr(slow, "person_key", lambda: next(looks))
    assert slow.make_person_key() == rows.person_key()
