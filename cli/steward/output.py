"""What `steward` says: tables for people or one JSON document for programs on stdout, everything else on stderr."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from steward.failures import Failure

COLOURS = {
    "approved": "green", "deployed": "green", "sealed": "green", "InService": "green", "done": "green",
    "rejected": "red", "failed": "red", "refused": "red", "critical": "bold red", "high": "red", "rolled-back": "red",
    "pending": "yellow", "queued": "yellow", "deploying": "yellow", "medium": "yellow", "open": "yellow",
    "low": "cyan", "closed": "dim", "none": "dim",
}  # fmt: skip

SHORT = frozenset({"stage", "status", "at", "deployment", "requested", "finished", "severity", "opened", "#", "hash"})
"""Columns whose words are short, and not to be broken."""


@dataclass
class Output:
    """Where a command's words go."""

    as_json: bool = False
    people: Console = field(default_factory=lambda: Console(highlight=False))
    aside: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))

    def answer(self, document: Any, shown: Iterable[RenderableType]) -> None:
        """The answer of a command, in the form that was asked for."""
        if self.as_json:
            self.document(document)
            return
        for one in shown:
            self.people.print(one, soft_wrap=isinstance(one, str), markup=False)
            if isinstance(one, Table):
                self.people.print()

    def document(self, document: Any) -> None:
        """The one JSON document."""
        print(json.dumps(plain(document), indent=2, ensure_ascii=False))

    def note(self, words: str) -> None:
        """Something beside the answer: progress, a hint."""
        self.aside.print(words, markup=False, soft_wrap=True, style="dim")

    def failed(self, failure: Failure) -> None:
        """Why there is no answer."""
        if self.as_json:
            told = {"code": int(failure.code), "message": failure.message, "remedy": failure.remedy}
            self.document({"error": told})
        self.aside.print(f"✗ {failure.message}", markup=False, soft_wrap=True, style="red")
        if failure.remedy:
            self.aside.print(f"  {failure.remedy}", markup=False, soft_wrap=True)


def plain(document: Any) -> Any:
    """Anything as JSON values."""
    if isinstance(document, BaseModel):
        return document.model_dump(mode="json")
    if isinstance(document, Mapping):
        return {str(name): plain(value) for name, value in document.items()}
    if isinstance(document, list | tuple):
        return [plain(one) for one in document]
    return document


def coloured(word: object) -> Text:
    """A status in its colour."""
    return Text(str(word), style=COLOURS.get(str(word), ""))


def table(title: str, *columns: str) -> Table:
    """A table without lines that nobody needs. Long texts are folded, never cut."""
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        made.add_column(column, header_style="dim", overflow="fold", no_wrap=column in SHORT)
    return made


def row(made: Table, *cells: object) -> None:
    """A row of words; none of them is markup, whatever is written in it."""
    made.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in cells))


def second(moment: object) -> str:
    """A moment of the record to the second, in UTC."""
    text = str(moment or "")
    return text[:19] + "Z" if len(text) > 19 and text[10] == "T" else text
