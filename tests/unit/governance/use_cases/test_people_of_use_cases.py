"""The people of a use case: on record by their ids, beside it by their names, and shown by these to who asks."""

import json

import pytest

from governance.domain.people import Names
from tests.unit.governance.decisions.sentences import person
from tests.unit.governance.use_cases.board import ID, Board, answers, describes, id_of

OLIVE, OTTO, VERA, OSKAR = map(person, ("olive", "otto", "vera", "oskar"))
CHAIN = f"USECASE#{ID}"


@pytest.fixture
def board() -> Board:
    made = Board()
    made.ask(OLIVE, "create-use-case", document=describes(owner="grace.hopper"))
    return made


def names(board: Board) -> dict[str, str]:
    return dict(board.use_cases.people.get(CHAIN, Names()).by_id)


def assessed(board: Board) -> None:
    board.ask(VERA, "assess-use-case", use_case=ID, document=answers("limited"))


def test_whoever_does_something_or_is_named_in_it_is_known_by_name(board: Board):
    assert names(board) == {id_of("grace.hopper"): "grace.hopper", id_of(OLIVE.id): OLIVE.id}
    assessed(board)
    findings = [{"severity": "high", "text": "it is not explained", "owner": "ada.lovelace"}]
    board.ask(OSKAR, "reject-use-case", use_case=ID, stage="proof-of-concept", findings=findings)
    everybody = ("grace.hopper", OLIVE.id, VERA.id, OSKAR.id, "ada.lovelace")
    assert names(board) == {id_of(one): one for one in everybody}


def test_no_name_is_in_a_deed_or_in_where_the_use_case_stands(board: Board):
    assessed(board)
    for kept in (json.dumps(board.chain), board.use_cases.kept[ID]):
        assert not [one for one in names(board).values() if f'"{one}"' in kept]


@pytest.mark.parametrize("why", ["a dry run", "refused", "so already"])
def test_what_changes_nothing_teaches_no_name(board: Board, why: str):
    before = names(board)
    told = {
        "a dry run": {"command": "assess-use-case", "document": answers("limited"), "dry_run": True},
        "refused": {"command": "advance-use-case", "stage": "development"},
        "so already": {"command": "name-successor", "successor": ""},
    }[why]
    board.ask(OTTO if why == "so already" else VERA, use_case=ID, **told)
    assert bool(board.refused) == (why == "refused")
    assert names(board) == before


def test_an_erased_name_does_not_come_back_when_they_act_again(board: Board):
    assessed(board)
    kept = board.use_cases.people[CHAIN]
    board.use_cases.replace(CHAIN, kept, kept.without(id_of(VERA.id)))
    board.ask(VERA, "assess-use-case", use_case=ID, document=answers("high"))
    assert names(board)[id_of(VERA.id)] == ""
    assert board.chain[-1]["who"] == id_of(VERA.id)


def test_a_name_that_is_erased_while_a_deed_is_under_way_stays_erased_and_the_deed_is_done(board: Board, monkeypatch):
    save, left = board.use_cases.save, [id_of("grace.hopper")]

    def overtaken(*given, **told):
        if left:
            kept = board.use_cases.people[CHAIN]
            board.use_cases.replace(CHAIN, kept, kept.without(left.pop()))
        save(*given, **told)

    monkeypatch.setattr(board.use_cases, "save", overtaken)
    assessed(board)
    assert board.stands().assessed is not None
    assert names(board) == {id_of("grace.hopper"): "", id_of(OLIVE.id): OLIVE.id, id_of(VERA.id): VERA.id}


def test_who_asks_is_told_names_in_checks_and_refusals(board: Board):
    assessed(board)
    board.ask(VERA, "advance-use-case", use_case=ID, stage="proof-of-concept", dry_run=True)
    told = {one["name"]: one["found"] for one in board.answer["checks"]}
    assert told["owner-known"] == "grace.hopper"
    assert told["enough-people"] == VERA.id
    board.ask(OSKAR, "change-use-case", document=describes(owner="grace.hopper", name="Other"))
    board.ask(OSKAR, "advance-use-case", use_case=ID, stage="proof-of-concept")
    assert f"{OSKAR.id} owns it, or wrote it down" in board.refused
    pinned = [one for entry in board.chain for one in entry["new"].get("checks", ())]
    assert not [one for one in pinned if "grace.hopper" in one["found"]]


def test_names_stand_in_every_text_of_a_document_and_in_no_key():
    mine = f"person-{'0' * 20}"
    told = {"owner": mine, "words": [{"by": {"id": mine}}, (mine, 3, None)], mine: True, "text": f"by {mine}."}
    seen = Names(by_id={mine: "ada"}).throughout(told)
    assert seen == {"owner": "ada", "words": [{"by": {"id": "ada"}}, ["ada", 3, None]], mine: True, "text": "by ada."}
    assert Names(by_id={mine: ""}).throughout(told)["owner"] == mine
