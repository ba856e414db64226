"""What Steward costs: AWS calls, CPU, cold starts, sizes, and how long things take on the local cloud."""

import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent

_tests = ModuleType("tests")
_tests.__path__ = [str(ROOT / "tests")]
sys.modules.setdefault("tests", _tests)  # some installed package has a `tests` of its own, which would hide ours
