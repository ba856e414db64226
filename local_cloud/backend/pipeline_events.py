"""The three CodePipeline events: of a pipeline's execution, its stages and its actions. No variables in any."""

from __future__ import annotations

from typing import Any

from local_cloud.backend import clock
from local_cloud.backend.executions import ActionRun, Execution
from local_cloud.backend.wiring import wiring


def pipeline_turned(execution: Execution, state: str) -> None:
    """Announce a state of the whole execution."""
    detail = _base(execution)
    if state == "STARTED":
        trigger = execution.trigger
        detail["execution-trigger"] = {
            "trigger-type": trigger["triggerType"],
            "trigger-detail": trigger["triggerDetail"],
        }
    detail["state"] = state
    if state in ("STOPPING", "STOPPED") and execution.stop_reason:
        detail["stop-execution-comments"] = execution.stop_reason
    _emit(execution, "Pipeline", detail)


def stage_turned(execution: Execution, stage: str, state: str) -> None:
    """Announce a state of a stage."""
    detail = {**_base(execution), "stage": stage, "state": state}
    if state == "RESUMED":
        detail.pop("start-time")
        detail["stage-last-retry-attempt-time"] = clock.iso_milliseconds(clock.now())
    _emit(execution, "Stage", detail)


def action_turned(execution: Execution, run: ActionRun, state: str) -> None:
    """Announce a state of an attempt at an action."""
    kind = run.declaration["actionTypeId"]
    detail = {
        **_base(execution),
        "start-time": clock.iso_milliseconds(run.started),
        "stage": run.stage,
        "action-execution-id": run.id,
        "action": run.name,
        "state": state,
        "region": run.declaration.get("region", execution.region),
        "type": {key: kind[key] for key in ("owner", "provider", "category", "version")},
    }
    result = _result(run)
    if state in ("SUCCEEDED", "FAILED") and result:
        detail["execution-result"] = result
    artifacts, key = (run.inputs, "input-artifacts") if state == "STARTED" else (run.outputs, "output-artifacts")
    if artifacts and state in ("STARTED", "SUCCEEDED"):
        detail[key] = [artifact.described() for artifact in artifacts]
    _emit(execution, "Action", detail)


def _result(run: ActionRun) -> dict[str, str]:
    result = {
        "external-execution-url": run.result.url,
        "external-execution-summary": run.result.summary,
        "external-execution-id": run.result.external_id,
        "error-code": run.error[0] if run.error else None,
    }
    return {key: value for key, value in result.items() if value is not None}


def _base(execution: Execution) -> dict[str, Any]:
    return {
        "pipeline": execution.name,
        "execution-id": execution.id,
        "start-time": clock.iso_milliseconds(execution.started),
        "version": float(execution.pipeline["version"]),
        "pipeline-execution-attempt": float(execution.attempt),
    }


def _emit(execution: Execution, kind: str, detail: dict[str, Any]) -> None:
    entry = {
        "account": execution.account,
        "region": execution.region,
        "source": "aws.codepipeline",
        "detail-type": f"CodePipeline {kind} Execution State Change",
        "resources": [execution.arn],
        "time": clock.iso(clock.now()),
        "detail": detail,
    }
    wiring().events.emit(entry, execution.id)
