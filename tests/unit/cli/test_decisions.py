"""Which versions took part in a decision, from the command line."""

from datetime import timedelta
from typing import Any

from governance.adapters.dynamodb_decisions import DynamoDbDecisions
from governance.adapters.rows import Table
from governance.domain.served_decisions import DecisionServed, participation
from tests.aws.cloud import Cloud
from tests.aws.resources import TABLE
from tests.builders import BORN, PROD, after, package_arn
from tests.unit.cli.conftest import Steward
from tests.unit.cli.test_publishing import functions, hub, told

__all__ = ["functions", "hub"]


def test_who_took_part_when_and_where_captures_lie_is_told(steward: Steward, hub: Cloud):
    kept = DynamoDbDecisions(Table(TABLE))
    captured = "s3://captures/data-capture/e/AllTraffic/2026/10/12/09/"
    for second, number in ((1, 8), (0, 7)):
        common: dict[str, Any] = {
            "decision_id": "loan-1",
            "stage": "production",
            "endpoint": "e",
            "variant": "AllTraffic",
        }
        arn = package_arn(version=number)
        served = {**common, "model_package_arn": arn, "served_at": after(second), "request_id": f"r-{number}"}
        where = {"captured": captured, "capture_percent": 20} if number == 7 else {}
        part = DecisionServed.model_validate({**served, **where})
        kept.keep(participation(part, "credit-risk", PROD, BORN, timedelta(days=365)))
    document = told(steward, "use-case", "decision", "credit-risk", "loan-1")
    assert [one["model_package_arn"] for one in document["parts"]] == [package_arn(version=7), package_arn(version=8)]
    text = steward("use-case", "decision", "credit-risk", "loan-1").stdout
    for words in ("credit-risk-pd/7", f"{captured} (20 %)", "nothing is captured", "production"):
        assert words in text, words


def test_what_nobody_told_is_not_found(steward: Steward, hub: Cloud):
    assert (
        "Nothing is on record" in told(steward, "use-case", "decision", "credit-risk", "x", code=4)["error"]["message"]
    )
