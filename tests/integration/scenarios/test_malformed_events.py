"""A malformed event ends among the failed events with its cause; corrected and redriven, it is handled."""

from typing import Any

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.record import wait_for


@pytest.fixture(scope="module")
def arn(driver: Driver) -> str:
    """A registered, sealed version."""
    found = driver.register(driver.group(unique("malformed"), model=models.formula()), models.formula(81))
    driver.wait_sealed(found)
    return found


@pytest.fixture(scope="module")
def failed(driver: Driver, arn: str) -> dict[str, Any]:
    """What the failed-events queue holds of an event whose status nobody knows and whose time is missing."""
    described = driver.describe(arn)
    detail = {
        "ModelPackageGroupName": described["ModelPackageGroupName"],
        "ModelPackageVersion": described["ModelPackageVersion"],
        "ModelPackageArn": arn,
        "InferenceSpecification": described["InferenceSpecification"],
        "ModelPackageStatus": "Completed",
        "ModelApprovalStatus": "Aproved",
        "UpdatedModelPackageFields": ["ModelApprovalStatus"],
    }
    driver.announce(detail)
    return wait_for(
        "the malformed event is among the failed events",
        lambda: driver.failed_event(arn),
        bool,
        60,
    )


def alarm(driver: Driver) -> str:
    """The state of the alarm on waiting failed events."""
    alarms = driver.client("cloudwatch", "hub").get_paginator("describe_alarms").paginate()
    return next(
        str(one["StateValue"])
        for page in alarms
        for one in page["MetricAlarms"]
        if "FailedEventsWaiting" in one["AlarmName"]
    )


def test_it_ends_in_the_queue_with_its_cause_and_its_payload(failed: dict[str, Any], arn: str) -> None:
    assert failed["responsePayload"]["errorType"] == "MalformedEvent"
    said = failed["responsePayload"]["errorMessage"]
    assert "CreationTime" in said
    assert "ModelApprovalStatus" in said
    assert failed["requestPayload"]["detail"]["ModelPackageArn"] == arn
    assert failed["requestContext"]["condition"] == "RetriesExhausted"


def test_the_alarm_on_failed_events_fires(driver: Driver, failed: dict[str, Any]) -> None:
    wait_for("the alarm fires", lambda: alarm(driver), lambda state: state == "ALARM")


def test_it_wrote_nothing_on_the_record(driver: Driver, failed: dict[str, Any], arn: str) -> None:
    assert driver.stage(arn, "development")["model_status"] == "pending"
    assert "approved" not in driver.actions(arn)


def test_corrected_and_redriven_it_is_handled_and_the_queue_is_empty_of_it(
    driver: Driver, failed: dict[str, Any], arn: str
) -> None:
    described = driver.describe(arn)
    event = failed["requestPayload"]
    event["detail"] |= {
        "ModelApprovalStatus": "PendingManualApproval",
        "ApprovalDescription": "corrected by hand",
        "CreationTime": described["CreationTime"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "LastModifiedTime": described["CreationTime"].timestamp() + 1,
    }
    facts = len(driver.items(arn, "FACT#"))
    driver.invoke("SyncModelVersion", event)
    wait_for("the corrected event is on record", lambda: len(driver.items(arn, "FACT#")), lambda now: now > facts)
    driver.forget(driver.failed_event(arn))
    assert wait_for("the queue holds it no longer", lambda: driver.failed_event(arn), lambda found: not found, 10) == {}


@pytest.mark.parametrize("function", ["SyncModelVersion", "TrackDeployment", "RecordMetrics", "StartDeployment"])
def test_an_event_that_no_function_expects_is_not_lost(driver: Driver, function: str) -> None:
    marker = unique("nobody-expects")
    driver.invoke(function, driver.envelope({"marker": marker}, "Something Else"))
    found = wait_for(f"{marker} is among the failed events", lambda: driver.failed_event(marker), bool, 60)
    assert found["responsePayload"]["errorType"] == "MalformedEvent"
    driver.forget(found)
