"""What a pipeline execution is: its variables, artifacts, stages, and each attempt at each action."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local_cloud.backend import clock

REFERENCE = re.compile(r"#\{([A-Za-z0-9@\-_]+)\.([A-Za-z0-9@\-_]+)\}")

TERMINAL = frozenset({"Succeeded", "Failed", "Stopped", "Cancelled", "Superseded"})


class ActionFailed(Exception):
    """An action that did not succeed, as CodePipeline reports it."""

    def __init__(self, code: str, message: str, result: Result | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.result = result or Result()


class Abandoned(Exception):
    """The execution was stopped without waiting for this action."""


@dataclass(slots=True)
class Result:
    """What an action leaves behind in the world outside, and for the actions after it."""

    external_id: str | None = None
    summary: str | None = None
    url: str | None = None
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A named object in the artifact store."""

    name: str
    bucket: str
    key: str

    def described(self) -> dict[str, Any]:
        """Return it as the API and the events do."""
        return {"name": self.name, "s3location": {"bucket": self.bucket, "key": self.key}}


@dataclass(slots=True)
class ActionRun:
    """One attempt at one action."""

    stage: str
    declaration: dict[str, Any]
    started_by: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "InProgress"
    started: datetime = field(default_factory=clock.now)
    updated: datetime = field(default_factory=clock.now)
    configuration: dict[str, str] = field(default_factory=dict)
    inputs: list[Artifact] = field(default_factory=list)
    outputs: list[Artifact] = field(default_factory=list)
    result: Result = field(default_factory=Result)
    error: tuple[str, str] | None = None

    @property
    def name(self) -> str:
        """The action's name."""
        return str(self.declaration["name"])

    def outcome(self) -> dict[str, Any]:
        """Return the external execution and the error, as the API does."""
        result = {
            "externalExecutionId": self.result.external_id,
            "externalExecutionSummary": self.result.summary,
            "externalExecutionUrl": self.result.url,
        }
        if self.error:
            result["errorDetails"] = {"code": self.error[0], "message": self.error[1]}  # type: ignore[assignment]
        return {key: value for key, value in result.items() if value is not None}


class Execution:
    """A run of a pipeline as it was declared when the run began."""

    def __init__(self, arn: str, pipeline: dict[str, Any], variables: dict[str, str], started_by: str) -> None:
        self.id = str(uuid.uuid4())
        self.arn = arn
        self.pipeline = pipeline
        self.variables = variables
        self.started_by = started_by
        self.revisions: dict[str, dict[str, str]] = {}
        self.status = "InProgress"
        self.summary: str | None = None
        self.attempt = 1
        self.started = self.updated = clock.now()
        self.stop_reason: str | None = None
        self.stopping = threading.Event()
        self.abandoned = threading.Event()
        self.lock = threading.RLock()
        self.runs: list[ActionRun] = []
        self.stages: dict[str, str] = {}
        self.artifacts: dict[str, Artifact] = {}
        self.artifact_revisions: list[dict[str, Any]] = []
        self.namespaces: dict[str, dict[str, str]] = {"codepipeline": {"PipelineExecutionId": self.id}}

    @property
    def name(self) -> str:
        """The pipeline's name."""
        return str(self.pipeline["name"])

    @property
    def account(self) -> str:
        """The pipeline's account."""
        return self.arn.split(":")[4]

    @property
    def region(self) -> str:
        """The pipeline's Region."""
        return self.arn.split(":")[3]

    def turn(self, status: str) -> None:
        """Take on a status."""
        self.status, self.updated = status, clock.now()

    def resolved(self, configuration: Mapping[str, str]) -> dict[str, str]:
        """Return the configuration with its references replaced. Raises `ActionFailed` on an unknown one."""
        return {key: REFERENCE.sub(self._value, value) for key, value in configuration.items()}

    def _value(self, reference: re.Match[str]) -> str:
        namespace, key = reference.groups()
        values = self.variables if namespace == "variables" else self.namespaces.get(namespace, {})
        if key not in values:
            raise ActionFailed("ConfigurationError", f"The variable {reference.group()} could not be resolved.")
        return values[key]

    def latest(self, stage: str, action: str) -> ActionRun | None:
        """Return the last attempt at an action."""
        for run in reversed(self.runs):
            if (run.stage, run.name) == (stage, action):
                return run
        return None

    def described(self) -> dict[str, Any]:
        """Return what GetPipelineExecution answers."""
        described = {
            "pipelineName": self.name,
            "pipelineVersion": self.pipeline["version"],
            "pipelineExecutionId": self.id,
            "status": self.status,
            "statusSummary": self.summary,
            "artifactRevisions": self.artifact_revisions,
            "variables": [{"name": name, "resolvedValue": value} for name, value in self.variables.items()],
            "trigger": self.trigger,
            "executionMode": self.pipeline.get("executionMode", "SUPERSEDED"),
            "executionType": "STANDARD",
        }
        return {key: value for key, value in described.items() if value is not None}

    def summarised(self) -> dict[str, Any]:
        """Return what ListPipelineExecutions answers."""
        summary = {
            "pipelineExecutionId": self.id,
            "status": self.status,
            "statusSummary": self.summary,
            "startTime": self.started,
            "lastUpdateTime": self.updated,
            "sourceRevisions": [
                {"actionName": revision["actionName"], "revisionId": revision["revisionId"]}
                for revision in self.artifact_revisions
            ],
            "trigger": self.trigger,
            "stopTrigger": {"reason": self.stop_reason} if self.stop_reason else None,
            "executionMode": self.pipeline.get("executionMode", "SUPERSEDED"),
            "executionType": "STANDARD",
        }
        return {key: value for key, value in summary.items() if value is not None}

    @property
    def trigger(self) -> dict[str, str]:
        """Who or what started it."""
        return {"triggerType": "StartPipelineExecution", "triggerDetail": self.started_by}
