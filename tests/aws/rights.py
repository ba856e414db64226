"""What a call means to IAM: the actions, each on its resource and with what the request says about itself."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.aws.resources import ARTIFACTS, BUNDLES, CREDENTIALS, SOURCES, TABLE
from tests.aws.seam import ApiCall
from tests.template.translation import DEV, HUB, REGION, hub

OWNERS = {ARTIFACTS: HUB, BUNDLES: HUB, SOURCES: DEV}
SOURCE_KEY = f"arn:aws:kms:{REGION}:{DEV}:key/1234abcd"
"""The key that the dev account's bucket is encrypted under."""

BY_ITEM = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}
"""What each part of TransactWriteItems needs (DynamoDB Developer Guide: "Using IAM with DynamoDB transactions")."""


@dataclass(frozen=True)
class Right:
    """One action that has to be allowed."""

    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)


def rights(call: ApiCall) -> list[Right]:
    """Everything that has to be allowed to the function's role for a call to succeed."""
    if call.access_key != CREDENTIALS["AWS_ACCESS_KEY_ID"]:
        return []  # made with the rights of a role that the function has assumed
    return list(SERVICES[call.service](call))


def dynamodb(call: ApiCall) -> Iterator[Right]:
    """Keys of partitions are what `dynamodb:LeadingKeys` speaks of."""
    table = hub().arn("GovernanceTable")
    asked = call.parameters
    if call.operation == "TransactWriteItems":
        for part in asked["TransactItems"]:
            ((kind, told),) = part.items()
            assert told["TableName"] == TABLE
            yield Right(BY_ITEM[kind], table, leading(told.get("Item") or told["Key"]))
    elif call.operation == "BatchGetItem":
        keys = [key["pk"]["S"] for key in asked["RequestItems"][TABLE]["Keys"]]
        yield Right("dynamodb:BatchGetItem", table, {"dynamodb:LeadingKeys": keys})
    elif call.operation == "Query":
        index = asked.get("IndexName")
        sought = re.search(r"(?:#\w+|pk) = (:\w+)", asked["KeyConditionExpression"])
        assert sought
        keys = [asked["ExpressionAttributeValues"][sought[1]]["S"]]
        yield Right("dynamodb:Query", f"{table}/index/{index}" if index else table, {"dynamodb:LeadingKeys": keys})
    elif call.operation in {"Scan", "DescribeTable"}:
        yield Right(f"dynamodb:{call.operation}", table)
    else:
        item = asked.get("Item") or asked["Key"]
        named = {"dynamodb:Attributes": sorted(item)} if call.operation == "PutItem" else {}
        yield Right(f"dynamodb:{call.operation}", table, leading(item) | named)


def leading(item: Mapping[str, Any]) -> dict[str, list[str]]:
    """The partition of an item."""
    return {"dynamodb:LeadingKeys": [item["pk"]["S"]]}


def s3(call: ApiCall) -> Iterator[Right]:
    """Objects, and the keys they are encrypted under: those of the hub are allowed by their key policies."""
    asked = call.parameters
    if call.operation in {"CopyObject", "UploadPartCopy"}:
        yield from reading(asked["CopySource"])
        yield Right("s3:PutObject", of_object(asked), owner(asked["Bucket"]))
    elif call.operation in {"GetObject", "HeadObject"}:
        yield from reading(asked)
    elif call.operation in LISTINGS:
        yield Right(LISTINGS[call.operation], f"arn:aws:s3:::{asked['Bucket']}", owner(asked["Bucket"]))
    else:
        action = OF_UPLOADS.get(call.operation, f"s3:{call.operation}")
        yield Right(action, of_object(asked), owner(asked["Bucket"]))
    if "ObjectLockRetainUntilDate" in asked:
        yield Right("s3:PutObjectRetention", of_object(asked), owner(asked["Bucket"]))


LISTINGS = {
    "ListObjectsV2": "s3:ListBucket",
    "ListObjectVersions": "s3:ListBucketVersions",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
}
"""What it takes to list objects, all their versions, and open uploads (S3 API: the permissions of each)."""

OF_UPLOADS = {
    "CreateMultipartUpload": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "ListParts": "s3:ListMultipartUploadParts",
}
"""What it takes to upload in parts (S3 user guide: Multipart upload API and permissions)."""


def reading(asked: Mapping[str, Any]) -> Iterator[Right]:
    """To read an object, or one version of it, and to decrypt it."""
    action = "s3:GetObjectVersion" if asked.get("VersionId") else "s3:GetObject"
    yield Right(action, of_object(asked), owner(asked["Bucket"]))
    if asked["Bucket"] == SOURCES:
        through = {"kms:ViaService": f"s3.{REGION}.amazonaws.com", "aws:ResourceAccount": DEV}
        yield Right("kms:Decrypt", SOURCE_KEY, through)


