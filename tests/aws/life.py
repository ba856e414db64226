"""The life of four versions of one group, from registration to production, as events that happen to the hub.

Steps are minutes apart. Each is an act of somebody outside of Steward; what follows from it is settled before the
next. Between them they make every function do everything it can: seal, seal what is sealed, deploy, wait for a turn,
verify, refuse a second execution, validate, measure, fail, learn late, take back, stop, and break down.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from tests.aws.cloud import Cloud, Delivery
from tests.aws.resources import ARTIFACTS, INTAKE_BUS, SOURCES, client
from tests.builders import (
    ADA,
    KATHERINE,
    MARY,
    Person,
    after,
    approved,
    change,
    described,
    group_arn,
    moved,
    rejected,
    specification,
)
from tests.builders import package_arn as arn_of
from tests.template.translation import HUB, REGION, TEST, hub

SEVEN, EIGHT, NINE, TEN = (arn_of(version=number) for number in (7, 8, 9, 10))
ROWS = b"income,age,default\n0.2,30,0\n1.8,40,1\n0.4,50,0\n1.6,60,1\n"
PROFILE = {
    "steward:use-case-id": "credit-risk",
    "steward:owner": "mary.jackson",
    "steward:line-of-business": "retail",
    "steward:project": "pd",
    "steward:risk": "medium",
    "steward:validation-set": f"s3://{ARTIFACTS}/validation/rows.csv",
    "steward:validation-set-sha256": hashlib.sha256(ROWS).hexdigest(),
    "steward:validation-target": "default",
}
EIGHTH = {"CreationTime": after(840).isoformat()}
NINTH, TENTH = {"CreationTime": after(1500).isoformat()}, {"CreationTime": after(2100).isoformat()}
"""Versions 8, 9 and 10 are others than 7: they were made at other times."""
PIPELINES = {"test": "steward-deploy-test", "production": "steward-deploy-prod"}
STATUS = {"STARTED": "InProgress", "SUCCEEDED": "Succeeded", "FAILED": "Failed", "STOPPED": "Stopped"}
"""What an execution is by then, by what its event says (AWS: events of CodePipeline, and GetPipelineExecution)."""


def prepare(cloud: Cloud) -> None:
    """What is there before: an artifact, held-out rows, a group with tags."""
    s3 = client("s3")
    s3.put_object(Bucket=SOURCES, Key="credit/model.tar.gz", Body=b"weights")
    s3.put_object(Bucket=ARTIFACTS, Key="validation/rows.csv", Body=ROWS)
    cloud.registry.tags[group_arn()] = PROFILE


def of_the_source() -> dict[str, Any]:
    """The inference specification of what lies in the dev account's bucket."""
    etag = hashlib.md5(b"weights").hexdigest()
    return specification(f"s3://{SOURCES}/credit/model.tar.gz", etag)


def envelope(kind: str, detail: dict[str, Any], source: str, at: float, account: str = HUB) -> dict[str, Any]:
    """An event of AWS's, so many seconds after the first registration."""
    return {
        "version": "0",
        "id": f"00000000-0000-4000-8000-{round(at):012d}",
        "detail-type": kind,
        "source": source,
        "account": account,
        "time": after(at).isoformat(),
        "region": REGION,
        "resources": [],
        "detail": detail,
    }


def tell(cloud: Cloud, told: Any, at: float, by: Person = MARY) -> None:
    """The registry changes, and its event arrives a second later."""
    told = told.model_copy(update={"inference_specification": of_the_source()})
    answer = described(told, by).model_dump(by_alias=True, exclude_none=True)
    cloud.registry.packages[told.model_package_arn] = {**answer, "InferenceSpecification": of_the_source()}
    observe(cloud, told, at)


def observe(cloud: Cloud, told: Any, at: float) -> None:
    """The event of a change arrives."""
    told = told.model_copy(update={"inference_specification": of_the_source()})
    detail = told.model_dump(mode="json", by_alias=True, exclude_none=True)
    cloud.clock.moment = after(at + 1)
    cloud.happens(envelope("SageMaker Model Package State Change", detail, "aws.sagemaker", at))


