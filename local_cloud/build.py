"""`sam build` for the Python that runs the functions here; skipped when nothing it reads has changed."""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local_cloud.place import ROOT
from local_cloud.processes import CloudFault, interpreter

BUILD = ROOT / ".aws-sam" / "local"
"""What `sam deploy` takes; one for all local clouds of this project, since it depends on the sources alone."""

_SOURCES = ("template.yaml", "samconfig.toml", "layers", "functions", "statemachines")


@dataclass(frozen=True)
class Target:
    """The Python and processor that the functions will run on."""

    python: str
    machine: str
    platform: str

    @classmethod
    def at_hand(cls) -> "Target":
        """Those of the interpreter that runs MiniStack, which is the one that runs the functions."""
        asked = "import sys; print('%d.%d' % sys.version_info[:2])"
        answered = subprocess.run([str(interpreter()), "-c", asked], capture_output=True, text=True, check=True)
        arm = platform.machine().lower() in ("arm64", "aarch64")
        wheels = "apple-darwin" if sys.platform == "darwin" else "manylinux2014"
        return cls(
            python=answered.stdout.strip(),
            machine="arm64" if arm else "x86_64",
            platform=f"{'aarch64' if arm else 'x86_64'}-{wheels}",
        )

    def parameters(self) -> dict[str, str]:
        """The template's parameters for this target."""
        return {"Runtime": f"python{self.python}", "Architecture": self.machine}


def sam(*arguments: str, environment: dict[str, str], log: Path) -> None:
    """Run the SAM CLI of this environment, without the developer's own AWS settings.

    Raises `CloudFault` with the end of its output.
    """
    command = [str(Path(sys.executable).parent / "sam"), *arguments]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_"))}
    settings = {
        **kept,
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.3",
        "AWS_EC2_METADATA_DISABLED": "true",
        **environment,
    }
    ran = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(ran.stdout + ran.stderr)
    if ran.returncode:
        tail = "\n".join((ran.stdout + ran.stderr).splitlines()[-25:])
        raise CloudFault(f"`sam {arguments[0]}` failed; everything it said is in {log}. The end:\n{tail}")


def build(target: Target, logs: Path) -> bool:
    """Make `BUILD` current; whether anything had to be built."""
    with _alone():
        stamp, wanted = BUILD / ".sources", _fingerprint(target)
        if stamp.exists() and stamp.read_text() == wanted:
            return False
        overrides = [f"{name}={value}" for name, value in target.parameters().items()]
        arguments = ["build", "--config-env", "local", "--build-dir", str(BUILD), "--parameter-overrides", *overrides]
        made_for = {
            "LAMBDA_PYTHON": target.python,
            "LAMBDA_PLATFORM": target.platform,
            "LAMBDA_INTERPRETER": "false",  # the door compiles layers once, in the background
            "UV": _uv(),
        }
        sam(*arguments, environment=made_for, log=logs / "build.log")
        stamp.write_text(wanted)
        return True


def _uv() -> str:
    beside = Path(sys.executable).parent / "uv"
    found = os.environ.get("UV") or shutil.which("uv") or (str(beside) if beside.exists() else None)
    if found is None:
        raise CloudFault("uv is not on PATH, and the dependencies layer is built with it. Run `make install`.")
    return found


def _fingerprint(target: Target) -> str:
    digest = hashlib.sha256(repr(target).encode())
    for source in _SOURCES:
        path = ROOT / source
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


@contextmanager
def _alone() -> Iterator[None]:
    """Two clouds that come up at once must not build into the same folder."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD.parent / ".local-build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
