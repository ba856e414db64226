"""The local cloud's registry and pipelines in this process: its classes in moto's places, and a door that leads back.

An execution runs to its end before its start has answered, so that a test need not wait.
"""

import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local_cloud.backend import runner
from local_cloud.backend.door import Credentials
from local_cloud.backend.server import hook
from local_cloud.backend.wiring import Wiring, install
from tests.aws.resources import client
from tests.template.translation import hub


class Door:
    """What the backend reaches the rest of the cloud by: here, moto itself."""

    def client(self, service: str, credentials: Credentials, region: str) -> Any:
        return client(service)

    def assume(self, role_arn: str, session_name: str, service: str, source_arn: str) -> Credentials:
        return Credentials("hub", "secret")


def use_local_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto's SageMaker and CodePipeline be the local cloud's."""
    events: Any = SimpleNamespace(emit=lambda entry, key: None)
    door: Any = Door()
    install(Wiring(door, events, Path(tempfile.gettempdir())))
    hook()
    monkeypatch.setattr(runner, "_in_background", runner._run)


def make_pipelines() -> None:
    """The template's own pipelines."""
    for declared in hub().of_type("AWS::CodePipeline::Pipeline").values():
        wanted = {name: value for name, value in declared.items() if name not in {"Tags", "RestartExecutionOnUpdate"}}
        client("codepipeline").create_pipeline(pipeline=lower_camel(wanted))


def lower_camel(value: Any) -> Any:
    """CloudFormation's members as the API spells them; the keys of a configuration stay as they are."""
    if isinstance(value, list):
        return [lower_camel(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key[:1].lower() + key[1:]: one if key == "Configuration" else lower_camel(one) for key, one in value.items()
    }
