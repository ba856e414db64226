"""What is uploaded: the zipped size of each layer and function, built for the runtime that the template defaults to."""

import os
import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import ROOT
from bench.measurement import Measurement
from local_cloud.build import Target, sam
from tests.aws.functions import FOLDER

SHIPPED = Target(python="3.13", machine="arm64", platform="aarch64-manylinux2014")
LAYERS = ("DependenciesLayer", "ChecksumsLayer", "GovernanceLayer")


def measured() -> Iterable[Measurement]:
    """Kilobytes, zipped."""
    with TemporaryDirectory() as folder:
        output = built(SHIPPED, Path(folder))
        for layer in LAYERS:
            yield sized(layer, output / layer)
    for function, name in sorted(FOLDER.items()):
        yield sized(function, ROOT / "functions" / name)


def built(target: Target, folder: Path) -> Path:
    """The output of `sam build` for a target."""
    uv = os.environ.get("UV") or str(ROOT / ".local" / "tools" / "bin" / "uv")
    overrides = [f"{name}={value}" for name, value in target.parameters().items()]
    arguments = ["build", "--build-dir", str(folder / "output"), "--parameter-overrides", *overrides]
    made_for = {"LAMBDA_PYTHON": target.python, "LAMBDA_PLATFORM": target.platform, "UV": uv}
    sam(*arguments, environment=made_for, log=folder / "build.log")
    return folder / "output"


def sized(name: str, folder: Path) -> Measurement:
    """A folder, zipped as SAM zips it."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path in files:
            zipped.write(path, path.relative_to(folder))
    unpacked = sum(path.stat().st_size for path in files) / 1024
    return Measurement("size", name, "KiB", (len(archive.getvalue()) / 1024,), f"{unpacked:,.0f} KiB unpacked")
