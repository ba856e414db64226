"""Run functions as AWS would: in containers of their runtime, as their own roles, against the local cloud."""

import ipaddress
import json
import os
import socket
import socketserver
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samcli.yamlhelper import yaml_dump

from local_cloud.build import Target, sam
from local_cloud.place import ROOT
from tests.template.translation import source

RUNTIME = source("template.yaml")["Parameters"]["Runtime"]["Default"]
TARGET = Target(python=RUNTIME.removeprefix("python"), machine="x86_64", platform="x86_64-manylinux2014")
IMAGE = f"public.ecr.aws/lambda/python:{TARGET.python}-x86_64"


@dataclass(frozen=True)
class Invocation:
    """What came of one `sam local invoke`."""

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
    """Build the hub for the template's default runtime; the template to invoke from.

    SAM hands only variables to a container that the template declares, so this copy declares the endpoint, too.
    """
    uv = os.environ.get("UV") or str(ROOT / ".local" / "tools" / "bin" / "uv")
    made_for = {"LAMBDA_PYTHON": TARGET.python, "LAMBDA_PLATFORM": TARGET.platform, "UV": uv}
    overrides = [f"{name}={value}" for name, value in TARGET.parameters().items()]
    arguments = ["build", "--build-dir", str(folder / "build"), "--parameter-overrides", *overrides]
    sam(*arguments, environment=made_for, log=folder / "build.log")
    built = source(str(folder / "build" / "template.yaml"))
    built["Globals"]["Function"]["Environment"]["Variables"]["AWS_ENDPOINT_URL"] = ""
    template = folder / "build" / "invoke.yaml"
    template.write_text(yaml_dump(built))
    return template


@dataclass(frozen=True)
class Lambda:
    """Invokes functions of a built template, each as its own role in the hub of a local cloud."""

    template: Path
    endpoint_url: str
    """The local cloud, as seen from here."""
    endpoint_inside: str
    """The local cloud, as seen from a container."""
    region: str
    deployed: Mapping[str, Mapping[str, str]]
    """The environment of each deployed function, by logical name."""
    roles: Mapping[str, str]
    """The ARN of each function's role, by logical name."""
    folder: Path

    def invoke(self, function: str, event: Path) -> Invocation:
        """Run one function on one event, to its end."""
        variables = self.folder / f"{event.stem}.variables.json"
        variables.write_text(
            json.dumps({function: {**self.deployed[function], "AWS_ENDPOINT_URL": self.endpoint_inside}})
        )
        command = [str(Path(sys.executable).parent / "sam"), "local", "invoke", function, "--event", str(event)]
        command += ["--template", str(self.template), "--env-vars", str(variables), "--skip-pull-image"]
        command += ["--region", self.region, "--no-memory-limit", "--parameter-overrides"]
        command += [f"{name}={value}" for name, value in TARGET.parameters().items()]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_"))}
        ran = subprocess.run(
            command,
            cwd=self.folder,
            env={**environment, "SAM_CLI_TELEMETRY": "0", **self.session(function)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        text = ran.stdout + ran.stderr
        assert ran.returncode == 0, f"`sam local invoke` failed:\n{text}"
        return understood(ran.stdout, text)

    def session(self, function: str) -> dict[str, str]:
        """Credentials of a function's role, as the Lambda service gets them."""
        wanted = {"role_arn": self.roles[function], "session_name": function, "service": "lambda.amazonaws.com"}
        request = urllib.request.Request(f"{self.endpoint_url}/_local/assume", json.dumps(wanted).encode())
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            keys = json.load(answer)
        return {
            "AWS_ACCESS_KEY_ID": keys["access_key_id"],
            "AWS_SECRET_ACCESS_KEY": keys["secret_access_key"],
            "AWS_SESSION_TOKEN": keys["session_token"],
        }


def understood(stdout: str, text: str) -> Invocation:
    """The handler's answer, which SAM prints last, and the log lines in everything that was said."""
    lines = [line for line in stdout.splitlines() if line.strip()]
    answer = json.loads(lines[-1]) if lines else None
    error = answer if isinstance(answer, dict) and "errorType" in answer else None
    return Invocation(None if error else answer, error, list(log_lines(text)), text)


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
