"""The material every other domain module is built of: frozen values, times, and their one canonical text.

The canonical text is what fingerprints and the audit chain are computed over, so it is fixed for good:
JSON with keys sorted by code point, no insignificant white space, UTF-8 without escapes, times in ISO 8601
UTC with microseconds, integers as they are, other numbers in their shortest round-trip decimal form, and no
NaN or infinity. `docs/audit-chain.md` specifies it for people who verify a chain without this code.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer

SCHEMA_VERSION = 2
"""The version of every item and event shape written today."""


class Value(BaseModel):
    """A value that cannot change and cannot hold a field nobody declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@contextmanager
def no_overflow() -> Iterator[None]:
    """What no calendar holds is a wrong value like any other: `ValueError`, which whoever reads it names."""
    try:
        yield
    except OverflowError as beyond:
        raise ValueError("a moment that no calendar holds") from beyond


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC; a time without a zone is taken to be UTC, as AWS writes it."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    with no_overflow():
        return moment.astimezone(UTC)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with four digits of the year and six decimals, so that text order is time order."""
    return in_utc(moment).isoformat(timespec="microseconds").replace("+00:00", "Z")


def whole_second(moment: datetime) -> datetime:
    """The second a moment falls in: the resolution of every time the registry tells."""
    return in_utc(moment).replace(microsecond=0)


def from_aws(value: Any) -> Any:
    """Turn AWS's epoch forms into seconds; leave ISO text and datetimes to pydantic.

    SageMaker's events carry times as ISO text, as text of epoch milliseconds, as integers and as floats of
    epoch milliseconds (AWS: "Events that Amazon SageMaker AI sends to Amazon EventBridge").
    """
    if isinstance(value, str) and value.replace(".", "", 1).isdigit():
        value = float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if value > 1e11 else value
        with no_overflow():
            return datetime.fromtimestamp(seconds, UTC)
    return value


Instant = Annotated[
    datetime,
    BeforeValidator(from_aws),
    AfterValidator(in_utc),
    PlainSerializer(iso, return_type=str, when_used="json"),
]
"""A moment in UTC, read from any form that AWS uses and written as ISO 8601 with microseconds."""


def canonical(content: Mapping[str, Any] | list[Any]) -> str:
    """The one text of a mapping or a list of JSON values. Raises `ValueError` on NaN and infinity."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_of(text: str) -> str:
    """The SHA-256 of a text's UTF-8 bytes, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 of a mapping's canonical text."""
    return sha256_of(canonical(content))
