"""The function `decide`, answered in this process, for commands that sign what they ask."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore import auth

from steward import install
from steward.install import Session
from tests.aws.cloud import Cloud
from tests.template.translation import hub as template


class Lambda:
    """Hands commands to the function, each signed anew, and a second later than the one before.

    A signature tells its moment in whole seconds: of two in one second, the later is the same deed told again.
    """

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.asked: list[dict[str, Any]] = []

    def now(self) -> datetime:
        """The time, by the clocks of who asks and of the hub."""
        return datetime.now(UTC) + timedelta(seconds=len(self.asked))

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == template().name("Decide")
        self.cloud.clock.moment = self.now()
        self.asked.append(json.loads(Payload))
        with redirect_stdout(io.StringIO()):  # where a function's metrics go
            told = self.cloud.fleet.invoke("Decide", self.asked[-1])
        return {"Payload": io.BytesIO(json.dumps(told).encode())}


@contextmanager
def answered(hub: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    """What is asked of functions; afterwards the hub is as it was."""
    before = hub.snapshot()
    real, used = Session.client, Lambda(hub)

    def client(self: Session, service: str, **options: Any) -> Any:
        return used if service == "lambda" else real(self, service, **options)

    monkeypatch.setattr(install.Session, "client", client)
    monkeypatch.setattr(auth, "get_current_datetime", lambda: used.now().replace(tzinfo=None))
    yield used
    hub.restore(before)
