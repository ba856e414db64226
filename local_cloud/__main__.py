"""`python -m local_cloud up | down | status`: the local cloud of this project.

`STEWARD_LOCAL_DIR` chooses where it lives, so that several can run side by side.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console

from local_cloud import life, processes
from local_cloud.accounts import FURTHER, Further
from local_cloud.place import Place

console = Console(highlight=False)


def main() -> int:
    """Do what the command line says; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m local_cloud", description=__doc__)
    parser.add_argument("command", choices=sorted(_COMMANDS))
    parser.add_argument("--further", action="store_true", help="up: with a second prod account and a pre-production")
    told = parser.parse_args()
    try:
        return _up(Place.from_env(), FURTHER) if told.further else _COMMANDS[told.command](Place.from_env())
    except processes.CloudFault as fault:
        console.print(f"✗ {fault}", markup=False, soft_wrap=True, style="red")
        return 1


def _up(place: Place, further: Sequence[Further] = ()) -> int:
    if life.running(place):
        console.print("The local cloud is up already.")
    else:
        life.up(place, _step, further)
    return _status(place)


def _down(place: Place) -> int:
    ended = life.down(place)
    console.print("The local cloud has ended." if ended else "There is no local cloud to end.")
    return 0


def _status(place: Place) -> int:
    cloud = life.running(place)
    if cloud is None:
        console.print(f"No local cloud runs in {place.folder}. `make up` starts one.")
        return 3
    console.print(f"  endpoint  {cloud['endpoint_url']}  ({cloud['region']})")
    console.print("  accounts  " + "  ".join(f"{name} {number}" for name, number in cloud["accounts"].items()))
    console.print(f"  contract  {place.contract}\n  logs      {place.logs}", soft_wrap=True)
    return 0


@contextmanager
def _step(doing: str) -> Iterator[None]:
    """Show what is being done, then how long it took."""
    began = time.monotonic()
    with console.status(doing):
        yield
    console.print(f"[green]✓[/green] {doing} [dim]{time.monotonic() - began:.1f} s[/dim]")


_COMMANDS = {"up": _up, "down": _down, "status": _status}


if __name__ == "__main__":
    sys.exit(main())
