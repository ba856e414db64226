"""The functions in containers, against the local cloud."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from examples.cloud import Cloud
from local_cloud.place import ROOT
from tests.docker import lambda_containers as containers
from tests.docker.lambda_containers import Invocation
from tests.docker.samples import GROUP, GROUP_ARN, TAGS, Records
from tests.template.policies import functions


@pytest.fixture(scope="session")
def hub(cloud: dict[str, Any]) -> Cloud:
    """The hub as its account sees it."""
    return Cloud(Path("cloud.json"), cloud)


@pytest.fixture(scope="session")
def lambda_service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Runs functions in containers; skips where that is not possible, before any cloud is started."""
    if reason := containers.missing():
        pytest.skip(reason)
    cloud: dict[str, Any] = request.getfixturevalue("cloud")
    hub: Cloud = request.getfixturevalue("hub")
    folder = tmp_path_factory.mktemp("lambda")
    with containers.reachable_from_containers(cloud["endpoint_url"]) as inside:
        variables = folder / "variables.json"
        variables.write_text(json.dumps({name: environment(cloud, hub, name, inside) for name in functions()}))
        made = containers.Lambda(containers.build(folder), variables, cloud["region"], folder, inside)
        with containers.serving(made) as service:
            yield service
    for queue in ("FailedEvents", "UndeliveredEvents"):  # what the samples made fail is nobody else's business
        hub.client("sqs", "hub").purge_queue(QueueUrl=cloud["outputs"][queue])


def environment(cloud: dict[str, Any], hub: Cloud, function: str, inside: str) -> dict[str, str]:
    """What a function is told where it is deployed, and what lets it act there from a container, as its own role."""
    name = cloud["outputs"][f"{function}Name"]
    deployed = hub.client("lambda", "hub").get_function_configuration(FunctionName=name)
    keys = containers.session(cloud["endpoint_url"], function, deployed["Role"])
    return {**deployed["Environment"]["Variables"], **keys, "AWS_ENDPOINT_URL": inside}


LOGICAL = {one["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: name for name, one in functions().items()}
"""The logical name of each function, by its folder."""


@pytest.fixture(scope="session")
def invoke(lambda_service: containers.Lambda) -> Callable[..., containers.Invocation]:
    """`invoke("relay_changes-audit-entry")` runs the function that the sample event is for, on that event.

    On another event, where one is given.
    """

    def run(sample: str, event: dict[str, Any] | None = None) -> containers.Invocation:
        told = json.loads((ROOT / "events" / f"{sample}.json").read_text())
        assert isinstance(told, dict), sample
        return lambda_service.invoke(LOGICAL[sample.split("-", 1)[0]], told if event is None else event)

    return run


Invoke = Callable[[str], Invocation]


@pytest.fixture(scope="session")
def records(cloud: dict[str, Any], hub: Cloud) -> Records:
    return Records(cloud, hub)


@pytest.fixture(scope="session")
def group(lambda_service: Any, hub: Cloud) -> str:
    """The samples' model group, with what its owner says of it."""
    sagemaker = hub.client("sagemaker", "hub")
    tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    sagemaker.create_model_package_group(ModelPackageGroupName=GROUP, Tags=tags)
    return GROUP_ARN


@pytest.fixture(scope="session")
def unrecorded(invoke: Invoke) -> Invocation:
    """What comes of a report on a version that nobody knows yet."""
    return invoke("record_metrics-metrics-reported")


@pytest.fixture(scope="session")
def recorded(unrecorded: Invocation, invoke: Invoke) -> Invocation:
    """The version is registered: what the samples of all other functions build on."""
    return invoke("sync_model_version-registered")


@pytest.fixture(scope="session")
def approved(recorded: Invocation, invoke: Invoke) -> Invocation:
    return invoke("sync_model_version-approved")
