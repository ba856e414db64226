"""The moto side on its own: a real server, and a small door that only remembers."""

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


class RememberingDoor:
    """Takes events and answers questions about roles; S3 objects can be laid into it."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.objects: dict[str, bytes] = {}
        self.failures = 0
        door = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                door.post(self, body)

            def do_HEAD(self) -> None:
                door.get(self, with_body=False)

            def do_GET(self) -> None:
                door.get(self, with_body=True)

            def log_message(self, *_: Any) -> None:
                """Be quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def post(self, request: BaseHTTPRequestHandler, body: Any) -> None:
        status, answer = 200, b"{}"
        if request.path == "/_local/events" and self.failures:
            self.failures -= 1
            status = 503
        elif request.path == "/_local/events":
            self.events.extend(body)
        elif "refused" in body["role_arn"]:
            status, answer = 403, b"the role does not trust the service"
        else:
            key = {"access_key_id": "ASIATEST", "secret_access_key": "s", "session_token": "t"}
            answer = json.dumps(key).encode()
        request.send_response(status)
        request.end_headers()
        request.wfile.write(answer)

    def get(self, request: BaseHTTPRequestHandler, with_body: bool) -> None:
        body = self.objects.get(request.path)
        request.send_response(404 if body is None else 200)
        request.send_header("ETag", '"e1"')
        request.send_header("Content-Length", str(len(body or b"")))
        request.end_headers()
        if with_body and body is not None:
            request.wfile.write(body)

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
    server = start(0, door.url, state, job_timeout=5)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(autouse=True)
def _a_quiet_start(backend: str, door: RememberingDoor) -> None:
    wiring().events.flush()
    door.events.clear()
    door.objects.clear()


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


def until(condition: Callable[[], Any], timeout: float = 20.0) -> Any:
    """Return what `condition` gives once it is true."""
    deadline = time.monotonic() + timeout
    while not (result := condition()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)
    return result
