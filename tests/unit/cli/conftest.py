"""A hub in memory with the whole life of a version on record, found by its stack as on AWS."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from steward.main import app
from tests.aws import life
from tests.aws.cloud import Cloud
from tests.aws.conftest import hub_in_memory
from tests.aws.resources import ARTIFACTS, TABLE, client
from tests.template.translation import DEV, HUB, PROD, REGION, TEST

FURTHER = json.dumps([{"stage": "pre-production", "account": PROD, "pipeline": "steward-deploy-pre"}])
"""Environments beside test and production, as the hub's stack is told of them."""

Steward = Callable[..., Result]


@pytest.fixture(scope="module")
def hub() -> Iterator[Cloud]:
    """A version that was registered, sealed, approved and deployed; and the stack's outputs."""
    with hub_in_memory() as made:
        for _, step in life.STEPS:
            step(made)
            made.settle()
        stand()
        yield made


def stand() -> None:
    """The hub's stack, as far as the command asks it."""
    outputs = {
        "ArtifactBucket": ARTIFACTS,
        "GovernanceTable": TABLE,
        "GovernanceTableArn": f"arn:aws:dynamodb:{REGION}:{HUB}:table/{TABLE}",
        "ReconcileRegistryFunction": "reconcile",
        "RedriveEventsFunction": "steward-redrive-events",
        "IntakeArchive": "steward-intake",
        "IntakeBusArn": f"arn:aws:events:{REGION}:{HUB}:event-bus/steward-intake",
        "DecideFunction": "steward-decide",
        "TestPipeline": "steward-deploy-test",
        "ProdPipeline": "steward-deploy-prod",
    }
    given = {"DevAccountIds": DEV, "TestAccountId": TEST, "ProdAccountId": PROD, "FurtherEnvironments": FURTHER}
    resources = {"Topic": {"Type": "AWS::SNS::Topic"}}
    template = {
        "Parameters": {name: {"Type": "String"} for name in given},
        "Resources": resources,
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    client("cloudformation").create_stack(
        StackName="steward",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in given.items()],
    )


@pytest.fixture
def steward(hub: Cloud) -> Steward:
    """The command, run in this process."""

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["--region", REGION, *words], env={"COLUMNS": "200"})

    return run


def answer(result: Result) -> Any:
    """The one JSON document on stdout."""
    return json.loads(result.stdout)
