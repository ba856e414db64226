"""What a version's rows should be, given its facts, and everything in which they are not.

Nothing here raises for what it finds: a row that cannot be read is a difference like any other.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from governance.domain.audit import GENESIS, Link
from governance.domain.facts import AnyFact
from governance.domain.fold import FOLD_VERSION, fold_all
from governance.domain.past import Folded
from governance.domain.people import Names, Pseudonyms
from governance.domain.projection import PROJECTED, Attributes, fact_key, fact_row, head, projections, samples
from governance.domain.upcasting import as_written, meant_differently, read_stored
from governance.domain.values import SCHEMA_VERSION, Value, sha256_of

UNFOLDED = frozenset({"HEAD", "PEOPLE", "RELAYED"})
"""Rows of a version that are neither facts, nor audit entries, nor projections."""


ENTRY = re.compile(r"^AUDIT#\d{8}$")
"""The sort key of an audit entry."""


class Difference(Value):
    """One thing in which a row is not what the facts give. `None` stands for what is not there at all."""

    pk: str
    sk: str
    attribute: str
    """Empty where the whole row is meant."""
    expected: Any
    found: Any

    @property
    def place(self) -> str:
        """Where it is, as one text."""
        return f"{self.pk} {self.sk} {self.attribute}".rstrip()


class Record(Value):
    """All rows of a version, by sort key, taken apart: what could be read of them, and what could not."""

    pk: str
    rows: Mapping[str, Mapping[str, Any]]
    facts: tuple[AnyFact, ...]
    damaged: tuple[Difference, ...]
    """Facts and audit entries that are not what they were when they were written, or that are missing."""
    link: Link
    names: Names

    @property
    def fold_version(self) -> int:
        """Which fold made the head; the present one where the head does not say."""
        told = self.rows.get("HEAD", {}).get("fold_version")
        return int(told) if isinstance(told, int | float) else FOLD_VERSION

    @property
    def folded(self) -> Folded | None:
        """What the readable facts give; None where there are none."""
        return fold_all(self.facts) if self.facts else None


def record_of(pk: str, rows: Mapping[str, Mapping[str, Any]], people: Pseudonyms) -> Record:
    """Take the rows of a version apart."""
    facts: list[AnyFact] = []
    damaged: list[Difference] = []
    entries = {sk: row for sk, row in rows.items() if ENTRY.match(sk)}
    for sk, row in rows.items():
        if sk.startswith("FACT#"):
            fact, problems = read_row(pk, sk, row)
            damaged += problems
            facts += [people.written(fact)] if fact else []
    damaged += broken_links(pk, entries)
    damaged += lost_links(pk, entries, rows.get("HEAD", {}))
    damaged += contradicted(pk, entries, rows)
    return Record(
        pk=pk, rows=rows, facts=tuple(facts), damaged=tuple(damaged), link=end_of(entries, rows.get("HEAD", {})),
        names=names_in(rows.get("PEOPLE", {})).with_new(people.seen),
    )  # fmt: skip


def names_in(row: Mapping[str, Any]) -> Names:
    """The names that are kept beside a head; none where the row is not there or cannot be read."""
    told = row.get("names")
    return Names(by_id={str(key): str(name) for key, name in told.items()}) if isinstance(told, Mapping) else Names()


def read_row(pk: str, sk: str, row: Mapping[str, Any]) -> tuple[AnyFact | None, list[Difference]]:
    """The fact in a row, or why there is none; and in what the row contradicts its own text."""
    text = row.get("content")
    try:
        stored = as_written(str(text))
        fact = read_stored(str(text))
    except (ValidationError, ValueError, KeyError, TypeError) as broken:
        return None, [Difference(pk=pk, sk=sk, attribute="content", expected="a fact", found=told_briefly(broken))]
    expected = {**fact_row(stored), "content": text}
    problems = differences(pk, sk, expected, row)
    if sk != f"FACT#{fact_key(stored)}":
        problems.append(Difference(pk=pk, sk=sk, attribute="sk", expected=f"FACT#{fact_key(stored)}", found=sk))
    if pk != f"MODEL#{stored.model.arn}":
        problems.append(Difference(pk=pk, sk=sk, attribute="pk", expected=f"MODEL#{stored.model.arn}", found=pk))
    return (None if problems else fact), problems


def told_briefly(broken: Exception) -> str:
    """Why something could not be read, without repeating what it says."""
    if isinstance(broken, ValidationError):
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in broken.errors()[:3])
    return type(broken).__name__


def broken_links(pk: str, entries: Mapping[str, Mapping[str, Any]]) -> Iterator[Difference]:
    """Audit entries that do not follow on, whose text does not have its hash, or that are not there."""
    before, expected = GENESIS, 1
    for sk, row in sorted(entries.items()):
        while sk > f"AUDIT#{expected:08d}" and expected < len(entries) * 2 + 2:
            yield Difference(pk=pk, sk=f"AUDIT#{expected:08d}", attribute="", expected="an entry", found=None)
            expected, before = expected + 1, ""
        text = str(row.get("entry"))
        if row.get("hash") != sha256_of(text):
            yield Difference(pk=pk, sk=sk, attribute="hash", expected=sha256_of(text), found=row.get("hash"))
        previous = content_of(row).get("previous_hash")
        if before and previous != before:
            yield Difference(pk=pk, sk=sk, attribute="previous_hash", expected=before, found=previous)
        before, expected = str(row.get("hash")), expected + 1


def lost_links(pk: str, entries: Mapping[str, Mapping[str, Any]], head_row: Mapping[str, Any]) -> Iterator[Difference]:
    """The first of the entries at the end of the chain that the head tells of and that are not there."""
    last = int(max(entries, default="AUDIT#0").removeprefix("AUDIT#"))
    told = head_row.get("audit_sequence")
    if isinstance(told, int) and told > last:
        yield Difference(pk=pk, sk=f"AUDIT#{last + 1:08d}", attribute="", expected=f"entries up to {told}", found=None)


def contradicted(
    pk: str, entries: Mapping[str, Mapping[str, Any]], rows: Mapping[str, Mapping[str, Any]]
) -> Iterator[Difference]:
    """Facts that the audit chain tells of and that are not there, or not with the text that they had."""
    for _, row in sorted(entries.items()):
        entry = content_of(row)
        if not entry.get("fact") or not entry.get("caused_by") or not entry.get("effective_at"):
            continue
        sk = f"FACT#{entry['effective_at']}#{entry['caused_by']}"
        if sk not in rows:
            yield Difference(pk=pk, sk=sk, attribute="", expected=f"a fact: {entry['fact']}", found=None)
        elif entry.get("fact_hash") and (found := sha256_of(str(rows[sk].get("content")))) != entry["fact_hash"]:
            yield Difference(pk=pk, sk=sk, attribute="content", expected=entry["fact_hash"], found=found)


def content_of(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an audit row says; nothing where it cannot be read."""
    try:
        told = json.loads(str(row.get("entry")))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def end_of(entries: Mapping[str, Mapping[str, Any]], head_row: Mapping[str, Any]) -> Link:
    """The end of the chain: its last entry, or what the head says where later entries are gone."""
    last = max(entries, default="")
    link = Link(sequence=int(last.removeprefix("AUDIT#")), hash=str(entries[last].get("hash"))) if last else Link()
    told, known_by = head_row.get("audit_sequence"), head_row.get("audit_hash")
    if isinstance(told, int) and told > link.sequence and isinstance(known_by, str) and len(known_by) == len(GENESIS):
        return Link(sequence=told, hash=known_by)
    return link


