"""Run functions as AWS would: in containers of their runtime, as their own roles, against the local cloud.

A container is started for the first event of a function and kept for all that follow, as Lambda keeps one: a start
takes ten times as long as an event.
"""

import ipaddress
import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from samcli.yamlhelper import yaml_dump

from local_cloud.build import Target, sam
from local_cloud.place import ROOT
from tests.template.translation import source

RUNTIME = source("template.yaml")["Parameters"]["Runtime"]["Default"]
TARGET = Target(python=RUNTIME.removeprefix("python"), machine="x86_64", platform="x86_64-manylinux2014")
IMAGE = f"public.ecr.aws/lambda/python:{TARGET.python}-x86_64"
DECLARED = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
"""What each container is told beyond the function's own environment. SAM hands over only what a template declares."""
PATIENCE = 120.0
"""Seconds for an event, or for the service to answer at all."""


@dataclass(frozen=True)
class Invocation:
    """What came of one event."""

    answer: Any
    """What the handler returned."""
    error: Mapping[str, Any] | None
    """What it raised, as Lambda tells it: `errorType`, `errorMessage`."""
    logs: list[dict[str, Any]]
    """Its structured log lines."""
    text: str
    """Everything that was said."""

    def logged(self, message: str) -> dict[str, Any]:
        """The one log line with this message."""
        found = [line for line in self.logs if line.get("message") == message]
        assert len(found) == 1, f"{len(found)} lines say {message!r}:\n{self.text}"
        return found[0]


def missing() -> str:
    """Why functions cannot be run in containers here, or nothing if they can."""
    try:
        answered = subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=20).returncode == 0
    except (FileNotFoundError, subprocess.TimeoutExpired):
        answered = False
    if not answered:
        return "Docker does not answer here; functions are not run in containers"
    seen = subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, check=False)
    return "" if seen.returncode == 0 else f"there is no image {IMAGE} here; `docker pull` it"


def build(folder: Path) -> Path:
    """Build the hub for the template's default runtime; the template to invoke from."""
    uv = os.environ.get("UV") or str(ROOT / ".local" / "tools" / "bin" / "uv")
    made_for = {"LAMBDA_PYTHON": TARGET.python, "LAMBDA_PLATFORM": TARGET.platform, "UV": uv}
    overrides = [f"{name}={value}" for name, value in TARGET.parameters().items()]
    arguments = ["build", "--build-dir", str(folder / "build"), "--parameter-overrides", *overrides]
    sam(*arguments, environment=made_for, log=folder / "build.log")
    built = source(str(folder / "build" / "template.yaml"))
    built["Globals"]["Function"]["Environment"]["Variables"] |= dict.fromkeys(DECLARED, "")
    template = folder / "build" / "invoke.yaml"
    template.write_text(yaml_dump(built))
    return template


