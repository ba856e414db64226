"""A stranger's driver of Steward: `cloud.json`, boto3 and nothing else."""

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from urllib.request import Request, urlopen

import boto3
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config

from tests.integration.scenarios.models import TARGET, Model

T = TypeVar("T")
Item = dict[str, Any]

IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
DIGEST = "sha256:" + "5e" * 32
REGISTER = "AWSRAMPermissionSageMakerModelPackageGroupAllowRegister"
CHANGES = "SageMaker Model Package State Change"
OVER = {"deployed", "failed", "superseded", "removed", "rolled-back"}


def wait_for(
    what: str,
    look: Callable[[], T],
    until: Callable[[T], Any],
    timeout: float = 60,
    hopeless: Callable[[T], Any] = lambda _: False,
) -> T:
    """Look until it is so. Fails with what was seen last, at the deadline or as soon as it cannot come any more."""
    deadline = time.monotonic() + timeout
    while True:
        seen = look()
        if until(seen):
            return seen
        assert not hopeless(seen), f"it cannot come any more: {what}\nseen: {seen}"
        assert time.monotonic() < deadline, f"not within {timeout:.0f} s: {what}\nseen last: {seen}"
        time.sleep(0.1)


class Driver:
    """Everything a stranger does to the cloud: as persona, as an account's root, or as a role."""

    def __init__(self, cloud: Mapping[str, Any]) -> None:
        self.cloud = cloud
        self.region = str(cloud["region"])
        self.outputs = cloud["outputs"]
        self.accounts = cloud["accounts"]
        self.install = str(cloud["stack"])
        self.dev_bucket = f"{self.install}-ml-artifacts-{self.accounts['dev']}-{self.region}"
        self.models: dict[str, Model] = {}
        self.clients: dict[tuple[str, str], Any] = {}

    # ------------------------------------------------------------------------------------------------------- clients

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
        return boto3.Session(
            aws_access_key_id=keys["access_key_id"],
            aws_secret_access_key=keys["secret_access_key"],
            aws_session_token=keys.get("session_token"),
            region_name=self.region,
        ).client(service, endpoint_url=self.cloud["endpoint_url"], config=config)

    def announce(self, detail: Mapping[str, Any], account: str = "hub", detail_type: str = CHANGES) -> None:
        """Put an event of SageMaker on an account's default bus: what only AWS itself can do."""
        entry = {"account": self.accounts[account], "source": "aws.sagemaker", "detail-type": detail_type,
                 "resources": [detail.get("ModelPackageArn", "")], "detail": detail}  # fmt: skip
        request = Request(f"{self.cloud['endpoint_url']}/_local/events", json.dumps([entry]).encode())
        with urlopen(request) as answer:
            assert answer.status == 200

    def role(self, account: str, actions: list[str]) -> dict[str, str]:
        """A session of a new role of an account that may do these actions on anything, as far as it goes."""
        iam, name = self.client("iam", account), unique("somebody")
        root = f"arn:aws:iam::{self.accounts[account]}:root"
        trust = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "sts:AssumeRole"}
        allowed = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=_document(allowed))
        keys = self.client("sts", account).assume_role(RoleArn=arn, RoleSessionName="somebody")["Credentials"]
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

    # -------------------------------------------------------------------------------------------------------- groups

    def group_arn(self, name: str, account: str = "hub") -> str:
        return f"arn:aws:sagemaker:{self.region}:{self.accounts[account]}:model-package-group/{name}"

    def group(
        self, name: str, share: str = "policy", use_case: str | None = "credit", model: Model | None = None
    ) -> str:
        """The ML engineer makes a group and shares it with dev, by `policy` or by `ram`; its ARN."""
        tags = {"steward:owner": "mary.jackson", "steward:line-of-business": "retail", "steward:project": name[:20],
                "steward:risk": "low"}  # fmt: skip
        tags |= {"steward:use-case-id": use_case} if use_case else {}
        engineer = self.client("sagemaker", "ml-engineer")
        arn = str(
            engineer.create_model_package_group(ModelPackageGroupName=name, Tags=_tags(tags))["ModelPackageGroupArn"]
        )
        if share == "policy":
            engineer.put_model_package_group_policy(ModelPackageGroupName=name, ResourcePolicy=self.policy(name))
        if share == "ram":
            self.client("ram", "ml-engineer").create_resource_share(
                name=name, principals=[self.accounts["dev"]], resourceArns=[arn],
                permissionArns=[f"arn:aws:ram::aws:permission/{REGISTER}"],
            )  # fmt: skip
        if model:
            self.bind(arn, model)
        return arn

    def policy(self, name: str) -> str:
        packages = f"arn:aws:sagemaker:{self.region}:{self.accounts['hub']}:model-package/{name}/*"
        actions = ["CreateModelPackage", "DescribeModelPackage", "DescribeModelPackageGroup", "ListModelPackages"]
        statement = {
            "Sid": "Register",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{self.accounts['dev']}:root"},
            "Action": [f"sagemaker:{action}" for action in actions],
            "Resource": [self.group_arn(name), packages],
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def bind(self, group: str, model: Model, sha256: str = "") -> None:
        """The owner binds the rows that versions of the group are judged on."""
        key = f"validation/{group.rsplit('/', 1)[-1]}/{model.name}.csv"
        bucket = self.outputs["ArtifactBucket"]
        self.client("s3", "model-owner").put_object(Bucket=bucket, Key=key, Body=model.validation_set)
        tags = {
            "steward:validation-set": f"s3://{bucket}/{key}",
            "steward:validation-set-sha256": sha256 or hashlib.sha256(model.validation_set).hexdigest(),
            "steward:validation-target": TARGET,
        }
        self.client("sagemaker", "model-owner").add_tags(ResourceArn=group, Tags=_tags(tags))

    # ------------------------------------------------------------------------------------------------------ versions

    def upload(self, model: Model, key: str = "", who: str = "data-scientist") -> str:
        key = key or f"models/{uuid.uuid4().hex}/model.tar.gz"
        self.client("s3", who).put_object(Bucket=self.dev_bucket, Key=key, Body=model.archive)
        return f"s3://{self.dev_bucket}/{key}"

    def register(self, group: str, model: Model, who: str = "data-scientist", uri: str = "", **more: Any) -> str:
        """Register a version of a group; its ARN. `container` changes the container, other words the request."""
        container = {"Image": IMAGE, "ImageDigest": DIGEST, "ModelDataUrl": uri or self.upload(model)}
        container |= more.pop("container", {})
        request = {
            "ModelPackageGroupName": group,
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": {
                "Containers": [{name: value for name, value in container.items() if value is not None}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        }
        request = {name: value for name, value in {**request, **more}.items() if value is not None}
        arn = str(self.client("sagemaker", who).create_model_package(**request)["ModelPackageArn"])
        self.models[arn] = model
        return arn

    def approve(self, arn: str, why: str = "good enough", who: str = "model-owner", status: str = "Approved") -> None:
        """Decide in development."""
        self.client("sagemaker", who).update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus=status, ApprovalDescription=why
        )

    def approve_again(self, arn: str, why: str) -> None:
        """Approve in a later second than before: the registry cannot tell two approvals of one second apart."""
        last = self.describe(arn)["LastModifiedTime"].timestamp()
        wait_for("the next second", time.time, lambda now: int(now) > last, 3)
        self.approve(arn, why)

    def decide(self, arn: str, stage: str, status: str = "Approved", who: str = "officer") -> None:
        """Decide by the life cycle."""
        self.client("sagemaker", who).update_model_package(
            ModelPackageArn=arn,
            ModelLifeCycle={"Stage": stage, "StageStatus": status, "StageDescription": f"{stage} {status}"},
        )

    def describe(self, arn: str, who: str = "model-owner") -> Item:
        return dict(self.client("sagemaker", who).describe_model_package(ModelPackageName=arn))

    # -------------------------------------------------------------------------------------------------------- record

    def items(self, arn: str, prefix: str = "", who: str = "auditor") -> list[Item]:
        """A version's items whose sort key begins so, in their order."""
        condition, values = "pk = :pk", {":pk": {"S": f"MODEL#{arn}"}}
        if prefix:
            condition, values = f"{condition} AND begins_with(sk, :sk)", {**values, ":sk": {"S": prefix}}
        pages = self.client("dynamodb", who).get_paginator("query").paginate(
            TableName=self.outputs["GovernanceTable"], KeyConditionExpression=condition,
            ExpressionAttributeValues=values, ConsistentRead=True,
        )  # fmt: skip
        return [plain(item) for page in pages for item in page["Items"]]

    def item(self, pk: str, sk: str) -> Item:
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        table = self.outputs["GovernanceTable"]
        answer = self.client("dynamodb", "auditor").get_item(TableName=table, Key=key, ConsistentRead=True)
        return plain(answer.get("Item", {}))

    def head(self, arn: str) -> Item:
        return self.item(f"MODEL#{arn}", "HEAD")

    def stage(self, arn: str, stage: str) -> Item:
        return self.item(f"MODEL#{arn}", f"STAGE#{stage}")

    def deployments(self, arn: str, stage: str = "") -> list[Item]:
        found = [item for item in self.items(arn, "DEPLOYMENT#") if stage in ("", item["stage"])]
        return sorted(found, key=lambda item: item["requested_at"])

    def findings(self, arn: str, status: str = "open") -> dict[str, Item]:
        return {item["code"]: item for item in self.items(arn, "FINDING#") if item["status"] == status}

    def actions(self, arn: str) -> list[str]:
        """The chain's actions, in order."""
        return [json.loads(item["entry"])["action"] for item in self.items(arn, "AUDIT#")]

    def executions(self) -> list[Item]:
        """Every execution of both pipelines."""
        client = self.client("codepipeline", "auditor")
        return [
            execution
            for name in ("TestPipeline", "ProdPipeline")
            for page in client.get_paginator("list_pipeline_executions").paginate(pipelineName=self.outputs[name])
            for execution in page["pipelineExecutionSummaries"]
        ]

    def failed_event(self, about: str) -> Item:
        """A message of the failed-events queue in which a text occurs, left there; empty if there is none."""
        sqs, queue = self.client("sqs", "ml-engineer"), self.outputs["FailedEvents"]
        for _ in range(20):
            answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
            for message in answer.get("Messages", []):
                if about in message["Body"]:
                    return {**json.loads(message["Body"]), "handle": message["ReceiptHandle"]}
        return {}

    def forget(self, failed: Item) -> None:
        """Take a message out of the failed-events queue."""
        queue = self.outputs["FailedEvents"]
        self.client("sqs", "ml-engineer").delete_message(QueueUrl=queue, ReceiptHandle=failed["handle"])

    def undelivered(self) -> int:
        """How many events EventBridge could not hand over."""
        attributes = self.client("sqs", "ml-engineer").get_queue_attributes(
            QueueUrl=self.outputs["UndeliveredEvents"], AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"])

    # ------------------------------------------------------------------------------------------------------- waiting

    def wait_registered(self, arn: str) -> Item:
        return wait_for(f"the record of {arn}", lambda: self.stage(arn, "development"), bool)

    def wait_sealed(self, arn: str) -> Item:
        return wait_for(
            f"{arn} is sealed", lambda: self.head(arn), lambda head: head.get("sealed"),
            hopeless=lambda _: {"artifact-missing", "artifact-changed", "sealing-failed"} & set(self.findings(arn)),
        )  # fmt: skip

    def wait_finding(self, arn: str, code: str, status: str = "open") -> Item:
        found = wait_for(
            f"{status} finding {code} of {arn}", lambda: self.findings(arn, status), lambda all_: code in all_
        )
        return found[code]

    def wait_stage(self, arn: str, stage: str, timeout: float = 60, **wanted: str) -> Item:
        """Wait until the stage record says so; a deployment that ended otherwise is hopeless."""
        expected = wanted.get("deployment_status")

        def ended_otherwise(record: Item) -> bool:
            status = record.get("deployment_status")
            return (
                expected is not None
                and status in OVER
                and {status, expected} != {"failed", "deployed"}
                and (status == "failed" if expected == "deployed" else False)
            )

        return wait_for(
            f"{stage} of {arn} is {wanted}",
            lambda: self.stage(arn, stage),
            lambda record: all(record.get(name) == value for name, value in wanted.items()),
            timeout,
            ended_otherwise,
        )

    def wait_deployed(self, arn: str, stage: str = "test", validated: bool = True) -> Item:
        """Wait until it is deployed, and measured there."""
        return wait_for(
            f"{arn} is deployed to {stage}",
            lambda: self.stage(arn, stage),
            lambda record: record.get("deployment_status") == "deployed" and (record["validated_at"] or not validated),
            90,
            lambda record: record.get("deployment_status") in {"failed", "removed", "superseded"},
        )

    def wait_failed(self, arn: str, stage: str = "test") -> Item:
        return wait_for(
            f"the deployment of {arn} to {stage} fails",
            lambda: self.stage(arn, stage),
            lambda record: record.get("deployment_status") == "failed",
            60,
            lambda record: record.get("deployment_status") == "deployed",
        )

    def settled(self, arns: Iterable[str], quiet: float = 1.5) -> dict[str, list[Item]]:
        """Every item of some versions, once none has changed for a while."""
        arns, since, seen = list(arns), time.monotonic(), {}

        def look() -> float:
            nonlocal since, seen
            now = {arn: self.items(arn) for arn in arns}
            if now != seen:
                seen, since = now, time.monotonic()
            return time.monotonic() - since

        wait_for("the records hold still", look, lambda still: still > quiet)
        return seen

    # ----------------------------------------------------------------------------------------------------- endpoints

    def ask(self, account: str, endpoint: str, body: str) -> list[float]:
        """An endpoint's answers to CSV rows, as somebody of the account that runs it gets them."""
        answer = self.client("sagemaker-runtime", account).invoke_endpoint(
            EndpointName=endpoint, ContentType="text/csv", Accept="text/csv", Body=body.encode()
        )
        return [float(line) for line in answer["Body"].read().decode().split()]

    def serves(self, account: str, record: Item, model: Model) -> bool:
        """Whether the endpoint of a stage record answers as the model, row for row."""
        return self.ask(account, record["endpoint_name"], model.features) == list(model.answers)


def plain(item: Mapping[str, Any]) -> Item:
    read = TypeDeserializer()
    return {name: read.deserialize(value) for name, value in item.items()}


def unique(prefix: str) -> str:
    """A name nobody had before."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def _document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