def expected_rows(record: Record) -> dict[str, Attributes]:
    """Head and projections as the facts give them. Empty for a version without a readable fact."""
    folded = record.folded
    if folded is None:
        return {}
    state = folded.state
    end = {"audit_sequence": record.link.sequence, "audit_hash": record.link.hash}
    rows = {**projections(state, record.names, folded.past), **samples(record.facts)}
    given = {"HEAD": {**head(state, FOLD_VERSION), **end}, **rows}
    if record.names.by_id:
        given["PEOPLE"] = {"names": dict(record.names.by_id)}
    return given


def compare(record: Record) -> list[Difference]:
    """Everything in which a record is not what its facts give."""
    found = list(record.damaged)
    expected = expected_rows(record)
    for sk, attributes in expected.items():
        if sk not in record.rows:
            found.append(Difference(pk=record.pk, sk=sk, attribute="", expected=attributes, found=None))
        else:
            found += differences(record.pk, sk, attributes, record.rows[sk])
    for sk, row in record.rows.items():
        if sk not in expected and not sk.startswith("FACT#") and not ENTRY.match(sk) and sk not in UNFOLDED:
            found.append(Difference(pk=record.pk, sk=sk, attribute="", expected=None, found=dict(row)))
    if "HEAD" in record.rows and "HEAD" not in expected:
        found.append(Difference(pk=record.pk, sk="HEAD", attribute="", expected=None, found="a head without facts"))
    return [one for one in found if not is_of_an_older_fold(one, record.fold_version)]


def is_of_an_older_fold(difference: Difference, fold_version: int) -> bool:
    """Whether a head that an older fold made explains a difference: it is written anew with the next change.

    Its state is not used until then, for it is folded again whenever it is opened; everything that people and programs
    read beside it is compared. Such a record has no people yet.
    """
    if fold_version >= FOLD_VERSION:
        return False
    if difference.sk == "PEOPLE" and difference.found is None:
        return True
    if difference.sk == "HEAD" and difference.attribute in {"state", "fold_version"}:
        return isinstance(difference.found, str | int)
    return meant_differently(difference.sk, difference.attribute, fold_version)


def differences(pk: str, sk: str, expected: Mapping[str, Any], row: Mapping[str, Any]) -> list[Difference]:
    """Attributes that differ, are missing, or should not be there; and a schema version that nobody has written."""
    found = [
        Difference(pk=pk, sk=sk, attribute=name, expected=expected.get(name), found=row.get(name))
        for name in sorted({*expected, *row} - {"schema_version"})
        if expected.get(name) != row.get(name)
    ]
    if row.get("schema_version") not in range(1, SCHEMA_VERSION + 1):
        told = row.get("schema_version")
        found.append(Difference(pk=pk, sk=sk, attribute="schema_version", expected=SCHEMA_VERSION, found=told))
    return found


def is_projected(sk: str) -> bool:
    """Whether a row is there because a fold gives it."""
    return sk.startswith(PROJECTED)


def facts_that_cannot_be_read(found: Sequence[Difference]) -> list[str]:
    """Sort keys of facts of which the text is damaged or gone: what a fold without them gives is not the record."""
    return sorted({one.sk for one in found if one.sk.startswith("FACT#")})
