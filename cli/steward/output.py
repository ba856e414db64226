"""What `steward` says: tables for people or one JSON document for programs on stdout, everything else on stderr."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from steward.failures import Failure

COLOURS = {
    "approved": "green", "deployed": "green", "sealed": "green", "InService": "green", "done": "green",
    "rejected": "red", "failed": "red", "refused": "red", "critical": "bold red", "high": "red", "rolled-back": "red",
    "pending": "yellow", "queued": "yellow", "deploying": "yellow", "medium": "yellow", "open": "yellow",
    "low": "cyan", "closed": "dim", "none": "dim",
}  # fmt: skip

SHORT = frozenset(
    {"stage", "status", "at", "deployment", "requested", "finished", "severity", "opened", "due", "#", "hash"}
)
"""Columns whose words are short, and not to be broken."""

NARROW = 150
"""Characters in a line below which there is no room for a table with long texts in it."""

UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What a screen obeys instead of showing it; the registry takes it in descriptions."""


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
            told = harmless(one) if isinstance(one, str) else one
            self.people.print(told, soft_wrap=isinstance(one, str), markup=False)
            if isinstance(one, Table | Sheet):
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
        self.aside.print(f"✗ {harmless(failure.message)}", markup=False, soft_wrap=True, style="red")
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


class Sheet:
    """Rows with long texts: a table where there is room for one, else one below the other. Nothing is told of nothing.

    In the latter form the first columns of a row, `heads` of them, are its first line.
    """

    def __init__(self, title: str, *columns: str, heads: int) -> None:
        self.title, self.columns, self.heads = title, columns, heads
        self.rows: list[tuple[Text, ...]] = []

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """As the width allows."""
        if options.max_width < NARROW:
            yield Text(self.title, style="bold")
            for cells in self.rows:
                yield from self.below(cells)
            return
        told = [place for place in range(len(self.columns)) if any(cells[place].plain for cells in self.rows)]
        made = table(self.title, *(self.columns[place] for place in told))
        for place, column in zip(told, made.columns, strict=True):
            column.no_wrap = column.no_wrap or place < self.heads
        for cells in self.rows:
            made.add_row(*(cells[place] for place in told))
        yield made

    def below(self, cells: tuple[Text, ...]) -> Iterable[RenderableType]:
        """One row, each longer text in a line of its own."""
        yield Text("  ").join(cell for cell in cells[: self.heads] if cell.plain)
        for name, cell in zip(self.columns[self.heads :], cells[self.heads :], strict=True):
            if cell.plain:
                yield Padding(Text.assemble((f"{name}: ", "dim"), cell), (0, 0, 0, 4))


def row(made: Table | Sheet, *cells: object) -> None:
    """A row of words; none of them is markup, whatever is written in it."""
    words = tuple(cell if isinstance(cell, Text) else Text(harmless(str(cell))) for cell in cells)
    if isinstance(made, Sheet):
        made.rows.append(words)
    else:
        made.add_row(*words)


def harmless(text: str) -> str:
    """A text that only says what it says: what a screen would obey is shown for what it is."""
    return UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


def second(moment: object) -> str:
    """A moment of the record to the second, in UTC."""
    text = str(moment or "")
    return text[:19] + "Z" if len(text) > 19 and text[10] == "T" else text
