"""What the response classes reach for: moto builds one per request, so this is kept by the process."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from local_cloud.backend.door import Door
from local_cloud.backend.emitter import Emitter


@dataclass(frozen=True)
class Wiring:
    """The door, the events on their way to it, and a folder for what endpoints serve."""

    door: Door
    events: Emitter
    state: Path
    job_timeout: float = field(default=120.0)


_current: list[Wiring] = []


def install(wiring: Wiring) -> None:
    """Make `wiring` the one of this process."""
    _current[:] = [wiring]


def wiring() -> Wiring:
    """Return what was installed last; raises `IndexError` before that."""
    return _current[0]
