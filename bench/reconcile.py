"""The reconciler over a fleet that is in order: versions a second, and AWS calls for each version, which must be flat.

In process: the registry is a stand-in at botocore's seam, the table is moto's. The rate is that of moto as well, whose
queries take longer the more there is in the table; so our own CPU is told apart, from botocore on left out. In AWS the
rate is the pace that is kept on purpose, ten descriptions a second.
"""

import json
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from bench.measurement import Measurement
from bench.quiet import quiet
from governance import bootstrap
from governance.adapters import pacing
from governance.domain.inspection import Order
from governance.settings import Settings
from tests.aws import moto_gaps, resources
from tests.aws.resources import TABLE, table_items
from tests.aws.seam import Seam
from tests.builders import ADA, Clock, change, described, package_arn
from tests.contract.reconciled import CatalogueStandIn, LambdaStandIn, PipelinesStandIn, TrailStandIn
from tests.template.translation import REGION

FLEETS = (1_000, 10_000)
GROUPS = 10


def measured() -> Iterable[Measurement]:
    """Rate and calls for each size of fleet."""
    for size in FLEETS:
        yield from run(size)


def run(size: int) -> Iterable[Measurement]:
    """One whole run over so many versions."""
    with pytest.MonkeyPatch.context() as monkeypatch, resources.in_memory(), quiet():
        seam = Seam()
        seam.install(monkeypatch)
        moto_gaps.make_transactions_quick(monkeypatch)
        monkeypatch.setattr(pacing.Pace, "wait", lambda _: None)
        resources.make_table()
        catalogue = CatalogueStandIn()
        seam.standins = {
            "sagemaker": catalogue,
            "codepipeline": PipelinesStandIn(),
            "cloudtrail": TrailStandIn([]),
            "lambda": LambdaStandIn({"relay": lambda _: {"batchItemFailures": []}}),
        }
        clock = Clock()
        settings = Settings(governance_table=TABLE, relay_function="relay")
        populate(settings, clock, catalogue, size)
        clock.wait(3600)
        reconciliation = bootstrap.reconciliation(settings, clock)
        answered = stopwatch(seam)
        with seam.watch() as calls:
            began, worked = time.perf_counter(), time.process_time()
            report = reconciliation.work(Order(grace_seconds=0), lambda: 900.0)
            took, own = time.perf_counter() - began, time.process_time() - worked - sum(answered)
    counts = Counter(call.operation for call in calls)
    each = ", ".join(f"{name} {count / size:.3f}" for name, count in sorted(counts.items()))
    assert report.done and report.counts["versions"] == size, report.counts
    yield Measurement(
        "reconcile", f"rate at {size:,} versions", "versions/s", (size / took,), "in process, without pace"
    )
    yield Measurement(
        "reconcile", f"own CPU per version at {size:,}", "ms", (own / size * 1000,), "from botocore on left out"
    )
    yield Measurement("reconcile", f"calls per version at {size:,}", "calls", (len(calls) / size,), each)


def stopwatch(seam: Seam) -> list[float]:
    """CPU seconds that each answer takes, botocore's part of it too."""
    took: list[float] = []
    answer = seam.answered

    def timed(*asked: Any) -> Any:
        began = time.process_time()
        try:
            return answer(*asked)
        finally:
            took.append(time.process_time() - began)

    seam.answered = timed  # type: ignore[method-assign]
    return took


def populate(settings: Settings, clock: Clock, catalogue: CatalogueStandIn, size: int) -> None:
    """A fleet on record: one version recorded as any is, and the rest made like it."""
    arn = package_arn("group-0", 1)
    pattern = described(change(0, arn=arn), ADA).model_dump(by_alias=True, exclude_none=True)
    catalogue.packages[arn] = pattern
    bootstrap.synchronisation(settings, clock).observe(change(0, arn=arn), "bench")
    bootstrap.grouping(settings, clock).onboard(arn, "bench")
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[TABLE]
    kept = [item for item in table_items() if item["pk"]["S"] == f"MODEL#{arn}"]
    head = next(item for item in kept if item["sk"]["S"] == "HEAD")
    state = json.loads(head["state"]["S"])
    settled = {**state, "sealing": {**state["sealing"], "status": "refused"}}
    relayed = {
        "pk": head["pk"],
        "sk": {"S": "RELAYED"},
        "sequence": head["audit_sequence"],
        "schema_version": {"N": "2"},
    }
    development = next(item for item in kept if item["sk"]["S"] == "STAGE#development")
    text = json.dumps([{**head, "state": {"S": json.dumps(settled)}}, development, relayed])
    for number in range(size):
        other = package_arn(f"group-{number % GROUPS}", 1 + number // GROUPS)
        catalogue.packages[other] = {**pattern, "ModelPackageArn": other}
        for item in json.loads(text.replace(arn, other)):
            table.put_item(item)


if __name__ == "__main__":
    for one in measured():
        print(one.described())
