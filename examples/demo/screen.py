"""What the audience sees: acts, what a person just did, and what is being waited for."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.status import Status
from rich.text import Text

WIDTH_WITHOUT_A_TERMINAL = 140
INDENT = 9
"""Where the words of a line begin, after its time and its mark."""


class Screen:
    """Progress on a terminal (live) or in a log (a line for each thing that happened)."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        if not self._console.is_terminal:
            self._console = Console(
                file=self._console.file, width=WIDTH_WITHOUT_A_TERMINAL, highlight=False, color_system=None
            )
        self._started = time.monotonic()
        self._acts = 0
        self._status: Status | None = None

    def act(self, title: str) -> None:
        """Begin the next act."""
        self._acts += 1
        self._console.print()
        self._console.rule(f"[bold]{self._acts}. {escape(title)}[/bold]", align="left", style="dim")

    def did(self, who: str, what: str, detail: str = "") -> None:
        """Somebody did something, and it worked."""
        self._line("[green]✓[/green]", f"[bold cyan]{escape(who)}[/bold cyan] {escape(what)}", detail)

    def saw(self, what: str, detail: str = "") -> None:
        """Something was checked and is as it should be."""
        self._line("[green]✓[/green]", escape(what), detail)

    def refused(self, who: str, what: str, detail: str = "") -> None:
        """Somebody tried what they may not do, and was stopped, as they should be."""
        self._line("[yellow]⛔[/yellow]", f"[bold cyan]{escape(who)}[/bold cyan] {escape(what)}", detail)

    def quoted(self, text: str) -> None:
        """Words of Steward's, as somebody reads them elsewhere; a part in brackets begins a line of its own."""
        for part in text.replace(" [", "\n[").splitlines():
            self._indented(Text(part), bar="│ ")

    def show(self, content: RenderableType) -> None:
        """Print a table or anything else that rich can draw."""
        self._console.print()
        self._console.print(content)

    def failed(self, title: str, text: str) -> None:
        """Say what went wrong and what to look at."""
        self._console.print()
        self._console.print(Panel(escape(text), title=f"[bold red]{escape(title)}", border_style="red"))

    @contextmanager
    def waiting(self, what: str) -> Iterator[Any]:
        """Show that something is being waited for; yields a function that updates what is known meanwhile."""
        begun = time.monotonic()
        with self._console.status(f"[dim]{escape(what)} …") as status:

            def update(now: str) -> None:
                seconds = time.monotonic() - begun
                status.update(f"[dim]{escape(what)} … {seconds:.0f} s  {escape(now)}")

            yield update

    def elapsed(self) -> float:
        """Seconds since the play began."""
        return time.monotonic() - self._started

    def _line(self, mark: str, what: str, detail: str) -> None:
        """What happened, with its detail beside it where there is room, else below it."""
        said = Text.from_markup(what)
        beside = Text.assemble(said, "  ", (detail, "dim")) if detail else said
        fits = INDENT + beside.cell_len < self._width
        first, *others = [beside] if fits else said.wrap(self._console, self._width - INDENT - 1)
        head = Text.from_markup(f"[dim]{self.elapsed():5.1f}s[/dim] {mark} ")
        self._console.print(head + first, soft_wrap=True)
        for line in (*others, *(() if fits or not detail else (Text(detail, "dim"),))):
            self._indented(line)

    def _indented(self, text: Text, bar: str = "") -> None:
        """Print a text in lines that begin where the words of a line begin."""
        for line in text.wrap(self._console, self._width - INDENT - len(bar)):
            self._console.print(Text.assemble(" " * INDENT, (bar, "yellow"), line), soft_wrap=True)

    @property
    def _width(self) -> int:
        return min(self._console.width, WIDTH_WITHOUT_A_TERMINAL)
