"""A fleet of model versions in a cloud that misbehaves, and the truth to compare their records with. Never shipped.

It drives the cloud with the stranger's driver of `tests/integration/scenarios`. Some third-party packages install a
package called `tests`, which would hide this project's folder of that name, so the folder is named here first.
"""

import sys
from pathlib import Path
from types import ModuleType

if "tests" not in sys.modules:
    _folder = ModuleType("tests")
    _folder.__path__ = [str(Path(__file__).resolve().parent.parent / "tests")]
    sys.modules["tests"] = _folder
