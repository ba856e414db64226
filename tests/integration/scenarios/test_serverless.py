"""A serverless endpoint goes through the pipeline, is measured, and gives its place to the next version."""

from pathlib import Path

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import Item, unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, told

pytestmark = pytest.mark.cloud

FIRST, SECOND = (models.formula(number) for number in (201, 202))
SERVERLESS = """\
title: No instances in test
stages:
  test:
    serverless: {memory_mb: 2048, max_concurrency: 5}
"""


def variant(driver: Driver, record: Item) -> Item:
    """The one variant of the configuration that serves."""
    sagemaker = driver.client("sagemaker", "test")
    endpoint = sagemaker.describe_endpoint(EndpointName=record["endpoint_name"])
    config = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    (one,) = config["ProductionVariants"]
    return dict(one)


def test_versions_are_served_without_instances_one_after_the_other(
    driver: Driver, steward: Steward, tmp_path: Path
) -> None:
    name = unique("serverless")
    group, file = driver.group(name, model=models.formula()), tmp_path / "profile.yaml"
    file.write_text(SERVERLESS)
    told(steward("officer", "profile", "set", name, str(file), "--why", "as decided", "--json"))
    for model in (FIRST, SECOND):
        arn = driver.register(group, model)
        driver.wait_sealed(arn)
        driver.approve(arn)
        record = driver.wait_deployed(arn)
        assert driver.serves("test", record, model)
        serving = variant(driver, record)
        assert serving["ServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
        assert not {"InstanceType", "InitialInstanceCount"} & set(serving)
        assert driver.findings(arn) == {}
