"""What every command shares: the form of the answer, and where the installation is found."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from governance.domain.errors import DocumentRefused
from steward.failures import Exit
from steward.install import Install, Wanted, find
from steward.output import Output


@dataclass
class Desk:
    """What one call of `steward` works with."""

    wanted: Wanted = field(default_factory=Wanted)
    out: Output = field(default_factory=Output)
    found: Install | None = None

    @property
    def install(self) -> Install:
        """The installation, looked for once and only where it is needed."""
        self.found = self.found or find(self.wanted)
        return self.found


def desk(context: typer.Context) -> Desk:
    """The desk of this call."""
    found = context.find_object(Desk)
    assert found is not None
    return found


def not_valid(at: Desk, file: Path, what: str, refused: DocumentRefused) -> typer.Exit:
    """Tell everything that is wrong with a file, and hand back what the call ends with."""
    shown: list[RenderableType] = [*refused.lines, Text(f"{file} is no {what}.", style="red")]
    at.out.answer({"valid": False, "problems": refused.lines}, shown)
    return typer.Exit(Exit.DIFFERENCES)


def speaks_json(context: typer.Context, value: bool) -> bool:
    """Remember the form before anything can fail."""
    desk(context).out.as_json = value or desk(context).out.as_json
    return value


Json = Annotated[
    bool, typer.Option("--json", callback=speaks_json, is_eager=True, help="Print one JSON document on stdout.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")]
