"""The command line, run in this process as one of the cloud's personas."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from click.testing import Result
from typer.testing import CliRunner

from steward.main import app

Steward = Callable[..., Result]
"""`steward("officer", "list", "--json")`; as the hub's root for nobody."""


@contextmanager
def commanding(cloud: dict[str, Any], folder: Path) -> Iterator[Steward]:
    """The command for a cloud, whose contract is written into a folder. What the session was before, it is again."""
    contract = folder / "cloud.json"
    contract.write_text(json.dumps(cloud))
    kept = boto3.DEFAULT_SESSION

    def run(who: str, *words: str) -> Result:
        return CliRunner().invoke(app, ["--cloud", str(contract), "--as", who, *words], env={"COLUMNS": "220"})

    try:
        yield run
    finally:
        boto3.DEFAULT_SESSION = kept
