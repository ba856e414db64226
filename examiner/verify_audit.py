#!/usr/bin/env python3
# ruff: noqa: D102, D103, PTH123, UP017 - plain Python, as old as 3.9, to be read by anybody
"""Verify Steward's audit trail offline: this one file, Python 3.9 or newer, nothing else.

    aws s3 sync s3://<audit bucket> archive/
    python3 verify_audit.py archive/ [--table export.jsonl] [--anchor <hash>] [--head <pk> <hash>] [--on <day>]

`archive/` is a copy of the bucket. `--table` is an export of the governance table, one item a line, as DynamoDB's
export to S3 writes it (`{"Item": {...}}`) or as plain JSON. `--anchor` and `--head` are hashes that somebody noted
outside: they must be in what is verified. `--on` is the day of the download, if that was not today.

It prints a summary and each problem with its place, and ends with 1 if there is any. It writes nothing, and asks
nobody. What it checks, and what that proves, is specified in docs/audit-chain.md.

Read it from top to bottom: 1 how things are written; 2 one entry, fact, object at a time; 3 chains; 4 table against
archive; 5 anchors; 6 the command. All hashes are SHA-256 in lower-case hexadecimal. Memory is bounded: what has to be
compared later lies in a temporary database on disk, without the texts.
"""

import argparse
import hashlib
import json
import os
import re
import sqlite3
import sys
from datetime import date, datetime, timedelta, timezone

GENESIS = "0" * 64  # what the first entry, and the first anchor, give as the hash before them
OBJECT = re.compile(r"(entries|facts)/(\d{4}-\d{2}-\d{2})/([0-9a-f]{32})/(\d{8}|[0-9a-f]{64})\.json")
ANCHOR = re.compile(r"anchors/(\d{4}-\d{2}-\d{2})\.json")
NUMBER = re.compile(r"AUDIT#(\d{8})")


# 1. How things are written --------------------------------------------------------------------------------------