def of_object(asked: Mapping[str, Any]) -> str:
    """The ARN of an object."""
    return f"arn:aws:s3:::{asked['Bucket']}/{asked['Key']}"


def owner(bucket: str) -> dict[str, str]:
    """Whose bucket it is."""
    return {"aws:ResourceAccount": OWNERS.get(bucket, HUB)}


def sagemaker(call: ApiCall) -> Iterator[Right]:
    """The registry. Groups, and packages of no group, are listed over all there are."""
    asked, names = call.parameters, ("ModelPackageName", "ModelPackageArn", "ResourceArn", "ModelPackageGroupName")
    arns = asked.get("ModelPackageArnList") or [next((asked[name] for name in names if name in asked), "*")]
    if call.operation.endswith("GroupPolicy"):  # which takes a name and no ARN
        arns = [f"arn:aws:sagemaker:{REGION}:{HUB}:model-package-group/{arns[0]}"]
    for arn in arns:
        yield Right(f"sagemaker:{call.operation}", arn)


def codepipeline(call: ApiCall) -> Iterator[Right]:
    """Pipelines by name; jobs have no ARN."""
    name = call.parameters.get("name") or call.parameters.get("pipelineName")
    arn = f"arn:aws:codepipeline:{REGION}:{HUB}:{name}" if name else "*"
    yield Right(f"codepipeline:{call.operation}", arn)


def events(call: ApiCall) -> Iterator[Right]:
    """Buses by name."""
    for bus in {entry["EventBusName"] for entry in call.parameters["Entries"]}:
        yield Right("events:PutEvents", f"arn:aws:events:{REGION}:{HUB}:event-bus/{bus}")


def cloudtrail(call: ApiCall) -> Iterator[Right]:
    """The event history of the account, which is no resource."""
    yield Right(f"cloudtrail:{call.operation}", "*")


def sts(call: ApiCall) -> Iterator[Right]:
    """Roles. Who one is can be asked without a permission."""
    if call.operation == "GetCallerIdentity":
        return
    role = call.parameters["RoleArn"]
    yield Right("sts:AssumeRole", role, {"aws:ResourceAccount": role.split(":")[4]})


def cloudformation(call: ApiCall) -> Iterator[Right]:
    """Stacks of workload accounts, looked at by a role of theirs: nothing of the function's own."""
    assert call.operation == "DescribeStacks"
    yield from ()


def sqs(call: ApiCall) -> Iterator[Right]:
    """Queues by URL; a batch needs the right to its one part (SQS guide: "Actions, resources, and condition keys")."""
    name = call.parameters["QueueUrl"].rpartition("/")[2]
    yield Right(f"sqs:{call.operation.removesuffix('Batch')}", f"arn:aws:sqs:{REGION}:{HUB}:{name}")


def sns(call: ApiCall) -> Iterator[Right]:
    """Topics by ARN."""
    yield Right(f"sns:{call.operation}", call.parameters["TopicArn"])


def ram(call: ApiCall) -> Iterator[Right]:
    """Shares by ARN; in which shares something is has no resource (Service Authorization Reference: AWS RAM)."""
    yield Right(f"ram:{call.operation}", call.parameters.get("resourceShareArn", "*"))


def ecr(call: ApiCall) -> Iterator[Right]:
    """Repositories by the account of their registry and their name."""
    account, name = call.parameters["registryId"], call.parameters["repositoryName"]
    yield Right(f"ecr:{call.operation}", f"arn:aws:ecr:{REGION}:{account}:repository/{name}")


def functions(call: ApiCall) -> Iterator[Right]:
    """Functions by ARN, or by the name that makes one."""
    arn = f"arn:aws:lambda:{REGION}:{HUB}:function:"
    yield Right("lambda:InvokeFunction", arn + call.parameters["FunctionName"].removeprefix(arn))


def states(call: ApiCall) -> Iterator[Right]:
    """State machines, and their executions, by ARN."""
    asked = call.parameters
    yield Right(
        f"states:{call.operation}", asked["executionArn"] if "executionArn" in asked else asked["stateMachineArn"]
    )


SERVICES = {
    "ecr": ecr,
    "ram": ram,
    "sns": sns,
    "sqs": sqs,
    "lambda": functions,
    "stepfunctions": states,
    "dynamodb": dynamodb,
    "s3": s3,
    "sagemaker": sagemaker,
    "codepipeline": codepipeline,
    "events": events,
    "sts": sts,
    "cloudformation": cloudformation,
    "cloudtrail": cloudtrail,
}
