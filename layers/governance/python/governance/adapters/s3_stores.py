"""Deployment bundles and validation sets in S3."""

import csv
import hashlib
import io
import math
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of
from governance.adapters.s3_locked import THERE_ALREADY
from governance.adapters.s3_vault import found, split
from governance.domain.bundle import key_of
from governance.domain.errors import ArtifactRefused, DeploymentRefused, ValidationImpossible
from governance.domain.use_case import ValidationSet
from governance.ports.validation import Rows


class S3Bundles:
    """`ports.Bundles` on the pipeline bucket."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self.s3 = s3
        self.bucket = bucket

    def put(self, content: bytes) -> str:
        """One conditional PutObject under `bundles/<sha256>.zip`."""
        key = key_of(content)
        try:
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=content, IfNoneMatch="*")
        except ClientError as refused:
            if code_of(refused) not in THERE_ALREADY:
                raise
        return key

    def get(self, key: str) -> bytes:
        """One GetObject."""
        try:
            content: bytes = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as refused:
            if code_of(refused) in {"NoSuchKey", "404"}:
                raise DeploymentRefused(f"there is no bundle {key}") from refused
            raise
        return content


class S3ValidationSets:
    """`ports.ValidationSets`: CSV files with a header, in the hub's artifact bucket under `validation/`."""

    def __init__(self, s3: Any) -> None:
        self.s3 = s3

    def read(self, pinned: ValidationSet) -> Rows:
        """One GetObject; the bytes must have the hash that the owner pinned."""
        try:
            content = found(self.s3, *split(pinned.uri))["Body"].read()
        except ArtifactRefused as refused:
            raise ValidationImpossible(refused.detail) from refused
        if hashlib.sha256(content).hexdigest() != pinned.sha256:
            raise ValidationImpossible(f"{pinned.uri} is not the set that was bound: its SHA-256 differs")
        try:
            return split_target(content.decode("utf-8-sig"), pinned)
        except (UnicodeDecodeError, csv.Error) as bad:
            raise ValidationImpossible(f"{pinned.uri} is not CSV in UTF-8: {bad}") from bad


def split_target(text: str, pinned: ValidationSet) -> Rows:
    """Take the target out of a CSV. Raises `ValidationImpossible` when it is not there, not a number, or no row is."""
    reader = csv.reader(io.StringIO(text))
    header = next(reader, [])
    if pinned.target not in header:
        raise ValidationImpossible(f"{pinned.uri} has no column {pinned.target!r}")
    column = header.index(pinned.target)
    features: list[str] = []
    truth: list[float] = []
    for row in filter(None, reader):
        value = number(row[column]) if column < len(row) else None
        if value is None:
            raise ValidationImpossible(f"{pinned.uri}: {pinned.target!r} is not a number in row {len(truth) + 1}")
        truth.append(value)
        features.append(line(row[:column] + row[column + 1 :]))
    if not truth:
        raise ValidationImpossible(f"{pinned.uri} has no rows")
    return Rows(header=line(header[:column] + header[column + 1 :]), features=tuple(features), truth=tuple(truth))


def number(cell: str) -> float | None:
    """A finite number, or None: `nan` and `inf` are words, and nothing can be measured by them."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def line(cells: list[str]) -> str:
    """One row as CSV text without its line end."""
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(cells)
    return written.getvalue()
