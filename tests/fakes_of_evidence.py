"""In-memory stand-ins for the ports about evidence. Each answers to the same contract test as the real adapter."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from governance.domain.artifacts import ObjectVersion
from governance.domain.collecting import LARGEST
from governance.domain.errors import EvidenceNotTaken
from governance.domain.projection import head
from governance.domain.values import Instant, iso
from governance.ports.evidence import Document, Kept
from tests.builders import after
from tests.fakes import InMemoryLedger

BUCKET = "hub-artifacts"


@dataclass
class InMemoryEvidenceVault:
    """`ports.EvidenceVault`: documents by URI, and what is kept by its hash."""

    documents: dict[str, Document] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    kept: dict[str, bytes] = field(default_factory=dict)
    first: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    """When what is kept was kept first, and for which version."""
    now: Callable[[], datetime] = lambda: after(60)
    calls: list[str] = field(default_factory=list)

    def put(self, uri: str, content: bytes, dated_at: datetime | None = None, about: str = "") -> str:
        """Somebody leaves a document; returns its hash."""
        self.documents[uri] = Document(content=content, dated_at=dated_at or after(-3600), about=about)
        return hashlib.sha256(content).hexdigest()

    def fetch(self, uri: str) -> Document:
        self.calls.append("fetch")
        if not uri.startswith("s3://"):
            raise EvidenceNotTaken(f"{uri} is not the URI of an S3 object")
        if uri in self.forbidden:
            raise EvidenceNotTaken(f"{uri} cannot be read by the hub: Access Denied")
        if uri not in self.documents:
            raise EvidenceNotTaken(f"{uri} is not there")
        document = self.documents[uri]
        if len(document.content) > LARGEST:
            size = f"{len(document.content):,} bytes"
            raise EvidenceNotTaken(f"{uri} has {size}; evidence has {LARGEST:,} at most")
        return document

    def keep(self, content: bytes, source: str, version: str) -> Kept:
        self.calls.append("keep")
        sha256 = hashlib.sha256(content).hexdigest()
        key = f"evidence/{sha256}"
        stored = ObjectVersion(bucket=BUCKET, key=key, version_id="v1")
        if key in self.kept:
            return Kept(stored, *self.first[key])
        self.kept[key], self.first[key] = content, (self.now(), version)
        return Kept(stored)


@dataclass
class InMemoryCalendar:
    """`ports.Calendar`: the heads of a ledger in memory, by their index keys."""

    ledger: InMemoryLedger

    def due(self, by: Instant) -> Iterator[str]:
        heads = [head(self.ledger.open(version).state_of(version), 0) for version in self.ledger.states]
        keys = sorted(one["gsi4sk"] for one in heads if "gsi4sk" in one)
        yield from [key.partition("#")[2] for key in keys if key < f"{iso(by)}$"]
