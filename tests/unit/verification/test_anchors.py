"""Days of the archive, and the hashes that stand for them."""

import hashlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.domain.anchors import anchor_key
from governance.domain.archive import KeptEntry, KeptFact, day_of, read_kept
from governance.domain.audit import GENESIS
from governance.domain.errors import ArchiveDiffers, DayNotOver, NotOfTheArchive
from governance.domain.merkle import MerkleTree
from governance.domain.values import sha256_of
from governance.services.anchoring import Anchoring
from governance.services.archiving import Archiving
from tests.builders import BORN, Clock
from tests.fakes_of_the_archive import InMemoryArchive

A_DAY = timedelta(days=1)
FIRST = BORN.date()


class Archived:
    """An archive with its clock, and short words for what happens to it."""

    def __init__(self) -> None:
        self.clock, self.archive = Clock(), InMemoryArchive()
        self.archiving = Archiving(self.archive, self.clock)
        self.anchoring = Anchoring(self.archive, self.clock)

    def keep(self, number: int = 1, pk: str = "MODEL#m") -> bool:
        return self.archiving.keep(KeptEntry(pk=pk, entry=f"text {number}", hash=sha256_of("x"), sequence=number))

    def anchor(self, until: date | None = None):
        return list(self.anchoring.anchor(until))


def rfc6962(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word by word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + rfc6962(leaves[:split]) + rfc6962(leaves[split:])).digest()


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_tree_is_that_of_the_rfc(leaves):
    tree = MerkleTree()
    for leaf in leaves:
        tree.add(leaf)
    assert (tree.root, tree.count) == (rfc6962(leaves).hex(), len(leaves))


def test_a_known_answer_of_the_rfcs_reference_implementation():
    tree = MerkleTree()
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"):
        tree.add(bytes.fromhex(leaf))
    assert tree.root == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_an_item_that_is_told_twice_on_one_day_is_archived_once():
    archived = Archived()
    assert archived.keep()
    assert not archived.keep()
    assert len(archived.archive.kept) == 1


def test_an_item_that_is_told_again_on_another_day_is_archived_again_in_the_same_bytes():
    archived = Archived()
    archived.keep()
    archived.clock.wait(86400)
    assert archived.keep()
    first, second = archived.archive.kept.values()
    assert first == second


def test_an_item_that_differs_from_what_the_day_has_is_refused_with_its_key():
    archived = Archived()
    archived.archiving.keep(KeptEntry(pk="MODEL#m", entry="one", hash="h", sequence=1))
    with pytest.raises(ArchiveDiffers, match=r"entries/2026-10-12/.*/00000001.json"):
        archived.archiving.keep(KeptEntry(pk="MODEL#m", entry="two", hash="h", sequence=1))


@pytest.mark.parametrize(
    "kept",
    [
        KeptEntry(pk="MODEL#m", entry='{"a":"ü"}', hash="h", sequence=7),
        KeptFact(pk="MODEL#m", content='{"模型":1}', sort_key="FACT#2026"),
    ],
)
def test_an_object_is_read_as_what_it_was_written_as(kept):
    key = kept.key(FIRST)
    assert day_of(key) == FIRST
    assert read_kept(key, kept.text.encode()) == kept


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("entries/2026-10-12/x.json", b"{}"),
        (KeptEntry(pk="p", entry="e", hash="h", sequence=2).key(FIRST), b"\xff"),
        (KeptEntry(pk="p", entry="e", hash="h", sequence=2).key(FIRST), b"[]"),
        (KeptEntry(pk="p", entry="e", hash="h", sequence=2).key(FIRST), b"[" * 100_000),
        (KeptEntry(pk="p", entry="e", hash="h", sequence=2).key(FIRST), b'{"entry":"e","hash":"h","pk":"p"}'),
        (
            KeptEntry(pk="p", entry="e", hash="h", sequence=2).key(FIRST),
            KeptEntry(pk="p", entry="e", hash="h", sequence=3).text.encode(),
        ),
        (
            KeptEntry(pk="p", entry="e", hash="h", sequence=2).key(FIRST),
            KeptEntry(pk="p", entry="e", hash="h", sequence=2).text.encode() + b"\n",
        ),
        (KeptFact(pk="p", content="c", sort_key="s").key(FIRST), b'{"content":"c","pk":1,"sk":"s"}'),
    ],
)
def test_an_object_that_is_not_what_its_key_says_is_named(key, content):
    with pytest.raises(NotOfTheArchive, match=key):
        read_kept(key, content)


