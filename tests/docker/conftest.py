"""The functions in containers, against the local cloud."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from examples.cloud import Cloud
from local_cloud.place import ROOT
from tests.docker import lambda_containers as containers
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
    service = hub.client("lambda", "hub")
    deployed = {
        name: service.get_function_configuration(FunctionName=cloud["outputs"][f"{name}Name"]) for name in functions()
    }
    folder = tmp_path_factory.mktemp("lambda")
    with containers.reachable_from_containers(cloud["endpoint_url"]) as inside:
        yield containers.Lambda(
            template=containers.build(folder),
            endpoint_url=cloud["endpoint_url"],
            endpoint_inside=inside,
            region=cloud["region"],
            deployed={name: one["Environment"]["Variables"] for name, one in deployed.items()},
            roles={name: one["Role"] for name, one in deployed.items()},
            folder=folder,
        )
    for queue in ("FailedEvents", "UndeliveredEvents"):  # what the samples made fail is nobody else's business
        hub.client("sqs", "hub").purge_queue(QueueUrl=cloud["outputs"][queue])


@pytest.fixture(scope="session")
def invoke(lambda_service: containers.Lambda) -> Callable[[str], containers.Invocation]:
    """`invoke("relay_changes-audit-entry")` runs the function that the sample event is for, on that event."""
    logical = {one["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: name for name, one in functions().items()}

    def run(sample: str) -> containers.Invocation:
        event = ROOT / "events" / f"{sample}.json"
        assert isinstance(json.loads(event.read_text()), dict), sample
        return lambda_service.invoke(logical[sample.split("-", 1)[0]], event)

    return run
