"""Every function meets each of its sample events in a container, which only machines with Docker can show.

That they are told to can be shown everywhere: a function or a sample that nobody put into tests/docker fails here.
"""

import ast

from tests.template.translation import ROOT

SAMPLES = {path.stem for path in (ROOT / "events").glob("*.json")}
TESTS = sorted((ROOT / "tests" / "docker").glob("*.py"))


def told(source: str) -> set[str]:
    """Every text that stands in a module by itself: the samples that it hands to functions are among them."""
    return {
        node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant) and node.value in SAMPLES
    }


def test_every_sample_event_is_handed_to_its_function_in_a_container():
    handed = set().union(*(told(path.read_text()) for path in TESTS))
    assert SAMPLES - handed == set()
