"""What is promised of chains of deeds, kept in memory and in DynamoDB."""

import threading

import pytest

from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.rows import AuditRow, Table
from governance.domain.audit import AuditEntry, Deed, breaks
from governance.domain.values import Value
from tests.aws.resources import TABLE
from tests.builders import KATHERINE, after
from tests.fakes_of_the_hub import InMemoryJournal

HUB = "HUB#steward"


class Note(Value):
    said: str


def deed(action: str = "redriven", **fields: object) -> Deed:
    return Deed(action=action, who=KATHERINE, why="it was fixed", at=after(1), correlation_id="c", **fields)


@pytest.fixture(params=["memory", "dynamodb"])
def journal(request):
    if request.param == "memory":
        return InMemoryJournal()
    request.getfixturevalue("seam")
    return DynamoDbJournal(Table(TABLE))


def chain(journal) -> list[AuditEntry]:
    if isinstance(journal, InMemoryJournal):
        return journal.entries[HUB]
    row = journal.table(AuditRow)
    return [
        AuditEntry(sequence=one.sequence, entry=one.entry, hash=one.hash)
        for one in row.query(HUB, row.sk.startswith("AUDIT#"))
    ]


def test_deeds_form_a_chain_that_holds(journal):
    for action in ("one", "two", "three"):
        journal.write(HUB, deed(action, new={"what": action}), {})
    assert breaks(chain(journal)) == []
    assert [entry.content["action"] for entry in chain(journal)] == ["one", "two", "three"]


def test_a_document_is_kept_with_its_deed_and_removed_with_another(journal):
    journal.write(HUB, deed(), {"FINDING#a": Note(said="x"), "FINDING#b": Note(said="y")})
    assert set(journal.documents(HUB, "FINDING#")) == {"FINDING#a", "FINDING#b"}
    journal.write(HUB, deed(), {"FINDING#a": None})
    assert journal.document(HUB, "FINDING#a") is None
    assert Note.model_validate_json(journal.document(HUB, "FINDING#b")).said == "y"


def test_a_note_leaves_the_chain_as_it_was(journal):
    journal.write(HUB, deed(), {})
    journal.note(HUB, "RUN#reconcile", Note(said="here"))
    assert len(chain(journal)) == 1
    journal.note(HUB, "RUN#reconcile", None)
    assert journal.document(HUB, "RUN#reconcile") is None


def test_a_deed_that_is_done_again_is_written_once(journal):
    assert journal.write_once(HUB, deed(), "ERASURE#1", Note(said="first")) is not None
    assert journal.write_once(HUB, deed(), "ERASURE#1", Note(said="second")) is None
    assert journal.write_once(HUB, deed(), "ERASURE#2", Note(said="other")) is not None
    assert len(chain(journal)) == 2
    assert Note.model_validate_json(journal.document(HUB, "ERASURE#1")).said == "first"


def test_a_document_is_replaced_only_by_who_saw_it_as_it_is(journal):
    assert journal.replace(HUB, "FINDING#a", None, Note(said="first"), deed("first"))
    assert journal.replace(HUB, "FINDING#a", None, Note(said="again"), deed("again")) is None
    seen = journal.document(HUB, "FINDING#a")
    assert journal.replace(HUB, "FINDING#a", seen, Note(said="second"), deed("second"))
    assert journal.replace(HUB, "FINDING#a", seen, Note(said="late"), deed("late")) is None
    assert [entry.content["action"] for entry in chain(journal)] == ["first", "second"]
    assert Note.model_validate_json(journal.document(HUB, "FINDING#a")).said == "second"


def test_deeds_written_at_once_all_find_their_place(journal):
    if isinstance(journal, InMemoryJournal):
        pytest.skip("one thread at a time")
    together = threading.Barrier(4)

    def write() -> None:
        together.wait()
        DynamoDbJournal(journal.table).write(HUB, deed(), {})

    threads = [threading.Thread(target=write) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(chain(journal)) == 4
    assert breaks(chain(journal)) == []


def test_a_deed_done_by_several_at_once_is_written_once(journal):
    if isinstance(journal, InMemoryJournal):
        pytest.skip("one thread at a time")
    together = threading.Barrier(4)

    def write() -> None:
        together.wait()
        DynamoDbJournal(journal.table).write_once(HUB, deed(), "ERASURE#1", Note(said="x"))

    threads = [threading.Thread(target=write) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(chain(journal)) == 1
