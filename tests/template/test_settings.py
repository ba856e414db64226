"""A function is told by its environment just what it reads."""

import ast
import re

import pytest

from tests.template.policies import functions
from tests.template.translation import ROOT

FUNCTIONS = sorted(functions())


def settings_read_by(wiring: str, module: ast.Module) -> set[str]:
    """The settings that a function of `bootstrap` reads, by itself or through another that it calls."""
    wired = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    names = {
        "authority": {"owner_roles", "validator_roles", "officer_roles", "hub_account_id"},
        "by_name": {"environments", "further_environments"},
        "landscape": {"environments", "further_environments"},
        "retention": {"retention_days"},
        "copying": {"single_copy_mib", "part_mib"},
        "producers": {"environments", "further_environments", "hub_account_id"},
        "developers": {"dev_account_ids"},
        "importing": {"import_groups", "dev_account_ids", "hub_account_id"},
        "registries": {
            "image_account_ids",
            "dev_account_ids",
            "environments",
            "further_environments",
            "hub_account_id",
        },
        "attachers": {"dev_account_ids", "environments", "further_environments", "hub_account_id"},
    }
    found: set[str] = set()
    for node in ast.walk(wired[wiring]):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "settings":
            found |= names.get(node.attr, {node.attr})
        called = node.func if isinstance(node, ast.Call) else None
        name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
        if name in set(wired) - {wiring}:
            found |= settings_read_by(name, module)
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_told_nothing_that_it_does_not_read(function):
    variables = functions()[function]["Environment"]["Variables"]
    handler = (ROOT / "functions" / variables["POWERTOOLS_SERVICE_NAME"] / "app.py").read_text()
    attic = sorted((ROOT / "layers/governance/python/governance").glob("bootstrap*.py"))
    bootstrap = ast.parse("\n".join(file.read_text() for file in attic))
    handed = set(re.findall(r"from_env\(\)\.(\w+)", handler))
    read = handed | {
        one for name in re.findall(r"bootstrap\.(\w+)\(", handler) for one in settings_read_by(name, bootstrap)
    }
    told = {name.lower() for name in variables if not name.startswith(("POWERTOOLS_", "LOG_"))}
    assert told <= read
