"""How CodePipeline shows executions: attempts at actions, and the state of a pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.codepipeline.models import CodePipeline

from local_cloud.backend.executions import ActionRun, Execution


def selected(executions: Iterable[Execution]) -> list[tuple[Execution, ActionRun]]:
    """Return every attempt of these executions, newest first."""
    pairs = [(execution, run) for execution in executions for run in list(execution.runs)]
    return sorted(pairs, key=lambda pair: pair[1].started, reverse=True)


def action_detail(execution: Execution, run: ActionRun) -> dict[str, Any]:
    """Return an attempt as ListActionExecutions does."""
    declaration = run.declaration
    given = {
        "actionTypeId": declaration["actionTypeId"],
        "configuration": declaration.get("configuration", {}),
        "resolvedConfiguration": run.configuration,
        "roleArn": declaration.get("roleArn"),
        "region": declaration.get("region", execution.region),
        "inputArtifacts": [artifact.described() for artifact in run.inputs],
        "namespace": declaration.get("namespace"),
    }
    output = {
        "outputArtifacts": [artifact.described() for artifact in run.outputs],
        "executionResult": run.outcome(),
        "outputVariables": run.result.variables,
    }
    return {
        "pipelineExecutionId": execution.id,
        "actionExecutionId": run.id,
        "pipelineVersion": execution.pipeline["version"],
        "stageName": run.stage,
        "actionName": run.name,
        "startTime": run.started,
        "lastUpdateTime": run.updated,
        "updatedBy": run.started_by,
        "status": run.status,
        "input": {key: value for key, value in given.items() if value is not None},
        "output": output,
    }


def pipeline_state(declared: dict[str, Any], executions: list[Execution], pipeline: CodePipeline) -> dict[str, Any]:
    """Return a pipeline as GetPipelineState does."""
    return {
        "pipelineName": declared["name"],
        "pipelineVersion": declared["version"],
        "stageStates": [_stage_state(stage, executions) for stage in declared["stages"]],
        "created": pipeline._created,
        "updated": pipeline._updated,
    }


def _stage_state(stage: dict[str, Any], executions: list[Execution]) -> dict[str, Any]:
    name = stage["name"]
    been = [execution for execution in executions if name in execution.stages]
    state: dict[str, Any] = {"stageName": name, "inboundTransitionState": {"enabled": True}}
    state["actionStates"] = [_action_state(name, action["name"], been) for action in stage["actions"]]
    if been:
        latest = been[-1]
        state["latestExecution"] = {
            "pipelineExecutionId": latest.id,
            "status": latest.stages[name],
            "type": "STANDARD",
        }
    return state


def _action_state(stage: str, action: str, executions: list[Execution]) -> dict[str, Any]:
    for execution in reversed(executions):
        run = execution.latest(stage, action)
        if run is not None:
            outcome = run.outcome()
            latest = {
                "actionExecutionId": run.id,
                "status": run.status,
                "summary": outcome.get("externalExecutionSummary"),
                "lastStatusChange": run.updated,
                "lastUpdatedBy": run.started_by,
                "externalExecutionId": outcome.get("externalExecutionId"),
                "externalExecutionUrl": outcome.get("externalExecutionUrl"),
                "errorDetails": outcome.get("errorDetails"),
            }
            kept = {key: value for key, value in latest.items() if value is not None}
            return {"actionName": action, "latestExecution": kept}
    return {"actionName": action}
