"""Models that score no requests but whole files: how their transform jobs run, stage by stage.

AWS API: CreateTransformJob, TransformInput, TransformOutput, TransformResources, ModelClientConfig, whose bounds these
are; AWS: "Batch transform for inference with Amazon SageMaker AI".
"""

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from governance.domain.values import Value

LARGEST_AT_ONCE = 100
"""Megabytes that an instance may be sent at once: payload times concurrent requests (AWS API: MaxPayloadInMB)."""

FAMILIES = frozenset({
    "c4", "c5", "c6i", "c7i", "g4dn", "g5", "g6", "g6e", "inf2", "m4", "m5", "m6i", "m7i", "p2", "p3", "r6i", "r7i",
    "trn1",
})  # fmt: skip
"""Families of instances that run transform jobs (AWS API: TransformResources, `InstanceType`)."""

CSV = "text/csv"

MediaType = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.+-]*/[A-Za-z0-9][A-Za-z0-9.+;= -]{0,199}$")
]


class RunsAs(StrEnum):
    """What becomes of a version where it is deployed to."""

    ENDPOINT = "endpoint"
    BATCH = "batch"


class Split(StrEnum):
    """What a file is cut into before it is sent."""

    NONE = "none"
    LINE = "line"
    RECORDIO = "recordio"
    TFRECORD = "tfrecord"


class Strategy(StrEnum):
    """How many of the records that a file was cut into are sent at once."""

    SINGLE = "single-record"
    MULTI = "multi-record"


class Assemble(StrEnum):
    """What is put between answers."""

    NONE = "none"
    LINE = "line"


class BatchInstances(Value):
    """The instances of a job, which are there for as long as it runs."""

    type: Annotated[str, StringConstraints(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9-]+$")] = "ml.m5.large"
    count: int = Field(1, strict=True, ge=1, le=100)

    @property
    def family(self) -> str:
        """As in `m5` of `ml.m5.large`."""
        return self.type.split(".")[1]


class Batch(Value):
    """How the transform jobs of a model run; nothing of it runs between them."""

    output: Annotated[
        str, StringConstraints(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/batch-output/[A-Za-z0-9_./-]{0,299}[A-Za-z0-9]$")
    ]  # fmt: skip
    """Where the answers go, in the account that runs the jobs: each job has a folder of its own there."""
    instances: BatchInstances = BatchInstances()
    max_concurrent: int = Field(0, strict=True, ge=0, le=LARGEST_AT_ONCE)
    """Requests that an instance is sent at once; 0 for as many as the container says, or one."""
    max_payload_mb: int = Field(6, strict=True, ge=0, le=LARGEST_AT_ONCE)
    """The most that a request may hold; 0 for no limit, where the container takes requests in chunks."""
    split: Split = Split.LINE
    strategy: Strategy | None = None
    """Of records alone; None for as many in a request as go in."""
    assemble: Assemble = Assemble.LINE
    content_type: MediaType = CSV
    accept: MediaType = CSV
    output_kms_key: (
        Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]{1,64}$")]
        | None
    ) = None
    """Encrypts the answers; None for the key of their bucket."""
    timeout_seconds: int = Field(600, strict=True, ge=1, le=3600)
    """How long the container may take for a request."""
    max_retries: int = Field(3, strict=True, ge=0, le=3)
    """How often a request that failed is sent again."""

    def contradictions(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """What cannot be meant, or SageMaker does not take, each with the field it stands in."""
        if self.instances.family not in FAMILIES:
            said = f"SageMaker runs no transform jobs on {self.instances.type}, but on {', '.join(sorted(FAMILIES))}"
            yield ("instances", "type"), said
        at_once = self.max_concurrent * self.max_payload_mb
        if at_once > LARGEST_AT_ONCE:
            said = f"{self.max_concurrent} requests of {self.max_payload_mb} MB are {at_once} MB at once"
            yield ("max_payload_mb",), f"{said}, and an instance takes {LARGEST_AT_ONCE}: lower one of the two"
        if self.strategy is not None and self.split is Split.NONE:
            yield ("strategy",), "a file that is not cut has no records: say how it is split, or leave it out"

    def unmeasurable(self) -> str:
        """Why held-out rows, which are CSV, cannot be put to such a job; empty text where they can."""
        if (self.content_type, self.accept) != (CSV, CSV):
            return f"its jobs take {self.content_type} and give {self.accept}, and held-out rows and answers are {CSV}"
        if self.split not in {Split.NONE, Split.LINE}:
            return f"its jobs cut files into {self.split} records, and held-out rows are lines"
        return ""

    def file_of(self, header: str, rows: tuple[str, ...]) -> str:
        """Rows as such a job takes them. What is cut into lines has no header: SageMaker would send it as a row.

        A file that is sent whole begins with one, as requests to endpoints do.
        """
        lines = rows if self.split is Split.LINE else (header, *rows)
        return "\n".join(lines) + "\n"


WORDS = {
    Split.LINE: "Line", Split.RECORDIO: "RecordIO", Split.TFRECORD: "TFRecord",
    Strategy.SINGLE: "SingleRecord", Strategy.MULTI: "MultiRecord",
}  # fmt: skip
"""What SageMaker calls them."""


def batch_parameters(batch: Batch) -> Mapping[str, str]:
    """A plan as parameters of the batch stack: every one that a plan can change, each time."""
    strategy = batch.strategy or Strategy.MULTI
    told: dict[str, str | int] = {
        "InstanceType": batch.instances.type,
        "InstanceCount": batch.instances.count,
        "MaxConcurrent": batch.max_concurrent,
        "MaxPayload": batch.max_payload_mb,
        "SplitType": WORDS.get(batch.split, "None"),
        "BatchStrategy": "none" if batch.split is Split.NONE else WORDS[strategy],
        "AssembleWith": "Line" if batch.assemble is Assemble.LINE else "None",
        "ContentType": batch.content_type,
        "Accept": batch.accept,
        "OutputUri": batch.output,
        "OutputKmsKey": batch.output_kms_key or "none",
        "InvocationTimeout": batch.timeout_seconds,
        "InvocationRetries": batch.max_retries,
    }
    return {name: one if isinstance(one, str) else json.dumps(one) for name, one in told.items()}