def execution(cloud: Cloud, version: str, stage: str) -> tuple[str, dict[str, Any]]:
    """The execution that was started last for a version in a stage, and its id."""
    found = [
        (key, one)
        for key, one in cloud.pipelines.executions.items()
        if one["variables"]["ModelPackageArn"] == version and one["pipeline"] == PIPELINES[stage]
    ]
    return found[-1]


def job(
    cloud: Cloud,
    function: str,
    version: str,
    stage: str,
    at: float,
    execution_id: str = "",
    environment: str = "",
    token: str = "",
) -> None:
    """The pipeline of a stage's own environment, or of another, runs one of its Lambda actions."""
    key, told = execution(cloud, version, environment or stage)
    asked = {
        "execution_id": execution_id or key,
        "deployment_id": told["variables"]["DeploymentId"],
        "model_package_arn": version,
        "bundle_key": told["variables"]["BundleKey"],
        "stage": stage,
        **({"environment": environment} if environment else {}),
    }
    configuration = {"configuration": {"FunctionName": function, "UserParameters": json.dumps(asked)}}
    handed = {"name": "Bundle", "location": {"type": "S3", "s3Location": copied(key, told)}}
    data = {"actionConfiguration": configuration, "inputArtifacts": [handed], "outputArtifacts": []}
    data |= {"continuationToken": token} if token else {}
    held = {"accessKeyId": "a", "secretAccessKey": "s", "sessionToken": "t", "expirationTime": 0}
    number = f"00000000-0000-4000-8000-{round(at):012d}"
    cloud.clock.moment = after(at)
    event = {"id": number, "accountId": HUB, "data": {**data, "artifactCredentials": held}}
    cloud.queue.append(Delivery(function, {"CodePipeline.job": event}))


def copied(key: str, told: dict[str, Any]) -> dict[str, str]:
    """The pipeline's own copy of the bundle that an execution was started with: where it is."""
    bucket = hub().name("PipelineBucket")
    copy = {"bucketName": bucket, "objectKey": f"{told['pipeline']}/Bundle/{key}"}
    bundle = client("s3").get_object(Bucket=bucket, Key=told["variables"]["BundleKey"])["Body"].read()
    client("s3").put_object(Bucket=bucket, Key=copy["objectKey"], Body=bundle)
    return copy


def turned(cloud: Cloud, version: str, stage: str, status: str, at: float, reason: str = "") -> None:
    """An execution changes its status, and its event arrives."""
    key, told = execution(cloud, version, stage)
    told["status"] = STATUS[status]
    if reason:
        cloud.pipelines.reasons[key] = reason
    detail = {"pipeline": told["pipeline"], "execution-id": key, "state": status, "version": 1.0}
    cloud.clock.moment = after(at + 1)
    kind = "CodePipeline Pipeline Execution State Change"
    cloud.happens(envelope(kind, {**detail, "pipeline-execution-attempt": 1.0}, "aws.codepipeline", at))


def in_service(cloud: Cloud, at: float) -> None:
    """The endpoint's account tells that it serves."""
    name = "steward-credit-risk-pd-test"
    arn = f"arn:aws:sagemaker:{REGION}:{TEST}:endpoint/{name}"
    detail = {"EndpointName": name, "EndpointArn": arn, "EndpointStatus": "IN_SERVICE"}
    cloud.clock.moment = after(at + 1)
    cloud.happens(envelope("SageMaker Endpoint State Change", detail, "aws.sagemaker", at, TEST), INTAKE_BUS)


def monitored(cloud: Cloud, at: float) -> None:
    """Somebody entitled to it measured the version that serves."""
    told = {"schema_version": 1, "model_package_arn": SEVEN, "stage": "test", "measured_at": after(at).isoformat()}
    metrics = [{"name": "psi", "value": 0.04, "unit": ""}]
    detail = {**told, "endpoint": "steward-credit-risk-pd-test", "metrics": metrics}
    cloud.clock.moment = after(at + 1)
    cloud.happens(envelope("ModelMetricsReported", detail, "example.monitoring", at, TEST), INTAKE_BUS)


