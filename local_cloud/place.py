"""Where a local cloud lives on disk: one folder, so that several clouds can run side by side."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The project."""

LAYERS = ROOT / ".aws-sam" / "layers"
"""Unpacked Lambda layers, named by their content: a cache that all local clouds of the project share."""


@dataclass(frozen=True)
class Place:
    """The folder of one local cloud: its state, logs, build and the contract file."""

    folder: Path

    @classmethod
    def from_env(cls) -> "Place":
        """`STEWARD_LOCAL_DIR`, or `.local` in the project."""
        return cls(Path(os.environ.get("STEWARD_LOCAL_DIR") or ROOT / ".local").resolve())

    @property
    def contract(self) -> Path:
        """What other programs read: endpoint, accounts, credentials, outputs."""
        return self.folder / "cloud.json"

    @property
    def processes(self) -> Path:
        """Which processes make up the cloud, for `down`."""
        return self.folder / "processes.json"

    @property
    def logs(self) -> Path:
        """`door.log`, `backend.log` and a file per function under `lambda/`."""
        return self.folder / "logs"

    @property
    def scratch(self) -> Path:
        """Everything temporary, removed by `down`."""
        return self.folder / "tmp"


def ministack_python() -> Path:
    """The interpreter that MiniStack is installed for: `STEWARD_MINISTACK_PYTHON`, or the one `make install` made."""
    named = os.environ.get("STEWARD_MINISTACK_PYTHON")
    return Path(named) if named else ROOT / ".local" / "ministack-venv" / "bin" / "python"
