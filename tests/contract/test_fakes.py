"""No fake without a contract: what stands in for a port is held to what the real adapter promises."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FAKES = sorted(
    {name for path in TESTS.rglob("*.py") for name in re.findall(r"^class (InMemory\w+)", path.read_text(), re.M)}
)
CONTRACTS = "\n".join(path.read_text() for path in (TESTS / "contract").glob("test_*.py"))


@pytest.mark.parametrize("fake", FAKES)
def test_every_fake_answers_to_the_test_of_its_adapter(fake: str):
    assert re.search(rf"\b{fake}\(", CONTRACTS)
