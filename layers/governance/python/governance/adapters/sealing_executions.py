"""The executions of the state machine that seals, as Step Functions tells of them."""

from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import code_of


class SealingExecutions:
    """`ports.Executions`: an execution that waits to be redriven by hand has ended."""

    def __init__(self, states: Any) -> None:
        self.states = states

    def is_running(self, execution: str) -> bool | None:
        """One DescribeExecution, which is eventually consistent (Step Functions API: DescribeExecution)."""
        try:
            told = self.states.describe_execution(executionArn=execution)
        except ClientError as refused:
            if code_of(refused) != "ExecutionDoesNotExist":
                raise
            return None
        return bool(told["status"] == "RUNNING")
