"""Every path, link, verb and module that the pages name is there, and they speak of Steward alone."""

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from steward.main import app
from tests.docs.pages import DOCS, PAGES, ROOT, anchors, blocks, code_spans, rows, text

DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))

HOUSE = ["LICENSE", ".pre-commit-config.yaml", ".editorconfig"]

MADE_ELSEWHERE = {".local", ".venv", "bench/results", ".local/cloud.json"}
"""Folders and files that commands make."""


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_to_a_page_and_a_heading_that_are_there(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


PATH = re.compile(r"[\w.-]+(/[\w.*-]+)+/?|[\w-]+\.(md|yaml|toml|py|json|txt)|Makefile|LICENSE")

BASES = (ROOT, ROOT / "layers" / "governance" / "python" / "governance", DOCS)
"""Paths are told from the top, from the package, or from the documentation."""


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_path_that_is_named_exists(page):
    inside_a_bundle = {"template.yaml", "configuration.json", "manifest.json"}
    for span in code_spans(text(page)):
        candidate = span.split("#")[0].rstrip("/")
        if not PATH.fullmatch(span) or candidate in MADE_ELSEWHERE | inside_a_bundle:
            continue
        if candidate.split("/")[0] in {"sealed", "validation", "bundles", "text", "evidence"} or "uv.lock" in candidate:
            continue
        assert any(next(base.glob(candidate), None) for base in BASES), candidate


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_file_that_a_command_names_exists(page):
    for block in blocks(text(page), "bash"):
        for path in re.findall(r"(?:--template-file |file://)([\w./-]+)", block):
            assert (ROOT / path).exists(), path


def test_every_verb_of_make_that_is_named_exists():
    verbs = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    for page in PAGES:
        for verb in re.findall(r"(?:`|^|\n)make ([a-z]+)\b", text(page)):
            assert verb in verbs, f"{named(page)}: make {verb}"


def test_every_module_that_is_run_exists():
    for page in PAGES:
        for module in re.findall(r"python -m ([\w.]+)", text(page)):
            path = ROOT / module.replace(".", "/")
            known = module in {"pytest", "venv", "pip"}
            assert known or path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


def test_every_environment_of_sam_that_is_named_exists():
    environments = tomllib.loads((ROOT / "samconfig.toml").read_text())
    for page in PAGES:
        for name in re.findall(r"--config-env (\w+)", text(page)):
            assert {"build", "deploy"} <= set(environments[name]), name


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_python_snippet_can_be_parsed(page):
    for block in blocks(text(page), "python"):
        ast.parse(block)


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_its_sections_and_is_listed(decision):
    headings = re.findall(r"^## (.+)$", text(decision), flags=re.MULTILINE)
    assert headings == ["Context", "Decision", "Alternatives", "Consequences"]
    number, title = re.fullmatch(r"# (\d+)\. (.+)", text(decision).splitlines()[0]).groups()  # type: ignore[union-attr]
    assert decision.name.startswith(f"{int(number):04d}-")
    assert [f"[{number}]({decision.name})", title] in rows(text("decisions/README.md"))
    assert len(text(decision).split()) < 600


def test_decisions_are_numbered_without_a_gap():
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("page", [*PAGES, *(ROOT / name for name in HOUSE)], ids=named)
def test_a_page_names_no_host_and_no_machine(page):
    content = text(page)
    hosts = set(re.findall(r"https?://([\w.-]+)", content))
    assert hosts <= {"www.apache.org", "json-schema.org"}
    assert not re.search(r"(?<![\w.<])/(home|root|tmp|work|Users|mnt|opt)/", content)
    assert not re.search("[\U0001f300-\U0001faff]", content)
    assert not re.search(r"\b(TODO|TBD|FIXME|coming soon|in the future)\b", content)


def test_hooks_fetch_nothing_and_run_what_is_installed():
    told = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"repo: (\S+)", told) == ["local"]
    assert all(entry.startswith(".venv/bin/") for entry in re.findall(r"entry: (\S+)", told))


def test_the_license_is_that_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in text(ROOT / "LICENSE")
    assert "Steward contributors" in text(ROOT / "LICENSE")


def commands_of(group: Any, name: str = "steward") -> dict[str, set[str]]:
    """Every command of the command line, with its options."""
    options = {told for one in group.params for told in (*one.opts, *one.secondary_opts) if told.startswith("--")}
    found = {name: options | {"--help"}}
    for word, one in getattr(group, "commands", {}).items():
        found |= commands_of(one, f"{name} {word}")
    return found


COMMANDS = commands_of(get_command(app))


def spoken() -> list[tuple[str, str]]:
    """Every call of the command that a page shows, and every one that a remedy of the code advises."""
    shown = [
        (named(page), line)
        for page in PAGES
        for line in [*sorted(code_spans(text(page))), *"".join(blocks(text(page), "bash")).splitlines()]
        if re.match(r"(\S*/)?steward( |$)", line)
    ]
    advised = [
        (path.name, said)
        for path in (ROOT / "layers/governance/python/governance").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.keyword) and node.arg == "remedy"
        for said in re.findall(r"steward [a-z-]+(?: --[a-z-]+)*", ast.unparse(node.value))
    ]
    return shown + advised


@pytest.mark.parametrize(("where", "said"), spoken())
def test_every_command_that_is_named_is_there_with_its_options(where, said):
    words = said.split(" # ")[0].split()
    at = next((at for at, word in enumerate(words) if f"steward {word}" in COMMANDS), 0)
    calls = [" ".join(["steward", *words[at : at + length]]) for length in (1, 2)] if at else ["steward"]
    assert at or len(words) == 1 or words[1] in {"…", "--install-completion"}, where
    known = COMMANDS["steward"].union(*(COMMANDS.get(call, set()) for call in calls))
    assert {word for word in words if word.startswith("--")} <= known, where
