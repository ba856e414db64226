"""What the launcher tells the door, read once from the environment."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class DoorSettings:
    """Where the door finds its other half and where it writes."""

    backend_url: str
    logs: Path | None

    @classmethod
    def from_env(cls) -> "DoorSettings":
        """Read `STEWARD_BACKEND_URL` and `STEWARD_LOGS`."""
        logs = os.environ.get("STEWARD_LOGS")
        return cls(
            backend_url=os.environ.get("STEWARD_BACKEND_URL", "").rstrip("/"),
            logs=Path(logs) if logs else None,
        )


@cache
def settings() -> DoorSettings:
    """The door's settings; the environment does not change while it runs."""
    return DoorSettings.from_env()
