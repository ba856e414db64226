"""Every function has what a function must have: samples, a place in the crash harness, and the settings it reads."""

import ast
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from governance.settings import Settings
from tests.aws.functions import ENVIRONMENT, FOLDER
from tests.aws.test_crashes import ELSEWHERE, FAULTS, HARNESSED, WITHOUT
from tests.template.translation import ROOT

FOLDERS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))
OF_POWERTOOLS = frozenset({"LOG_LEVEL", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"})
OURS = {name: set(told) - OF_POWERTOOLS for name, told in ENVIRONMENT.items()}


def test_every_folder_is_a_function_of_the_template_and_the_other_way_round():
    assert sorted(FOLDER.values()) == FOLDERS


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_has_sample_events(folder: str):
    assert list((ROOT / "events").glob(f"{folder}-*.json"))


@pytest.mark.parametrize("function", sorted(FOLDER))
def test_every_function_meets_every_fault_at_every_call_in_the_crash_harness(function: str):
    assert (function in HARNESSED) != (function in ELSEWHERE)
    life = import_module(f"tests.aws.{ELSEWHERE.get(function, 'test_crashes')}")
    faults, functions = parameters(life, "fault"), parameters(life, "function")
    assert set(FAULTS) - faults <= {fault for one, fault in WITHOUT if one == function}
    assert function in functions | {told for told in vars(life).values() if isinstance(told, str)}


def parameters(module: ModuleType, name: str) -> set[str]:
    """What the tests of a module that heal a fault are tried with under a name."""
    healing = [told for title, told in vars(module).items() if title.startswith("test_a_fault_at_any_call")]
    marks = [mark for test in healing for mark in test.pytestmark if mark.args[0] == name]
    return {value for mark in marks for value in mark.args[1]}


def test_every_setting_is_given_to_some_function_and_nothing_is_given_that_is_no_setting():
    given = {name for told in OURS.values() for name in told}
    assert given == {name.upper() for name in Settings.model_fields}


READERS = {
    "attachers": "dev_account_ids",
    "authority": "owner_roles",
    "importing": "import_groups",
    "by_name": "environments",
    "landscape": "environments",
    "copying": "single_copy_mib",
    "producers": "environments",
    "registries": "image_account_ids",
    "retention": "retention_days",
}
ALSO = {
    "attachers": {"environments", "further_environments", "hub_account_id"},
    "copying": {"part_mib"},
    "authority": {"validator_roles", "officer_roles", "hub_account_id"},
    "importing": {"dev_account_ids", "hub_account_id"},
    "producers": {"further_environments", "hub_account_id"},
    "by_name": {"further_environments"},
    "landscape": {"further_environments"},
    "registries": {"dev_account_ids", "environments", "further_environments", "hub_account_id"},
}
"""Properties of the settings, and the settings they are made of."""


def reads(function: ast.FunctionDef, others: dict[str, ast.FunctionDef]) -> set[str]:
    """The settings that a wiring reads, itself or through the parts that it hands its settings to."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "settings":
            found |= {READERS.get(node.attr, node.attr), *ALSO.get(node.attr, ())}
        if isinstance(node, ast.Call) and (part := part_of(node.func)) in others:
            found |= reads(others[part], others)
    return found


def part_of(called: ast.expr) -> str:
    """The wiring that is called: by its name, or as one of bootstrap's."""
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "bootstrap":
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def reads_itself(folder: str) -> set[str]:
    """The settings that a handler reads without a wiring."""
    tree = ast.parse(Path(ROOT / "functions" / folder / "app.py").read_text())
    return {
        node.attr.upper()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Settings.from_env()"
    }


def wirings() -> dict[str, ast.FunctionDef]:
    """The functions of bootstrap and of its other parts."""
    attic = sorted((ROOT / "layers/governance/python/governance").glob("bootstrap*.py"))
    bodies = [node for path in attic for node in ast.parse(path.read_text()).body]
    return {node.name: node for node in bodies if isinstance(node, ast.FunctionDef)}


def wired(folder: str) -> set[str]:
    """What a handler asks bootstrap for."""
    tree = ast.parse(Path(ROOT / "functions" / folder / "app.py").read_text())
    return {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "bootstrap"
    }


@pytest.mark.parametrize("function", sorted(OURS))
def test_a_function_is_told_just_what_it_reads(function: str):
    parts = wirings()
    read = {name.upper() for part in wired(FOLDER[function]) for name in reads(parts[part], parts)} - {"FROM_ENV"}
    read |= reads_itself(FOLDER[function])
    assert OURS[function] <= read, "told what it does not read"
    required = {name for name in read if Settings.model_fields[name.lower()].default in ("", [])}
    missing = required - OURS[function]
    assert missing <= UNUSED.get(function, set()), "reads what it is not told"


UNUSED = {"VerifyDeployment": {"ARTIFACT_KEY_ARN"}}
"""Parts of a shared wiring that a function never comes to use: the last gate looks into the vault and seals nothing."""
