"""Run an execution: stages one after another, actions by their run order, until done, failed or stopped."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_cloud.backend import clock
from local_cloud.backend.actions import perform
from local_cloud.backend.door import AssumeRoleError, DoorError
from local_cloud.backend.executions import Abandoned, ActionFailed, ActionRun, Execution
from local_cloud.backend.pipeline_events import action_turned, pipeline_turned, stage_turned

logger = logging.getLogger(__name__)

_turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def start(execution: Execution) -> None:
    """Begin at the first stage, off the caller's thread."""
    pipeline_turned(execution, "STARTED")
    _in_background(execution, 0, redo=frozenset())


def retry(execution: Execution, stage: str, whole: bool) -> None:
    """Try a failed stage again, in the same execution, with the next attempt number."""
    names = [declared["name"] for declared in execution.pipeline["stages"]]
    with execution.lock:
        declared = execution.pipeline["stages"][names.index(stage)]
        redo = {
            action["name"]
            for action in declared["actions"]
            if whole or (run := execution.latest(stage, action["name"])) is None or run.status != "Succeeded"
        }
        execution.attempt += 1
        execution.stopping.clear()
        execution.abandoned.clear()
        execution.stop_reason = None
        execution.turn("InProgress")
    pipeline_turned(execution, "RESUMED")
    _in_background(execution, names.index(stage), redo=frozenset(redo))


def stop(execution: Execution, abandon: bool, reason: str | None) -> None:
    """Ask for a stop: after the actions that are running, or at once."""
    with execution.lock:
        execution.stop_reason = reason
        execution.turn("Stopping")
        execution.stopping.set()
        pipeline_turned(execution, "STOPPING")
        if abandon:
            execution.abandoned.set()


def _in_background(execution: Execution, first: int, redo: frozenset[str]) -> None:
    thread = threading.Thread(target=_run, args=(execution, first, redo), daemon=True, name=execution.id)
    thread.start()


def _run(execution: Execution, first: int, redo: frozenset[str]) -> None:
    """Run from a stage on; unless executions are PARALLEL, one at a time per pipeline."""
    if execution.pipeline.get("executionMode") == "PARALLEL":
        return _stages(execution, first, redo)
    with _turns[execution.arn]:
        return _stages(execution, first, redo)


def _stages(execution: Execution, first: int, redo: frozenset[str]) -> None:
    for number, stage in enumerate(execution.pipeline["stages"][first:]):
        if execution.stopping.is_set():
            return _end(execution, "Stopped")
        again = number == 0 and execution.attempt > 1
        execution.stages[stage["name"]] = "InProgress"
        stage_turned(execution, stage["name"], "RESUMED" if again else "STARTED")
        status = _stage(execution, stage, redo if again else frozenset())
        execution.stages[stage["name"]] = status
        stage_turned(execution, stage["name"], status.upper())
        if status != "Succeeded":
            return _end(execution, status)
    return _end(execution, "Succeeded")


def _end(execution: Execution, status: str) -> None:
    with execution.lock:
        execution.turn(status)
    pipeline_turned(execution, status.upper())


def _stage(execution: Execution, stage: dict[str, Any], redo: frozenset[str]) -> str:
    """Run a stage's actions, those with the same run order side by side; return the stage's status."""
    by_order: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for action in stage["actions"]:
        if not redo or action["name"] in redo:
            by_order[action.get("runOrder", 1)].append(action)
    for order in sorted(by_order):
        with ThreadPoolExecutor(max_workers=len(by_order[order])) as pool:
            results = [pool.submit(_action, execution, stage["name"], action) for action in by_order[order]]
        statuses = {result.result() for result in results}
        if "Failed" in statuses:
            return "Failed"
        if "Abandoned" in statuses or execution.stopping.is_set():
            return "Stopped"
    return "Succeeded"


def _action(execution: Execution, stage: str, declaration: dict[str, Any]) -> str:
    """Attempt an action, keeping what comes of it; return its status."""
    run = ActionRun(stage, declaration, execution.started_by)
    execution.runs.append(run)
    try:
        run.inputs = [_input(execution, name["name"]) for name in declaration.get("inputArtifacts", [])]
        action_turned(execution, run, "STARTED")
        run.configuration = execution.resolved(declaration.get("configuration", {}))
        run.result = perform(execution, run)
        _succeeded(execution, run)
    except Abandoned:
        run.status = "Abandoned"
    except ActionFailed as failure:
        _failed(run, failure.code, failure.message, failure)
    except AssumeRoleError as refusal:
        _failed(run, "PermissionError", str(refusal))
    except ClientError as error:
        denied = error.response["Error"].get("Code") in ("AccessDenied", "AccessDeniedException", "403")
        _failed(run, "PermissionError" if denied else "ConfigurationError", str(error))
    except (KeyError, ValueError) as error:
        _failed(run, "ConfigurationError", f"The action's configuration is not complete: {error!r}")
    except (BotoCoreError, DoorError) as error:
        _failed(run, "SystemUnavailable", str(error))
    run.updated = clock.now()
    action_turned(execution, run, run.status.upper())
    return run.status


def _input(execution: Execution, name: str) -> Any:
    if name not in execution.artifacts:
        raise ActionFailed("ConfigurationError", f"The input artifact {name} was not produced by any action.")
    return execution.artifacts[name]


def _succeeded(execution: Execution, run: ActionRun) -> None:
    with execution.lock:
        run.status = "Succeeded"
        for artifact in run.outputs:
            execution.artifacts[artifact.name] = artifact
        if run.declaration.get("namespace"):
            execution.namespaces[run.declaration["namespace"]] = run.result.variables


def _failed(run: ActionRun, code: str, message: str, failure: ActionFailed | None = None) -> None:
    logger.warning("action failed: %s %s: %s: %s", run.stage, run.name, code, message)
    run.status = "Failed"
    run.error = (code, message)
    if failure is not None:
        run.result = failure.result
    run.result.summary = run.result.summary or message
