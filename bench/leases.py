"""How many deployments of one model group the lease puts in order: each queues, waits, and is given its turn.

In process, on the table that moto plays: the rate is moto's too, so the AWS calls of each deployment stand beside it.
"""

import time
from collections.abc import Iterable

import pytest

from bench.measurement import Measurement
from governance.adapters.dynamodb_leases import DynamoDbLeases
from governance.adapters.rows import Table
from governance.domain.lifecycle import Stage
from governance.ports.delivery import Waiting
from tests.aws import resources
from tests.aws.resources import TABLE
from tests.aws.seam import Seam
from tests.builders import after, group_arn, package_arn

LINES = (1, 10, 100)


def measured() -> Iterable[Measurement]:
    """Rate and calls, by how many wait at once."""
    for length in LINES:
        yield from run(length)


def run(length: int) -> Iterable[Measurement]:
    """So many ask at once for the same place, and each gives way to the next."""
    with pytest.MonkeyPatch.context() as monkeypatch, resources.in_memory():
        seam = Seam()
        seam.install(monkeypatch)
        resources.make_table()
        leases, stage, group = DynamoDbLeases(Table(TABLE)), Stage.PRODUCTION, group_arn()
        asking = [
            Waiting(
                model_package_arn=package_arn(version=number + 1),
                deployment_id=f"deploy-{number:04}",
                since=after(number),
            )
            for number in range(length)
        ]
        with seam.watch() as calls:
            began = time.perf_counter()
            held = [one for one in asking if leases.acquire(stage, group, one)]
            queued = time.perf_counter() - began
            while held:
                leases.release(stage, group, held[-1].deployment_id, held[-1].since)
                following = leases.next(stage, group)
                if following is None:
                    break
                assert leases.acquire(stage, group, following)
                leases.leave(stage, group, following.deployment_id, following.since)
                held.append(following)
            took = time.perf_counter() - began
    assert [one.deployment_id for one in held] == [one.deployment_id for one in asking]
    at_once = f"{length:,} at once"
    yield Measurement("leases", f"queued, {at_once}", "deployments/s", (length / queued,), "in process")
    yield Measurement(
        "leases", f"queued and given their turn, {at_once}", "deployments/s", (length / took,), "likewise"
    )
    yield Measurement("leases", f"calls for each, {at_once}", "calls", (len(calls) / length,))
