"""In-memory stand-ins for what copying in pieces needs, and the state machine that has it done."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from governance.domain.artifacts import CopyOrder, Manifest, Refusal, RefusalCode, SealedArtifact, SourceForm
from governance.domain.copying import Composite, Piece, Source, composite
from governance.domain.errors import ArtifactRefused, PaperMissing, PartsMissing
from governance.domain.values import Instant, Value
from governance.ports.copying import Paper
from governance.services.sealing_in_pieces import SealingInPieces
from tests.fakes import InMemoryVault, crc64nvme


@dataclass
class InMemoryPieces:
    """`ports.Pieces`, on the objects of a vault. `breaks` is asked before each piece that is copied."""

    vault: InMemoryVault
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    """The one upload that is open for a key, by the key."""
    breaks: Callable[[Piece], None] = lambda _: None

    def find(self, order: CopyOrder, number: int) -> Iterator[Source]:
        uri = order.container.source_uri
        is_prefix = order.container.form is SourceForm.PREFIX
        start = uri if uri.endswith("/") or not is_prefix else f"{uri}/"
        found = sorted(one for one in self.vault.objects if (one.startswith(start) if is_prefix else one == uri))
        if not is_prefix and not found:
            raise ArtifactRefused(RefusalCode.MISSING, f"{uri} is not there")
        for one in found:
            etag, content = self.vault.objects[one]
            if not is_prefix and order.container.source_etag not in ("", etag):
                raise ArtifactRefused(RefusalCode.CHANGED, f"{uri} is not the object that was registered")
            bucket, _, key = one.removeprefix("s3://").partition("/")
            name = one.removeprefix(start) if is_prefix else key.rpartition("/")[2]
            if is_prefix and ".." in name.split("/"):
                raise ArtifactRefused(RefusalCode.PREFIX, f"{one} has a name that cannot be sealed")
            told = {"artifact": number, "name": name, "bucket": bucket, "key": key, "version_id": ""}
            checksum = self.vault.checksum(one)
            yield Source.model_validate({**told, "etag": etag, "size": len(content), "checksum": checksum})

    def measure(self, piece: Piece) -> Piece:
        held, told = self.bytes_of(piece), piece.source.checksum
        measured = crc64nvme(held) if told and told.algorithm == "CRC64NVME" else ""
        return piece.model_copy(update={"sha256": hashlib.sha256(held).hexdigest(), "measured": measured})

    def bytes_of(self, piece: Piece) -> bytes:
        source = piece.source
        uri = f"s3://{source.bucket}/{source.key}"
        etag, content = self.vault.objects.get(uri, ("", b""))
        if etag != source.etag:
            raise ArtifactRefused(RefusalCode.CHANGED, f"{uri} was changed while it was being sealed")
        return content[piece.first : piece.last + 1]

    def place(self, piece: Piece, key: str, until: Instant) -> str:
        self.breaks(piece)
        content = self.vault.sealed.get(key)
        self.vault.sealed[key] = self.bytes_of(piece) if content is None else content
        return f"version of {key}"

    def open(self, key: str, composite: Composite, source: Source) -> str:
        if key in self.vault.sealed:
            return ""
        self.uploads.setdefault(key, {})
        return f"upload of {key}"

    def copy(self, parts: Sequence[Piece], key: str, upload: str) -> None:
        for piece in parts:
            if self.uploads[key].get(piece.part) is None:
                self.breaks(piece)
                self.uploads[key][piece.part] = self.bytes_of(piece)

    def complete(self, key: str, upload: str, digests: Sequence[str], size: int, until: Instant) -> str:
        there = self.uploads.get(key, {})
        told = [hashlib.sha256(there[number]).hexdigest() for number in sorted(there)]
        if key not in self.vault.sealed:
            if told != list(digests):
                raise PartsMissing(key)
            self.vault.sealed[key] = b"".join(there[number] for number in sorted(there))
            del self.uploads[key]
        assert composite(digests, 0).sha256 in key or "/trees/" in key
        return f"version of {key}"

    def abandon(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.uploads.pop(key, None)

    def keep_list(self, key: str, content: bytes, objects: int, until: Instant) -> Manifest:
        if self.vault.sealed.setdefault(key, content) != content:
            raise ArtifactRefused(RefusalCode.BROKEN, f"{key} holds another list than this one")
        sha256 = hashlib.sha256(content).hexdigest()
        return Manifest(key=key, version_id=f"version of {key}", sha256=sha256, objects=objects)


@dataclass
class InMemoryPapers:
    """`ports.Papers`."""

    kept: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, paper: Value) -> None:
        self.kept[name] = paper.model_dump_json()

    def read(self, name: str, kind: type[Paper]) -> Paper:
        return self.marked(name, kind)[0]

    def write_all(self, papers: Iterable[tuple[str, Value]]) -> int:
        return len([self.write(*one) for one in papers])

    def read_all(self, names: Iterable[str], kind: type[Paper]) -> Iterator[Paper]:
        return (self.read(name, kind) for name in names)

    def write_unless(self, name: str, paper: Value, mark: str = "") -> bool:
        if self.kept.get(name, "") != mark:
            return False
        self.write(name, paper)
        return True

    def marked(self, name: str, kind: type[Paper]) -> tuple[Paper, str]:
        if name not in self.kept:
            raise PaperMissing(name)
        return kind.model_validate_json(self.kept[name]), self.kept[name]


@dataclass
class InMemoryExecutions:
    """`ports.Executions`: whether each runs, by its ARN."""

    running: dict[str, bool] = field(default_factory=dict)

    def is_running(self, execution: str) -> bool | None:
        return self.running.get(execution)


def in_pieces(
    sealing: SealingInPieces, run: str, orders: Sequence[CopyOrder], sealed: Sequence[SealedArtifact] = ()
) -> tuple[list[SealedArtifact], list[Refusal]]:
    """The state machine, as far as it works in pieces; what breaks down is raised once it was cleared away."""
    try:
        count = sealing.plan(run, orders, sealed)
        if isinstance(count, list):
            return [], count
        for batch in range(count):
            sealing.measure(run, batch)
        large = sealing.name(run)
        if isinstance(large, list):
            return [], large
        for batch in range(count):
            sealing.copy(run, batch)
        for number in range(large):
            sealing.complete(run, number)
        done, refusals = sealing.gather(run)
    except Exception:
        sealing.give_up(run)
        raise
    if refusals:
        sealing.give_up(run)
    else:
        sealing.clear_up(run)
    return done, refusals
