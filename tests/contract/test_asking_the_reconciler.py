"""The function as it is invoked: with its samples, with nothing, with nonsense, and with too little time."""

import importlib.util
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from governance import runtime
from governance.adapters import pacing
from governance.domain.errors import MalformedEvent
from tests.aws.resources import TABLE
from tests.aws.seam import Seam
from tests.builders import ADA, change, described, package_arn
from tests.contract.reconciled import CatalogueStandIn, LambdaStandIn, PipelinesStandIn, TrailStandIn
from tests.docs.pages import ROOT

SAMPLES = sorted((ROOT / "events").glob("reconcile_registry-*.json"))


class Invoked:
    """The function, and what it called."""

    def __init__(self, seam: Seam) -> None:
        self.catalogue, self.later = CatalogueStandIn(), LambdaStandIn({})
        seam.standins = {
            "sagemaker": self.catalogue,
            "codepipeline": PipelinesStandIn(),
            "cloudtrail": TrailStandIn([]),
            "lambda": self.later,
        }
        for number in range(1, 4):
            arn = package_arn("credit-default", number)
            told = described(change(0, arn=arn), ADA).model_dump(by_alias=True, exclude_none=True)
            self.catalogue.packages[arn] = told
        found = importlib.util.spec_from_file_location("asked", ROOT / "functions/reconcile_registry/app.py")
        assert found is not None
        assert found.loader is not None
        self.app = importlib.util.module_from_spec(found)
        found.loader.exec_module(self.app)

    def __call__(self, event: dict[str, Any], milliseconds: int = 900_000) -> dict[str, Any]:
        context = SimpleNamespace(
            function_name="steward-reconcile-registry",
            memory_limit_in_mb=512,
            invoked_function_arn="arn:aws:lambda:eu-west-1:444455556666:function:steward-reconcile-registry",
            aws_request_id="request-1",
            get_remaining_time_in_millis=lambda: milliseconds,
        )
        answer: dict[str, Any] = self.app.handler(event, context)
        return json.loads(json.dumps(answer))  # what Lambda can hand out


@pytest.fixture
def invoked(seam: Seam, monkeypatch: pytest.MonkeyPatch) -> Iterator[Invoked]:
    monkeypatch.setattr(pacing.Pace, "wait", lambda _: None)
    for name, value in {"GOVERNANCE_TABLE": TABLE, "RELAY_FUNCTION": "relay", "RECONCILE_GRACE_SECONDS": "900"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("POWERTOOLS_TRACE_DISABLED", "1")
    monkeypatch.setattr(runtime.metrics, "namespace", "Steward")
    monkeypatch.setattr(runtime.metrics, "service", "reconcile_registry")
    yield Invoked(seam)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_is_answered(invoked, sample):
    answer = invoked(json.loads(sample.read_text()))
    assert answer["done"]
    assert answer["counts"]["versions"] == 3


def test_asked_for_nothing_in_particular_it_reconciles(invoked):
    answer = invoked({})
    assert answer["cursor"]["order"] == {"mode": "reconcile", "grace_seconds": 900, "groups": [], "dry_run": False}
    assert [one["code"] for one in answer["differences"]] == ["not-backfilled"]


def test_nonsense_is_refused_with_the_fields_that_are_wrong(invoked):
    with pytest.raises(MalformedEvent, match="mode"):
        invoked({"mode": "destroy"})
    with pytest.raises(MalformedEvent, match="grace_seconds"):
        invoked({"grace_seconds": -1})


def test_without_time_it_says_so_and_on_schedule_calls_itself(invoked):
    assert not invoked({}, milliseconds=30_000)["done"]
    assert invoked.later.later == []
    first = invoked({"grace_seconds": 0, "unattended": True}, milliseconds=30_000)
    ((function, again),) = invoked.later.later
    assert function == "steward-reconcile-registry"
    last = invoked(again)
    assert (last["done"], last["cursor"]["order"]) == (True, first["cursor"]["order"])


def test_a_run_that_only_looks_goes_on_from_the_cursor_it_gave(invoked):
    first = invoked({"dry_run": True}, milliseconds=30_000)
    answer = invoked({"dry_run": True, "cursor": first["cursor"]})
    assert answer["done"]
