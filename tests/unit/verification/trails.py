"""An audit trail of a few versions and of the hub, in a table and in an archive, and who verifies it."""

import copy
import importlib.util
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from governance.domain.archive import Kept, KeptEntry, KeptFact
from governance.domain.audit import Deed, Link, deed_entry
from governance.domain.identifiers import Person
from governance.domain.proof import Noted, Problem, Verified
from governance.services.anchoring import Anchoring
from governance.services.archiving import Archiving
from governance.services.verification import Verification
from tests.builders import Clock, approved, package_arn
from tests.docs.pages import ROOT
from tests.fakes_of_the_archive import InMemoryArchive
from tests.world import World

PROGRAM = ROOT / "examiner" / "verify_audit.py"
HUB = "HUB#steward"
DAYS = 3


@dataclass
class Trail:
    """Rows by key, and objects; both may be tampered with."""

    rows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    archive: InMemoryArchive = field(default_factory=InMemoryArchive)
    clock: Clock = field(default_factory=Clock)

    def table(self) -> list[dict[str, Any]]:
        return [{"pk": pk, "sk": sk, **row} for (pk, sk), row in sorted(self.rows.items())]

    def keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.archive.kept if key.startswith(prefix))

    def copied(self) -> "Trail":
        return Trail(copy.deepcopy(self.rows), InMemoryArchive(copy.deepcopy(self.archive.kept)), Clock(self.clock()))


@dataclass
class InMemoryChains:
    """`ports.Chains`."""

    trail: Trail

    def rows(self) -> Iterator[Mapping[str, Any]]:
        yield from self.trail.table()


def lived() -> Trail:
    """Two versions and the hub over three days, archived as it happened and anchored each night."""
    trail = Trail()
    world, archiving = World(trail.clock), Archiving(trail.archive, trail.clock)
    link = Link()
    for day in range(DAYS):
        if day < 2:
            arn = world.register(version=7 + day)
            world.tell(approved(60, arn=arn))
        deed = Deed(action="redriven", who=Person(id="mary"), why="Ünïcode", at=trail.clock(), correlation_id="c")
        entry = deed_entry(link, HUB, deed)
        link = Link(sequence=entry.sequence, hash=entry.hash)
        trail.rows[HUB, f"AUDIT#{entry.sequence:08d}"] = entry.model_dump()
        trail.rows[HUB, "HEAD"] = {"audit_sequence": link.sequence, "audit_hash": link.hash}
        for version in world.ledger.entries:
            record(trail, world, version)
        for kept in items(trail):
            archiving.keep(kept) if not any(one.endswith(f"/{kept.name}.json") and archived(trail, one, kept)
                                            for one in trail.archive.kept) else None  # fmt: skip
        trail.clock.wait(86400)
        list(Anchoring(trail.archive, trail.clock).anchor())
    return trail


def archived(trail: Trail, key: str, kept: Kept) -> bool:
    return kept.text.encode() in trail.archive.kept[key]


def record(trail: Trail, world: World, arn: str) -> None:
    """What the ledger holds of a version, as rows."""
    pk, entries = f"MODEL#{arn}", world.ledger.entries[arn]
    for entry in entries:
        trail.rows[pk, f"AUDIT#{entry.sequence:08d}"] = entry.model_dump()
    for key, fact in world.ledger.known[arn].items():
        trail.rows[pk, f"FACT#{key}"] = {"content": fact.text}
    trail.rows[pk, "HEAD"] = {"audit_sequence": entries[-1].sequence, "audit_hash": entries[-1].hash}


def items(trail: Trail) -> Iterator[Kept]:
    for (pk, sk), row in trail.rows.items():
        if sk.startswith("AUDIT#"):
            yield KeptEntry(pk=pk, entry=row["entry"], hash=row["hash"], sequence=row["sequence"])
        elif sk.startswith("FACT#"):
            yield KeptFact(pk=pk, content=row["content"], sort_key=sk)


@cache
def once() -> Trail:
    return lived()


def trail() -> Trail:
    """A trail of one's own to tamper with."""
    return once().copied()


def later(trail: Trail):
    """The clock of who verifies: an hour after the last anchor, so that nothing is on its way any more."""
    return lambda: trail.clock.moment + timedelta(hours=1)


def by_service(trail: Trail, noted: Noted | None = None, **sides: bool) -> tuple[set[tuple[str, str]], Verified]:
    """What Steward's own verification says."""
    found: list[Problem] = []
    chains = InMemoryChains(trail) if sides.get("table", True) else None
    archive = trail.archive if sides.get("archive", True) else None
    verified = Verification(chains, archive, later(trail)).verify(found.append, noted)
    assert verified.problems == len(found)
    return {(problem.code.value, problem.place) for problem in found}, verified


@cache
def program() -> Any:
    """The examiner's file, loaded by itself."""
    spec = importlib.util.spec_from_file_location("verify_audit", PROGRAM)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def by_examiner(trail: Trail, noted: Noted | None = None, **sides: bool) -> set[tuple[str, str]]:
    """What the examiner's file says of the same table and of what a download of the archive would hold."""
    found: list[tuple[str, str]] = []
    verifier = program().Verifier(lambda code, place, detail: found.append((code, place)))
    for row in trail.table() if sides.get("table", True) else ():
        verifier.row(row)
    for key, content in sorted(downloaded(trail).items()) if sides.get("archive", True) else ():
        verifier.object(key, content)
    noted = noted or Noted()
    verifier.finish(later(trail)().date(), noted.anchor, noted.heads.items())
    return set(found)


def downloaded(trail: Trail) -> dict[str, bytes]:
    """What `aws s3 sync` copies: the newest version of what no delete marker hides."""
    return {key: versions[-1] for key, versions in trail.archive.kept.items() if versions[-1] is not None}


def texts(trail: Trail, pk: str) -> list[dict[str, Any]]:
    """The entries of a chain, read."""
    rows = sorted((sk, row) for (one, sk), row in trail.rows.items() if one == pk and sk.startswith("AUDIT#"))
    return [json.loads(row["entry"]) for _, row in rows]


VERSION, OTHER = (f"MODEL#{package_arn(version=number)}" for number in (7, 8))
