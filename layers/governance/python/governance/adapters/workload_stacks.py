"""Stacks of workload accounts, looked at with the rights of the role that each account keeps for looking."""

from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import client, message_of
from governance.adapters.workload_endpoints import readable
from governance.domain.environment import Environment


class WorkloadStacks:
    """`ports.Stacks` on CloudFormation, through `<install>-reconciliation` of each workload account."""

    def __init__(self, sts: Any, install: str, partition: str = "aws") -> None:
        self.sts = sts
        self.install = install
        self.partition = partition

    def status(self, environment: Environment, name: str) -> str:
        """One AssumeRole and one DescribeStacks."""
        role = f"arn:{self.partition}:iam::{environment.account}:role/{self.install}-reconciliation"
        with readable(environment):
            held = self.sts.assume_role(RoleArn=role, RoleSessionName="steward-verification")["Credentials"]
            cloudformation = client(
                "cloudformation",
                aws_access_key_id=held["AccessKeyId"],
                aws_secret_access_key=held["SecretAccessKey"],
                aws_session_token=held["SessionToken"],
            )
            try:
                (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
            except ClientError as refused:
                if "does not exist" in message_of(refused):
                    return ""
                raise
        return str(stack["StackStatus"])
