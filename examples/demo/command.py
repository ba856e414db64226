"""The `steward` command, given by a person of the cloud as they would give it at a terminal."""

import io
import json
import shlex
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from steward.main import app

from .waiting import expect

Command = Callable[..., Any]
"""`ask(persona, *words)`: give a command, and get its answer. Ends the play unless it ends with `code`."""


def command_on(cloud: Path) -> Command:
    """The command on one cloud. It runs in this process, since loading it takes longer than most of what it does."""

    def ask(who: str, *words: str, code: int = 0) -> Any:
        told, aside = io.StringIO(), io.StringIO()
        with redirect_stdout(told), redirect_stderr(aside):
            ended = app(["--cloud", str(cloud), "--as", who, *words, "--json"], standalone_mode=False)
        wrong = f"{typed(*words)}, given by the {who}, should end with {code} and ended with {ended or 0}"
        expect((ended or 0) == code, f"{wrong}:\n{told.getvalue()}{aside.getvalue()}")
        return json.loads(told.getvalue())

    return ask


def typed(*words: str) -> str:
    """A command as somebody types it."""
    return f"$ {shlex.join(['steward', *words])}"
