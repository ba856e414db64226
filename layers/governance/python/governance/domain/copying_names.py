"""What measured artifacts are called in the hub: keys made of their content, before anything is copied."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from governance.domain.artifacts import CopyOrder, RefusalCode, SourceForm
from governance.domain.checksums import Comparison, agrees, of_whole
from governance.domain.copying import Composite, Entry, Limits, Piece, Source, composite, part_size, tree_sha256
from governance.domain.errors import ArtifactRefused
from governance.domain.working_papers import Large, Named, Names


class Part(NamedTuple):
    """What is kept of a part that was measured: there may be 10,000 of each object."""

    sha256: str
    measured: str
    size: int


@dataclass
class Measures:
    """What was measured, collected piece by piece in any order: of whole objects a line each, of parts their digest."""

    limits: Limits
    entries: dict[int, list[Entry]] = field(default_factory=dict)
    sources: dict[tuple[int, str], Source] = field(default_factory=dict)
    parts: dict[tuple[int, str], dict[int, Part]] = field(default_factory=dict)
    compared: dict[int, Comparison] = field(default_factory=dict)
    """Of each artifact, how its objects were compared with their checksums."""
    corrupt: str = ""
    """The URI of one that is not what its checksum says."""

    def add(self, pieces: Iterable[Piece]) -> None:
        """Take in what was measured."""
        for one in pieces:
            known = (one.source.artifact, one.source.name)
            if one.part:
                self.sources[known] = one.source
                self.parts.setdefault(known, {})[one.part] = Part(one.sha256, one.measured, one.size)
            else:
                self.compare(one.source, one.measured, composite([one.sha256], one.size))
                entry = Entry(name=one.source.name, size=one.source.size, sha256=one.sha256)
                self.entries.setdefault(one.source.artifact, []).append(entry)

    def digests(self, source: Source) -> tuple[str, ...]:
        """The SHA-256s of an object's parts, in order."""
        return tuple(one.sha256 for one in self.in_order(source))

    def in_order(self, source: Source) -> tuple[Part, ...]:
        """The parts of an object, in order."""
        told = self.parts[source.artifact, source.name]
        return tuple(told[number] for number in sorted(told))

    def compare(self, source: Source, measured: str, read: Composite) -> None:
        """Compare an object with the checksum that S3 keeps of it."""
        held = agrees(source.checksum, measured, read.told)
        if held is False:
            self.corrupt = self.corrupt or source.uri
        self.compared.setdefault(source.artifact, Comparison()).add(source.uri, source.checksum, held)

    def composite(self, source: Source) -> Composite:
        """What an object in parts is known by."""
        return composite(self.digests(source), part_size(source.size, self.limits))

    def names(self, orders: Sequence[CopyOrder], tree: str) -> Names:
        """The key of every artifact; of a prefix, below `tree`, by the digest of everything in it.

        Raises `ArtifactRefused` for what is not what its own checksum says.
        """
        large = {known: self.composite(source) for known, source in sorted(self.sources.items())}
        for (number, name), known in large.items():
            source = self.sources[number, name]
            algorithm = source.checksum.algorithm if source.checksum else ""
            crcs = [(one.measured, one.size) for one in self.in_order(source)]
            self.compare(source, of_whole(algorithm, crcs), known)
            entry = Entry(
                name=name, size=source.size, sha256=known.sha256, parts=known.parts, part_size=known.part_size
            )
            self.entries.setdefault(number, []).append(entry)
        if self.corrupt:
            why = f"{self.corrupt} does not have the checksum that S3 keeps of it"
            raise ArtifactRefused(RefusalCode.CORRUPT, why)
        artifacts = tuple(self.named(number, order, tree) for number, order in enumerate(orders))
        return Names(
            artifacts=artifacts,
            large=tuple(
                Large(source=self.sources[known], key=target(artifacts[known[0]], known[1]), composite=one)
                for known, one in large.items()
            ),
        )

    def named(self, number: int, order: CopyOrder, tree: str) -> Named:
        """One artifact's key: its own digest is in it, so that nothing else can ever have it."""
        entries = self.entries[number]
        size, check = sum(one.size for one in entries), self.compared[number].check
        if order.container.form is SourceForm.PREFIX:
            sha256 = tree_sha256(entries)
            return Named(order=order, key=f"{tree}{sha256}/", sha256=sha256, size=size, check=check)
        (only,) = entries
        digest = f"parts/{only.sha256}-{only.parts}" if only.parts else only.sha256
        told = {"order": order, "key": f"sealed/{digest}/{only.name}", "sha256": only.sha256, "size": size}
        return Named.model_validate({**told, "parts": only.parts, "check": check})


def target(artifact: Named, name: str) -> str:
    """Under which key an object of an artifact lies in the hub."""
    return artifact.key + name if artifact.key.endswith("/") else artifact.key
