"""Whatever is done to the audit trail is named with its place, by Steward and by the examiner's file alike."""

import json
import subprocess
import sys
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.anchors import Anchor
from governance.domain.archive import KeptEntry, KeptFact
from governance.domain.proof import Noted, Problem
from governance.domain.values import canonical, sha256_of
from governance.services.anchoring import Anchoring
from governance.services.verification import Verification
from tests.unit.verification.trails import (
    HUB,
    OTHER,
    PROGRAM,
    VERSION,
    Trail,
    by_examiner,
    by_service,
    downloaded,
    later,
    once,
    texts,
    trail,
)


def both(tampered: Trail, noted: Noted | None = None, **sides: bool) -> set[tuple[str, str]]:
    """What both verifiers say, which must be the same."""
    ours, _ = by_service(tampered, noted, **sides)
    assert by_examiner(tampered, noted, **sides) == ours
    return ours


def entry(number: int) -> str:
    return f"AUDIT#{number:08d}"


def facts_of(one: Trail, pk: str) -> list[str]:
    return sorted(sk for owner, sk in one.rows if owner == pk and sk.startswith("FACT#"))


def test_a_trail_that_nobody_touched_holds():
    untouched = trail()
    problems, verified = by_service(untouched)
    assert problems == by_examiner(untouched) == set()
    assert verified.entries == sum(sk.startswith("AUDIT#") for _, sk in untouched.rows)
    assert verified.objects == verified.entries + verified.facts
    assert (verified.subjects, verified.anchors) == (3, len(untouched.keys("anchors/")))
    assert not verified.not_anchored
    assert not both(untouched, archive=False)
    assert not both(untouched, table=False)


def test_hashes_that_were_noted_are_found_and_others_are_not():
    untouched = trail()
    _, verified = by_service(untouched)
    head = untouched.rows[VERSION, "HEAD"]["audit_hash"]
    assert not both(untouched, Noted(anchor=verified.last_anchor, heads={VERSION: head}))
    wrong = Noted(anchor="0" * 64, heads={OTHER: head})
    assert both(untouched, wrong) == {("noted-anchor", "anchors"), ("noted-head", f"{OTHER} HEAD")}


def change_a_text(one: Trail) -> None:
    row = one.rows[VERSION, entry(2)]
    row["entry"] = row["entry"].replace('"why":"', '"why":"not ', 1)


def change_a_text_and_its_hash(one: Trail) -> None:
    change_a_text(one)
    row = one.rows[VERSION, entry(2)]
    row["hash"] = sha256_of(row["entry"])


def write_the_chain_anew(one: Trail, pk: str = VERSION) -> None:
    """Change the first entry and make every later hash, and the head, fit."""
    previous = "0" * 64
    for number, told in enumerate(texts(one, pk), 1):
        told = {**told, "previous_hash": previous, "why": told["why"] + ("!" if number == 1 else "")}
        text = canonical(told)
        previous = sha256_of(text)
        one.rows[pk, entry(number)] = {"sequence": number, "entry": text, "hash": previous}
    one.rows[pk, "HEAD"]["audit_hash"] = previous


def cut_the_chain(one: Trail, with_head: bool = False) -> None:
    last = one.rows[VERSION, "HEAD"]["audit_sequence"]
    told = json.loads(one.rows.pop((VERSION, entry(last)))["entry"])
    if with_head:
        before = one.rows[VERSION, entry(last - 1)]["hash"]
        one.rows[VERSION, "HEAD"].update(audit_sequence=last - 1, audit_hash=before)
        del one.rows[VERSION, f"FACT#{told['effective_at']}#{told['caused_by']}"]


def swap_two_entries(one: Trail) -> None:
    first, second = one.rows[VERSION, entry(1)], one.rows[VERSION, entry(2)]
    one.rows[VERSION, entry(1)] = {**second, "sequence": 1}
    one.rows[VERSION, entry(2)] = {**first, "sequence": 2}


def swap_entries_of_two_versions(one: Trail) -> None:
    first, second = one.rows[VERSION, entry(2)], one.rows[OTHER, entry(2)]
    one.rows[VERSION, entry(2)], one.rows[OTHER, entry(2)] = second, first


def insert_an_entry(one: Trail) -> None:
    number = one.rows[HUB, "HEAD"]["audit_sequence"] + 1
    told = {**texts(one, HUB)[-1], "sequence": number, "previous_hash": one.rows[HUB, "HEAD"]["audit_hash"]}
    one.rows[HUB, entry(number)] = {"sequence": number, "entry": canonical(told), "hash": sha256_of(canonical(told))}


