"""`python -m bench [subject ...]` measures and writes `bench/results/results.json` and `results.txt`."""

import argparse
import json
from collections.abc import Callable, Iterable
from importlib import import_module

from rich.console import Console
from rich.table import Table

from bench import ROOT, machine
from bench.measurement import Measurement, Results

SUBJECTS = {
    "aws_calls": "AWS calls per delivery",
    "fold": "Histories: the fold, and one more event",
    "handler_cpu": "CPU of warm handlers",
    "cold_start": "Cold starts, against importing boto3 and making one client",
    "reconcile": "Comparing a fleet with the registry",
    "sizes": "What is uploaded, zipped",
    "copying": "Sealing artifacts of any size, as planned",
    "leases": "Deployments of one model group that wait for each other",
    "verify": "Verifying the audit trail, offline and by the service",
    "local_times": "On the local cloud",
    "parts": "Sealing an object in parts, on the local cloud",
}
RESULTS = ROOT / "bench" / "results"


def main() -> None:
    """Measure what is asked for; everything, and keep the results, when nothing is."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("subject", nargs="*", choices=[[], *SUBJECTS], help="measure only this, and keep nothing")
    asked = parser.parse_args().subject
    screen, results = Console(highlight=False), Results(machine.described())
    kept = Console(record=True, width=150, file=(RESULTS / "results.txt").open("w")) if not asked else None
    for subject in asked or SUBJECTS:
        measure: Callable[[], Iterable[Measurement]] = import_module(f"bench.{subject}").measured
        screen.print(f"Measuring {subject} …", style="dim")
        found = list(measure())
        results.measurements += found
        for console in filter(None, (screen, kept)):
            console.print(table(SUBJECTS[subject], found))
    if kept:
        told = results.described()
        kept.print("  ".join(f"{name}: {value}" for name, value in told["machine"].items()))
        (RESULTS / "results.json").write_text(json.dumps(told, indent=2) + "\n")
        screen.print(f"Kept in {RESULTS.relative_to(ROOT)}/")


def table(title: str, measurements: list[Measurement]) -> Table:
    """Measurements of one subject, to be read."""
    shown = Table(title=title, title_justify="left")
    for column in ("", "median", "p95", "min", "max", "runs"):
        shown.add_column(column, justify="left" if not column else "right")
    shown.add_column("", overflow="fold")
    for one in measurements:
        numbers = (one.median, one.percentile(95), min(one.values), max(one.values))
        unit = "×" if one.unit == "ratio" else one.unit
        told = [f"{number:,.{digits(one)}f}" for number in numbers]
        shown.add_row(one.name, f"{told[0]} {unit}", *told[1:], str(len(one.values)), one.note)
    return shown


def digits(measurement: Measurement) -> int:
    """How many decimals say something."""
    if all(value == int(value) for value in measurement.values):
        return 0 if measurement.median == int(measurement.median) else 1
    return 1 if measurement.median >= 10 else 2


if __name__ == "__main__":
    main()
