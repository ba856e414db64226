"""What an officer holds cannot be deleted until it is released, and what is retired is locked for longer."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.scenarios import models
from tests.integration.scenarios.access import Item, unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, short, told
from tests.integration.scenarios.record import wait_for
from tests.integration.scenarios.subscriber import Subscriber

pytestmark = pytest.mark.cloud

COURT = ("--why", "case 4711 asks for it")
OVER = ("--why", "case 4711 is closed")


@pytest.fixture(scope="module")
def pair(driver: Driver) -> tuple[str, str]:
    """Two versions of the same bytes: they share one sealed object."""
    group, model = driver.group(unique("held")), models.formula(61)
    first, second = driver.register(group, model), driver.register(group, model)
    for arn in (first, second):
        driver.wait_sealed(arn)
    assert sealed(driver, first) == sealed(driver, second)
    return first, second


def sealed(driver: Driver, arn: str) -> dict[str, str]:
    """The object version that a version was sealed as."""
    artifacts = driver.head(arn)["artifacts"]
    (artifact,) = json.loads(artifacts) if isinstance(artifacts, str) else artifacts
    return {"Bucket": artifact["bucket"], "Key": artifact["key"], "VersionId": artifact["version_id"]}


def is_held(driver: Driver, arn: str) -> bool:
    s3 = driver.client("s3", "hub")
    try:
        answer = s3.get_object_legal_hold(**sealed(driver, arn))
    except ClientError as nothing:
        assert nothing.response["Error"]["Code"] == "NoSuchObjectLockConfiguration", nothing
        return False
    return bool(answer["LegalHold"]["Status"] == "ON")


def locked_until(driver: Driver, arn: str) -> datetime:
    answer = driver.client("s3", "hub").get_object_retention(**sealed(driver, arn))
    until: datetime = answer["Retention"]["RetainUntilDate"]
    return until


def effects(driver: Driver, arn: str, what: str) -> list[Item]:
    return [one for one in driver.items(arn, "EFFECT#") if one["effect"] == what]


def shown(steward: Steward, arn: str) -> dict[str, Any]:
    return dict(told(steward("auditor", "show", short(arn), "--json")))


def carried_out(steward: Steward, arn: str, held: bool) -> dict[str, Any]:
    """The hold of a version as it is shown, once it was followed at the object."""

    def look() -> dict[str, Any]:
        return dict(shown(steward, arn)["hold"] or {})

    return wait_for("it is carried out", look, lambda one: one.get("held") is held and one["outcome"] == "done")


def release(steward: Steward, arn: str) -> None:
    """Release a version, in a later second than it was held in: within one, the hold stands."""
    wait_for(
        "it is lifted", lambda: steward("officer", "release-hold", short(arn), *OVER), lambda one: not one.exit_code
    )


def test_a_hold_is_set_at_the_object_and_shown_with_who_placed_it_and_why(
    driver: Driver, steward: Steward, subscriber: Subscriber, pair: tuple[str, str]
) -> None:
    first, _ = pair
    assert not is_held(driver, first)
    assert told(steward("officer", "hold", short(first), *COURT, "--json"))["versions"][0]["legal_hold"]
    hold = carried_out(steward, first, held=True)
    assert (hold["person"], hold["why"]) == ("katherine.johnson", COURT[1])
    assert is_held(driver, first)
    assert shown(steward, first)["legal_hold"] is True
    assert "done" in {one["outcome"] for one in effects(driver, first, "hold")} <= {"done", "overtaken"}
    actions = driver.actions(first)
    assert actions.index("legal-hold-placed") < actions.index("legal-hold-applied")
    (event,) = wait_for("it is announced", lambda: heard(subscriber, first, "LegalHoldPlaced"), bool)
    assert event["why"] == COURT[1]
    assert event["ordered_by"].startswith("person-")


def heard(subscriber: Subscriber, arn: str, kind: str) -> list[dict[str, Any]]:
    about = [one["detail"] for one in subscriber.listen() if one["detail-type"] == kind]
    return [one for one in about if one["model_package_arn"] == arn]


def test_an_object_that_two_versions_hold_is_released_with_the_second_of_them(
    driver: Driver, steward: Steward, subscriber: Subscriber, pair: tuple[str, str]
) -> None:
    first, second = pair
    told(steward("officer", "hold", short(second), *COURT, "--json"))
    carried_out(steward, second, held=True)
    release(steward, first)
    carried_out(steward, first, held=False)
    assert shown(steward, first)["legal_hold"] is False
    assert is_held(driver, first), "the other version holds it"
    release(steward, second)
    carried_out(steward, second, held=False)
    assert not is_held(driver, second)
    lifted = wait_for("it is announced", lambda: heard(subscriber, first, "LegalHoldLifted"), bool)
    assert [one["why"] for one in lifted] == [OVER[1]]
    assert {one["outcome"] for arn in pair for one in effects(driver, arn, "release")} == {"done"}


@pytest.mark.parametrize("who", ["hub", "officer", "ml-engineer", "model-owner"])
def test_nobody_holds_or_releases_past_the_record(driver: Driver, pair: tuple[str, str], who: str) -> None:
    s3, where = driver.client("s3", who), sealed(driver, pair[0])
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object_legal_hold(**where, LegalHold={"Status": "ON"})


def test_what_is_retired_is_locked_for_longer_and_the_record_says_until_when(
    driver: Driver, steward: Steward, subscriber: Subscriber
) -> None:
    arn = driver.register(driver.group(unique("retired")), models.formula(62))
    driver.wait_sealed(arn)
    before = locked_until(driver, arn)
    driver.decide(arn, "Development", "Retired")
    driver.wait_stage(arn, "development", model_status="retired")
    (effect,) = wait_for(
        "the lock is on record",
        lambda: effects(driver, arn, "retain"),
        lambda all_: all_ and all_[0]["outcome"] != "open",
    )
    assert effect["outcome"] == "done"
    after = locked_until(driver, arn)
    assert after - before >= timedelta(days=1)
    assert datetime.fromisoformat(shown(steward, arn)["retained_until"]) == after
    actions = driver.actions(arn)
    assert actions.index("retired") < actions.index("retention-requested") < actions.index("retention-extended")
    assert wait_for("it is announced", lambda: heard(subscriber, arn, "ModelRetired"), bool)
