"""Everything that has a name in the code has its entry in the documentation."""

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from examples.demo.records import ATTRIBUTES
from governance.adapters import rows as table_rows
from governance.domain import audit, concerns
from governance.domain.artifacts import RefusalCode
from governance.domain.audit import REGISTRY_DEEDS
from governance.domain.commands import COMMANDS
from governance.domain.events import PUBLISHED
from governance.domain.findings import Severity
from governance.domain.lifecycle import MOVES
from governance.domain.policy import CHECKS, Mode
from governance.domain.published import DEFAULT
from governance.settings import Settings
from tests.docs.pages import DOCS, ROOT, code_spans, everything, rows, section, text
from tests.template.translation import source

HUB = source("template.yaml")
FUNCTIONS = sorted(path.name for path in (ROOT / "functions").iterdir() if (path / "app.py").exists())
ALARMS = [name for name, one in HUB["Resources"].items() if one["Type"] == "AWS::CloudWatch::Alarm"]
STACKS = [
    "template.yaml",
    *(f"stacks/{name}.yaml" for name in ("dev-account", "workload-account", "environment", "model-group")),
]
STACKS += ["stacks/model-endpoint.yaml", "stacks/model-batch.yaml", "stacks/onboarding-catalog.yaml"]
CONTROLS = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "controls").glob("*.yaml"))


