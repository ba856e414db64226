"""Change the decision modules a little, over and over, and see whether a test notices: `make mutants`.

Every mutant is one small change that mutmut makes to a function. A mutant that no test kills is a rule that nobody
checks, or a change that changes nothing: each that is left has its reason in `scripts/mutants.toml`, by its function
and the line that it changes. Fails below nine in ten, and when one is left without a reason.

`python -m scripts.mutants MODULE...` tries some modules only.
"""

import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".local" / "mutants"
SOURCES = ROOT / "layers" / "governance" / "python" / "governance"
REASONS = Path(__file__).with_suffix(".toml")
RESULT = ROOT / "bench" / "results" / "mutants.txt"
KILLED_AT_LEAST = 0.9

DECIDING: Mapping[str, tuple[str, ...]] = {
    "authority": (),
    "fold_of_reviews": (),
    "gates": (),
    "loosening": (),
    "matters": (),
    "policy": (),
    "terms": (),
    "write_backs": (),
    "authorship": (),
    "conclusions": ("next_verdict", "overtaken", "verdict", "glass_for"),
}
"""The modules in which decisions are made; where functions are named, only those."""

TESTS = (
    "tests/unit/governance/decisions/test_cases.py",
    "tests/unit/governance/decisions/test_details.py",
    "tests/unit/governance/decisions/test_judged_again.py",
    "tests/unit/governance/decisions/test_running_now.py",
    "tests/unit/governance/decisions/test_what_if.py",
    "tests/unit/governance/decisions/test_words.py",
    "tests/unit/governance/orders/test_approving.py",
    "tests/unit/governance/orders/test_emergencies.py",
    "tests/unit/governance/orders/test_findings_of_reviewers.py",
    "tests/unit/governance/policies/test_coverage_now.py",
    "tests/unit/governance/policies/test_gates.py",
    "tests/unit/governance/policies/test_loosening.py",
    "tests/unit/governance/write_backs/test_bypasses.py",
    "tests/unit/governance/write_backs/test_deciding_for_people.py",
    "tests/unit/governance/write_backs/test_taking_back.py",
    "tests/unit/governance/write_backs/test_what_counts_no_more.py",
    "tests/unit/governance/test_authority.py",
    "tests/unit/governance/test_default_policy.py",
    "tests/unit/governance/test_late_facts.py",
)
"""The tests that speak of decisions."""

TOO_SLOW = (
    "tests/unit/governance/policies/test_loosening.py::"
    "test_what_a_policy_that_is_nowhere_looser_lets_pass_the_old_one_lets_pass_too",
    "tests/unit/governance/policies/test_loosening.py::test_what_only_adds_gates_is_never_looser",
    "tests/unit/governance/policies/test_gates.py::test_the_order_in_which_things_are_known_does_not_matter",
    "tests/unit/governance/test_late_facts.py::"
    "test_a_version_from_before_governance_announces_and_begins_nothing_until_somebody_adopts_it",
    "tests/unit/governance/test_late_facts.py::"
    "test_nothing_keeps_deploying_without_the_right_to_it_or_an_order_to_stop_it",
)
"""Tests among them that are not run a thousand times over: what they would kill must be killed without them."""

PYPROJECT = """
[tool.pytest.ini_options]
pythonpath = ["."]
addopts = "--import-mode=importlib -p no:cacheprovider -p tests.properties {left_out}"
timeout = 300

[tool.mutmut]
source_paths = ["governance"]
only_mutate = [{modules}]
timeout_multiplier = 5.0
timeout_constant = 5.0
pytest_add_cli_args_test_selection = [{tests}]
"""


@dataclass(frozen=True)
class Mutant:
    """One change: where, how it ended, and the line that it left."""

    name: str
    outcome: str
    removed: str = ""
    added: str = ""

    @property
    def module(self) -> str:
        """The module that it changes."""
        return self.name.split(".")[2]

    @property
    def function(self) -> str:
        """The function that it changes, with its class if it has one."""
        told = self.name.split(".")[-1].rpartition("__mutmut_")[0]
        return told.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")

    @property
    def place(self) -> str:
        """Where it is, as reasons name it."""
        return f"{self.module}.{self.function}"


