"""What officers ask of Steward while the cloud misbehaves, and versions from before governance for them to adopt."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from chaos.weather import raging
from governance.bootstrap_people import prove
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.driver import Driver

COMMANDS = {"hold": "hold", "release": "release-hold", "adopt": "adopt"}
"""The moves of a life that are commands, and how Steward calls them."""

_SILENCE = {"events": {"drop": 1, "sources": ["aws.sagemaker"]}}
_LONGEST = 60


def command(driver: Driver, arn: str, move: str, why: str) -> bool:
    """An officer asks for it, again and again until there is an answer; whether it was not refused."""
    function = driver.outputs["DecideFunction"]
    asked = {
        "command": COMMANDS[move],
        "version": arn,
        "why": why,
        "request_id": unique("request"),
        "function": f"arn:aws:lambda:{driver.region}:{driver.accounts['hub']}:function:{driver.outputs['DecideName']}",
    }
    event = json.dumps({"payload": asked, "proof": _proof(driver, "officer", asked)}).encode()
    until = time.monotonic() + _LONGEST
    while time.monotonic() < until:
        answer = driver.client("lambda", "officer").invoke(FunctionName=function, Payload=event)
        told = json.loads(answer["Payload"].read())
        if not answer.get("FunctionError"):
            return "refused" not in told
    raise RuntimeError(f"no answer to {move} within {_LONGEST} s: {told}")


def _proof(driver: Driver, who: str, asked: dict[str, Any]) -> str:
    keys = driver.cloud["personas"][who]
    session = boto3.Session(keys["access_key_id"], keys["secret_access_key"], keys["session_token"])
    credentials: Any = session.get_credentials()
    return prove(credentials.get_frozen_credentials(), driver.region, driver.cloud["endpoint_url"], asked)


@contextmanager
def before_governance(driver: Driver, groups: Sequence[str]) -> Iterator[None]:
    """What is registered inside the block was there before Steward was: no event tells of it, and it is backfilled."""
    if not groups:
        yield
        return
    with governed_later(driver):
        with raging(driver.cloud["endpoint_url"], _SILENCE):
            yield
            time.sleep(2)  # no event of theirs shall still be on its way
        order = {"mode": "backfill", "grace_seconds": 0, "groups": list(groups), "resume": False}
        answer = driver.client("lambda", "hub").invoke(
            FunctionName=driver.outputs["ReconcileRegistryFunction"], Payload=json.dumps(order).encode()
        )
        told = json.loads(answer["Payload"].read())
        if answer.get("FunctionError") or not told["done"]:
            raise RuntimeError(f"the backfill failed: {told}")


@contextmanager
def governed_later(driver: Driver) -> Iterator[None]:
    """Inside the block the registry is not governed yet."""
    dynamodb, table = driver.client("dynamodb", "hub"), driver.outputs["GovernanceTable"]
    key = {"pk": {"S": f"HUB#{driver.install}"}, "sk": {"S": "GOVERNED"}}
    kept = dynamodb.get_item(TableName=table, Key=key).get("Item")
    since = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    document = {**key, "document": {"S": json.dumps({"since": since})}, "schema_version": {"N": "2"}}
    dynamodb.put_item(TableName=table, Item=document)
    try:
        yield
    finally:
        if kept:
            dynamodb.put_item(TableName=table, Item=kept)
        else:
            dynamodb.delete_item(TableName=table, Key=key)
