"""The CloudFormation deploy action: the stack named, from the bundle, with the target account's roles."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import Any

from botocore.exceptions import ClientError

from local_cloud.backend.door import Credentials
from local_cloud.backend.executions import Abandoned, ActionFailed, ActionRun, Execution, Result
from local_cloud.backend.wiring import wiring

POLL_SECONDS = 0.5
LONGEST_SECONDS = 1800.0
DONE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
BROKEN = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED"})
MODES = ("CREATE_UPDATE", "REPLACE_ON_FAILURE", "DELETE_ONLY")


def deploy(execution: Execution, run: ActionRun, key: Credentials, region: str) -> Result:
    """Create or update the stack and wait for it. Raises `ActionFailed` with the first resource's reason."""
    name, mode = run.configuration["StackName"], run.configuration.get("ActionMode")
    if mode not in MODES:
        raise ActionFailed("ConfigurationError", f"The local cloud plays the action modes {MODES}, not {mode}.")
    cloudformation = wiring().door.client("cloudformation", key, region)
    present = _stack(cloudformation, name)
    if mode == "DELETE_ONLY":
        return _delete(execution, cloudformation, name, present)
    if mode == "REPLACE_ON_FAILURE" and present and present["StackStatus"] in BROKEN:
        _delete(execution, cloudformation, name, present)
        present = None
    request = _request(execution, run, key)
    verb = "updated" if present else "created"
    try:
        stack_id = _begin(cloudformation, request, present)
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise ActionFailed("JobFailed", error.response["Error"].get("Message", str(error))) from error
        assert present is not None
        return _result(present, region, f"Stack {name} was unchanged. No updates are to be performed.")
    stack = _settled(execution, cloudformation, stack_id)
    if stack["StackStatus"] not in DONE:
        raise _failure(cloudformation, stack, region, "create" if verb == "created" else "update")
    return _result(stack, region, f"Stack {name} was {verb}.")


def _begin(cloudformation: Any, request: dict[str, Any], present: dict[str, Any] | None) -> str:
    call = cloudformation.update_stack if present else cloudformation.create_stack
    return str(call(**request)["StackId"])


def _delete(execution: Execution, cloudformation: Any, name: str, present: dict[str, Any] | None) -> Result:
    if present is not None:
        cloudformation.delete_stack(StackName=name)
        deadline = time.monotonic() + LONGEST_SECONDS
        while _stack(cloudformation, name) is not None and time.monotonic() < deadline:
            _pause(execution)
    return Result(summary=f"Stack {name} was deleted.")


def _request(execution: Execution, run: ActionRun, key: Credentials) -> dict[str, Any]:
    """Return the parameters of the call, read from the bundle with the action's own credentials."""
    configuration, bundle = run.configuration, _Bundle(execution, run, key)
    request: dict[str, Any] = {
        "StackName": configuration["StackName"],
        "TemplateBody": bundle.read(configuration["TemplatePath"]),
    }
    settings: dict[str, Any] = {}
    if configuration.get("TemplateConfiguration"):
        settings = json.loads(bundle.read(configuration["TemplateConfiguration"]))
    overrides = json.loads(configuration.get("ParameterOverrides") or "{}")
    parameters = {**settings.get("Parameters", {}), **overrides}
    request["Parameters"] = [{"ParameterKey": name, "ParameterValue": str(value)} for name, value in parameters.items()]
    request["Tags"] = [{"Key": name, "Value": value} for name, value in settings.get("Tags", {}).items()]
    if configuration.get("Capabilities"):
        request["Capabilities"] = [name.strip() for name in configuration["Capabilities"].split(",")]
    if configuration.get("RoleArn"):
        request["RoleARN"] = configuration["RoleArn"]
    return request


class _Bundle:
    """The input artifacts, unzipped as they are asked for."""

    def __init__(self, execution: Execution, run: ActionRun, key: Credentials) -> None:
        self._s3 = wiring().door.client("s3", key, execution.region)
        self._artifacts = {artifact.name: artifact for artifact in run.inputs}
        self._opened: dict[str, zipfile.ZipFile] = {}

    def read(self, path: str) -> str:
        """Return the text at `Artifact::path`. Raises `ActionFailed` where there is no such file."""
        name, _, inner = path.partition("::")
        try:
            if name not in self._opened:
                artifact = self._artifacts[name]
                body = self._s3.get_object(Bucket=artifact.bucket, Key=artifact.key)["Body"].read()
                self._opened[name] = zipfile.ZipFile(io.BytesIO(body))
            return self._opened[name].read(inner).decode()
        except (KeyError, zipfile.BadZipFile) as error:
            raise ActionFailed("ConfigurationError", f"File [{inner}] does not exist in artifact [{name}]") from error


def _stack(cloudformation: Any, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    gone = found["StackStatus"] in ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS")
    return None if gone else found


def _settled(execution: Execution, cloudformation: Any, stack_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            return stack
        _pause(execution)
    raise ActionFailed("JobFailed", f"The stack {stack_id} did not settle in time.")


def _pause(execution: Execution) -> None:
    if execution.abandoned.wait(POLL_SECONDS):
        raise Abandoned


def _failure(cloudformation: Any, stack: dict[str, Any], region: str, verb: str) -> ActionFailed:
    status, name = stack["StackStatus"], stack["StackName"]
    reason = _first_reason(cloudformation, stack) or stack.get("StackStatusReason") or "no reason given"
    summary = f"Stack {name} failed to {verb}; status {status}: {reason}"
    return ActionFailed("JobFailed", summary, _result(stack, region, summary))


def _first_reason(cloudformation: Any, stack: dict[str, Any]) -> str | None:
    """Return the reason of the earliest resource that failed in the latest operation."""
    events = cloudformation.describe_stack_events(StackName=stack["StackId"])["StackEvents"]
    reason = None
    for event in events:  # newest first
        own = event["LogicalResourceId"] == stack["StackName"]
        status = event.get("ResourceStatus", "")
        if own and status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"):
            break
        if not own and status in ("CREATE_FAILED", "UPDATE_FAILED") and "cancelled" not in _why(event).lower():
            reason = f"{event['LogicalResourceId']} ({event.get('ResourceType')}): {_why(event)}"
    return reason


def _why(event: dict[str, Any]) -> str:
    return str(event.get("ResourceStatusReason") or "")


def _result(stack: dict[str, Any], region: str, summary: str) -> Result:
    console = f"https://{region}.console.aws.amazon.com/cloudformation/home?region={region}"
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    url = f"{console}#/stacks/stackinfo?stackId={stack['StackId']}"
    return Result(stack["StackId"], summary, url, outputs)
