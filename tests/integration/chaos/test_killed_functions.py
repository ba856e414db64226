"""Every function of a whole life is killed once on its way; the record ends as if nothing had happened."""

from collections.abc import Iterator
from typing import Any

import pytest

from chaos.weather import Harm, raging
from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.driver import Driver

pytestmark = pytest.mark.cloud

KILLED = [
    "sync-model-version", "relay-changes", "copy-artifacts", "start-deployment", "verify-deployment",
    "track-deployment", "validate-deployment", "record-metrics", "sync-model-group", "archive-audit",
    "roll-up-use-case",
]  # fmt: skip


@pytest.fixture(scope="module")
def driver(cloud: dict[str, Any]) -> Driver:
    return Driver(cloud)


def life(driver: Driver) -> str:
    """Registered, approved for development, deployed to test and measured there; its ARN."""
    arn = driver.register(driver.group(unique("killed"), model=models.formula()), models.formula(41))
    driver.wait_sealed(arn)
    driver.approve(arn)
    driver.wait_deployed(arn)
    driver.settled([arn], quiet=2)
    return arn


@pytest.fixture(scope="module")
def undisturbed(driver: Driver) -> str:
    return life(driver)


@pytest.fixture(scope="module", params=["before", "after"])
def disturbed(driver: Driver, request: pytest.FixtureRequest) -> Iterator[tuple[str, Harm]]:
    kills = [
        {"function": f"{driver.install}-{name}", "after_calls": 2, "when": request.param, "times": 1} for name in KILLED
    ]
    with raging(driver.cloud["endpoint_url"], {"functions": {"kills": kills}}) as harm:
        arn = life(driver)
    yield arn, harm


def told(driver: Driver, arn: str) -> dict[str, Any]:
    """What the record says, without times, names of this one version and ids."""
    return {
        "stages": {
            item["sk"]: [item[name] for name in ("model_status", "deployment_status", "model_audit_user")]
            for item in driver.items(arn, "STAGE#")
        },
        "deployments": [run["status"] for run in driver.deployments(arn)],
        "findings": sorted(driver.findings(arn)),
        "actions": sorted(set(driver.actions(arn)) - {"approver-identified"}),  # by Describe, or else by CloudTrail
        "effects": sorted(item["outcome"] for item in driver.items(arn, "EFFECT#")),
        "sign-offs": len(driver.items(arn, "SIGNOFF#")),
    }


def test_the_record_ends_as_undisturbed_whichever_functions_were_killed(
    driver: Driver, undisturbed: str, disturbed: tuple[str, Harm]
) -> None:
    arn, harm = disturbed
    assert harm.counts == {"functions killed": len(KILLED)}
    assert told(driver, arn) == told(driver, undisturbed)
