"""AWS's own engine for Guard rules, on templates as CloudFormation is about to make them."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.template.translation import ROOT

ENGINE = Path(os.environ.get("STEWARD_GUARD") or ROOT / ".local/guard/cfn-guard")
"""Where `make install` puts it."""
RULES = ROOT / "controls/endpoints.guard"


def broken(template: Mapping[str, Any], folder: Path) -> set[str]:
    """The names of the rules that a template breaks."""
    written = folder / "template.json"
    written.write_text(json.dumps(template))
    command = [str(ENGINE), "validate", "--rules", str(RULES), "--data", str(written)]
    told = subprocess.run([*command, "--output-format", "json", "--structured", "--show-summary", "none"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert told.returncode in (0, 19), told.stderr or told.stdout
    (report,) = json.loads(told.stdout)
    found = {one["Rule"]["name"] for one in report["not_compliant"]}
    assert bool(found) == (told.returncode == 19)
    return found
