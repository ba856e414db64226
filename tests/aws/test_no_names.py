"""No name of a person leaves the rows that people read: not into logs, not onto the bus, not into what is for good."""

import json
from unittest.mock import patch

from tests.aws import life, resources, use_cases
from tests.aws.cloud import Cloud
from tests.aws.functions import ENVIRONMENT
from tests.aws.officers import ANNIE, DOROTHY
from tests.builders import ADA, KATHERINE, MARY

NAMES = (ADA.id, MARY.id, KATHERINE.id)
OVERSEERS = (MARY.id, DOROTHY.id, KATHERINE.id, ANNIE.id)


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


def test_names_of_use_cases_are_in_one_item_each_and_neither_logged_nor_announced(aws: Cloud, caplog):
    caplog.set_level("DEBUG", logger="service_undefined")
    with patch.dict(ENVIRONMENT, {name: {**told, **use_cases.ROLES} for name, told in ENVIRONMENT.items()}):
        for _, step in use_cases.STEPS:
            step(aws)
            aws.settle()
    told = [str(vars(record)) for record in caplog.records if record.name.startswith("service")]
    assert [line for line in told if any(name in line for name in OVERSEERS)] == []
    announced = json.dumps(aws.announced())
    assert "UseCaseRejected" in announced
    assert not [name for name in OVERSEERS if name in announced]
    kept = [one for one in resources.table_items() if one["pk"]["S"].startswith(("USECASE#", "ROLLUP#", "HUB#"))]
    named = [one for one in kept if any(name in json.dumps(one) for name in OVERSEERS)]
    assert {(one["pk"]["S"][:8], one["sk"]["S"]) for one in named} == {("USECASE#", "PEOPLE")}
    (people,) = [one for one in named if one["pk"]["S"] == f"USECASE#{use_cases.ID}"]
    assert set(json.loads(people["names"]["S"]).values()) == set(OVERSEERS)
