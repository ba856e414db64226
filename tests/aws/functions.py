"""Steward's functions run in this process, each by its real handler, loaded afresh with the template's environment."""

import copy
import importlib.util
import os
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from governance import bootstrap, bootstrap_writing, runtime
from governance.adapters import dynamodb_ledger, dynamodb_rows, pacing, sagemaker_endpoints
from tests.aws.resources import CREDENTIALS
from tests.builders import PERSON_KEY, Clock
from tests.template.policies import functions
from tests.template.translation import ROOT

FUNCTIONS = functions()
ENVIRONMENT = {
    name: {key: str(value) for key, value in defined["Environment"]["Variables"].items()}
    for name, defined in FUNCTIONS.items()
}
"""What the template tells each function."""
FOLDER = {name: told["POWERTOOLS_SERVICE_NAME"] for name, told in ENVIRONMENT.items()}


class Context:
    """What Lambda tells a handler of the invocation."""

    memory_limit_in_mb = 512
    aws_request_id = "00000000-0000-4000-8000-000000000000"

    def __init__(self, function: str) -> None:
        self.function_name = FUNCTIONS.get(function, {}).get("FunctionName", function)
        self.invoked_function_arn = f"arn:aws:lambda:eu-west-1:444455556666:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@dataclass
class Fleet:
    """All functions, each in an execution environment that lives until it is killed."""

    running: dict[str, Any] = field(default_factory=dict)
    others: dict[tuple[str, int], Any] = field(default_factory=dict)
    """Further environments of the same functions, by number, for what happens at once."""

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Hand an event to a function, in its own environment and nothing else's."""
        with environment_of(function):
            if function not in self.running:
                self.running[function] = self.started(function)
            return self.running[function].handler(event, Context(function))

    def other(self, function: str, number: int = 0) -> Any:
        """Another execution environment of a function, kept for the next time."""
        if (function, number) not in self.others:
            with environment_of(function):
                self.others[function, number] = self.started(function)
        return self.others[function, number]

    def elsewhere(self, function: str, event: dict[str, Any], number: int = 0) -> Any:
        """Hand an event to another environment of a function."""
        module = self.other(function, number)
        with environment_of(function):
            return module.handler(copy.deepcopy(event), Context(function))

    def started(self, function: str) -> Any:
        """A cold start: the module anew. What all functions share was imported once, for whichever test came first."""
        folder = ENVIRONMENT[function]["POWERTOOLS_SERVICE_NAME"]
        path = ROOT / "functions" / folder / "app.py"
        spec = importlib.util.spec_from_file_location(f"cold.{folder}", path)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        runtime.metrics.namespace = ENVIRONMENT[function]["POWERTOOLS_METRICS_NAMESPACE"]
        return module

    def kill(self, function: str) -> None:
        """The process is gone; the next event starts it anew."""
        self.running.pop(function, None)


def handed(module: Any, delivery: Any) -> Any:
    """Hand a delivery to a module that runs already: what it reads of its environment it read when it started."""
    return module.handler(copy.deepcopy(delivery.event), Context(delivery.function))


def environment_of(function: str) -> Any:
    """The environment that the template gives a function, and nothing else."""
    return patch.dict(os.environ, {**CREDENTIALS, **ENVIRONMENT[function]}, clear=True)


def set_clock(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """Let all functions read one clock and make one key for people's ids, and let requests to endpoints take no time.

    The handlers take Steward's clock as bootstrap gives it, so it is set there.
    """
    monkeypatch.setattr(bootstrap, "datetime", SimpleNamespace(now=lambda _zone: clock()))
    for module in (dynamodb_ledger, dynamodb_rows):
        monkeypatch.setattr(module, "new_person_key", lambda: PERSON_KEY)
    monkeypatch.setattr(pacing.Pace, "wait", lambda _pace: None)
    monkeypatch.setattr(bootstrap_writing, "time", SimpleNamespace(sleep=clock.wait))
    monkeypatch.setattr(sagemaker_endpoints, "time", SimpleNamespace(perf_counter=lambda: 0.0))
