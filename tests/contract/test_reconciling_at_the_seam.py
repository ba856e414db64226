"""The reconciler on its real adapters: it repairs what was lost, and being killed anywhere changes nothing of that."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from governance import bootstrap
from governance.adapters import dynamodb_ledger, pacing
from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.rows import Table
from governance.domain.inspection import Order
from governance.services.reconciliation import Governed
from governance.settings import Settings
from tests.aws import moto_gaps, resources
from tests.aws.resources import TABLE, table_items
from tests.aws.seam import Fault, Killed, Seam
from tests.builders import ADA, BORN, MARY, PERSON_KEY, Clock, after, approved, change, described, package_arn
from tests.contract.reconciled import CatalogueStandIn, LambdaStandIn, PipelinesStandIn, TrailStandIn

SETTINGS = Settings(governance_table=TABLE, relay_function="relay")
LOST, UNTOLD, GONE = (package_arn("alpha", number) for number in (1, 2, 3))
ORDER = Order(grace_seconds=0)


class Hub:
    """A registry of which three versions were not told as they should have been."""

    def __init__(self, seam: Seam) -> None:
        self.seam, self.clock = seam, Clock()
        self.catalogue = CatalogueStandIn()
        self.announced: list[str] = []
        asked = {"modelPackageArn": LOST, "modelApprovalStatus": "Approved"}
        called: dict[str, Any] = {"eventName": "UpdateModelPackage", "eventTime": after(60).isoformat()}
        called |= {"userIdentity": {"arn": MARY.arn}, "requestParameters": asked}
        seam.standins = {
            "sagemaker": self.catalogue,
            "codepipeline": PipelinesStandIn(),
            "cloudtrail": TrailStandIn([called]),
            "lambda": LambdaStandIn({"relay": self.relay}),
        }
        observe = bootstrap.synchronisation(SETTINGS, self.clock).observe
        for arn in (LOST, GONE):
            self.holds(change(0, arn=arn))
            observe(change(0, arn=arn), "c")
        self.holds(change(0, arn=UNTOLD))
        self.holds(approved(60, arn=LOST))
        del self.catalogue.packages[GONE]
        governed = Governed(since=BORN - timedelta(days=1))
        DynamoDbJournal(Table(TABLE)).note("HUB#steward", "GOVERNED", governed)
        self.clock.wait(3600)

    def holds(self, told: Any) -> None:
        package = described(told, ADA).model_dump(by_alias=True, exclude_none=True)
        self.catalogue.packages[told.model_package_arn] = package

    def relay(self, event: dict[str, Any]) -> Any:
        self.announced += [record["dynamodb"]["NewImage"]["sk"]["S"] for record in event["Records"]]
        return {"batchItemFailures": []}

    def reconcile(self) -> Any:
        """One call; a new process each time."""
        return bootstrap.reconciliation(SETTINGS, self.clock).work(ORDER, lambda: 900.0)

    def outcome(self) -> dict[str, Any]:
        """What is on record, moments aside: they are those of the run."""
        states = {arn: bootstrap.ledger(bootstrap.table(SETTINGS)).open(arn).state for arn in (LOST, UNTOLD, GONE)}
        kinds = sorted((item["pk"]["S"], item["kind"]["S"]) for item in table_items() if "kind" in item)
        told = {
            arn: (state.approval, {stage: known.status for stage, known in state.stages.items()}, state.missing)
            for arn, state in states.items()
            if state
        }
        return {"kinds": kinds, "told": told, "open": {arn: open_codes(state) for arn, state in states.items()}}


def open_codes(state: Any) -> list[str]:
    return sorted(one.code for one in state.findings.values() if one.is_open)


@contextmanager
def hub() -> Iterator[Hub]:
    with pytest.MonkeyPatch.context() as monkeypatch, resources.in_memory():
        seam = Seam()
        seam.install(monkeypatch)
        moto_gaps.make_transactions_quick(monkeypatch)
        monkeypatch.setattr(pacing.Pace, "wait", lambda _: None)
        monkeypatch.setattr(dynamodb_ledger, "new_person_key", lambda: PERSON_KEY)
        resources.make_table()
        yield Hub(seam)


def test_what_was_lost_is_on_record_after_one_run_and_a_second_adds_nothing():
    with hub() as there:
        report = there.reconcile()
        assert report.done
        assert {one.code for one in report.differences} >= {"missed-event", "package-deleted", "announcement-overdue"}
        outcome = there.outcome()
        assert outcome["told"][LOST][0] == "Approved"
        assert outcome["told"][LOST][1]["development"] == "approved"
        assert outcome["told"][GONE][2]
        there.reconcile()
        assert there.outcome() == outcome


def test_a_run_killed_anywhere_ends_as_an_undisturbed_one_when_it_is_called_again():
    with hub() as there:
        with there.seam.watch() as calls:
            there.reconcile()
        undisturbed, summary, turns = there.outcome(), summaries(), writing(calls)
    assert summary
    assert len(turns) > 5
    for at in turns:
        for fault in (Fault.KILLED_BEFORE, Fault.KILLED_AFTER):
            with hub() as there:
                with there.seam.watch(fault, at), pytest.raises(Killed):
                    there.reconcile()
                assert there.reconcile().done
                assert there.outcome() == undisturbed, (at, fault)
                assert summaries() == summary, (at, fault)


def hub_entries() -> list[dict[str, Any]]:
    """The deeds of the hub."""
    return [
        json.loads(item["entry"]["S"])
        for item in table_items()
        if item["pk"]["S"].startswith("HUB#") and "entry" in item
    ]


def summaries() -> list[dict[str, int]]:
    """What runs said of themselves in the end; what they had announced again nobody acknowledges here."""
    told = [entry["new"] for entry in hub_entries() if entry["action"] == "reconciled"]
    for one in told:
        one.pop("announcement-overdue", None)
    return [one for one in told if one]


def writing(calls: list[Any]) -> list[int]:
    """The calls that change something, and the first few checkpoints: to be killed in reading changes nothing."""
    names = [call.operation for call in calls]
    checkpoints = [number for number, name in enumerate(names, 1) if name == "PutItem"]
    return [*checkpoints[:4], *(n for n, name in enumerate(names, 1) if name in {"TransactWriteItems", "Invoke"})]


def test_runs_that_overlap_say_once_since_when_the_registry_is_governed():
    with hub() as there:
        DynamoDbJournal(Table(TABLE)).note("HUB#steward", "GOVERNED", None)
        there.seam.meanwhile = there.reconcile
        with there.seam.watch() as calls:
            there.reconcile()
        (at,) = [number for number, call in enumerate(calls, 1) if tells(call, "governed")]
    with hub() as there:
        DynamoDbJournal(Table(TABLE)).note("HUB#steward", "GOVERNED", None)
        there.seam.meanwhile = there.reconcile
        with there.seam.watch(Fault.OVERTAKEN, at):
            there.reconcile()
        assert [one["action"] for one in hub_entries()].count("governed") == 1


def tells(call: Any, action: str) -> bool:
    return call.operation == "TransactWriteItems" and f'"action":"{action}"' in str(call.parameters)
