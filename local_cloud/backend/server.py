"""Put our classes in moto's places and serve."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import moto
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.sagemaker import urls as sagemaker_urls
from moto.sagemaker.models import sagemaker_backends
from werkzeug.serving import BaseWSGIServer, make_server

from local_cloud.backend import hosting, pipelines, ram
from local_cloud.backend.door import Door
from local_cloud.backend.emitter import Emitter
from local_cloud.backend.groups import GroupsApi
from local_cloud.backend.hosting import HostingApi
from local_cloud.backend.registry import RegistryApi
from local_cloud.backend.sagemaker import Backend
from local_cloud.backend.transforms import TransformApi
from local_cloud.backend.wiring import Wiring, install

MOTO = "5.2.5"


class SageMaker(RegistryApi, GroupsApi, HostingApi, TransformApi):
    """The whole SageMaker API."""


def check_version() -> None:
    """Raise `SystemExit` with a clear message when moto is not the version that this hooks into."""
    if moto.__version__ != MOTO:
        raise SystemExit(
            f"The local cloud hooks into moto {MOTO}, but {moto.__version__} is installed. "
            f"Install moto=={MOTO}, or adapt local_cloud/backend and its pin."
        )


def hook() -> None:
    """Make moto use our classes. Must come before its first request."""
    sagemaker_backends.backend = Backend
    for path in sagemaker_urls.url_paths:
        sagemaker_urls.url_paths[path] = SageMaker.dispatch
    ram.install()
    pipelines.install()
    hosting.install()


def serve(port: int, door_url: str, state: Path, job_timeout: float = 120.0) -> BaseWSGIServer:
    """Return a server on loopback, ready to `serve_forever`."""
    check_version()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    state.mkdir(parents=True, exist_ok=True)
    door = Door(door_url)
    install(Wiring(door, Emitter(door), state, job_timeout))
    hook()
    application = DomainDispatcherApplication(create_backend_app)
    return make_server("127.0.0.1", port, application, threaded=True, request_handler=MotoRequestHandler)


def start(port: int, door_url: str, state: Path, job_timeout: float = 120.0) -> BaseWSGIServer:
    """Serve from a thread of this process; for tests."""
    server = serve(port, door_url, state, job_timeout)
    threading.Thread(target=server.serve_forever, daemon=True, name="moto").start()
    return server
