"""State machines call Lambda functions and make transform jobs with their own role, and their executions are counted.

AWS: a Task that invokes a function needs `lambda:InvokeFunction` in the state machine's role; without it the task fails
with `Lambda.AWSLambdaException`. MiniStack invokes it in process and looks at no role. The integration with SageMaker's
transform jobs it does not have; it is played here, with the rights that AWS asks for (Step Functions guide: "Create and
manage Amazon SageMaker AI jobs with Step Functions"). AWS publishes how executions ended in `AWS/States`; MiniStack
publishes nothing, so no alarm would ever ring.
"""

import json
import time
from contextvars import ContextVar
from typing import Any

from ministack.services import cloudwatch, lambda_svc, stepfunctions

from local_cloud.door import async_queue, authority, backend, hooks

_running_role: ContextVar[str] = ContextVar("steward_running_role", default="")
_running: ContextVar[str] = ContextVar("steward_running_execution", default="")

_TRANSFORM = "arn:aws:states:::sagemaker:createTransformJob"
_RULE = "rule/StepFunctionsGetEventsForSageMakerTransformJobsRule"
_POLL_SECONDS = 0.2


def install() -> None:
    """Remember whose execution it is, ask its role at each Lambda task, and count how it ended."""
    hooks.wrap(stepfunctions, "_run_execution", _run_execution)
    hooks.wrap(stepfunctions, "_call_lambda", _call_lambda)
    hooks.wrap(stepfunctions, "_invoke_resource", _invoke_resource)


def _run_execution(original: Any, execution_arn: str) -> None:
    execution = stepfunctions._executions.get(execution_arn) or {}
    machine = stepfunctions._state_machines.get(execution.get("stateMachineArn", "")) or {}
    _running_role.set(machine.get("roleArn", ""))
    _running.set(execution_arn)
    original(execution_arn)
    _publish(execution.get("status", ""), execution.get("stateMachineArn", ""))


def _publish(status: str, machine_arn: str) -> None:
    metric = {
        "ABORTED": "ExecutionsAborted",
        "FAILED": "ExecutionsFailed",
        "SUCCEEDED": "ExecutionsSucceeded",
        "TIMED_OUT": "ExecutionsTimedOut",
    }
    if status in metric:
        cloudwatch.record_metric("AWS/States", metric[status], 1, "Count", {"StateMachineArn": machine_arn})


def _call_lambda(original: Any, function: str, event: Any) -> Any:
    role = _running_role.get()
    _, config, _ = lambda_svc._get_func_record_for_ref(function)
    arn = (config or {}).get("FunctionArn") or function
    if role and not authority.role_allows(role, "lambda:InvokeFunction", arn):
        message = f"User: {role} is not authorized to perform: lambda:InvokeFunction on resource: {arn}"
        raise stepfunctions._ExecutionError("Lambda.AWSLambdaException", message)
    with async_queue.place(arn):
        return original(function, event)


def _invoke_resource(original: Any, resource: str, given: Any) -> Any:
    if resource not in (_TRANSFORM, f"{_TRANSFORM}.sync"):
        return original(resource, given)
    _, _, _, region, account, *_ = _running.get().split(":")
    job = f"arn:aws:sagemaker:{region}:{account}:transform-job/{given['TransformJobName']}"
    _must_allow("sagemaker:CreateTransformJob", job)
    if given.get("Tags"):
        _must_allow("sagemaker:AddTags", job)
    made = _sagemaker("CreateTransformJob", given, region, account)
    if resource == _TRANSFORM:
        return made
    for action in ("PutRule", "PutTargets", "DescribeRule"):
        _must_allow(f"events:{action}", f"arn:aws:events:{region}:{account}:{_RULE}")
    return _waited_for(given["TransformJobName"], job, region, account)


def _waited_for(name: str, job: str, region: str, account: str) -> Any:
    """The job at its end. One whose execution is stopped is stopped."""
    _must_allow("sagemaker:DescribeTransformJob", job)
    while True:
        told = _sagemaker("DescribeTransformJob", {"TransformJobName": name}, region, account)
        if told["TransformJobStatus"] == "Completed":
            return told
        if told["TransformJobStatus"] in ("Failed", "Stopped"):
            raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(told))
        if (stepfunctions._executions.get(_running.get()) or {}).get("status") != "RUNNING":
            _must_allow("sagemaker:StopTransformJob", job)
            _sagemaker("StopTransformJob", {"TransformJobName": name}, region, account)
            raise stepfunctions._ExecutionError("States.TaskFailed", "the execution was stopped")
        time.sleep(_POLL_SECONDS)


def _must_allow(action: str, resource: str) -> None:
    role = _running_role.get()
    if not authority.role_allows(role, action, resource):
        message = f"User: {role} is not authorized to perform: {action} on resource: {resource}"
        raise stepfunctions._ExecutionError("SageMaker.AmazonSageMakerException", message)


def _sagemaker(operation: str, given: dict[str, Any], region: str, account: str) -> dict[str, Any]:
    """One call in the name of the machine's role."""
    scope = f"Credential={account}/20260101/{region}/sagemaker/aws4_request"
    role = authority.role_name(_running_role.get())
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": f"SageMaker.{operation}",
        "authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
        "x-moto-account-id": account,
        "x-steward-caller-arn": f"arn:aws:sts::{account}:assumed-role/{role}/states",
        "x-steward-caller-account": account,
        "x-steward-caller-user-id": f"{account}:states",
    }
    answer = backend.send("POST", "/", headers, json.dumps(given).encode())
    told: dict[str, Any] = json.loads(answer.body or b"{}")
    if answer.status >= 400:
        said = str(told.get("message") or told.get("Message") or answer.body)
        raise stepfunctions._ExecutionError("SageMaker.AmazonSageMakerException", said)
    return told