def sha256(data):
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def canonical(content):
    """The one text of a JSON value: keys sorted, no white space, nothing escaped beyond need."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def parsed(text):
    """A JSON object, or None where the text is none or is not in canonical form."""
    try:
        content = json.loads(text)
        if isinstance(content, dict) and canonical(content).encode() == (
            text.encode() if isinstance(text, str) else text
        ):
            return content
    except (ValueError, RecursionError):
        pass
    return None


def calendar_day(text):
    """A day, or None where there is no such day."""
    try:
        return date(*map(int, text.split("-")))
    except ValueError:
        return None


class Tree:
    """The Merkle tree hash of RFC 6962: leaves are hashed behind a byte 0, nodes behind a byte 1."""

    def __init__(self):
        self.count, self.subtrees = 0, []

    def add(self, leaf):
        size, digest = 1, hashlib.sha256(b"\0" + leaf).digest()
        while self.subtrees and self.subtrees[-1][0] == size:
            digest = hashlib.sha256(b"\1" + self.subtrees.pop()[1] + digest).digest()
            size *= 2
        self.subtrees.append((size, digest))
        self.count += 1

    def root(self):
        if not self.subtrees:
            return sha256(b"")
        digest = self.subtrees[-1][1]
        for _, left in reversed(self.subtrees[:-1]):
            digest = hashlib.sha256(b"\1" + left + digest).digest()
        return digest.hex()


# 2. One entry, fact, object at a time -----------------------------------------------------------------------------

SCHEMA = """
CREATE TABLE entries (side, pk, sequence, place, hash, previous, fact_key, fact_hash, object, known);
CREATE TABLE facts (side, pk, sk, place, hash, object);
CREATE TABLE heads (pk, sequence, hash);
"""
INDEXES = """
CREATE INDEX by_number ON entries (side, pk, sequence, place);
CREATE INDEX by_fact ON entries (side, pk, fact_key);
CREATE INDEX by_key ON facts (side, pk, sk, place);
"""


class Verifier:
    """What was seen, and what is wrong with it. `table` and `archive` are the two sides."""

    def __init__(self, tell):
        self.tell = tell
        self.database = sqlite3.connect("")  # a temporary file, gone when this ends
        self.database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
        self.trees, self.anchors = {}, {}
        self.counts = {"entries": 0, "facts": 0, "objects": 0, "anchors": 0, "subjects": 0, "problems": 0}
        self.sides = set()

    def problem(self, code, place, detail):
        self.counts["problems"] += 1
        self.tell(code, place, detail)

    def row(self, item):
        """One item of the table."""
        self.sides.add("table")
        pk, sk = str(item.get("pk", "")), str(item.get("sk", ""))
        place = pk + " " + sk
        if sk == "HEAD" and "audit_sequence" in item:
            told = str(item["audit_sequence"])
            if not told.isdecimal():
                self.problem("head-differs", place, "it cannot be read")
            head = (pk, int(told) if told.isdecimal() else -1, str(item.get("audit_hash", "")))
            self.database.execute("INSERT INTO heads VALUES (?, ?, ?)", head)
        elif sk.startswith("AUDIT#"):
            number, told = NUMBER.fullmatch(sk), item.get("sequence")
            if not (number and str(told).isdecimal() and isinstance(item.get("entry"), str)):
                return self.problem("entry-unreadable", place, "is not as a row of an entry is")
            if int(number[1]) != int(told):
                self.problem("entry-misplaced", place, f"its row says that its number is {told}")
            self.entry("table", pk, int(number[1]), place, item["entry"], str(item.get("hash", "")))
        elif sk.startswith("FACT#"):
            if not isinstance(item.get("content"), str):
                return self.problem("fact-unreadable", place, "is not as a row of a fact is")
            self.fact("table", pk, sk, place, item["content"])
        return None

    def object(self, key, content):
        """One object of the archive; they come in the order of their keys."""
        self.sides.add("archive")
        anchor = ANCHOR.fullmatch(key)
        if anchor and calendar_day(anchor[1]):
            self.anchors[calendar_day(anchor[1])] = content
            return None
        parts = OBJECT.fullmatch(key)
        day = parts and calendar_day(parts[2])
        if not day:
            return self.problem("object-unknown", key, "is no key of the archive")
        self.counts["objects"] += 1
        self.trees.setdefault(day, Tree()).add(key.encode() + b"\n" + content)
        told = parsed(content) or {}
        pk, wanted = told.get("pk"), {"entries": {"entry", "hash", "pk", "sequence"}, "facts": {"content", "pk", "sk"}}
        if set(told) != wanted[parts[1]] or not all(
            type(value) is (int if name == "sequence" else str) for name, value in told.items()
        ):
            return self.problem("object-unreadable", key, "cannot be read, or is not in canonical form")
        name = "{:08d}".format(told["sequence"]) if parts[1] == "entries" else sha256(told["content"])
        if (sha256(pk)[:32], name) != (parts[3], parts[4]):
            return self.problem("object-unreadable", key, "holds what belongs under another key")
        if parts[1] == "entries":
            self.entry("archive", pk, told["sequence"], key, told["entry"], told["hash"])
        else:
            self.fact("archive", pk, told["sk"], key, told["content"])
        return None

    def entry(self, side, pk, sequence, place, text, digest):
        """An entry by itself: its text has its hash, is in its one form, and speaks of its own place."""
        self.counts["entries"] += side == "table" or "table" not in self.sides
        if sha256(text) != digest:
            self.problem("entry-changed", place, "its text does not have its hash")
        told = parsed(text)
        if told is None or not isinstance(told.get("previous_hash"), str):
            self.problem("entry-unreadable", place, "its text cannot be read, or is not in canonical form")
            told = {}
        else:
            subject = told.get("subject") or "MODEL#" + str(told.get("model_package_arn"))
            if (told.get("sequence"), subject) != (sequence, pk):
                self.problem(
                    "entry-misplaced", place, "its text is that of {} AUDIT#{}".format(subject, told.get("sequence"))
                )
        cause = told.get("caused_by") or ""
        self.database.execute(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                side, pk, sequence, place, digest, told.get("previous_hash"),
                "FACT#{}#{}".format(told.get("effective_at"), cause) if cause else None,
                told.get("fact_hash"),  # entries of schema 1 have none: their facts must be there, no more
                sha256(canonical({"entry": text, "hash": digest, "pk": pk, "sequence": sequence})), bool(told),
            ),
        )  # fmt: skip

    def fact(self, side, pk, sk, place, text):
        """A fact is judged by its entry; here it is only written down."""
        self.counts["facts"] += side == "table" or "table" not in self.sides
        self.database.execute(
            "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)",
            (side, pk, sk, place, sha256(text), sha256(canonical({"content": text, "pk": pk, "sk": sk}))),
        )

    # 3. Chains ----------------------------------------------------------------------------------------------------

    def chains(self, side):
        """Numbers without a gap, each entry tied to the one before, each head at its chain's end."""
        where, heads = "archive " if side == "archive" else "", self.heads()
        last_pk, last, last_hash, last_object, subjects = None, 0, GENESIS, None, 0
        for pk, sequence, place, digest, previous, known, content in self.database.execute(
            "SELECT pk, sequence, place, hash, previous, known, object FROM entries"
            " WHERE side = ? ORDER BY pk, sequence, place", (side,)
        ):  # fmt: skip
            if pk != last_pk:
                self.end(side, heads, last_pk, last, last_hash)
                last_pk, last, last_hash, last_object, subjects = pk, 0, GENESIS, None, subjects + 1
            if sequence == last:  # archived on two days: the same bytes, or somebody's forgery
                if content != last_object:
                    self.problem("entry-contradicted", place, "the same entry is there with other bytes")
                continue
            if sequence != last + 1:
                missing = f"{where}{pk} AUDIT#{last + 1:08d}"
                self.problem("entry-missing", missing, f"the next one that is there is {sequence}")
            elif known and previous != last_hash:
                self.problem("entry-untied", place, "it is not tied to the entry before it: one of the two was changed")
            last, last_hash, last_object = sequence, digest, content
        self.end(side, heads, last_pk, last, last_hash)
        self.counts["subjects"] = max(self.counts["subjects"], subjects)
        if side == "table":
            for pk, (sequence, _) in sorted(heads.items()):
                self.problem("head-differs", pk + " HEAD", f"it counts {sequence} entries, and there is none")

    def heads(self):
        return {pk: (sequence, digest) for pk, sequence, digest in self.database.execute("SELECT * FROM heads")}

    def end(self, side, heads, pk, last, last_hash):
        """A chain of the table ends where its head says."""
        if side == "archive" or pk is None:
            return
        head = heads.pop(pk, None)
        if head is None:
            self.problem("head-missing", pk + " HEAD", f"a chain of {last} entries has no head")
        elif head != (last, last_hash):
            self.problem("head-differs", pk + " HEAD", f"it names entry {head[0]}, the chain ends with {last}")

    def facts_of(self, side):
        """Each entry's fact is there in its own words, and no fact is there without an entry."""
        where = "archive " if side == "archive" else ""
        for pk, key in self.database.execute(
            "SELECT DISTINCT pk, fact_key FROM entries e WHERE side = ? AND fact_key IS NOT NULL AND NOT EXISTS"
            " (SELECT 1 FROM facts f WHERE f.side = e.side AND f.pk = e.pk AND f.sk = e.fact_key)"
            " ORDER BY pk, fact_key", (side,)
        ):  # fmt: skip
            self.problem("fact-missing", f"{where}{pk} {key}", "an entry tells of it")
        for place, accounted, right in self.database.execute(
            "SELECT place, COUNT(e.pk), COALESCE(MAX(e.fact_hash IS NULL OR e.fact_hash = f.hash), 0) FROM facts f"
            " LEFT JOIN entries e ON e.side = f.side AND e.pk = f.pk AND e.fact_key = f.sk"
            " WHERE f.side = ? GROUP BY f.rowid ORDER BY f.rowid".replace("SELECT place", "SELECT f.place"), (side,)
        ):  # fmt: skip
            if not accounted:
                self.problem("fact-unaccounted", place, "no entry tells of it")
            elif not right:
                self.problem("fact-changed", place, "it does not have the hash that its entry gives")

    # 4. Table against archive -------------------------------------------------------------------------------------

    def compare(self):
        """Everything in the table is in the archive in the same bytes, and the other way round."""
        for what, key in (("entries", "sequence"), ("facts", "sk")):
            same = f"o.pk = t.pk AND o.{key} = t.{key}"
            for place, there, right in self.database.execute(
                f"SELECT t.place, COUNT(o.pk), COALESCE(MAX(o.object = t.object), 0) FROM {what} t LEFT JOIN {what} o"
                f" ON o.side = 'archive' AND {same} WHERE t.side = 'table' GROUP BY t.rowid"
            ):
                if not there:
                    self.problem("not-archived", place, "the archive does not have it")
                elif not right:
                    self.problem("archive-differs", place, "the archive has it in other bytes")
            for (place,) in self.database.execute(
                f"SELECT t.place FROM {what} t WHERE t.side = 'archive' AND NOT EXISTS"
                f" (SELECT 1 FROM {what} o WHERE o.side = 'table' AND {same}) ORDER BY t.rowid"
            ):
                self.problem("not-in-table", place, "the table does not have it")

    # 5. Anchors ---------------------------------------------------------------------------------------------------

    def anchored(self, on):
        """Every day that is over has its anchor, made of its objects and tied to the day before."""
        days = sorted({*self.trees, *self.anchors})
        hashes, previous = [], GENESIS
        if not days:
            return hashes
        last = max([days[0], on - timedelta(days=2), *self.anchors])
        for number in range((last - days[0]).days + 1):
            day = days[0] + timedelta(days=number)
            key = f"anchors/{day.isoformat()}.json"
            if day not in self.anchors:
                if day <= on - timedelta(days=2):
                    self.problem("anchor-missing", key, "the day is over and has no anchor")
                previous = None
                continue
            told, tree = parsed(self.anchors[day]) or {}, self.trees.get(day, Tree())
            if set(told) != {"count", "day", "previous_anchor", "root", "schema_version"} or told["day"] != str(day):
                self.problem("anchor-unreadable", key, "cannot be read, or is not in canonical form")
            else:
                if (told["count"], told["root"]) != (tree.count, tree.root()):
                    found = f"it was made of {told['count']} objects, and there are {tree.count}"
                    self.problem("anchor-differs", key, found + "; some were changed, removed or added since")
                if previous is not None and told["previous_anchor"] != previous:
                    self.problem("anchor-untied", key, "it is not tied to the anchor of the day before")
            previous = sha256(self.anchors[day])
            hashes.append(previous)
            self.counts["anchors"] += 1
        return hashes

    # 6. The command -----------------------------------------------------------------------------------------------

    def finish(self, on, noted_anchor="", noted_heads=()):
        """Everything that needs more than one item at a time. Returns the hashes of all anchors, in their order."""
        self.database.executescript(INDEXES)
        for side in sorted(self.sides):
            self.chains(side)
            self.facts_of(side)
        if self.sides == {"table", "archive"}:
            self.compare()
        hashes = self.anchored(on)
        if noted_anchor and noted_anchor not in hashes:
            self.problem("noted-anchor", "anchors", f"none of them has the hash {noted_anchor}")
        for pk, digest in noted_heads:
            if not self.database.execute(
                "SELECT 1 FROM entries WHERE pk = ? AND hash = ? LIMIT 1", (pk, digest)
            ).fetchone():
                self.problem("noted-head", pk + " HEAD", f"no entry of it has the hash {digest}")
        return hashes


