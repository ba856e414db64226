"""Verifying 100,000 audit entries and their facts, in a table and in an archive: by the service, and offline.

The trail is made up, of versions with a hundred entries each; memory is that of a process of its own.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import ROOT
from bench.measurement import Measurement
from governance.adapters.folder_archive import FolderArchive
from governance.domain.archive import Kept, KeptEntry, KeptFact
from governance.domain.audit import GENESIS
from governance.domain.values import canonical, iso, sha256_of
from governance.services.anchoring import Anchoring
from governance.services.verification import Verification

PER_VERSION, DAYS = 100, 10
BEGAN = datetime(2026, 10, 1, tzinfo=UTC)
SIZES = (10_000, 100_000)

TIMED = """
import runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""
"""Runs a program and prints the most memory that it held, in KB, last."""


def measured() -> Iterable[Measurement]:
    """Entries per second, and the most memory, of both verifiers at both sizes."""
    for entries in SIZES:
        with TemporaryDirectory() as folder:
            made(Path(folder), entries)
            for name, ran in (("service", by_service), ("examiner's file", by_examiner)):
                seconds, megabytes = ran(Path(folder))
                about = f"{name}, {entries:,} entries"
                yield Measurement("verify", about, "entries/s", (entries / seconds,), f"{seconds:.1f} s")
                yield Measurement("verify", f"{about}: memory", "MB", (megabytes,), "the most of the process")


def made(folder: Path, entries: int) -> None:
    """An export of the table, and a copy of the archive with its anchors."""
    archive = FolderArchive(folder / "archive")
    with (folder / "table.jsonl").open("w") as table:
        for version in range(entries // PER_VERSION):
            for row, kept in lived(version):
                table.write(json.dumps(row) + "\n")
                if kept:
                    archive.keep(kept.key((BEGAN + timedelta(days=version % DAYS)).date()), kept.text.encode())
    list(Anchoring(archive, lambda: BEGAN + timedelta(days=DAYS, hours=3)).anchor())


def lived(version: int) -> Iterator[tuple[Mapping[str, Any], Kept | None]]:
    """Rows of one version, with what the archive has of each."""
    arn = f"arn:aws:sagemaker:eu-west-1:444455556666:model-package/credit-risk-pd/{version}"
    pk, previous = f"MODEL#{arn}", GENESIS
    for sequence in range(1, PER_VERSION + 1):
        at = iso(BEGAN + timedelta(seconds=sequence))
        content = canonical({"kind": "registry-observed", "model": arn, "recorded_at": at, "why": "x" * 900})
        cause = sha256_of(f"{pk} {sequence}")
        told = {"sequence": sequence, "model_package_arn": arn, "at": at, "effective_at": at, "caused_by": cause}
        told |= {"fact_hash": sha256_of(content), "previous_hash": previous, "why": "x" * 900}
        text = canonical(told)
        previous = sha256_of(text)
        entry = KeptEntry(pk=pk, entry=text, hash=previous, sequence=sequence)
        fact = KeptFact(pk=pk, content=content, sort_key=f"FACT#{at}#{cause}")
        yield {"pk": pk, "sk": entry.sk, "sequence": sequence, "entry": text, "hash": previous}, entry
        yield {"pk": pk, "sk": fact.sk, "content": content}, fact
    yield {"pk": pk, "sk": "HEAD", "audit_sequence": PER_VERSION, "audit_hash": previous}, None


def by_service(folder: Path) -> tuple[float, float]:
    """Steward's verification, in a process of its own."""
    return alone([sys.executable, "-m", "bench.verify", str(folder)])


def by_examiner(folder: Path) -> tuple[float, float]:
    """The examiner's file."""
    program = str(ROOT / "examiner" / "verify_audit.py")
    day = (BEGAN + timedelta(days=DAYS)).date().isoformat()
    asked = [str(folder / "archive"), "--table", str(folder / "table.jsonl"), "--on", day]
    return alone([sys.executable, "-c", TIMED, program, *asked])


def alone(command: list[str]) -> tuple[float, float]:
    """Seconds and megabytes of a command that finds nothing wrong and prints its memory last."""
    began = time.perf_counter()
    ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return time.perf_counter() - began, int(ran.stdout.split()[-1]) / 1024


class Exported:
    """`ports.Chains` on an export."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self) -> Iterator[Mapping[str, Any]]:
        with self.path.open() as lines:
            yield from map(json.loads, lines)


def verify(folder: Path) -> None:
    """Verify, and print the memory that it took. A folder has no locks, so that much is always wrong with it."""
    wrong = []
    chains, archive = Exported(folder / "table.jsonl"), FolderArchive(folder / "archive")
    Verification(chains, archive, lambda: BEGAN + timedelta(days=DAYS, hours=3)).verify(
        lambda problem: wrong.append(problem) if problem.code != "object-unlocked" else None
    )
    assert not wrong, wrong[:3]
    held = Path("/proc/self/status").read_text().partition("VmHWM:")[2]
    print(held.split()[0])


if __name__ == "__main__":
    verify(Path(sys.argv[1]))
