"""`python -m chaos`: let the local cloud misbehave around a fleet, and compare every record with the truth."""

import argparse
import json
import random
import sys
from collections.abc import Mapping
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table

from chaos.comparing import as_json
from chaos.run import Result, Size, run
from local_cloud import life
from local_cloud.place import Place

console = Console(highlight=False, soft_wrap=True)
if not console.is_terminal:
    console.width = 120


def main() -> int:
    """Exit code 0 if every record is the truth, 1 if not."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="repeat a run; chosen and printed if not given")
    parser.add_argument("--versions", type=int, default=50)
    parser.add_argument("--groups", type=int, default=10)
    parser.add_argument("--deployable-groups", type=int, default=1, help="of how many groups versions are deployed")
    parser.add_argument("--lost", type=float, default=0.05, help="which part of the events never arrives")
    parser.add_argument("--result", type=Path, default=Path(".local/chaos.json"), help="where the result is written")
    asked = parser.parse_args()
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(100_000)
    console.print(f"seed {seed}")
    place = Place.from_env()
    found = life.running(place)
    cloud = found or life.up(place)
    try:
        with console.status("") as status:
            size = Size(asked.versions, asked.groups, asked.deployable_groups, asked.lost)

            def say(doing: str) -> None:
                status.update(doing)
                console.print(f"  {doing}")

            result = run(cloud, seed, size, say)
    finally:
        if found is None:
            life.down(place)
    _write(result, asked.result)
    _show(result)
    return 0 if result.clean else 1


def _write(result: Result, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {
        "seed": result.seed, "clean": result.clean, "counts": result.counts, "redriven": result.redriven,
        "repaired": result.repaired, "effects": result.effects, "problems": result.problems,
        "versions": [as_json(one) for one in result.compared],
    }  # fmt: skip
    path.write_text(json.dumps(told, indent=2) + "\n")


def _show(result: Result) -> None:
    numbers = [Column(name, justify="right") for name in ("asked", "lost", "twice", "late")]
    record = Column("record", no_wrap=True)
    table = Table(Column("group/version", no_wrap=True), *numbers, record, "named gaps", "verdict", box=SIMPLE_HEAD)
    for one in result.compared:
        late = one.harm.get("events delayed", 0) + one.harm.get("events reordered", 0)
        table.add_row(
            one.name,
            str(len(one.version.asked)),
            str(one.harm.get("events dropped", 0)),
            str(one.harm.get("events duplicated", 0)),
            str(late),
            one.status,
            ", ".join(one.gaps),
            "[red]differs" if one.problems else "[green]true",
        )
    console.print(table)
    _count("What was done to it", result.counts)
    healed = {"dead letters handed over": result.redriven, "differences repaired": result.repaired}
    _count("What came of it", {**healed, **{f"effects {name}": count for name, count in result.effects.items()}})
    for one in result.compared:
        for problem in one.problems:
            console.print(f"[red]✗ {one.name}: {problem}[/red] (asked: {', '.join(one.version.asked)})")
    for problem in result.problems:
        console.print(f"[red]✗ {problem}")
    wrong = sum(bool(one.problems) for one in result.compared)
    if result.clean:
        console.print(f"[green]✓ every record is the truth[/green] (seed {result.seed})")
    else:
        console.print(f"[red]✗ {wrong} records differ from the truth.[/red] Again: make chaos SEED={result.seed}")


def _count(title: str, counts: Mapping[str, int]) -> None:
    console.print(title)
    for what, count in sorted(counts.items()):
        console.print(f"  {count:5}  {what}")


if __name__ == "__main__":
    sys.exit(main())
