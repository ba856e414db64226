"""Two people retire what serves in both accounts: its endpoints go through the pipelines, and its use case ends."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.place import ROOT
from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, short, told
from tests.integration.scenarios.record import wait_for
from tests.integration.scenarios.subscriber import Subscriber

pytestmark = pytest.mark.cloud

WHY = ("--why", "nobody needs it any more")
EXAMPLES = ROOT / "examples" / "credit_risk"


@pytest.fixture(scope="module")
def name() -> str:
    return unique("ending").lower()


@pytest.fixture(scope="module")
def group(driver: Driver, steward: Steward, name: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A group of a use case, shared with dev by RAM."""
    file = tmp_path_factory.mktemp("use-case") / "use-case.yaml"
    file.write_text((EXAMPLES / "use-case.yaml").read_text().replace("id: credit-risk", f"id: {name}"))
    told(steward("model-owner", "use-case", "create", str(file), *WHY, "--json"))
    told(steward("validator", "use-case", "assess", name, str(EXAMPLES / "assessment.yaml"), *WHY, "--json"))
    approve = ("use-case", "advance", name, "--stage", "proof-of-concept", *WHY, "--json")
    told(steward("validator", *approve), code=1)
    told(steward("officer", *approve))
    arn = driver.group(unique("ended"), share="ram", use_case=name, model=models.formula())
    told(steward("model-owner", "use-case", "attach", name, arn, *WHY, "--json"))
    return arn


@pytest.fixture(scope="module")
def version(driver: Driver, group: str) -> str:
    """A version that serves in test and production."""
    return driver.through_test(group, models.formula(91), "production", "prod")


def endpoints(driver: Driver, account: str, group: str) -> list[str]:
    """The endpoints of a group that are in an account."""
    listed: list[dict[str, Any]] = driver.client("sagemaker", account).list_endpoints()["Endpoints"]
    return [one["EndpointName"] for one in listed if group.rpartition("/")[2] in one["EndpointName"]]


def test_nobody_alone_retires_what_serves_in_production(driver: Driver, steward: Steward, version: str) -> None:
    answer = told(steward("model-owner", "retire", short(version), *WHY, "--dry-run", "--json"), code=0)
    assert {(one["stage"], one["does"]) for one in answer["reach"]} == {("test", "remove"), ("production", "remove")}
    told(steward("model-owner", "retire", short(version), *WHY, "--json"), code=1)
    assert steward("data-scientist", "retire", short(version), *WHY).exit_code == 3
    assert driver.wait_stage(version, "production", model_status="pending")


def test_a_use_case_is_retired_by_two_and_its_endpoints_are_removed_through_the_pipelines(
    driver: Driver, steward: Steward, name: str, group: str, version: str, subscriber: Subscriber
) -> None:
    assert all(endpoints(driver, account, group) for account in ("test", "prod"))
    retire = ("use-case", "retire", name, *WHY, "--json")
    told(steward("model-owner", *retire), code=1)
    assert told(steward("officer", *retire))["status"] == "pending"
    for stage, account in (("test", "test"), ("production", "prod")):
        driver.wait_stage(version, stage, model_status="retired", deployment_status="removed")
        assert endpoints(driver, account, group) == []
    shown = wait_for(
        "its record is closed",
        lambda: told(steward("auditor", "use-case", "show", name, "--audit", "--json")),
        lambda one: one["status"] == "approved",
    )
    assert (shown["stage"], shown["retirement"]["why"]) == ("retired", WHY[1])
    done = [one["action"] for one in shown["audit"]]
    assert done[-1] == "use-case-closed"
    assert {"share-revocation-begun", "share-revoked"} <= set(done)
    announced = {"UseCaseRetirementBegun", "EndpointRemoved", "RetirementCompleted", "UseCaseRetired"}
    wait_for("it is announced", lambda: {one["detail-type"] for one in subscriber.listen()}, announced.issubset)
    assert told(steward("auditor", "show", short(version), "--json"))["retirement"]["use_case"] == name


def test_nobody_registers_into_it_from_another_account_any_more(driver: Driver, group: str, version: str) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        driver.register(group, models.formula(92))


def test_the_record_proves_it(steward: Steward, version: str) -> None:
    assert steward("auditor", "verify", short(version)).exit_code == 0
