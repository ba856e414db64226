"""The life of a local cloud: up, down, and what state it is in."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from local_cloud import contract, processes
from local_cloud.accounts import Further
from local_cloud.build import Target, build
from local_cloud.clients import Clients
from local_cloud.deployment import deploy_hub, deploy_others
from local_cloud.personas import create_personas
from local_cloud.place import Place
from local_cloud.registries import create_images

Step = Callable[[str], AbstractContextManager[None]]
"""Tells the developer what is going on: `with step("deploying the hub"): ...`"""


@contextmanager
def quietly(_doing: str) -> Iterator[None]:
    """A step nobody is told about."""
    yield


def running(place: Place) -> dict[str, Any] | None:
    """The contract of a cloud that is up and complete here, else None."""
    return contract.read(place) if processes.find(place) else None


def up(place: Place, step: Step = quietly, further: Sequence[Further] = ()) -> dict[str, Any]:
    """Bring a cloud up, or find it up; its contract. Leaves nothing running when it fails."""
    found = running(place)
    if found:
        return found
    place.folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(place.logs, ignore_errors=True)
    try:
        return _bring_up(place, step, further)
    except BaseException:
        processes.stop(place)
        raise


def _bring_up(place: Place, step: Step, further: Sequence[Further]) -> dict[str, Any]:
    target = Target.at_hand()
    with step("building and starting"), ThreadPoolExecutor(max_workers=1) as pool:
        started = pool.submit(processes.start, place)
        build(target, place.logs)
        clients = Clients(started.result().endpoint_url)
    with step("deploying the hub"):
        hub = deploy_hub(clients, target, place.logs, further)
    with step("deploying the other accounts"):
        others = deploy_others(clients, hub, further)
    with step("letting the people in"):
        people = create_personas(clients, {"hub": hub, **others})
        create_images(clients)
    return contract.write(place, clients.endpoint_url, hub, others, people, further)


def down(place: Place) -> bool:
    """End the cloud and all it started; whether there was one."""
    return processes.stop(place)
