"""State machines call Lambda functions with their own role, and their executions are counted.

AWS: a Task that invokes a function needs `lambda:InvokeFunction` in the state machine's role; without it the task fails
with `Lambda.AWSLambdaException`. MiniStack invokes it in process and looks at no role. AWS publishes how executions
ended in `AWS/States`; MiniStack publishes nothing, so no alarm would ever ring.
"""

from contextvars import ContextVar
from typing import Any

from ministack.services import cloudwatch, lambda_svc, stepfunctions

from local_cloud.door import async_queue, authority, hooks

_running_role: ContextVar[str] = ContextVar("steward_running_role", default="")


def install() -> None:
    """Remember whose execution it is, ask its role at each Lambda task, and count how it ended."""
    hooks.wrap(stepfunctions, "_run_execution", _run_execution)
    hooks.wrap(stepfunctions, "_call_lambda", _call_lambda)


def _run_execution(original: Any, execution_arn: str) -> None:
    execution = stepfunctions._executions.get(execution_arn) or {}
    machine = stepfunctions._state_machines.get(execution.get("stateMachineArn", "")) or {}
    _running_role.set(machine.get("roleArn", ""))
    original(execution_arn)
    _publish(execution.get("status", ""), execution.get("stateMachineArn", ""))


def _publish(status: str, machine_arn: str) -> None:
    metric = {"FAILED": "ExecutionsFailed", "TIMED_OUT": "ExecutionsTimedOut", "SUCCEEDED": "ExecutionsSucceeded"}
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
