"""Working papers of sealings in S3, in the hub's bucket below `work/`, which only the role that copies may write.

A lifecycle rule removes them, so that nobody has to.
"""

from contextlib import closing
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of
from governance.domain.errors import PaperMissing
from governance.domain.values import Value
from governance.ports.copying import Paper

PLACE = "work/"


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
        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=f"{PLACE}{name}.json")
        except ClientError as refused:
            if code_of(refused) not in {"NoSuchKey", "404"}:
                raise
            raise PaperMissing(name) from refused
        with closing(answer["Body"]) as body:
            return kind.model_validate_json(body.read())
