"""How artifacts of any size and shape are copied: in which pieces, in which batches, with how many calls.

S3 copies an object of up to 5 GB at once, and a larger one in up to 10,000 parts of 5 MiB to 5 GiB (S3 user guide:
Amazon S3 multipart upload limits). A piece is what is read, and later copied, by one call: an object, or a part of
one. A batch is what one call of a function does, well within its 15 minutes (Lambda: quotas).
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from pydantic import Field

from governance.domain.checksums import Checksum
from governance.domain.identifiers import Sha256
from governance.domain.values import Value, canonical

MIB, GIB = 1024**2, 1024**3

MOST_PARTS = 10_000
"""Parts of one object (S3 user guide: multipart upload limits)."""
SMALLEST_PART, LARGEST_PART = 5 * MIB, 5 * GIB
"""Bounds of a part but the last (S3 user guide: multipart upload limits)."""
LARGEST_OBJECT = MOST_PARTS * LARGEST_PART
"""What S3 holds as one object: 48.8 TiB, which is more than 50 TB (S3 user guide: multipart upload limits)."""

MOST_OBJECTS = 100_000
"""Objects of one version, in all its prefixes: as many as are locked again, or held, by one call of a function."""
MOST_LARGE = 1_000
"""Objects above the threshold in one sealing: as many uploads as are opened by one call of a function."""
MOST_BATCHES = 10_000
"""Batches of one sealing: their numbers travel through the state machine, which hands on 256 KiB at most."""
LONGEST_KEY = 1024
"""Bytes of a key in UTF-8 (S3 user guide: Naming Amazon S3 objects)."""
PAPERS_AT_ONCE = 16
"""Working papers that one call of a function reads, or writes, side by side: each call only waits."""
SIDE_BY_SIDE = 40
"""Batches that the state machine has in work at once (`MaxConcurrency` of its maps)."""
PAGE = 1_000
"""Entries of one answer of ListObjectsV2, ListObjectVersions and ListParts."""


class Limits(Value):
    """From which size on an object is copied in parts, how large these are, and how much one batch is."""

    single: int = Field(default=5 * GIB, ge=1, le=5 * GIB)
    part: int = Field(default=512 * MIB, ge=SMALLEST_PART, le=LARGEST_PART)
    batch_bytes: int = 16 * GIB
    first_bytes: int = 512 * MIB
    """How much the first batches are."""
    batch_pieces: int = 400

    def bytes_of(self, number: int) -> int:
        """How much a batch is, counted from 0: more with every round of those that are worked on side by side.

        So what is not very large is worked on by many at once, and what is very large comes to few batches.
        """
        return min(self.batch_bytes, self.first_bytes << number // SIDE_BY_SIDE)


class Source(Value):
    """One object as it was when the copy was planned: what identifies its bytes, and its name in its artifact."""

    artifact: int
    """Which artifact of the sealing it belongs to, counted from 0."""
    name: str
    """Its key below the prefix; of an artifact that is one object the last part of its key."""
    bucket: str
    key: str
    version_id: str
    etag: str
    size: int
    checksum: Checksum | None = None
    """What S3 keeps of it; of a small object of a prefix it is told with its bytes, and not before."""
    sha256: str = ""
    """In papers of an earlier release alone, which this one may have to go on with while a hub is updated."""

    @property
    def uri(self) -> str:
        """Where it lies."""
        return f"s3://{self.bucket}/{self.key}"


class Piece(Value):
    """What is read, and copied, by one call: a whole object, or one part of it."""

    source: Source
    part: int = 0
    """Counted from 1; 0 for a whole object."""
    first: int = 0
    last: int = -1
    """First and last byte; nothing of an empty object."""
    sha256: str = ""
    """Of these bytes, once they were measured."""
    measured: str = ""
    """Of these bytes too, by the algorithm of the source's own checksum; empty where that would prove nothing."""

    @property
    def size(self) -> int:
        """In bytes."""
        return self.last - self.first + 1

    @property
    def planned(self) -> "Piece":
        """As it was before it was measured. A whole object's checksum is told with its bytes, and not before."""
        source = self.source if self.part else self.source.model_copy(update={"checksum": None})
        return self.model_copy(update={"source": source, "sha256": "", "measured": ""})

    @property
    def owner(self) -> str:
        """The object it belongs to, by a text that no other object of the sealing has."""
        return f"{self.source.artifact}/{self.source.name}"


