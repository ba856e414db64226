"""The moto side on its own: a real server, and a small door that remembers."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local_cloud.backend.server import start
from local_cloud.backend.wiring import wiring

HUB, DEV = "444455556666", "111122223333"
REGION = "eu-west-1"


Answer = tuple[int, dict[str, str], bytes]


class RememberingDoor:
    """Takes events, lends roles, plays functions; everything else it passes on to the moto server itself."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.functions: dict[str, Callable[[dict[str, Any]], None]] = {}
        self.failures = 0
        self.moto = ""
        door = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, answer = door.answer(self.command, self.path, dict(self.headers), body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer)

            do_POST = do_GET = do_PUT = do_HEAD = do_DELETE = answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Be quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if path == "/_local/events" and self.failures:
            self.failures -= 1
            return 503, {}, b"not ready"
        if path == "/_local/events":
            self.events.extend(json.loads(body))
            return 200, {}, b"{}"
        if path == "/_local/assume":
            return self.lend(json.loads(body))
        if "/functions/" in path:
            name = path.split("/functions/")[1].split("/")[0]
            event = json.loads(body)
            threading.Thread(target=self.functions[name], args=(event,), daemon=True).start()
            return 202, {}, b""
        return self.forward(method, path, headers, body)

    def lend(self, wanted: dict[str, str]) -> Answer:
        if "refused" in wanted["role_arn"]:
            return 403, {}, b"the role does not trust the service"
        key = f"ASIA{wanted['role_arn'].split(':')[4]}"
        return 200, {}, json.dumps({"access_key_id": key, "secret_access_key": "s", "session_token": "t"}).encode()

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        key = headers["Authorization"].partition("Credential=")[2].split("/")[0]
        if key[-12:].isdigit():
            headers["x-moto-account-id"] = key[-12:]
        connection = http.client.HTTPConnection(self.moto.removeprefix("http://"), timeout=30)
        connection.request(method, path, body, {k: v for k, v in headers.items() if k != "Host"})
        response = connection.getresponse()
        kept = {k: v for k, v in response.getheaders() if k not in ("Connection", "Transfer-Encoding")}
        return response.status, kept, response.read()

    def of(self, detail_type: str, account: str | None = None) -> list[dict[str, Any]]:
        assert wiring().events.flush()
        return [
            event
            for event in self.events
            if event["detail-type"] == detail_type and account in (None, event["account"])
        ]


@pytest.fixture(scope="session")
def door() -> RememberingDoor:
    return RememberingDoor()


@pytest.fixture(scope="session")
def backend(door: RememberingDoor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    state: Path = tmp_path_factory.mktemp("state")
    server = start(0, door.url, state)
    door.moto = f"http://127.0.0.1:{server.server_port}"
    yield door.moto
    server.shutdown()


@pytest.fixture(autouse=True)
def _a_quiet_start(backend: str, door: RememberingDoor) -> None:
    wiring().events.flush()
    door.events.clear()
    door.functions.clear()


Client = Callable[..., Any]


@pytest.fixture
def client(backend: str) -> Client:
    """Make a boto3 client that calls as the door would let it: with the caller's headers."""

    def make(service: str, account: str = HUB, person: str | None = None) -> Any:
        made = boto3.client(
            service,
            region_name=REGION,
            endpoint_url=backend,
            aws_access_key_id=account,
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )
        made.meta.events.register("before-sign.*.*", _as_caller(account, person))
        return made

    return make


def _as_caller(account: str, person: str | None) -> Callable[..., None]:
    def add(request: Any, **_: Any) -> None:
        request.headers["x-moto-account-id"] = account
        request.headers["x-steward-caller-account"] = account
        if person:
            arn = f"arn:aws:sts::{account}:assumed-role/{person}-role/{person}"
            request.headers["x-steward-caller-arn"] = arn
            request.headers["x-steward-caller-user-id"] = f"AROA{person.upper()}:{person}"
            request.headers["x-steward-caller-source-identity"] = f"{person}@example.com"

    return add


@pytest.fixture
def group_name() -> str:
    return f"Credit-{time.time_ns()}"


def until(condition: Callable[[], Any], timeout: float = 60.0) -> Any:
    """Return what `condition` gives once it is true."""
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)
    return result