def called(cloud: Cloud, at: float, by: Person) -> None:
    """CloudTrail tells of an UpdateModelPackage."""
    asked = {"modelPackageArn": SEVEN, "modelApprovalStatus": "Approved"}
    told = {"eventName": "UpdateModelPackage", "eventTime": after(at).isoformat(), "userIdentity": {"arn": by.arn}}
    cloud.clock.moment = after(at + 2)
    cloud.happens(envelope("AWS API Call via CloudTrail", {**told, "requestParameters": asked}, "aws.sagemaker", at))


def noted(at: float) -> Any:
    """Somebody wrote into a version's metadata: no decision, and its event may come late."""
    fields = ["CustomerMetadataProperties"]
    return change(at, CustomerMetadataProperties={"note": str(at)}, UpdatedModelPackageFields=fields)


Step = tuple[str, Callable[[Cloud], None]]

STEPS: tuple[Step, ...] = (
    ("a data scientist registers version 7", lambda c: tell(c, change(0), 0, ADA)),
    ("the model owner approves it", lambda c: tell(c, approved(600), 600)),
    ("CloudTrail tells who it was", lambda c: called(c, 600, MARY)),
    ("its pipeline runs", lambda c: turned(c, SEVEN, "test", "STARTED", 660)),
    ("the pipeline asks whether it may", lambda c: job(c, "VerifyDeployment", SEVEN, "test", 720)),
    ("another execution asks too", lambda c: job(c, "VerifyDeployment", SEVEN, "test", 780, "another")),
    ("version 8 of the same bytes is registered", lambda c: tell(c, change(840, arn=EIGHT, **EIGHTH), 840, ADA)),
    ("it is approved, and waits for its turn", lambda c: tell(c, approved(900, arn=EIGHT, **EIGHTH), 900)),
    ("the endpoint of version 7 serves", lambda c: in_service(c, 960)),
    ("it is validated", lambda c: job(c, "ValidateDeployment", SEVEN, "test", 1020)),
    ("its pipeline succeeds, and it is version 8's turn", lambda c: turned(c, SEVEN, "test", "SUCCEEDED", 1080)),
    ("an old event about version 7 arrives late", lambda c: observe(c, noted(30), 1140)),
    ("version 7 is monitored", lambda c: monitored(c, 1200)),
    ("the pipeline of version 8 asks whether it may", lambda c: job(c, "VerifyDeployment", EIGHT, "test", 1260)),
    ("it fails", lambda c: turned(c, EIGHT, "test", "FAILED", 1320, "Deploy: no capacity")),
    ("the officer approves version 7 in test", lambda c: tell(c, moved(1380, "Test", "Approved"), 1380, KATHERINE)),
    ("it may go to production", lambda c: job(c, "VerifyDeployment", SEVEN, "production", 1440)),
    ("it does", lambda c: turned(c, SEVEN, "production", "SUCCEEDED", 1500)),
    ("version 9 is approved, and that is told late", lambda c: tell(c, approved(1560, arn=NINE, **NINTH), 1620)),
    ("it takes the place of version 7", lambda c: turned(c, NINE, "test", "SUCCEEDED", 1680)),
    ("it had been rejected before it was sealed", lambda c: tell(c, rejected(1590, arn=NINE, **NINTH), 1740)),
    ("version 7 may return", lambda c: job(c, "VerifyDeployment", SEVEN, "test", 1800)),
    ("it serves again", lambda c: turned(c, SEVEN, "test", "SUCCEEDED", 1860)),
    ("version 8 is approved again", lambda c: tell(c, approved(1920, arn=EIGHT, **EIGHTH), 1920)),
    ("and rejected while its pipeline runs", lambda c: tell(c, rejected(1980, arn=EIGHT, **EIGHTH), 1980)),
    ("the pipeline stops", lambda c: turned(c, EIGHT, "test", "STOPPED", 2040)),
    ("version 10 cannot be copied", lambda c: tell(c, change(2100, arn=TEN, **TENTH), 2100, ADA)),
    ("it is approved all the same", lambda c: tell(c, approved(2160, arn=TEN, **TENTH), 2160)),
)  # fmt: skip
"""What happens, in order."""
