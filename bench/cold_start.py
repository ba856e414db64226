"""Cold starts: importing each function's module out of its built layers, against `import boto3` plus one client.

CPU time of fresh processes, since a busy machine stretches the other kind. Once as the layers are shipped, and once
with bytecode beside the sources, to tell how much of a cold start is compiling.
"""

import compileall
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory
from unittest.mock import patch

from bench import ROOT, sizes
from bench.measurement import Measurement
from local_cloud.build import Target
from tests.aws.functions import ENVIRONMENT, FOLDER
from tests.aws.resources import CREDENTIALS

RUNS = 7
OF_ONE = "checksums"
"""Where the layer lies that only copy_artifacts has."""
BASELINE = "import boto3; boto3.client('dynamodb')"
TIMED = "import time; began = time.process_time(); {code}; print((time.process_time() - began) * 1000, flush=True)"


def measured() -> Iterable[Measurement]:
    """Milliseconds of CPU, and ratios to the baseline of the same kind."""
    with TemporaryDirectory() as folder:
        for kind, layers in prepared(Path(folder)).items():
            baseline = tuple(start(BASELINE, layers, {}) for _ in range(RUNS))
            note = f"the baseline; layers {kind}"
            yield Measurement("cold_start", f"import boto3 and a client, {kind}", "ms", baseline, note)
            usual = Measurement("", "", "", baseline).median
            for function, folder_name in sorted(FOLDER.items()):
                code = f"import sys; sys.path.insert(0, {str(ROOT / 'functions' / folder_name)!r}); import app"
                further = [layers.parent / OF_ONE] if function == "CopyArtifacts" else []
                values = tuple(start(code, layers, ENVIRONMENT[function], *further) for _ in range(RUNS))
                ratios = tuple(value / usual for value in values)
                milliseconds = Measurement("", "", "", values).median
                yield Measurement("cold_start", f"{function}, {kind}", "ratio", ratios, f"{milliseconds:.0f} ms")


def prepared(folder: Path) -> Mapping[str, Path]:
    """The layers as Lambda unpacks them: as shipped, and compiled."""
    built = sizes.built(Target.at_hand(), folder / "build")
    shipped, compiled = folder / "shipped", folder / "compiled"
    for layer in ("DependenciesLayer", "GovernanceLayer"):
        shutil.copytree(built / layer / "python", shipped, dirs_exist_ok=True)
    shutil.copytree(built / "ChecksumsLayer" / "python", folder / OF_ONE)
    shutil.copytree(shipped, compiled)
    for left in shipped.rglob("__pycache__"):
        shutil.rmtree(left)
    with patch.object(sys, "pycache_prefix", None):  # beside the sources, wherever this process keeps its own
        compileall.compile_dir(compiled, quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    return {"as shipped": shipped, "with bytecode": compiled}


def start(code: str, layers: Path, environment: Mapping[str, str], *further: Path) -> float:
    """CPU milliseconds of one fresh process, from its first line to the module being ready."""
    told = {
        **CREDENTIALS,
        **environment,
        "PYTHONPATH": os.pathsep.join(map(str, (layers, *further))),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    told |= {"LAMBDA_TASK_ROOT": "/var/task", "PATH": os.environ["PATH"]}
    interpreter = str(Path(sys.executable).resolve())  # not that of .venv, whose packages would be found as well
    command = [interpreter, "-S", "-c", TIMED.format(code=code)]
    ran = subprocess.run(command, env=told, cwd="/", capture_output=True, text=True, check=True)
    return float(json.loads(ran.stdout.splitlines()[-1]))