def change_a_fact(one: Trail) -> None:
    row = one.rows[VERSION, facts_of(one, VERSION)[0]]
    row["content"] = row["content"].replace('"recorded_at":"2026', '"recorded_at":"2025')


TAMPERINGS = {
    "a text is changed": (change_a_text, ("entry-changed", f"{VERSION} {entry(2)}")),
    "a text is changed with its hash": (change_a_text_and_its_hash, ("entry-untied", f"{VERSION} {entry(3)}")),
    "the whole chain is written anew": (write_the_chain_anew, ("archive-differs", f"{VERSION} {entry(1)}")),
    "an entry is dropped": (lambda one: one.rows.pop((VERSION, entry(2))), ("entry-missing", f"{VERSION} {entry(2)}")),
    "the first entry is dropped": (
        lambda one: one.rows.pop((VERSION, entry(1))),
        ("entry-missing", f"{VERSION} {entry(1)}"),
    ),
    "the last entry is dropped": (cut_the_chain, ("head-differs", f"{VERSION} HEAD")),
    "entries are swapped": (swap_two_entries, ("entry-misplaced", f"{VERSION} {entry(1)}")),
    "entries of two versions are swapped": (swap_entries_of_two_versions, ("entry-misplaced", f"{OTHER} {entry(2)}")),
    "an entry is added": (insert_an_entry, ("head-differs", f"{HUB} HEAD")),
    "a head is dropped": (lambda one: one.rows.pop((VERSION, "HEAD")), ("head-missing", f"{VERSION} HEAD")),
    "a head names another hash": (
        lambda one: one.rows[VERSION, "HEAD"].update(audit_hash="0" * 64),
        ("head-differs", f"{VERSION} HEAD"),
    ),
    "a head cannot be read": (
        lambda one: one.rows[VERSION, "HEAD"].update(audit_sequence="x"),
        ("head-differs", f"{VERSION} HEAD"),
    ),
    "a row lies under a number of another form": (
        lambda one: one.rows.update({(VERSION, "AUDIT#3"): one.rows[VERSION, entry(3)]}),
        ("entry-unreadable", f"{VERSION} AUDIT#3"),
    ),
    "a row says another number": (
        lambda one: one.rows[VERSION, entry(2)].update(sequence=3),
        ("entry-misplaced", f"{VERSION} {entry(2)}"),
    ),
    "a row of an entry is damaged": (
        lambda one: one.rows[VERSION, entry(2)].pop("entry"),
        ("entry-unreadable", f"{VERSION} {entry(2)}"),
    ),
    "a text is no JSON": (
        lambda one: one.rows[VERSION, entry(2)].update(entry="{", hash=sha256_of("{")),
        ("entry-unreadable", f"{VERSION} {entry(2)}"),
    ),
    "a fact is changed": (change_a_fact, ("fact-changed", f"{VERSION} {facts_of(once(), VERSION)[0]}")),
    "a fact is dropped": (
        lambda one: one.rows.pop((VERSION, facts_of(one, VERSION)[0])),
        ("fact-missing", f"{VERSION} {facts_of(once(), VERSION)[0]}"),
    ),
    "a fact is added": (
        lambda one: one.rows.update({(VERSION, "FACT#x"): {"content": "{}"}}),
        ("fact-unaccounted", f"{VERSION} FACT#x"),
    ),
    "a row of a fact is damaged": (
        lambda one: one.rows[VERSION, facts_of(one, VERSION)[0]].pop("content"),
        ("fact-unreadable", f"{VERSION} {facts_of(once(), VERSION)[0]}"),
    ),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_what_is_done_to_the_table_is_named_with_its_place(what):
    tamper, expected = TAMPERINGS[what]
    tampered = trail()
    tamper(tampered)
    assert expected in both(tampered)


@pytest.mark.parametrize("what", sorted(TAMPERINGS.keys() - {"the whole chain is written anew"}))
def test_it_is_named_without_an_archive_too(what):
    tamper, expected = TAMPERINGS[what]
    tampered = trail()
    tamper(tampered)
    assert expected in both(tampered, archive=False)


def as_release_0_1_wrote_it(one: Trail) -> None:
    """A version's chain in schema 1, whose entries do not hold the hash of their fact."""
    previous = "0" * 64
    for number, told in enumerate(texts(one, VERSION), 1):
        told = {**told, "schema_version": 1, "previous_hash": previous}
        del told["fact_hash"]
        previous = sha256_of(canonical(told))
        one.rows[VERSION, entry(number)] = {"sequence": number, "entry": canonical(told), "hash": previous}
    one.rows[VERSION, "HEAD"]["audit_hash"] = previous


def test_a_chain_of_the_first_schema_holds_and_its_facts_are_accounted_for():
    old = trail()
    as_release_0_1_wrote_it(old)
    assert not both(old, archive=False)
    dropped = facts_of(old, VERSION)[0]
    del old.rows[VERSION, dropped]
    assert both(old, archive=False) == {("fact-missing", f"{VERSION} {dropped}")}


def test_a_chain_cut_together_with_its_head_and_its_fact_is_known_to_the_archive():
    tampered = trail()
    cut_the_chain(tampered, with_head=True)
    assert not both(tampered, archive=False)
    found = both(tampered)
    assert {code for code, _ in found} == {"not-in-table"}
    assert {place.split("/")[0] for _, place in found} == {"entries", "facts"}


def objects_with(one: Trail, kind: str) -> list[str]:
    return one.keys(f"{kind}/")


def drop_object(one: Trail, key: str) -> None:
    del one.archive.kept[key]


def forge_consistently(one: Trail) -> None:
    """Somebody writes the hub's chain anew in the table and in the archive, every hash right."""
    old = {row["entry"]: KeptEntry(pk=HUB, **row) for (pk, sk), row in one.rows.items() if pk == HUB and sk != "HEAD"}
    places = {kept.sequence: key for key in one.keys("entries/") for kept in old.values()
              if one.archive.kept[key] == [kept.text.encode()]}  # fmt: skip
    write_the_chain_anew(one, HUB)
    for number, key in places.items():
        one.archive.kept[key] = [KeptEntry(pk=HUB, **one.rows[HUB, entry(number)]).text.encode()]


ARCHIVED = {
    "an entry's object is dropped": (lambda one: drop_object(one, objects_with(one, "entries")[0]), "anchor-differs"),
    "a fact's object is dropped": (lambda one: drop_object(one, objects_with(one, "facts")[-1]), "not-archived"),
    "an object is changed": (
        lambda one: one.archive.kept.update({objects_with(one, "entries")[0]: [b"{}"]}),
        "object-unreadable",
    ),
    "an object is moved to another day": (
        lambda one: one.archive.kept.update(
            {
                objects_with(one, "facts")[0].replace("2026-10-12", "2026-10-13"): one.archive.kept.pop(
                    objects_with(one, "facts")[0]
                )
            }
        ),
        "anchor-differs",
    ),
    "an object comes late": (
        lambda one: one.archive.keep(
            KeptFact(pk=VERSION, content="{}", sort_key="FACT#y").key(
                Anchor.model_validate_json(one.archive.kept[one.keys("anchors/")[0]][0]).day
            ),
            KeptFact(pk=VERSION, content="{}", sort_key="FACT#y").text.encode(),
        ),
        "anchor-differs",
    ),
    "an object lies under no key of the archive": (
        lambda one: one.archive.overwrite("entries/readme.txt", b"hello"),
        "object-unknown",
    ),
    "an entry is archived again otherwise": (
        lambda one: one.archive.keep(
            KeptEntry(pk=VERSION, entry="{}", hash="h", sequence=1).key(one.clock().date()),
            KeptEntry(pk=VERSION, entry="{}", hash="h", sequence=1).text.encode(),
        ),
        "entry-contradicted",
    ),
    "table and archive are forged together": (forge_consistently, "anchor-differs"),
    "an anchor is dropped": (lambda one: drop_object(one, one.keys("anchors/")[1]), "anchor-missing"),
    "the first anchor is dropped": (lambda one: drop_object(one, one.keys("anchors/")[0]), "anchor-missing"),
    "the last anchors are dropped": (
        lambda one: [drop_object(one, key) for key in one.keys("anchors/")[-2:]],
        "anchor-missing",
    ),
    "an anchor is changed": (
        lambda one: one.archive.kept.update(
            {key: [one.archive.kept[key][0].replace(b'"count":', b'"count":1')] for key in one.keys("anchors/")[:1]}
        ),
        "anchor-differs",
    ),
    "an anchor is no anchor": (
        lambda one: one.archive.kept.update({one.keys("anchors/")[1]: [b"\xff{"]}),
        "anchor-unreadable",
    ),
    "anchors are swapped": (
        lambda one: one.archive.kept.update(
            dict(zip(one.keys("anchors/")[:2], [one.archive.kept[key] for key in one.keys("anchors/")[1::-1]]))  # noqa: B905
        ),
        "anchor-unreadable",
    ),
    "an anchor of no day": (lambda one: one.archive.overwrite("anchors/2026-13-01.json", b"{}"), "object-unknown"),
}


@pytest.mark.parametrize("what", ARCHIVED)
def test_what_is_done_to_the_archive_is_named(what):
    tamper, expected = ARCHIVED[what]
    tampered = trail()
    tamper(tampered)
    assert expected in {code for code, _ in both(tampered)}
    if expected != "not-archived":
        assert both(tampered, table=False)


def test_anchors_that_were_made_anew_are_not_the_one_that_was_noted():
    tampered = trail()
    _, before = by_service(tampered)
    forge_consistently(tampered)
    previous, keys = "0" * 64, tampered.keys("anchors/")
    for key in keys:
        del tampered.archive.kept[key]
    previous = [one.hash for one in Anchoring(tampered.archive, tampered.clock).anchor()][-1]
    assert not both(tampered)
    assert previous != before.last_anchor
    assert both(tampered, Noted(anchor=before.last_anchor)) == {("noted-anchor", "anchors")}


def test_what_only_the_bucket_knows_is_named_by_its_key():
    tampered = trail()
    first, second, third, *_ = tampered.keys("entries/")
    tampered.archive.overwrite(first, b"forged")
    tampered.archive.delete(second)
    tampered.archive.unlocked.add(third)
    found, _ = by_service(tampered)
    assert found == {("object-overwritten", first), ("object-deleted", second), ("object-unlocked", third)}
    assert {code for code, _ in by_examiner(tampered)} >= {"object-unreadable", "anchor-differs", "not-archived"}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_byte_that_is_changed_anywhere_is_noticed_by_both(data):
    tampered = trail()
    if data.draw(st.booleans(), "in the table"):
        key = data.draw(st.sampled_from(sorted(tampered.rows)))
        name = data.draw(st.sampled_from(sorted(tampered.rows[key])))
        value = str(tampered.rows[key][name])
        at = data.draw(st.integers(0, len(value) - 1))
        digit = data.draw(st.sampled_from("0123456789abcdef").filter(lambda one: one != value[at]))
        changed = value[:at] + digit + value[at + 1 :]
        if isinstance(tampered.rows[key][name], int):
            changed = int(changed) if changed.isdigit() and int(changed) != int(value) else 99
        tampered.rows[key][name] = changed
    else:
        key = data.draw(st.sampled_from(sorted(tampered.archive.kept)))
        content = bytearray(tampered.archive.kept[key][0])
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        tampered.archive.kept[key] = [bytes(content)]
    assert both(tampered)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_row_or_object_that_is_dropped_is_noticed_by_both(data):
    tampered = trail()
    places = [*sorted(tampered.rows), *sorted(tampered.archive.kept)]
    for place in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3, unique=True)):
        (tampered.rows if isinstance(place, tuple) else tampered.archive.kept).pop(place)
    newest = tampered.keys("anchors/")[-1:] != once().keys("anchors/")[-1:]
    found = both(tampered)
    assert found or newest  # the newest anchor may still be to come; its hash, noted outside, tells


