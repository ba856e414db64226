"""The last act: what the records say, drawn so that a person can read it."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from .records import ATTRIBUTES, FURTHER_ATTRIBUTES, Item, metrics_of
from .waiting import expect

GENESIS = "0" * 64
"""What the first entry of a chain gives as the hash before it."""

HASH_PREFIX = 10

TOLD_MOVES = ("sealing", "model_status", "deployment_status")
"""What an entry changed that is worth a line in the timeline."""


PASSED = re.compile(r"[a-z-]+: passed(; |$)")
"""How a verdict tells of a check that passed."""


def expect_an_unbroken_chain(entries: list[Item]) -> int:
    """Each entry must hash to what it says, and name the hash of the one before it. Returns how many."""
    previous = GENESIS
    for number, item in enumerate(entries, start=1):
        entry = json.loads(item["entry"])
        expect(entry["sequence"] == number, f"audit entry {number} has sequence {entry['sequence']}")
        expect(
            hashlib.sha256(item["entry"].encode("utf-8")).hexdigest() == item["hash"],
            f"audit entry {number} does not hash to {item['hash']}",
        )
        expect(
            entry["previous_hash"] == previous,
            f"audit entry {number} follows {entry['previous_hash']}, and the one before it is {previous}",
        )
        previous = item["hash"]
    return len(entries)


def timeline(title: str, entries: Iterable[Item], people: Mapping[str, str] | None = None) -> Table:
    """Every audit entry of a version: when, who, what, why, and the head of its hash.

    The chain holds ids of people; their names are kept beside it, so that they can be erased.
    """
    table = _table(title)
    table.add_column("#", justify="right", style="dim")
    table.add_column("time (UTC)", no_wrap=True)
    table.add_column("stage")
    table.add_column("who", style="cyan", overflow="fold")
    table.add_column("what", overflow="fold")
    table.add_column("why", ratio=1, overflow="fold")
    table.add_column("hash", style="dim", no_wrap=True)
    for item in entries:
        entry = json.loads(item["entry"])
        table.add_row(
            str(entry["sequence"]),
            str(entry["at"])[11:19],
            str(entry.get("stage") or ""),
            who((people or {}).get(str(entry.get("who"))) or entry.get("who")),
            what(entry),
            named(why(entry), people or {}),
            item["hash"][:HASH_PREFIX],
        )
    return table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=box.SIMPLE_HEAD)


def who(person: Any) -> str:
    """A person's name, from an ARN or from the name itself."""
    return str(person or "unknown").rsplit("/", 1)[-1]


def named(text: str, people: Mapping[str, str]) -> str:
    """A text with names in place of ids."""
    for person, name in people.items():
        text = text.replace(person, name or person)
    return text


def what(entry: dict[str, Any]) -> str:
    """The action, how it changed the statuses that matter, and which events it announced."""
    old, new = entry.get("old") or {}, entry.get("new") or {}
    moves = [
        f"{_spoken(name)}: {old.get(name, '–')} → {value}"
        for name, value in new.items()
        if name.rsplit(".", 1)[-1] in TOLD_MOVES and value not in ("none", old.get(name))
    ]
    announced = [str(event["detail_type"]) for event in entry.get("events") or ()]
    return "\n".join(
        [f"[bold]{entry['action']}[/bold]", *moves, *(f"[dim]announced {name}[/dim]" for name in announced)]
    )


def why(entry: dict[str, Any]) -> str:
    """The reason given, and the policy that a verdict was given under; of a verdict, what did not pass."""
    told, policy = str(entry.get("why") or ""), entry.get("policy")
    if entry["action"] == "verdict-given":
        passed = len(PASSED.findall(told))
        told = "; ".join(part for part in (PASSED.sub("", told).strip("; "), f"{passed} checks passed") if part)
    return escape(f"{told}{f' ({policy})' if policy else ''}")


def _spoken(name: str) -> str:
    """`test.deployment_status` as `test deployment`, `test.model_status` as `test`."""
    return name.replace(".model_status", "").replace("_status", "").replace(".", " ")


def final_records(title: str, records: list[Item]) -> Table:
    """All attributes of a version's stage records, a column for each stage."""
    table = _table(title)
    table.add_column("attribute", style="dim", no_wrap=True)
    for record in records:
        table.add_column(record["sk"].removeprefix("STAGE#"), overflow="fold")
    for name in (*ATTRIBUTES, *FURTHER_ATTRIBUTES):
        end = name == ATTRIBUTES[-1]
        table.add_row(name, *(_cell(name, record) for record in records), end_section=end)
    return table


def expect_complete(records: list[Item]) -> None:
    """Every stage record must have all fifteen attributes, however empty."""
    for record in records:
        missing = [name for name in ATTRIBUTES if name not in record]
        expect(not missing, f"{record['pk']} {record['sk']} lacks {', '.join(missing)}")


def _cell(name: str, record: Item) -> str:
    if name.endswith("_metrics"):
        return _metrics_cell(name, record)
    value = record.get(name)
    return str(value) if value not in (None, "") else "–"


def _metrics_cell(name: str, record: Item) -> str:
    """Measured numbers; where there are none yet, where the author's own reports lie."""
    numbers = [f"{metric} {value:.4g}" for metric, value in sorted(metrics_of(record, name).items())]
    reports = json.loads(record.get(name) or "{}") if not numbers else {}
    return "\n".join(numbers or [f"{report}: {uri}" for report, uri in reports.items()]) or "–"
