"""Dead letters in S3: batches of stream records that a function gave up on, kept whole by Lambda.

Key and content: Lambda guide, "Retaining records of failed invocations in Amazon S3". The bucket keeps versions, so
that what is thrown away here is hidden rather than gone.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from governance.adapters.sqs_letters import LIMIT, unqualified, unreadable
from governance.domain.letters import Letter, letter_id, versions_in
from governance.ports.dead_letters import Look, Taken

PREFIX = "aws/lambda/"


class S3Letters:
    """`ports.Letterbox` on the bucket of stream failures. Nothing is hidden from anybody by looking at it."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self.s3 = s3
        self.bucket = bucket

    def look(self) -> Look:
        """One call for each thousand objects, and one for each object."""
        taken: list[Taken] = []
        for key in self.keys():
            if len(taken) == LIMIT:
                return Look(taken=tuple(taken), held=0, more=True)
            taken.append(Taken(letter=self.letter(key), handle=key))
        return Look(taken=tuple(taken), held=0, more=False)

    def keys(self) -> Iterator[str]:
        """Keys of what lies there, in their order: by mapping, shard and time."""
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=PREFIX):
            yield from (one["Key"] for one in page.get("Contents", []))

    def letter(self, key: str) -> Letter:
        """An object as a letter; one that cannot be read says so, and stays."""
        answer = self.s3.get_object(Bucket=self.bucket, Key=key)
        with closing(answer["Body"]) as body:
            text = body.read().decode(errors="replace")
        try:
            told = abandoned(json.loads(text))
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            told = unreadable(text, wrong)
        versions = versions_in(str(told["payload"]))
        return Letter(id=letter_id("stream", key), box="stream", at=answer["LastModified"], versions=versions, **told)

    def release(self, taken: Sequence[Taken]) -> None:
        """Nothing was hidden."""

    def keep(self, taken: Taken) -> None:
        """Nobody is kept from it: both would hand over the same, which has the effect of once."""

    def discard(self, taken: Taken) -> None:
        """One DeleteObject, which leaves the version there."""
        self.s3.delete_object(Bucket=self.bucket, Key=taken.handle)


def abandoned(record: Mapping[str, Any]) -> dict[str, Any]:
    """What Lambda says of a batch that a function gave up on."""
    about, answer = record["requestContext"], record.get("responseContext") or {}
    said = [str(about.get("condition", "")), str(answer.get("functionError") or "")]
    batch = record.get("DDBStreamBatchInfo") or {}
    return {
        "target": unqualified(about["functionArn"]),
        "source": str(batch.get("streamArn", "")),
        "cause": ": ".join(one for one in said if one) + f" ({batch.get('batchSize', '?')} records)",
        "attempts": int(about.get("approximateInvokeCount") or 1),
        "payload": record["payload"],
        "obstacle": "" if isinstance(record["payload"], str) else "Lambda did not keep its records",
    }
