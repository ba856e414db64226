"""Environments as the hub's stack tells them: its own two, and those that it was told of as JSON."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from governance.domain.lifecycle import Stage
from steward.failures import Exit, Failure
from steward.places import landscape

GIVEN = {"DevAccountIds": "111122223333", "TestAccountId": "555566667777", "ProdAccountId": "777788889999"}
EU = {"name": "production-eu", "stage": "production", "account": "888899990000", "pipeline": "steward-deploy-eu"}
INSURANCE = {**EU, "name": "production-insurance", "pipeline": "steward-deploy-ins", "lines_of_business": ["insurance"]}


@dataclass(frozen=True)
class Stack:
    """As much of an installation as tells its environments."""

    name: str = "steward"

    def output(self, name: str) -> str:
        return {"TestPipeline": "steward-deploy-test", "ProdPipeline": "steward-deploy-prod"}[name]


def told(*further: Any) -> dict[str, str]:
    return {**GIVEN, "FurtherEnvironments": json.dumps(further)}


@pytest.mark.parametrize("given", [GIVEN, told(), {**GIVEN, "FurtherEnvironments": ""}], ids=["old", "none", "empty"])
def test_a_hub_that_was_told_of_no_others_has_its_own_two(given):
    assert list(landscape(Stack(), given).by_name) == ["test", "production"]


def test_each_line_of_business_has_its_way():
    found = landscape(Stack(), told(EU, INSURANCE))
    assert found.of(Stage.PRODUCTION, "insurance") == ("production-insurance",)
    assert found.of(Stage.PRODUCTION, "retail") == ("", "production-eu")
    assert found.of(Stage.TEST, "insurance") == ("",)
    assert found.of(Stage.PRE_PRODUCTION, "retail") == ()


@pytest.mark.parametrize(
    ("further", "said"),
    [
        ('[{"name": "production-eu"', "makes no sense"),
        (json.dumps([{**EU, "account": "12"}]), "pattern"),
        (json.dumps([EU, EU]), "two environments go by production-eu"),
        (json.dumps([{**EU, "name": "test"}]), "name of another stage"),
    ],
    ids=["no-json", "no-account", "twice", "another-stage"],
)
def test_a_list_that_makes_no_sense_is_refused_with_what_to_deploy(further, said):
    with pytest.raises(Failure, match=said) as refused:
        landscape(Stack(), {**GIVEN, "FurtherEnvironments": further})
    assert refused.value.code is Exit.REFUSED
    assert "Entry" in refused.value.remedy
