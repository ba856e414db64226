"""A stranger can verify a chain with what the page says, and nothing else."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from governance.domain.audit import Deed, Link, deed_entry
from governance.domain.identifiers import STEWARD
from governance.domain.proof import ProblemCode
from tests.builders import after, approved, package_arn
from tests.docs.pages import DOCS, blocks, code_spans, rows, section, text
from tests.world import World

PAGE = text("audit-chain.md")
EXAMPLE = DOCS / "examples" / "audit-chain.json"


def verified(items: list[dict[str, Any]], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the page's program on exported entries, with the standard library alone."""
    program = folder / "verify.py"
    program.write_text(blocks(PAGE, "python")[0], encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", "-S", str(program)],
        input=json.dumps({"Items": items}), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def example() -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(EXAMPLE.read_text(encoding="utf-8"))["Items"]
    return items


def chain() -> list[dict[str, Any]]:
    """The chain that this code writes today, as items without DynamoDB's types."""
    world = World()
    arn = world.register()
    world.seal()
    world.tell(approved(60, ApprovalDescription='Ünïcode, "quotes" and a\nnew line: 模型'))
    return [
        {"pk": f"MODEL#{arn}", "sk": f"AUDIT#{entry.sequence:08d}", **entry.model_dump()}
        for entry in world.ledger.entries[package_arn()]
    ]


def test_the_example_holds_and_the_page_quotes_its_hashes(tmp_path):
    ran = verified(example(), tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    last = example()[-1]["hash"]["S"]
    assert ran.stdout == f"{len(example())} entries hold; the last hash is {last}\n"
    assert last in PAGE
    assert example()[1]["entry"]["S"] in PAGE
    assert example()[1]["hash"]["S"] in PAGE


def test_what_is_written_today_holds(tmp_path):
    ran = verified(chain(), tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def without_second(items: list[Any]) -> list[Any]:
    return [items[0], *items[2:]]


def with_another_person(items: list[Any]) -> list[Any]:
    changed = {**items[1], "entry": items[1]["entry"].replace('"who":"steward"', '"who":"nobody!"')}
    return [items[0], changed, *items[2:]]


def swapped(items: list[Any]) -> list[Any]:
    first, second = (
        {**one, "sequence": other["sequence"]} for one, other in ((items[0], items[1]), (items[1], items[0]))
    )
    return [first, second, *items[2:]]


def of_another_version(items: list[Any]) -> list[Any]:
    return [{**one, "pk": one["pk"] + "0"} for one in items]


def with_white_space(items: list[Any]) -> list[Any]:
    return [{**items[0], "entry": items[0]["entry"].replace(":", ": ", 1)}, *items[1:]]


@pytest.mark.parametrize(
    "tampered", [without_second, with_another_person, swapped, of_another_version, with_white_space]
)
def test_a_chain_that_was_tampered_with_does_not_hold(tampered, tmp_path):
    assert tampered(chain()) != chain()
    assert verified(tampered(chain()), tmp_path).returncode == 1


def test_the_fields_of_an_entry_are_those_that_the_page_lists():
    told = {name for row in rows(section(PAGE, "## The fields of an entry"))[1:] for name in code_spans(row[0])}
    for item in chain():
        assert set(json.loads(item["entry"])) == told - {"subject"}
    deed = Deed(action="redriven", who=STEWARD, why="", at=after(0), correlation_id="c")
    assert deed_entry(Link(), "HUB#steward", deed).content.keys() == told - {"model_package_arn", "created_at"}


def test_the_problems_that_a_verification_names_are_those_that_the_page_lists():
    told = {name for row in rows(section(PAGE, "## Verify everything"))[1:] for name in code_spans(row[0])}
    assert told == {code.value for code in ProblemCode}