def prepare(modules: Iterable[str]) -> None:
    """Lay the code and its tests into a folder of their own, in which nobody else works."""
    shutil.rmtree(WORK, ignore_errors=True)
    unwanted = shutil.ignore_patterns("__pycache__", "conftest.py")
    shutil.copytree(SOURCES, WORK / "governance", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests" / "unit" / "governance", WORK / "tests" / "unit" / "governance", ignore=unwanted)
    for helper in (ROOT / "tests").glob("*.py"):
        if helper.name != "conftest.py":
            shutil.copy(helper, WORK / "tests" / helper.name)
    told = ", ".join(f'"governance/domain/{module}.py"' for module in modules)
    tests = ", ".join(f'"{test}"' for test in TESTS)
    left_out = " ".join(f"--deselect={test}" for test in TOO_SLOW)
    (WORK / "pyproject.toml").write_text(PYPROJECT.format(modules=told, tests=tests, left_out=left_out))


def mutmut(*arguments: str) -> str:
    """Run mutmut in that folder, and return what it says."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    done = subprocess.run(command, cwd=WORK, capture_output=True, text=True, check=False)
    if done.returncode and arguments[0] == "run":
        sys.exit(f"{done.stdout[-4000:]}\n{done.stderr[-2000:]}")
    return done.stdout


def patterns(modules: Iterable[str]) -> list[str]:
    """The names of the mutants that are to be tried."""
    return [
        f"governance.domain.{module}.x{function}"
        for module in modules
        for function in [f"_{name}__mutmut_*" for name in DECIDING[module]] or ["*"]
    ]


def results(wanted: Sequence[str]) -> list[Mutant]:
    """How every mutant that was tried ended."""
    found = []
    prefixes = tuple(pattern.rstrip("*") for pattern in wanted)
    for line in mutmut("results", "--all", "true").splitlines():
        name, _, outcome = line.strip().partition(": ")
        if outcome and outcome != "not checked" and name.startswith(prefixes):
            found.append(Mutant(name, outcome, *changed(name)) if outcome != "killed" else Mutant(name, outcome))
    return found


def changed(name: str) -> tuple[str, str]:
    """The first line that a mutant takes away, and the one that it puts there."""
    lines = mutmut("show", name).splitlines()
    removed = [line[1:].strip() for line in lines if line.startswith("-") and not line.startswith("---")]
    added = [line[1:].strip() for line in lines if line.startswith("+") and not line.startswith("+++")]
    return next(iter(removed), ""), next(iter(added), "")


def reason_for(mutant: Mutant, reasons: Mapping[str, Mapping[str, str]]) -> str:
    """Why a mutant may live, or empty text: by its function, and the line that it leaves or takes away."""
    return reasons.get(mutant.place, {}).get(mutant.added or f"without {mutant.removed}", "")


def report(found: Sequence[Mutant], reasons: Mapping[str, Mapping[str, str]]) -> str:
    """What is to be read of it."""
    outcomes = Counter(mutant.outcome for mutant in found)
    lines = ["# Mutants of the decision modules", "", f"{told(outcomes)}.", "", "| module | mutants | killed |"]
    lines.append("| --- | ---: | ---: |")
    for module in dict.fromkeys(mutant.module for mutant in found):
        here = [mutant for mutant in found if mutant.module == module]
        lines.append(f"| {module} | {len(here)} | {share(here):.1%} |")
    lines += ["", "Those that live, and why:", ""]
    for mutant in found:
        if not is_killed(mutant):
            why = reason_for(mutant, reasons) or "NO REASON GIVEN"
            lines.append(f"- `{mutant.place}`: `{mutant.added}` in the place of `{mutant.removed}`: {why}")
    return "\n".join(lines) + "\n"


def told(outcomes: Counter[str]) -> str:
    """How they ended, in words."""
    total = sum(outcomes.values())
    return f"{total} mutants: " + ", ".join(f"{number} {outcome}" for outcome, number in outcomes.most_common())


def is_killed(mutant: Mutant) -> bool:
    """Whether a test noticed; one that never ends is noticed too."""
    return mutant.outcome in {"killed", "timeout"}


def share(found: Sequence[Mutant]) -> float:
    """How many of them were killed."""
    return sum(map(is_killed, found)) / len(found) if found else 1.0


def main(modules: Sequence[str]) -> int:
    """Try them all, write down what was found, and say whether it is enough."""
    wanted = patterns(modules)
    prepare(modules)
    mutmut("run", "--max-children", "2", *wanted)
    found = results(wanted)
    reasons: dict[str, dict[str, str]] = tomllib.loads(REASONS.read_text()) if REASONS.exists() else {}
    text = report(found, reasons)
    (RESULT if modules == tuple(DECIDING) else WORK / "report.md").write_text(text)
    unexplained = [mutant for mutant in found if not is_killed(mutant) and not reason_for(mutant, reasons)]
    print(text)
    return int(share(found) < KILLED_AT_LEAST or bool(unexplained))


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:]) or tuple(DECIDING)))