def test_the_file_runs_alone_on_a_folder_and_prints_what_it_found(tmp_path):
    one = trail()
    for key, content in downloaded(one).items():
        (tmp_path / "archive" / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "archive" / key).write_bytes(content)
    export = tmp_path / "table.jsonl"
    export.write_text("".join(json.dumps({"Item": typed(row)}) + "\n" for row in one.table()))
    command = [sys.executable, "-I", "-S", str(PROGRAM), str(tmp_path / "archive"), "--table", str(export)]
    command += ["--on", one.clock().date().isoformat()]
    fine = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (fine.returncode, fine.stderr) == (0, "")
    assert "Everything holds." in fine.stdout
    key = one.keys("entries/")[0]
    (tmp_path / "archive" / key).unlink()
    wrong = subprocess.run([*command, "--anchor", "0" * 64], capture_output=True, text=True, check=False, timeout=60)
    assert wrong.returncode == 1
    assert "PROBLEM anchor-differs at anchors/" in wrong.stdout
    assert "PROBLEM noted-anchor at anchors" in wrong.stdout


def typed(row: dict) -> dict:
    return {name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in row.items()}


@pytest.mark.parametrize(("asked", "is_enough"), [(1, True), (2, False)])
def test_objects_that_are_locked_for_less_than_is_asked_are_named(asked: int, is_enough: bool):
    one, found = trail(), list[Problem]()
    one.archive.retention = timedelta(days=1)
    Verification(None, one.archive, later(one), timedelta(days=asked)).verify(found.append)
    named = {problem.place for problem in found if problem.code == "object-unlocked"}
    assert named == (set() if is_enough else set(one.archive.kept))