def finding_codes() -> dict[str, set[str]]:
    """Every code that the domain can give, with its severities."""
    found: dict[str, set[str]] = {}
    domain = Path(inspect.getfile(concerns)).parent
    sources = "\n".join(path.read_text() for path in sorted(domain.glob("*.py")))
    for node in ast.walk(ast.parse(sources)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Concern":
            told = {keyword.arg: keyword.value for keyword in node.keywords}
            codes, severities = constants(told["code"]), names_of_severities(told["severity"])
            if len(severities) != len(codes):
                severities = [" or ".join(severities) or "as its reviewer says"] * len(codes)
            for code, severity in zip(codes, severities, strict=True) if codes else ():
                found.setdefault(code, set()).add(severity)
    return found | {code.value: {"high"} for code in RefusalCode}


def constants(node: ast.expr) -> list[str]:
    branches = [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]
    return [str(one.value) for one in branches if isinstance(one, ast.Constant)]


def names_of_severities(node: ast.expr) -> list[str]:
    branches = [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]
    return [Severity[one.attr].value for one in branches if isinstance(one, ast.Attribute) and one.attr.isupper()]


CODES = finding_codes()


def entries(page: str) -> dict[str, list[str]]:
    """The rows of a page's tables by what their first cell names."""
    return {name: row for row in rows(text(page)) for name in code_spans(row[0])}


def test_the_codes_of_findings_were_found_in_the_code():
    assert {"gate-refused", "gate-advised", "deployment-unjustified", "artifact-changed"} <= set(CODES)


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_finding_has_its_entry_with_its_severity(code):
    row = entries("findings.md")[code]
    assert {row[1]} == CODES[code]
    assert all(row[2:5])


def test_no_finding_is_documented_that_the_code_does_not_know():
    documented = {name for name, row in entries("findings.md").items() if len(row) == 5}
    assert documented == set(CODES)


@pytest.mark.parametrize("name", [*PUBLISHED, *COMMANDS])
def test_every_event_and_command_has_its_reference(name):
    kind = {**PUBLISHED, **COMMANDS}[name]
    assert inspect.cleandoc(kind.__doc__ or "") in section(text("events.md"), f"### {name}")


def test_every_field_of_an_event_or_command_says_what_it_means():
    assert not re.findall(r"^\| `\w+` \| .+ \|  \|$", text("events.md"), flags=re.MULTILINE)


@pytest.mark.parametrize("detail_type", sorted({*PUBLISHED, *COMMANDS}))
def test_the_page_of_events_names_who_consumes_what_the_template_routes(detail_type):
    consumed = section(text("events.md"), "## What Steward consumes")
    routed = re.search(rf"detail-type:\s+\[[^\]]*\b{detail_type}\b", (ROOT / "template.yaml").read_text())
    assert (detail_type in consumed) == bool(routed)


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_every_check_of_a_policy_has_its_entry_with_its_mode(check):
    row = entries("policies.md")[check]
    assert row[1] == {gate.name: gate.mode for gate in DEFAULT.document.gates}[check]


def test_the_default_policy_and_its_modes_are_documented_with_their_hash():
    assert DEFAULT.id in text("policies.md")
    assert DEFAULT.hash in text("policies.md")
    assert {mode.value for mode in Mode} <= set(entries("policies.md"))


@pytest.mark.parametrize("status", sorted(MOVES))
def test_the_moves_of_a_status_are_those_of_the_code(status):
    moves = {code: row[1] for code, row in entries("policies.md").items() if code in MOVES}
    assert code_spans(moves[status]) == set(MOVES[status])


def environment_variables() -> set[str]:
    told: dict[str, Any] = dict(HUB["Globals"]["Function"]["Environment"]["Variables"])
    for path in STACKS:
        for resource in source(path)["Resources"].values():
            told |= resource.get("Properties", {}).get("Environment", {}).get("Variables", {})
    return set(told) | {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("variable", sorted(environment_variables()))
def test_every_environment_variable_has_its_entry(variable):
    assert variable in code_spans(text("architecture.md"))


@pytest.mark.parametrize("variable", ["STEWARD_LOCAL_DIR", "STEWARD_TEST_CLOUD", "STEWARD_MINISTACK_PYTHON", "UV"])
def test_every_variable_that_a_person_may_set_has_its_entry(variable):
    assert variable in everything()


@pytest.mark.parametrize("verb", re.findall(r"^([a-z]+):.*?## ", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
def test_every_verb_of_make_is_told(verb):
    assert f"`make {verb}`" in everything() or f"make {verb}\n" in everything()


@pytest.mark.parametrize("stack", CONTROLS)
def test_every_output_of_a_control_has_its_entry(stack):
    assert set(source(stack)["Outputs"]) <= code_spans(section(text("accounts.md"), "## Parameters and outputs"))


@pytest.mark.parametrize("stack", STACKS)
def test_every_output_of_a_stack_has_its_entry(stack):
    told = code_spans(section(text("operating.md"), "## Parameters and outputs"))
    assert set(source(stack)["Outputs"]) <= told


@pytest.mark.parametrize("control", CONTROLS)
def test_every_control_has_its_entry_with_what_it_does_not_see(control):
    page = section(text("controls.md"), f"## {Path(control).stem.capitalize()}")
    assert control in page
    assert "**It does not see:**" in page


def test_every_statement_and_rule_that_prevents_something_has_its_entry():
    policies = source("controls/preventive.yaml")["Resources"].values()
    sids = {one["Sid"] for policy in policies for one in policy["Properties"]["Content"]["Statement"]}
    rules = set(re.findall(r"^rule (\w+)", (ROOT / "controls/endpoints.guard").read_text(), re.MULTILINE))
    assert sids | rules <= code_spans(text("controls.md"))


@pytest.mark.parametrize("stack", [*STACKS[1:5], STACKS[-1], *CONTROLS])
def test_every_parameter_of_an_accounts_stack_has_its_entry(stack):
    assert set(source(stack)["Parameters"]) <= code_spans(section(text("accounts.md"), "## Parameters and outputs"))


def test_every_parameter_of_the_hub_has_its_entry():
    assert set(HUB["Parameters"]) <= code_spans(section(text("operating.md"), "## Parameters and outputs"))


@pytest.mark.parametrize("alarm", ALARMS)
def test_every_alarm_says_what_to_do(alarm):
    assert alarm in code_spans(section(text("operating.md"), "## Alarms"))


def test_the_number_of_alarms_and_keys_that_are_paid_for_is_that_of_the_template():
    keys = [one for one in HUB["Resources"].values() if one["Type"] == "AWS::KMS::Key"]
    costs = section(text("operating.md"), "## What it costs")
    assert f"{len(ALARMS)} alarms in the hub" in costs
    assert f"{len(keys)} in the hub" in costs


def stated(statement: dict[str, Any]) -> dict[str, Any]:
    """A statement, also one that is there on a condition."""
    return statement["Fn::If"][1] if "Fn::If" in statement else statement


def plain_name(written: dict[str, Any]) -> str:
    """What a policy is called in the hub's region."""
    told = written["Fn::If"][1] if "Fn::If" in written else written
    return str(told["Fn::Sub"]).removeprefix("${Install}-")


def persona_policies() -> list[tuple[str, str]]:
    """Name of each policy for people, and each of its statements."""
    return [
        (plain_name(resource["Properties"]["ManagedPolicyName"]), stated(statement)["Sid"])
        for path in STACKS
        for resource in source(path)["Resources"].values()
        if resource["Type"] == "AWS::IAM::ManagedPolicy"
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
    ]


SHARED = {"ReadTheRegistry", "ListTheGroups", "ReadTheRecord", "FindTheInstallation", "NeverForgeNorErase"}


@pytest.mark.parametrize(("policy", "sid"), persona_policies())
def test_every_right_of_a_person_has_its_entry(policy, sid):
    told = section(text("operating.md"), "## People and their rights")
    row = next(row for row in rows(told) if f"`<install>-{policy}`" in row)
    assert sid in code_spans(told if sid in SHARED else row[2])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_its_entry(function):
    assert f"`{function}`" in {row[0] for row in rows(text("architecture.md"))}


def attributes(row: type) -> set[str]:
    return {one.attr_name for one in row.get_attributes().values()} - {"pk", "sk", "schema_version"}  # type: ignore[attr-defined]


ROWS = [
    row
    for row in vars(table_rows).values()
    if isinstance(row, type) and issubclass(row, table_rows.Row) and row not in {table_rows.Row, table_rows.OpenedRow}
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_every_attribute_of_the_table_is_told_with_its_item(row):
    told = section(text("architecture.md"), "### Items")
    sort_key = re.findall(r"`([^`]+)`", row.__doc__)[1].split("<")[0].split("#")[0]
    lines = [
        line for line in told.splitlines() if line.startswith("|") and f"| `{sort_key}" in line.replace("| `", "| `")
    ]
    fifteen = set(ATTRIBUTES) if row is table_rows.StageRow else set()
    assert set(ATTRIBUTES) <= code_spans(told)
    assert any(attributes(row) - fifteen <= code_spans(line) for line in lines), sorted(attributes(row))


def test_every_index_has_its_entry():
    indexes = HUB["Resources"]["GovernanceTable"]["Properties"]["GlobalSecondaryIndexes"]
    told = {row[0] for row in rows(section(text("architecture.md"), "### Indexes"))}
    assert {f"`{index['IndexName']}`" for index in indexes} <= told


def test_the_deeds_that_the_audit_trail_names_are_told():
    written = {one.value for one in ast.walk(ast.parse(inspect.getsource(audit.deed))) if isinstance(one, ast.Constant)}
    deeds = {*REGISTRY_DEEDS.values(), "registered", "approved-again", "first-seen", "changed"}
    assert {word for word in written if isinstance(word, str) and re.fullmatch("[a-z-]{4,}", word)} <= deeds | {"stage"}
    assert deeds <= code_spans(text("audit-chain.md"))


def test_every_schema_lies_beside_the_page():
    assert {path.name for path in (DOCS / "events").iterdir()} == {
        f"{name}.schema.json" for name in (*PUBLISHED, *COMMANDS)
    }


def test_the_readme_is_in_the_index_and_every_page_too():
    index = text("README.md")
    for page in (*DOCS.glob("*.md"), DOCS / "decisions" / "README.md"):
        name = str(page.relative_to(DOCS))
        assert name == "README.md" or f"({name})" in index, name
    assert isinstance(DOCS, Path)


def hub_findings() -> dict[str, str]:
    """Every code of a finding about the hub, with its severity."""
    found: dict[str, str] = {}
    for path in (ROOT / "layers/governance/python/governance/services").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "HubFinding":
                told = {keyword.arg: keyword.value for keyword in node.keywords}
                found |= dict(zip(constants(told["code"]), names_of_severities(told["severity"]), strict=True))
    return found


def test_every_finding_about_the_hub_has_its_entry_with_its_severity():
    documented = {
        name: row[1] for row in rows(section(text("findings.md"), "## The hub")) for name in code_spans(row[0])
    }
    assert documented == hub_findings()
