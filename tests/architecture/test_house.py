"""The house: which rooms may know of which, what no room may hold, and how large one may grow."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.template.translation import ROOT

GOVERNANCE = ROOT / "layers" / "governance" / "python"
FUNCTIONS, TESTS = ROOT / "functions", ROOT / "tests"
SHIPPED = sorted([*GOVERNANCE.rglob("*.py"), *FUNCTIONS.rglob("*.py")])
WRITTEN = sorted(
    {
        *SHIPPED,
        *(path for folder in ("local_cloud", "examples", "bench", "tests") for path in (ROOT / folder).rglob("*.py")),
    }
)
MODULES = sorted(
    ".".join(path.relative_to(GOVERNANCE).with_suffix("").parts).removesuffix(".__init__")
    for path in GOVERNANCE.rglob("*.py")
)

LONGEST_FILE = {True: 350, False: 420}
"""In lines, for code and for tests: a test file tells many short stories."""
LONGEST_FUNCTION = 45


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_contracts_between_floors_are_kept():
    held = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert held.returncode == 0, held.stdout


POISON = """
import importlib, json, os, sys

class Watched(dict):
    '''An environment that governance may not look at; whoever it imports may.'''

    def looked_at(self, key):
        frame = sys._getframe(2)
        while frame.f_code.co_filename.endswith("os.py"):
            frame = frame.f_back
        assert "/governance/" not in frame.f_code.co_filename, f"{frame.f_code.co_filename} reads {key}"

    def __getitem__(self, key):
        self.looked_at(key)
        return super().__getitem__(key)

    def get(self, key, default=None):
        self.looked_at(key)
        return super().get(key, default)

    def __contains__(self, key):
        self.looked_at(key)
        return super().__contains__(key)

import boto3, botocore.session
import aws_xray_sdk.core  # makes a sampling client of its own

def refuse(*_, **__):
    raise AssertionError("makes a client")

boto3.client = boto3.resource = boto3.Session = refuse
botocore.session.Session.create_client = refuse
os.environ = Watched(os.environ)
for module in json.loads(sys.argv[1]):
    importlib.import_module(module)
print("imported")
"""
"""Imports each module named on the command line with the environment watched and clients poisoned."""


def test_importing_any_module_reads_no_environment_and_makes_no_client():
    """Powertools' logger, tracer and metrics read their names where they are made; our own code reads nothing."""
    done = subprocess.run(
        [sys.executable, "-c", POISON, json.dumps(MODULES)],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(GOVERNANCE), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.stdout.strip() == "imported", done.stderr


@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_nothing_shipped_catches_everything(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            assert caught not in {"everything", "Exception", "BaseException"}, f"line {node.lineno}"


def test_no_folder_of_a_function_is_a_package():
    """Import-linter sees the handlers only as long as none of them is."""
    assert list(FUNCTIONS.rglob("__init__.py")) == []


@pytest.mark.parametrize("folder", sorted(FUNCTIONS.iterdir()), ids=lambda path: path.name)
def test_a_function_is_one_file(folder: Path):
    assert [path.name for path in folder.iterdir() if path.name != "__pycache__"] == ["app.py"]


@pytest.mark.parametrize("path", WRITTEN, ids=named)
def test_a_file_has_one_subject_and_a_function_fits_a_screen(path: Path):
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_FILE[TESTS not in path.parents]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, f"{node.name}, line {node.lineno}"


def public(node: ast.AST, within: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Everything with a name that others may use, and its place."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if child.name.startswith("_"):
                continue
            yield f"{within}{child.name}", child
            if isinstance(child, ast.ClassDef):
                yield from public(child, f"{within}{child.name}.")


@pytest.mark.parametrize("path", SHIPPED, ids=named)
def test_everything_that_others_may_use_says_what_it_is_for(path: Path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), "the module"
    for name, node in public(tree):
        said = ast.get_docstring(node)  # type: ignore[arg-type]
        assert said, name
        assert said.split("\n")[0].rstrip().endswith((".", "?", ":")), f"{name}: {said.splitlines()[0]}"


def test_only_adapters_and_the_street_side_know_aws():
    for path in SHIPPED:
        imported = {
            (alias.name if isinstance(node, ast.Import) else str(node.module)).split(".")[0]
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        if imported & {"boto3", "botocore", "pynamodb"}:
            assert path.parent.name == "adapters", named(path)
