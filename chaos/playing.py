"""Play the fleet's lives on the local cloud, as the people concerned would, and remember what was asked."""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chaos.commanding import COMMANDS, command
from chaos.truth import APPROVED, PENDING, REJECTED, Version
from tests.integration.scenarios import models
from tests.integration.scenarios.driver import Driver

Say = Callable[[str], None]

_AT_ONCE = 4
_ROUND_SECONDS = 1.2


def register(driver: Driver, fleet: Sequence[Version]) -> None:
    """Make the groups, then register every version: those of one group in their order, for so they are numbered."""
    groups: dict[str, list[Version]] = {}
    for version in fleet:
        groups.setdefault(version.group, []).append(version)
    for group, versions in sorted(groups.items()):
        driver.group(group, model=models.formula() if versions[0].deployable else None)

    def in_order(versions: Sequence[Version]) -> None:
        for version in versions:
            model = models.formula(100 + version.number % 5)
            nowhere = f"s3://{driver.dev_bucket}/nowhere/{version.group}/{version.number}.tar.gz"
            arn = driver.group_arn(version.group)
            version.arn = driver.register(arn, model, uri="" if version.deployable else nowhere)
            version.asked.append("register")
            version.second = int(time.time())

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(in_order, groups.values()))


def live(driver: Driver, fleet: Sequence[Version], say: Say) -> None:
    """Round by round, one move of every version that has moves left."""
    for turn in range(max(len(version.moves) for version in fleet)):
        began = time.monotonic()
        moving = [version for version in fleet if turn < len(version.moves)]
        say(f"round {turn + 1}: {len(moving)} versions move")
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda version, turn=turn: _move(driver, version, version.moves[turn]), moving))
        time.sleep(max(0.0, _ROUND_SECONDS - (time.monotonic() - began)))


def _move(driver: Driver, version: Version, move: str) -> None:
    """Ask the registry, in a later second than before: it cannot tell the order of two decisions of one second."""
    why = f"{move} {len(version.asked)}"
    while int(time.time()) <= version.second:
        time.sleep(0.05)
    if move in ("approve", "reject", "withdraw"):
        version.approval = {"approve": APPROVED, "reject": REJECTED, "withdraw": PENDING}[move]
        driver.approve(version.arn, why, status=version.approval)
    elif move in COMMANDS:
        if not command(driver, version.arn, move, why):
            return  # as when the version is not on record, for its registration was lost
        version.held = {"hold": True, "release": False}.get(move, version.held)
    elif move in ("promote", "refuse"):
        version.life_cycle = ("Test", "Approved" if move == "promote" else "Rejected")
        driver.decide(version.arn, *version.life_cycle)
    else:
        driver.client("sagemaker", "model-owner").update_model_package(
            ModelPackageArn=version.arn, CustomerMetadataProperties={"noise": why}
        )
    version.asked.append(move)
    version.second = int(time.time())


def redrive(driver: Driver, tried: set[str]) -> int:
    """Hand every dead letter that is not among those `tried` to what it was meant for, and keep it there; how many.

    A letter that failed again is left in its queue: news of a version whose registration was lost cannot be taken in
    before the reconciler has found the version.
    """
    sqs, redriven = driver.client("sqs", "hub"), 0
    for queue in (driver.outputs["FailedEvents"], driver.outputs["UndeliveredEvents"]):
        left = []
        while letters := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
            "Messages"
        ):
            for letter in letters:
                target, payload = _meant(letter)
                if (meant := target + payload) in tried:
                    left.append(letter["ReceiptHandle"])
                    continue
                tried.add(meant)
                _hand_over(driver, target, payload)
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=letter["ReceiptHandle"])
                redriven += 1
        for handle in left:
            sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=0)
    return redriven


def _meant(letter: dict[str, Any]) -> tuple[str, str]:
    """Whom a dead letter was meant for, and what it said."""
    body = json.loads(letter["Body"])
    target = letter.get("MessageAttributes", {}).get("TARGET_ARN", {}).get("StringValue")
    if not target:
        target, body = body["requestContext"]["functionArn"].removesuffix(":$LATEST"), body["requestPayload"]
    return target, json.dumps(body, sort_keys=True)


def _hand_over(driver: Driver, target: str, payload: str) -> None:
    if ":states:" in target:
        driver.client("stepfunctions", "hub").start_execution(stateMachineArn=target, input=payload)
    else:
        driver.client("lambda", "hub").invoke(FunctionName=target, InvocationType="Event", Payload=payload.encode())


def reconcile(driver: Driver, groups: Sequence[str]) -> dict[str, Any]:
    """Let the reconciler compare everything, with no grace; its last answer, with the differences of all."""
    order = {"mode": "reconcile", "grace_seconds": 0, "groups": list(groups)}
    differences: list[Any] = []
    while True:
        answer = driver.client("lambda", "hub").invoke(
            FunctionName=f"{driver.install}-reconcile-registry", Payload=json.dumps(order).encode()
        )
        told = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise RuntimeError(f"the reconciler failed: {told}")
        differences += told["differences"]
        if told["done"]:
            return {**told, "differences": differences}
