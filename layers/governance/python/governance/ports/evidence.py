"""Where evidence comes from and where it is kept: fetched as it is now, kept beside the sealed artifacts."""

from dataclasses import dataclass
from typing import Protocol

from governance.domain.artifacts import ObjectVersion
from governance.domain.identifiers import ModelPackageArn
from governance.domain.values import Instant


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was read: its bytes, from when it is, and of which version its store says it speaks."""

    content: bytes
    dated_at: Instant
    about: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes as they are kept; and, where they were kept before, since when and for which version, if that is known."""

    stored: ObjectVersion
    since: Instant | None = None
    first_for: str = ""


class EvidenceVault(Protocol):
    """The hub's store of evidence."""

    def fetch(self, uri: str) -> Document:
        """Read a document whole. Raises `EvidenceNotTaken` for one that is missing, not to be read, or too large.

        One call. A store that is merely busy raises what it answered, for trying again may help.
        """

    def keep(self, content: bytes, source: str, version: ModelPackageArn) -> Kept:
        """Keep bytes for a version under their own hash, locked, never to be changed. The same bytes are kept once.

        One call; for bytes that are there already two, and a third where their lock ends too early.
        """
