"""Freeze whole lives as the present release keeps them: run once for each release, never again for it.

    python -m scripts.golden <release>

writes `tests/golden/<release>/<life>.json`: every row that the governance table held of one version, in DynamoDB's own
JSON. The facts among them are what a record of that release consists of; head, stage records and findings are what
its fold made of them. `test_golden_facts.py` reads every release there is.
"""

import json
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import bench  # noqa: F401  it makes our own `tests` folder the one that is imported
from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.adapters.dynamodb_ledger import DynamoDbLedger
from governance.adapters.rows import Table
from governance.domain.fold import FOLD_VERSION
from governance.domain.values import SCHEMA_VERSION
from tests import fakes
from tests.aws import resources
from tests.builders import Clock, package_arn
from tests.golden.lives import LIVES, random_lives
from tests.world import World

HERE = Path(__file__).resolve().parent.parent / "tests" / "golden"


@contextmanager
def kept_in_a_table() -> Iterator[Callable[[], World]]:
    """A maker of worlds whose record is in DynamoDB."""
    with resources.in_memory():
        resources.make_table()
        table = Table(resources.TABLE)
        with (
            patch.object(fakes, "InMemoryLedger", lambda _: DynamoDbLedger(table)),
            patch.object(fakes, "InMemoryGroups", lambda: DynamoDbGroups(table)),
        ):
            yield World


def frozen(life: str, live: Callable[[World], Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Live a life, and take what the table held of each of its versions."""
    with kept_in_a_table() as world:
        live(world())
        items = resources.table_items()
    partitions = sorted({item["pk"]["S"] for item in items if item["pk"]["S"].startswith("MODEL#")})
    for pk in partitions:
        name = life if pk == f"MODEL#{package_arn()}" else f"{life}-of-{pk.rsplit('/', 1)[-1]}"
        rows = [item for item in items if item["pk"]["S"] == pk]
        yield name, {"life": name, "rows": sorted(rows, key=lambda item: item["sk"]["S"])}


def learning(facts: list[Any]) -> Callable[[World], Any]:
    """A life that is told fact by fact, in whatever order."""

    def live(world: World) -> None:
        world.now = Clock(max(fact.recorded_at for fact in facts) + timedelta(minutes=1))
        recording = fakes_recording(world)
        for fact in facts:
            recording.learn(fact.model.arn, lambda _page, _now, fact=fact: [fact], "correlation")

    return live


def fakes_recording(world: World) -> Any:
    """Recording as the world has it, on the clock that the world has now."""
    return type(world.recording)(world.ledger, world.now)


def main(release: str) -> None:
    """Write every life of a release."""
    folder = HERE / release
    folder.mkdir(exist_ok=False)
    lives = dict(LIVES)
    for number, facts in enumerate(random_lives(4), 1):
        random.Random(number).shuffle(facts)
        lives[f"random-{number}"] = learning(facts)
    about = {"release": release, "schema_version": SCHEMA_VERSION, "fold_version": FOLD_VERSION}
    for life, live in lives.items():
        for name, content in frozen(life, live):
            text = json.dumps({**about, **content}, indent=1, sort_keys=True, ensure_ascii=False)
            (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
