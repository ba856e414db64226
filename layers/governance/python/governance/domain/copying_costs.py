"""What a sealing in pieces takes, before anything is read: pieces, batches, calls, and how long one function works.

The times are what is planned with, on the safe side, and not what was measured: a function that reads 50 MB a second
of one object after the other, a tenth of a second for every call that moves no bytes of its own, and a tenth of a
millisecond for every piece that a task which sees everything writes down or reads.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby

from governance.domain.copying import PAGE, PAPERS_AT_ONCE, SIDE_BY_SIDE, Limits, Piece, Source, batches, pieces
from governance.domain.values import Value

BYTES_A_SECOND = 50_000_000
SECONDS_A_CALL = 0.1
SECONDS_A_PIECE = 0.0001


class Cost(Value):
    """Of one artifact that is sealed in pieces."""

    objects: int
    large: int
    """Objects in parts."""
    parts: int
    batches: int
    calls: Mapping[str, int]
    """By operation, from the plan to the record; an object was tried in one copy before."""
    longest_batch: float
    """Seconds that one call of a function takes at most, to measure a batch or to copy it."""
    longest_completion: float
    """Seconds that one call of a function takes at most, to put an object together from its parts."""
    longest_task: float
    """Seconds of the longest of the tasks that see everything: to plan, to name, and to gather."""

    @property
    def whole(self) -> float:
        """Seconds from the plan to the record at most, if nothing has to be tried again and every batch is the longest.

        Batches are read and copied, and large objects put together, as many at once as the state machine has in work.
        """
        rounds = 2 * -(-self.batches // SIDE_BY_SIDE) * self.longest_batch
        completed = -(-self.large // SIDE_BY_SIDE) * self.longest_completion
        return rounds + completed + 3 * self.longest_task


def cost(sizes: Iterable[int], is_prefix: bool, limits: Limits) -> Cost:
    """What it takes to seal objects of these sizes, as one prefix or as the one object that there is."""
    sources = [
        Source(artifact=0, name=str(number), bucket="b", key=str(number), version_id="", etag="e", size=size)
        for number, size in enumerate(sizes)
    ]
    planned = list(batches((piece for source in sources for piece in pieces(source, limits)), limits))
    every = [piece for batch in planned for piece in batch]
    parts = Counter(piece.owner for piece in every if piece.part)
    whole, groups = len(every) - parts.total(), sum(groups_of(batch) for batch in planned)
    listings = sum(-(-count // PAGE) for count in parts.values())
    count, large = len(planned), len(parts)
    read = 5 + count + 4 * count + 3 * large + count + count + large
    written = 3 + large + count + count + count + large
    calls = {
        "BatchGetItem": 2,
        "TransactWriteItems": 1,
        "HeadObject": 2 * large if is_prefix else large + 1,
        "ListObjectsV2": -(-len(sources) // PAGE) if is_prefix else 0,
        "GetObject": len(every) + read + (not is_prefix),
        "PutObject": written + is_prefix,
        "CopyObject": whole,
        "PutObjectRetention": whole + large,
        "ListMultipartUploads": 2 * large,
        "CreateMultipartUpload": large,
        "ListParts": groups + listings,
        "UploadPartCopy": parts.total(),
        "CompleteMultipartUpload": large,
    }
    return Cost(
        objects=len(sources),
        large=large,
        parts=parts.total(),
        batches=count,
        calls={name: number for name, number in calls.items() if number},
        longest_batch=max(map(seconds_of, planned), default=0.0),
        longest_completion=SECONDS_A_CALL * (8 + -(-max(parts.values(), default=0) // PAGE)),
        longest_task=longest_of(len(sources), len(every), count, large),
    )


def longest_of(objects: int, every: int, count: int, large: int) -> float:
    """Seconds of the longest task that sees everything. Papers are written and read side by side.

    To plan takes a listing, a HeadObject of each large object, and a paper for each batch; to name, a paper of each
    batch, and for each large object a paper and the three calls that open its upload; to gather, a paper of each batch
    and large object. Beside these are a few papers, the list of each prefix, and what goes on the record.
    """
    few, papers = 10, -(-count // PAPERS_AT_ONCE)
    planning = -(-objects // PAGE) + large + papers
    naming = papers + 4 * large
    gathering = papers + -(-large // PAPERS_AT_ONCE)
    return SECONDS_A_CALL * (few + max(planning, naming, gathering)) + SECONDS_A_PIECE * every


def groups_of(batch: tuple[Piece, ...]) -> int:
    """How many objects in parts a batch has parts of."""
    return sum(bool(next(group).part) for _, group in groupby(batch, key=lambda one: one.owner))


def seconds_of(batch: tuple[Piece, ...]) -> float:
    """How long it takes to read a batch, or to copy it: two calls for each piece."""
    return sum(piece.size for piece in batch) / BYTES_A_SECOND + 2 * SECONDS_A_CALL * len(batch)