class Composite(Value):
    """An object known by its parts: S3's checksum of such an object is the SHA-256 of its parts' SHA-256s."""

    sha256: Sha256
    parts: int
    part_size: int

    @property
    def told(self) -> str:
        """As S3 writes it: base64 of the digest, a dash, the number of parts."""
        return f"{base64.b64encode(bytes.fromhex(self.sha256)).decode()}-{self.parts}"


def part_size(size: int, limits: Limits) -> int:
    """How large the parts of an object are: the usual size, or whole MiB so large that 10,000 are enough."""
    least = -(-size // MOST_PARTS)
    return max(limits.part, -(-least // MIB) * MIB)


def pieces(source: Source, limits: Limits) -> Iterator[Piece]:
    """The pieces of an object, in order."""
    if source.size <= limits.single:
        yield Piece(source=source, last=source.size - 1)
        return
    step = part_size(source.size, limits)
    bounds = [*range(0, source.size, step), source.size]
    for number, (first, end) in enumerate(pairwise(bounds), 1):
        yield Piece(source=source, part=number, first=first, last=end - 1)


def batches(wanted: Iterable[Piece], limits: Limits) -> Iterator[tuple[Piece, ...]]:
    """Pieces in the order they come in, as many to a batch as one call of a function does in good time."""
    batch: list[Piece] = []
    number = held = 0
    for piece in wanted:
        if batch and (len(batch) == limits.batch_pieces or held + piece.size > limits.bytes_of(number)):
            yield tuple(batch)
            batch, number, held = [], number + 1, 0
        batch.append(piece)
        held += piece.size
    if batch:
        yield tuple(batch)


def composite(digests: Sequence[str], size: int) -> Composite:
    """What an object is known by whose parts have these SHA-256s (S3 user guide: Checking object integrity)."""
    joined = b"".join(bytes.fromhex(one) for one in digests)
    return Composite(sha256=hashlib.sha256(joined).hexdigest(), parts=len(digests), part_size=size)


def is_plain(name: str) -> bool:
    """Whether a name below a prefix can become a file of the same name, and of no other."""
    return all(segment not in {"", ".", ".."} for segment in name.split("/"))


class Entry(Value):
    """One object of a sealed prefix, as its manifest lists it."""

    name: str
    size: int
    sha256: Sha256
    parts: int = 0
    part_size: int = 0
    """Boundaries of the parts, where the checksum is one of parts."""
    version_id: str = ""

    @property
    def content(self) -> dict[str, object]:
        """What it consists of, wherever it lies."""
        told: dict[str, object] = {"name": self.name, "size": self.size, "sha256": self.sha256}
        return told | ({"parts": self.parts, "part_size": self.part_size} if self.parts else {})


def tree_sha256(entries: Iterable[Entry]) -> str:
    """The digest that names a sealed prefix: of the names, sizes and checksums of everything in it, in their order.

    It is that of `{"objects": [...]}` in canonical text, taken entry by entry so that a long list is never one text.
    """
    sha256 = hashlib.sha256(b'{"objects":[')
    for number, entry in enumerate(sorted(entries, key=lambda one: one.name)):
        sha256.update(("," if number else "").encode() + canonical(entry.content).encode())
    sha256.update(b"]}")
    return sha256.hexdigest()


def manifest_text(entries: Iterable[Entry]) -> str:
    """The list of a sealed prefix, in canonical text: what it consists of, and in which object versions it lies."""
    lines = [
        canonical(one.content | {"version_id": one.version_id}) for one in sorted(entries, key=lambda one: one.name)
    ]
    return '{"objects":[' + ",".join(lines) + '],"schema_version":1}'
