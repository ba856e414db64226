"""How a stranger reaches the cloud: `cloud.json`, boto3 and nothing else."""

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

Item = dict[str, Any]

CHANGES = "SageMaker Model Package State Change"


class Access:
    """The cloud as a persona, as an account's root, as a role of any account, or as AWS itself has it."""

    def __init__(self, cloud: Mapping[str, Any]) -> None:
        self.cloud = cloud
        self.region = str(cloud["region"])
        self.outputs = cloud["outputs"]
        self.accounts = cloud["accounts"]
        self.install = str(cloud["stack"])
        self.dev_bucket = f"{self.install}-ml-artifacts-{self.accounts['dev']}-{self.region}"
        self.clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, who: str) -> Any:
        """A client of a persona (`officer`), or of an account's root (`hub`)."""
        if (service, who) not in self.clients:
            keys = self.cloud["personas"].get(who) or self.cloud["credentials"][who]
            self.clients[service, who] = self.client_with(service, keys)
        return self.clients[service, who]

    def client_with(self, service: str, keys: Mapping[str, str]) -> Any:
        config = Config(
            read_timeout=60, retries={"total_max_attempts": 2}, proxies={}, s3={"addressing_style": "path"},
            max_pool_connections=30,
        )  # fmt: skip
        session: Any = boto3.Session(
            aws_access_key_id=keys["access_key_id"],
            aws_secret_access_key=keys["secret_access_key"],
            aws_session_token=keys.get("session_token"),
            region_name=self.region,
        )
        return session.client(service, endpoint_url=self.cloud["endpoint_url"], config=config)

    def announce(self, detail: Mapping[str, Any], account: str = "hub", detail_type: str = CHANGES) -> None:
        """Put an event of SageMaker on an account's default bus: what only AWS itself can do."""
        entry = {"account": self.accounts[account], "source": "aws.sagemaker", "detail-type": detail_type,
                 "resources": [detail.get("ModelPackageArn", "")], "detail": detail}  # fmt: skip
        request = Request(f"{self.cloud['endpoint_url']}/_local/events", json.dumps([entry]).encode())
        with urlopen(request) as answer:
            assert answer.status == 200

    def role(self, account: str, actions: list[str], person: str = "somebody") -> dict[str, str]:
        """A person's session of a new role of an account that may do these actions on anything, as far as it goes."""
        iam, name = self.client("iam", account), unique("somebody")
        root = f"arn:aws:iam::{self.accounts[account]}:root"
        trust = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole"}
        allowed = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=_document(allowed))
        keys = self.client("sts", account).assume_role(RoleArn=arn, RoleSessionName=person)["Credentials"]
        return {
            "access_key_id": keys["AccessKeyId"],
            "secret_access_key": keys["SecretAccessKey"],
            "session_token": keys["SessionToken"],
        }

    def as_service(self, role: str, service: str, client: str) -> Any:
        """A client with a role's session that only an AWS service gets (`sagemaker.amazonaws.com`)."""
        asked = {"role_arn": role, "session_name": "scenario", "service": service}
        with urlopen(Request(f"{self.cloud['endpoint_url']}/_local/assume", json.dumps(asked).encode())) as answer:
            return self.client_with(client, json.loads(answer.read()))

    def invoke(self, name: str, event: Mapping[str, Any]) -> None:
        """Hand an event to a function as EventBridge does: asynchronously."""
        answer = self.client("lambda", "hub").invoke(
            FunctionName=self.outputs[f"{name}Name"], InvocationType="Event", Payload=json.dumps(event).encode()
        )
        assert answer["StatusCode"] == 202

    def envelope(self, detail: Mapping[str, Any], detail_type: str = CHANGES) -> Item:
        """An EventBridge event around a detail, with an id of its own."""
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": detail_type,
            "source": "aws.sagemaker",
            "account": self.accounts["hub"],
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "region": self.region,
            "resources": [],
            "detail": dict(detail),
        }


def unique(prefix: str) -> str:
    """A name nobody had before."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def _document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