def test_days_are_anchored_each_tied_to_the_one_before():
    archived = Archived()
    archived.keep(1)
    archived.clock.wait(86400)
    archived.keep(2)
    archived.keep(3)
    archived.clock.wait(86400)
    first, second = archived.anchor()
    assert [(one.day, one.count) for one in (first, second)] == [(FIRST, 1), (FIRST + A_DAY, 2)]
    assert (first.previous_anchor, second.previous_anchor) == (GENESIS, first.hash)
    assert archived.archive.kept[anchor_key(FIRST)] == [first.text.encode()]


def test_a_day_is_anchored_once_and_computed_anew_when_it_is_asked_for_again():
    archived = Archived()
    archived.keep()
    archived.clock.wait(86400)
    once, again, asked = archived.anchor(), archived.anchor(), archived.anchor(FIRST)
    assert once == again == asked
    assert len(archived.archive.kept[anchor_key(FIRST)]) == 1


def test_days_that_were_missed_are_caught_up_and_days_without_objects_have_their_anchors():
    archived = Archived()
    archived.keep()
    archived.clock.wait(86400 * 5)
    assert [one.count for one in archived.anchor()] == [1, 0, 0, 0, 0]
    archived.clock.wait(86400 * 2)
    assert [one.day for one in archived.anchor()] == [FIRST + 5 * A_DAY, FIRST + 6 * A_DAY]


def test_a_run_that_ends_between_two_days_is_taken_up_where_it_ended():
    archived, whole = Archived(), Archived()
    for one in (archived, whole):
        one.keep()
        one.clock.wait(86400 * 3)
    assert [next(archived.anchoring.anchor()), *archived.anchor()] == whole.anchor()


def test_a_day_that_may_still_get_objects_is_not_anchored():
    archived = Archived()
    archived.keep()
    with pytest.raises(DayNotOver, match="2026-10-12"):
        archived.anchor(FIRST)
    archived.clock.wait((15 * 60 + 10) * 60)  # twenty-four minutes past midnight
    with pytest.raises(DayNotOver, match="2026-10-12"):
        archived.anchor(FIRST)
    assert [one.day for one in archived.anchor()] == [FIRST - A_DAY]


@pytest.mark.parametrize("late", ["2026-10-12", "2026-10-13"])
def test_an_object_that_comes_to_lie_under_an_anchored_day_is_named_when_the_day_is_anchored_again(late):
    archived = Archived()
    archived.keep()
    archived.clock.wait(86400 * 3)
    archived.anchor()
    kept = KeptEntry(pk="MODEL#other", entry="late", hash="h", sequence=1)
    archived.archive.overwrite(kept.key(date.fromisoformat(late)), kept.text.encode())
    with pytest.raises(ArchiveDiffers, match=f"anchors/{late}.json"):
        archived.anchor(date.fromisoformat(late))


def test_an_anchor_is_made_of_what_was_written_first():
    archived, replaced = Archived(), Archived()
    for one in (archived, replaced):
        one.keep()
        one.clock.wait(86400)
    replaced.archive.overwrite(next(iter(replaced.archive.kept)), b"forged")
    assert archived.anchor() == replaced.anchor()


def test_an_anchor_that_cannot_be_read_is_named():
    archived = Archived()
    archived.archive.overwrite(anchor_key(FIRST), b"{}")
    archived.clock.wait(86400)
    with pytest.raises(NotOfTheArchive, match=anchor_key(FIRST)):
        archived.anchor()
