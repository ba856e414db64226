"""No name of a person leaves the rows that people read: not into logs, not onto the bus, not into what is for good."""

import json

from tests.aws import life, resources
from tests.aws.cloud import Cloud
from tests.builders import ADA, KATHERINE, MARY

NAMES = (ADA.id, MARY.id, KATHERINE.id)


def test_no_function_logs_a_name(aws: Cloud, caplog):
    caplog.set_level("DEBUG", logger="service_undefined")
    for _, step in life.STEPS:
        step(aws)
        aws.settle()
    told = [str(vars(record)) for record in caplog.records if record.name.startswith("service")]
    assert told
    assert [line for line in told if any(name in line for name in NAMES)] == []


def test_no_name_is_announced_or_kept_for_good(aws: Cloud):
    for _, step in life.STEPS:
        step(aws)
        aws.settle()
    for item in resources.table_items():
        if item["sk"]["S"].startswith(("FACT#", "AUDIT#", "HEAD")) and item["pk"]["S"].startswith("MODEL#"):
            assert not any(name in json.dumps(item) for name in NAMES), item["sk"]
    shown = [item for item in resources.table_items() if item["sk"]["S"] == "STAGE#development"]
    assert {item["model_audit_user"]["S"] for item in shown} <= set(NAMES)
