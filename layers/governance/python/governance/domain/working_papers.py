"""What the tasks of one sealing hand to one another when it is too much for a state machine's payload.

Each is a document under the name of the effect and of the execution that tries it; one, the claim, under that of the
effect alone. Whoever takes over an effect finds there what was done before. They are work in progress, not record: a
rule of the bucket's removes them.
"""

from governance.domain.artifacts import CopyOrder, Refusal, SealedArtifact
from governance.domain.checksums import SourceCheck
from governance.domain.copying import Composite, Piece, Source
from governance.domain.identifiers import Sha256
from governance.domain.values import Instant, Value


class Claim(Value):
    """Which execution seals: one at a time for each effect, for two would give up each other's uploads."""

    execution: str
    """The ARN of the execution."""
    at: Instant
    before: tuple[str, ...] = ()
    """Names of those that had it before and ended without an outcome, the first one first."""

    @property
    def name(self) -> str:
        """The name of the execution, under which its papers lie."""
        return self.execution.rpartition(":")[2]

    def taken_over(self, execution: str, at: Instant) -> "Claim":
        """The claim of the next execution."""
        return Claim(execution=execution, at=at, before=(*self.before, self.name))


class Planned(Value):
    """Everything that is to be copied in pieces, and what was sealed already by one copy each."""

    orders: tuple[CopyOrder, ...]
    batches: int
    until: Instant
    """Until when everything is locked, at least."""
    sealed: tuple[SealedArtifact, ...] = ()


class Batch(Value):
    """Pieces that one call of a function sees to; with their checksums once they were measured."""

    pieces: tuple[Piece, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    before: tuple[str, ...] = ()
    """Executions that had the effect before: what they measured of the same pieces is not measured again."""


class Named(Value):
    """An artifact that was measured, and the key or prefix that this gave it."""

    order: CopyOrder
    key: str
    sha256: Sha256
    size: int
    parts: int = 0
    check: SourceCheck | None = None


class Large(Value):
    """An object to be put together from parts."""

    source: Source
    key: str
    composite: Composite
    digests: tuple[str, ...] = ()
    """Of its parts, in order; only in the paper that is about it alone."""


class Names(Value):
    """Every artifact's key, and every object that is copied in parts: written before the first upload is opened."""

    artifacts: tuple[Named, ...]
    large: tuple[Large, ...] = ()


class Uploads(Value):
    """The upload of each large object, in their order; empty for one that was sealed already."""

    ids: tuple[str, ...]


class Placed(Value):
    """An object that lies, locked, where it belongs."""

    artifact: int
    name: str
    size: int
    sha256: Sha256
    version_id: str
    parts: int = 0
    part_size: int = 0


class Copied(Value):
    """What one batch, or the putting together of one large object, has placed; or why it could not."""

    placed: tuple[Placed, ...] = ()
    refusals: tuple[Refusal, ...] = ()


class Trouble(Value):
    """What broke down last, in the words of whoever broke down."""

    cause: str
