"""What copying needs of the outside: the sources, the hub's store, a place for papers, and who else is at it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from governance.domain.artifacts import CopyOrder, Manifest
from governance.domain.copying import Composite, Piece, Source
from governance.domain.values import Instant, Value

Paper = TypeVar("Paper", bound=Value)


class Pieces(Protocol):
    """Objects of others read in pieces, and put together again in the hub's store under keys made of their content.

    Everything is safe to repeat: what is there already is found there, and never written again.
    """

    def find(self, order: CopyOrder, number: int) -> Iterator[Source]:
        """Tell the objects that an artifact consists of, each as it is now, in the order of their names.

        None was written since the registration. Raises `ArtifactRefused` where one was, or nothing is there. One
        call for an object, and for every thousand of a prefix; one more for each of them that is copied in parts.
        """

    def measure(self, piece: Piece) -> Piece:
        """Read a piece once and tell what it measures: its SHA-256, and what its source's checksum is compared with.

        Of a whole object that checksum is told now. Raises `ArtifactRefused` where the source is not as planned. One
        call.
        """

    def place(self, piece: Piece, key: str, until: Instant) -> str:
        """Copy a whole object, compare it, lock it, and tell its version id. Raises `ArtifactRefused`.

        Two calls; at most as many for bytes that are there.
        """

    def open(self, key: str, composite: Composite, source: Source) -> str:
        """Open the upload of an object, or find the one that is open. Empty for an object that is there already.

        Raises `ArtifactRefused` where something else is there. One call for what is there, else two or three.
        """

    def copy(self, parts: Sequence[Piece], key: str, upload: str) -> None:
        """Copy parts of one object, one after the other, but for those that were copied before.

        Raises `ArtifactRefused` where the source, or the copy, is not what was measured. One call, and one for each
        part.
        """

    def complete(self, key: str, upload: str, digests: Sequence[str], size: int, until: Instant) -> str:
        """Put an object together, compare it with what was measured, lock it, and tell its version id.

        No upload for its key is left open. Raises `PartsMissing` while not all parts are there. Four calls, and one
        more for every thousand parts.
        """

    def abandon(self, keys: Sequence[str]) -> None:
        """Give up whatever uploads are open for these keys. One call for each key, and one for each upload."""

    def keep_list(self, key: str, content: bytes, objects: int, until: Instant) -> Manifest:
        """Keep the list of a sealed prefix of so many objects, locked. One call, up to three if it is there.

        Raises `ArtifactRefused` where another list is there.
        """


class Papers(Protocol):
    """Where the tasks of one sealing leave what is too long for a state machine's payload."""

    def write(self, name: str, paper: Value) -> None:
        """Write a paper, in the place of one of the same name. One call."""

    def read(self, name: str, kind: type[Paper]) -> Paper:
        """Read a paper. Raises `PaperMissing`. One call."""

    def write_all(self, papers: Iterable[tuple[str, Value]]) -> int:
        """Write many, several side by side, and tell how many. One call for each.

        Raises what went wrong first, and what `papers` raises; some are written then.
        """

    def read_all(self, names: Iterable[str], kind: type[Paper]) -> Iterator[Paper]:
        """Read many, several side by side, in their order. Raises `PaperMissing`. One call for each."""

    def write_unless(self, name: str, paper: Value, mark: str = "") -> bool:
        """Write a paper where none is, or in the place of the one whose mark was read. One call.

        False where another one is there, or was written meanwhile: of several that try at once one is first.
        """

    def marked(self, name: str, kind: type[Paper]) -> tuple[Paper, str]:
        """Read a paper, and the mark that tells it from any that takes its place. Raises `PaperMissing`. One call."""


class Executions(Protocol):
    """The executions of the state machine that seals."""

    def is_running(self, execution: str) -> bool | None:
        """Whether the execution of this ARN has not ended; None where there is none, or none is told of yet. One call.

        Best effort: for a moment after it began or ended an execution may be told of as it was before.
        """
