"""The two processes of the local cloud: the door (MiniStack) and the backend (moto), started, found and ended."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from local_cloud.place import LAYERS, ROOT, Place, ministack_python

_READY_SECONDS = 60.0
_GRACE_SECONDS = 5.0


class CloudFault(RuntimeError):
    """The local cloud cannot do what was asked; the message says what to do next."""


@dataclass(frozen=True)
class Processes:
    """A running local cloud."""

    endpoint_url: str
    backend_url: str
    door_pid: int
    backend_pid: int


def interpreter() -> Path:
    """The Python that MiniStack is installed for. Raises `CloudFault` when there is none."""
    python = ministack_python()
    if not python.exists():
        raise CloudFault(f"MiniStack is not installed at {python}. Run `make install`, then try again.")
    return python


def find(place: Place) -> Processes | None:
    """The cloud that runs here, or None; a cloud of which a process has died does not count as running."""
    if not place.processes.exists():
        return None
    found = Processes(**json.loads(place.processes.read_text()))
    alive = _is_ours(found.door_pid, "local_cloud.door") and _is_ours(found.backend_pid, "local_cloud.backend")
    return found if alive else None


def start(place: Place) -> Processes:
    """Start both processes and wait until they answer. Raises `CloudFault` with the end of the log when one dies."""
    python = interpreter()
    stop(place)
    for folder in (place.logs, place.scratch):
        folder.mkdir(parents=True, exist_ok=True)
    door_port, backend_port = _free_ports(2)
    door_url, backend_url = f"http://127.0.0.1:{door_port}", f"http://127.0.0.1:{backend_port}"
    environment = _clean_environment(place)
    door_environment = {
        **environment,
        "GATEWAY_PORT": str(door_port),
        "STEWARD_BACKEND_URL": backend_url,
        "STEWARD_LOGS": str(place.logs),
        "STEWARD_LAYERS": str(LAYERS),
    }
    backend_command = [sys.executable, "-m", "local_cloud.backend", "--port", str(backend_port), "--door", door_url]
    backend_command += ["--state", str(place.scratch / "backend")]
    (place.scratch / "backend").mkdir(exist_ok=True)
    door = _spawn([str(python), "-m", "local_cloud.door"], place.logs / "door.log", door_environment)
    backend = _spawn(backend_command, place.logs / "backend.log", environment)
    running = Processes(door_url, backend_url, door.pid, backend.pid)
    place.processes.write_text(json.dumps(asdict(running), indent=2))
    _wait(lambda: _answers(f"{door_url}/_ministack/health"), door, place.logs / "door.log")
    _wait(lambda: _listens(backend_port), backend, place.logs / "backend.log")
    return running


def stop(place: Place) -> bool:
    """End both processes and the functions they run, and remove what they left; whether there was anything to end."""
    if not place.processes.exists():
        return False
    found = Processes(**json.loads(place.processes.read_text()))
    named = ((found.door_pid, "local_cloud.door"), (found.backend_pid, "local_cloud.backend"))
    pids = [pid for pid, module in named if _is_ours(pid, module)]
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in pids:
            _signal_group(pid, number)
        if _gone(pids):
            break
    place.processes.unlink(missing_ok=True)
    place.contract.unlink(missing_ok=True)
    shutil.rmtree(place.scratch, ignore_errors=True)
    return bool(pids)


def _spawn(command: list[str], log: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _clean_environment(place: Place) -> dict[str, str]:
    """The environment without the developer's own AWS settings: nothing here may ever reach a real account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_", "MINISTACK_"))}
    for name in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE"):  # functions and endpoints start often: keep bytecode
        kept.pop(name, None)
    local = ",".join(filter(None, ["127.0.0.1", "localhost", kept.get("NO_PROXY") or kept.get("no_proxy")]))
    return {
        **kept,
        "NO_PROXY": local,
        "no_proxy": local,
        "TMPDIR": str(place.scratch),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONUNBUFFERED": "1",
    }


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for bound in sockets:
            bound.bind(("127.0.0.1", 0))
        return [bound.getsockname()[1] for bound in sockets]
    finally:
        for bound in sockets:
            bound.close()


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until:
        if ready():
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise CloudFault(f"The local cloud did not start. The end of {log}:\n{tail}")


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _is_ours(pid: int, module: str) -> bool:
    """Whether that process is alive and runs that module; a number may have been given to another program since."""
    listed = subprocess.run(["ps", "-p", str(pid), "-o", "stat=,args="], capture_output=True, text=True, check=False)
    state, _, command = listed.stdout.strip().partition(" ")
    return bool(state) and not state.startswith("Z") and f"-m {module}" in command


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def _gone(pids: Iterable[int]) -> bool:
    until = time.monotonic() + _GRACE_SECONDS
    while time.monotonic() < until:
        if not any(_alive(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def _alive(pid: int) -> bool:
    try:
        finished, _ = os.waitpid(pid, os.WNOHANG)  # our own child, in a test
    except ChildProcessError:
        finished = 0
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return finished == 0
