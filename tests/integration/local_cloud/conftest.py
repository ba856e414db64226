"""A door and a backend of their own for the tests of the local cloud itself, with nothing deployed."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local_cloud import processes
from local_cloud.place import Place, ministack_python

HUB, DEV, TEST, PROD = "444455556666", "111122223333", "555566667777", "777788889999"
REGION = "eu-west-1"


@pytest.fixture(scope="session")
def bare_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of a local cloud without any stack."""
    if not ministack_python().exists() and Path("/tmp/ms/bin/python").exists():
        os.environ["STEWARD_MINISTACK_PYTHON"] = "/tmp/ms/bin/python"
    place = Place(tmp_path_factory.mktemp("bare-cloud"))
    running = processes.start(place)
    try:
        yield running.endpoint_url
    finally:
        processes.stop(place)


@pytest.fixture(scope="session")
def client(bare_cloud: str) -> Callable[..., Any]:
    """`client("s3")` acts as the hub's root; `account=` and `role=` (credentials) choose somebody else."""

    def make(service: str, account: str = HUB, role: dict[str, str] | None = None) -> Any:
        keys = {"aws_access_key_id": account, "aws_secret_access_key": "test"}
        if role:
            keys = {
                "aws_access_key_id": role["AccessKeyId"],
                "aws_secret_access_key": role["SecretAccessKey"],
                "aws_session_token": role["SessionToken"],
            }
        config = Config(retries={"max_attempts": 1}, proxies={}, s3={"addressing_style": "path"})
        return boto3.client(service, endpoint_url=bare_cloud, region_name=REGION, config=config, **keys)

    return make


@pytest.fixture(scope="session")
def role(client: Callable[..., Any]) -> Callable[..., dict[str, str]]:
    """`role(name, statements, account=...)` makes a role with that policy and returns a session of it."""

    def make(name: str, statements: list[dict[str, Any]], account: str = HUB, service: str | None = None) -> Any:
        iam = client("iam", account)
        principal = {"Service": service} if service else {"AWS": f"arn:aws:iam::{account}:root"}
        trust = {"Version": "2012-10-17", "Statement": [_allow("sts:AssumeRole", None, Principal=principal)]}
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), MaxSessionDuration=43200)
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        if service:
            return made["Role"]["Arn"]
        sts = client("sts", account)
        return sts.assume_role(RoleArn=made["Role"]["Arn"], RoleSessionName="ada.lovelace")["Credentials"]

    return make


def _allow(action: str, resource: str | None, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, **more}
    return {**statement, "Resource": resource} if resource else statement
