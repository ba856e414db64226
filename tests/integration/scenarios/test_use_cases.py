"""A use case from the command line: as many people as its class asks for, its model, and what the Act prohibits."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_cloud.place import ROOT
from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, told
from tests.integration.scenarios.record import wait_for

pytestmark = pytest.mark.cloud

WHY = ("--why", "as decided")
EXAMPLES = ROOT / "examples" / "credit_risk"


@pytest.fixture(scope="module")
def name() -> str:
    return unique("scoring").lower()


@pytest.fixture(scope="module")
def files(name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The example's use case under another name, its assessment, and one of something that the Act prohibits."""
    folder = tmp_path_factory.mktemp("use-cases")
    texts = {"use-case": (EXAMPLES / "use-case.yaml").read_text().replace("id: credit-risk", f"id: {name}")}
    texts["assessment"] = (EXAMPLES / "assessment.yaml").read_text()
    texts["prohibited"] = texts["assessment"].replace("manipulates: no", "manipulates: yes")
    for called, text in texts.items():
        (folder / f"{called}.yaml").write_text(text)
    yield {called: folder / f"{called}.yaml" for called in texts}


@pytest.fixture(scope="module")
def group(driver: Driver, steward: Steward, name: str, files: dict[str, Path]) -> str:
    """A group of a use case whose proof of concept two people approved."""
    told(steward("model-owner", "use-case", "create", str(files["use-case"]), *WHY, "--json"))
    told(steward("validator", "use-case", "assess", name, str(files["assessment"]), *WHY, "--json"))
    approve = ("use-case", "advance", name, "--stage", "proof-of-concept", *WHY, "--json")
    told(steward("validator", *approve), code=1)
    assert told(steward("officer", *approve))["stage"] == "development"
    arn = driver.group(unique("scored"), use_case=name, model=models.formula())
    told(steward("model-owner", "use-case", "attach", name, arn, *WHY, "--json"))
    return arn


def knows(driver: Driver, group: str) -> dict[str, Any]:
    """What a group knows of its use case."""
    known: dict[str, Any] = json.loads(driver.item(f"GROUP#{group}", "HEAD")["document"])["use_case"]
    return known


def test_a_use_case_advances_with_its_model(driver: Driver, steward: Steward, name: str, group: str) -> None:
    approve = ("use-case", "advance", name, "--stage", "development", *WHY, "--json")
    assert steward("validator", *approve).exit_code == 3, "it has no version yet"
    arn = driver.register(group, models.formula(81))
    driver.wait_sealed(arn)
    record = driver.wait_stage(arn, "development", use_case_name="Credit risk of consumer loans")
    assert record["use_case_stage"] == "development"
    driver.approve(arn)
    wait_for(
        "its approval is counted, and the advance is offered",
        lambda: told(steward("auditor", "use-case", "show", name, "--json"))["comes_to"],
        lambda known: known and known["offer"],
    )
    told(steward("validator", *approve), code=1)
    assert told(steward("officer", *approve))["stage"] == "quality-assurance"
    wait_for("the group is told", lambda: knows(driver, group), lambda one: one["stage"] == "quality-assurance")
    assert steward("model-owner", *approve).exit_code == 3, "it is in another stage by now"
    assert "stage-approved" in steward("auditor", "use-case", "show", name, "--audit").stdout


def test_nothing_of_a_prohibited_use_case_is_approved(
    driver: Driver, steward: Steward, name: str, group: str, files: dict[str, Path]
) -> None:
    told(steward("validator", "use-case", "assess", name, str(files["prohibited"]), *WHY, "--json"))
    wait_for("the group is told", lambda: knows(driver, group), lambda one: one["ai_act_class"] == "unacceptable")
    arn = driver.register(group, models.formula(82))
    driver.wait_sealed(arn)
    driver.approve(arn)
    assert "use-case-acceptable" in driver.wait_put_back(arn)["ApprovalDescription"]