def session(endpoint_url: str, function: str, role: str) -> dict[str, str]:
    """Credentials of a function's role, as the Lambda service gets them."""
    wanted = {"role_arn": role, "session_name": function, "service": "lambda.amazonaws.com"}
    asked = urllib.request.Request(f"{endpoint_url}/_local/assume", json.dumps(wanted).encode())
    with opened(asked) as answer:
        keys = json.load(answer)
    return {
        "AWS_ACCESS_KEY_ID": keys["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": keys["secret_access_key"],
        "AWS_SESSION_TOKEN": keys["session_token"],
    }


def opened(asked: urllib.request.Request) -> Any:
    """The answer to a request on this machine, whatever proxy there is."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=PATIENCE)


@dataclass(frozen=True)
class Lambda:
    """Invokes functions of a built template, each as its own role in the hub of a local cloud."""

    template: Path
    variables: Path
    """The environment of each function, by logical name."""
    region: str
    folder: Path
    endpoint_inside: str
    """The local cloud, as seen from a container."""
    url: str = ""
    """Where SAM plays the Lambda service."""

    @property
    def log(self) -> Path:
        """Everything that the service and the functions say."""
        return self.folder / "start-lambda.log"

    def sam(self, *words: str) -> dict[str, Any]:
        """How a verb of `sam local` is started: nothing of who runs the tests gets into a container."""
        command = [str(Path(sys.executable).parent / "sam"), "local", *words, "--template", str(self.template)]
        command += ["--env-vars", str(self.variables), "--region", self.region]
        command += ["--skip-pull-image", "--no-memory-limit", "--parameter-overrides"]
        command += [f"{name}={value}" for name, value in TARGET.parameters().items()]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_"))}
        return {"args": command, "cwd": self.folder, "env": {**kept, "SAM_CLI_TELEMETRY": "0"}}

    def invoke(self, function: str, event: Mapping[str, Any]) -> Invocation:
        """Run one function on one event, to its end, in the container that it has."""
        heard = self.log.stat().st_size
        asked = urllib.request.Request(
            f"{self.url}/2015-03-31/functions/{function}/invocations", json.dumps(event).encode()
        )
        with opened(asked) as told:
            answer = json.load(told)
        return understood(answer, within(lambda: self.said_since(heard), lambda said: "\nREPORT RequestId" in said))

    def invoke_alone(self, function: str, event: Path) -> Invocation:
        """Run one function on one event by `sam local invoke`, in a container that is started and ended for it."""
        started = self.sam("invoke", function, "--event", str(event))
        ran = subprocess.run(**started, capture_output=True, text=True, check=False, timeout=PATIENCE)
        text = ran.stdout + ran.stderr
        assert ran.returncode == 0, f"`sam local invoke` failed:\n{text}"
        return understood(json.loads(ran.stdout.strip().splitlines()[-1]), text)

    def said_since(self, position: int) -> str:
        """What was said after this many bytes."""
        with self.log.open("rb") as log:
            log.seek(position)
            return log.read().decode(errors="replace")


def understood(answer: Any, text: str) -> Invocation:
    """The handler's answer, or what it raised: the runtime tells both the same way."""
    failed = isinstance(answer, dict) and "errorType" in answer
    return Invocation(None if failed else answer, answer if failed else None, list(log_lines(text)), text)


def within(look: Callable[[], str], enough: Callable[[str], bool], seconds: float = 10.0) -> str:
    """Look until it is enough, or the time is over; what was seen last."""
    until = time.monotonic() + seconds
    while not enough(seen := look()) and time.monotonic() < until:
        time.sleep(0.02)
    return seen


@contextmanager
def serving(service: Lambda) -> Iterator[Lambda]:
    """While this lasts, SAM plays the Lambda service, and a container that was started is kept."""
    port = free_port()
    words = ("start-lambda", "--host", "127.0.0.1", "--port", str(port), "--warm-containers", "LAZY", "--no-watch")
    # Whoever is started in the background ignores this signal, and so would SAM.
    begun = {**service.sam(*words), "preexec_fn": partial(signal.signal, signal.SIGINT, signal.SIG_DFL)}
    with service.log.open("wb") as log, subprocess.Popen(**begun, stdout=log, stderr=log) as running:
        try:
            answers = within(service.log.read_text, lambda said: "Running on" in said or running.poll() is not None, 60)
            assert "Running on" in answers, f"`sam local start-lambda` failed:\n{answers}"
            yield replace(service, url=f"http://127.0.0.1:{port}")
        finally:
            running.send_signal(signal.SIGINT)  # it removes its containers
            with suppress(subprocess.TimeoutExpired):
                running.wait(PATIENCE)
            running.kill()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


def log_lines(text: str) -> Iterator[dict[str, Any]]:
    """The structured log lines among other output."""
    for line in text.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and "message" in said and "service" in said:
            yield said


@contextmanager
def reachable_from_containers(endpoint_url: str) -> Iterator[str]:
    """The local cloud answers on the loopback interface only; while this lasts, Docker's bridge leads there."""
    door = ("127.0.0.1", int(endpoint_url.rsplit(":", 1)[1]))

    class Passage(socketserver.BaseRequestHandler):
        """One connection, both ways, until either end closes."""

        def handle(self) -> None:
            with socket.create_connection(door) as inner:
                back = threading.Thread(target=pump, args=(inner, self.request), daemon=True)
                back.start()
                pump(self.request, inner)
                back.join()

    with socketserver.ThreadingTCPServer((bridge_address(), 0), Passage) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host, port = server.server_address[:2]
        try:
            yield f"http://{host!s}:{port}"
        finally:
            server.shutdown()


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Everything from one end to the other, until it closes."""
    with suppress(OSError):
        while chunk := source.recv(65536):
            sink.sendall(chunk)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def bridge_address() -> str:
    """This machine's address on Docker's default bridge: the first of its subnet."""
    asked = ["docker", "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Subnet}}"]
    subnet = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return str(next(ipaddress.ip_network(subnet).hosts()))
