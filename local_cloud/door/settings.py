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
    layers: Path | None

    @classmethod
    def from_env(cls) -> "DoorSettings":
        """Read `STEWARD_BACKEND_URL`, `STEWARD_LOGS` and `STEWARD_LAYERS`."""
        logs, layers = os.environ.get("STEWARD_LOGS"), os.environ.get("STEWARD_LAYERS")
        return cls(
            backend_url=os.environ.get("STEWARD_BACKEND_URL", "").rstrip("/"),
            logs=Path(logs) if logs else None,
            layers=Path(layers) if layers else None,
        )


@cache
def settings() -> DoorSettings:
    """The door's settings; the environment does not change while it runs."""
    return DoorSettings.from_env()