def objects_in(folder, prefix=""):
    """The files of a folder, as keys in the order of their bytes, each with its content."""
    found = [(one.name + "/" * one.is_dir(), one.path) for one in os.scandir(folder)]
    for name, path in sorted(found, key=lambda one: os.fsencode(one[0])):
        if name.endswith("/"):
            yield from objects_in(path, prefix + name)
        else:
            with open(path, "rb") as file:
                yield prefix + name, file.read()


def rows_in(path):
    """The items of an export, without DynamoDB's types."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                item = json.loads(line)
                item = item.get("Item", item)
                yield {name: next(iter(one.values())) if isinstance(one, dict) else one for name, one in item.items()}


def main(arguments=None):
    asked = argparse.ArgumentParser(description="Verify a downloaded audit archive, offline.")
    asked.add_argument("folder", help="a copy of the audit bucket")
    asked.add_argument("--table", help="an export of the governance table: one JSON item a line")
    asked.add_argument("--anchor", default="", help="hash of an anchor that was noted elsewhere")
    asked.add_argument("--head", nargs=2, action="append", default=[], metavar=("PK", "HASH"), help="a noted last hash")
    asked.add_argument("--on", type=calendar_day, help="the day of the download, YYYY-MM-DD; today unless told")
    told = asked.parse_args(arguments)
    verifier = Verifier(lambda code, place, detail: print(f"PROBLEM {code} at {place}: {detail}"))
    for item in rows_in(told.table) if told.table else ():
        verifier.row(item)
    for key, content in objects_in(told.folder):
        verifier.object(key, content)
    hashes = verifier.finish(told.on or datetime.now(timezone.utc).date(), told.anchor, told.head)
    counts = verifier.counts
    print(", ".join(f"{counts[name]} {name}" for name in ("subjects", "entries", "facts", "objects", "anchors")))
    unanchored = sorted(day.isoformat() for day in set(verifier.trees) - set(verifier.anchors))
    print("Not anchored yet:", ", ".join(unanchored) or "nothing")
    print("Last anchor:", hashes[-1] if hashes else "none")
    print(f"{counts['problems']} problems" if counts["problems"] else "Everything holds.")
    return 1 if counts["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
