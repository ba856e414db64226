"""What is held and what serves, compared with the truth: sealed objects in S3, and endpoints that are asked."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from chaos.truth import Version
from tests.integration.scenarios.access import Item
from tests.integration.scenarios.driver import Driver

_ACCOUNTS = {"test": "test", "production": "prod"}
"""By stage, whose account its endpoints are in."""

_AT_THE_ENDPOINT = ("deployed", "failed")
"""Statuses of a deployment that may have put its version there."""


def of_holds(driver: Driver, version: Version, head: Item) -> Iterator[str]:
    """Whether exactly what somebody holds is held, on the record, in the notes at each object, and in S3."""
    state = json.loads(head["state"])
    if bool(state["legal_hold"]) != version.held:
        yield f"the record says held: {state['legal_hold']}, asked for was {version.held}"
    for stored in _sealed(state):
        holders = _holders(driver, stored["key"])
        if (version.arn in holders) != version.held:
            yield f"{stored['key']} is noted as held by {holders or 'nobody'}, asked for was {version.held}"
        told = driver.client("s3", "hub").get_object_retention
        where = {"Bucket": stored["bucket"], "Key": stored["key"], "VersionId": stored["version_id"]}
        if told(**where)["Retention"]["RetainUntilDate"].strftime("%Y-%m-%dT%H:%M:%S") < stored["locked_until"][:19]:
            yield f"{stored['key']} is not locked for as long as the record says"
        if (_hold(driver, where) == "ON") != bool(holders):
            yield f"{stored['key']} is {'not ' if holders else ''}held in S3"


def _sealed(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    sealings = [*state["earlier_sealings"], state["sealing"]]
    return [artifact for sealing in sealings for artifact in sealing["artifacts"]]


def _holders(driver: Driver, key: str) -> list[str]:
    answer = driver.client("dynamodb", "auditor").query(
        TableName=driver.outputs["GovernanceTable"], KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"HOLD#{key}"}}, ConsistentRead=True,
    )  # fmt: skip
    read = TypeDeserializer()
    return [str(read.deserialize(item["sk"])).removeprefix("MODEL#") for item in answer["Items"]]


def _hold(driver: Driver, where: Mapping[str, str]) -> str:
    s3 = driver.client("s3", "hub")
    try:
        return str(s3.get_object_legal_hold(**where)["LegalHold"]["Status"])
    except s3.exceptions.ClientError as never:
        if never.response["Error"]["Code"] != "NoSuchObjectLockConfiguration":
            raise
        return "OFF"


def of_endpoints(driver: Driver, fleet: Sequence[Version]) -> Iterator[str]:
    """Whether of each group and stage one version at most is said to serve, and the endpoint answers as that one."""
    for group in sorted({version.group for version in fleet if version.deployable}):
        arns = [version.arn for version in fleet if version.group == group]
        for stage, account in _ACCOUNTS.items():
            there = {arn: driver.stage(arn, stage) for arn in arns}
            serving = [arn for arn, record in there.items() if record.get("deployment_status") == "deployed"]
            if len(serving) > 1:
                yield f"{len(serving)} versions of {group} are said to serve in {stage}"
            for arn in serving:
                is_last = _last(driver, arns, stage) == arn
                if is_last and not driver.serves(account, there[arn], driver.models[arn]):
                    yield f"the endpoint of {group} in {stage} does not answer as {arn}"


def _last(driver: Driver, arns: Sequence[str], stage: str) -> str:
    """The version whose deployment ended last, of those that may have reached the endpoint."""
    ends = [
        (str(run["finished_at"]), arn)
        for arn in arns
        for run in driver.deployments(arn, stage)
        if run["status"] in _AT_THE_ENDPOINT
    ]
    return max(ends)[1] if ends else ""
