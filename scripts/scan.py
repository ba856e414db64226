"""Scan every template with Checkov: `python -m scripts.scan <checkov>`.

What is meant to stay is in scan.yaml, with its reason. Fails for a finding that nothing there explains, and for an
explanation of what is not found.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
EXPLAINED = ROOT / "scripts/scan.yaml"


def templates() -> list[str]:
    """Every template that is deployed."""
    return ["template.yaml", *sorted(str(one.relative_to(ROOT)) for one in templates_beside())]


def templates_beside() -> Iterator[Path]:
    """Those around the hub's."""
    for folder in ("stacks", "controls"):
        yield from (ROOT / folder).glob("*.yaml")


def findings(checkov: str) -> Iterator[tuple[str, str]]:
    """What Checkov finds: the check, and the resource as file:logical id."""
    command = [checkov, "--skip-download", "--framework", "cloudformation", "--compact", "--quiet", "--output", "json"]
    told = subprocess.run([*command, "--file", *templates()], cwd=ROOT, capture_output=True, text=True, check=False)
    try:
        report = json.loads(told.stdout)
    except ValueError:
        sys.exit(f"Checkov said no JSON:\n{told.stdout[-2000:]}{told.stderr[-2000:]}")
    if report["summary"]["parsing_errors"] or report["summary"]["resource_count"] == 0:
        sys.exit(f"Checkov could not read the templates: {report['summary']}")
    for one in report["results"]["failed_checks"]:
        yield one["check_id"], f"{one['file_path'].lstrip('/')}:{one['resource'].rsplit('.', 1)[-1]}"


def judged(found: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What is wrong: findings without a reason, and reasons without a finding."""
    explained = [(one["check"], pattern) for one in yaml.safe_load(EXPLAINED.read_text()) for pattern in one["of"]]
    used = set()
    for check, resource in found:
        reasons = [one for one in explained if one[0] == check and fnmatchcase(resource, one[1])]
        used |= set(reasons)
        if not reasons:
            yield f"{check} {resource}: not explained in {EXPLAINED.relative_to(ROOT)}"
    yield from (
        f"{check} {pattern}: explained, and not found" for check, pattern in explained if (check, pattern) not in used
    )


if __name__ == "__main__":
    found = list(findings(sys.argv[1]))
    wrong = list(judged(found))
    print("\n".join(wrong) or f"Checkov: {len(found)} findings, all of them explained")
    sys.exit(bool(wrong))
