"""The documentation as tests read it."""

import functools
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]


@functools.cache
def text(page: Path | str) -> str:
    """A page of `docs`, or any page by its path."""
    return (DOCS / page if isinstance(page, str) else page).read_text(encoding="utf-8")


def everything() -> str:
    return "\n".join(text(page) for page in PAGES)


def code_spans(content: str) -> set[str]:
    """What stands between single backticks, outside blocks."""
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", content, flags=re.DOTALL)))


def blocks(content: str, language: str) -> list[str]:
    """The fenced blocks of a language, without their indentation."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", content, flags=re.DOTALL | re.MULTILINE)
    return ["\n".join(line.removeprefix(indent) for line in body.splitlines()) + "\n" for indent, body in found]


def section(content: str, heading: str) -> str:
    """What stands under a heading, up to the next of its rank or a higher one."""
    rank = heading.split(" ", 1)[0]
    _, found, rest = content.partition(f"\n{heading}\n")
    assert found, f"no heading {heading!r}"
    return re.split(rf"^#{{1,{len(rank)}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(content: str) -> list[list[str]]:
    """The cells of every table row, without header rules."""
    lines = [line.strip() for line in content.splitlines() if line.strip().startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if not set(line) <= set("|- ")]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text(page), flags=re.DOTALL), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
