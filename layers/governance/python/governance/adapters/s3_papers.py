"""Working papers of sealings in S3, in the hub's bucket below `work/`, which only the role that copies may write.

A lifecycle rule removes them, so that nobody has to.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of
from governance.domain.copying import PAPERS_AT_ONCE
from governance.domain.errors import PaperMissing
from governance.domain.values import Value
from governance.ports.copying import Paper

PLACE = "work/"
FASTER = frozenset({"PreconditionFailed", "412", "ConditionalRequestConflict", "409", "NoSuchKey", "404"})
"""How S3 says that another paper is there, is being written, or is there no longer (S3 API: PutObject)."""

Given = TypeVar("Given")
Told = TypeVar("Told")


class S3Papers:
    """`ports.Papers`."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self.s3 = s3
        self.bucket = bucket

    def write(self, name: str, paper: Value) -> None:
        """One PutObject."""
        self.s3.put_object(Bucket=self.bucket, Key=f"{PLACE}{name}.json", Body=paper.model_dump_json().encode())

    def read(self, name: str, kind: type[Paper]) -> Paper:
        """One GetObject."""
        return self.marked(name, kind)[0]

    def write_all(self, papers: Iterable[tuple[str, Value]]) -> int:
        """One PutObject for each."""
        return sum(1 for _ in side_by_side(lambda one: self.write(*one), papers))

    def read_all(self, names: Iterable[str], kind: type[Paper]) -> Iterator[Paper]:
        """One GetObject for each."""
        return side_by_side(lambda name: self.read(name, kind), names)

    def write_unless(self, name: str, paper: Value, mark: str = "") -> bool:
        """One PutObject, on condition: that nothing lies there, or just what has this ETag (S3 API: PutObject)."""
        condition = {"IfMatch": mark} if mark else {"IfNoneMatch": "*"}
        told: dict[str, Any] = {"Key": f"{PLACE}{name}.json", "Body": paper.model_dump_json().encode()}
        try:
            self.s3.put_object(Bucket=self.bucket, **told, **condition)
        except ClientError as refused:
            if code_of(refused) not in FASTER:
                raise
            return False
        return True

    def marked(self, name: str, kind: type[Paper]) -> tuple[Paper, str]:
        """One GetObject; the mark is the ETag."""
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=f"{PLACE}{name}.json")
        except ClientError as refused:
            if code_of(refused) not in {"NoSuchKey", "404"}:
                raise
            raise PaperMissing(name) from refused
        with closing(answer["Body"]) as body:
            return kind.model_validate_json(body.read()), str(answer["ETag"])


def side_by_side(do: Callable[[Given], Told], given: Iterable[Given]) -> Iterator[Told]:
    """Do it to each, several at once, and tell the outcomes in their order: no more are held than are at work.

    A few are done one after the other. Raises what went wrong first.
    """
    coming = iter(given)
    round_ = list(islice(coming, PAPERS_AT_ONCE))
    if len(round_) < PAPERS_AT_ONCE:
        yield from map(do, round_)
        return
    with ThreadPoolExecutor(PAPERS_AT_ONCE) as threads:
        while round_:
            yield from threads.map(do, round_)
            round_ = list(islice(coming, PAPERS_AT_ONCE))
