"""Times in the resolutions and forms that AWS uses."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


def whole_second() -> datetime:
    """Return the present second: the registry keeps no fractions."""
    return now().replace(microsecond=0)


def iso(moment: datetime) -> str:
    """Return `2026-10-12T09:14:03Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_milliseconds(moment: datetime) -> str:
    """Return `2026-10-12T09:14:03.208Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def epoch_milliseconds(moment: datetime) -> int:
    """Return whole milliseconds since 1970."""
    return int(moment.timestamp() * 1000)
