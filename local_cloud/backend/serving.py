"""Processes that serve models: fetch the artifact with the execution role's rights, unpack, start, ask, stop."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from local_cloud.backend.arns import ResourceArn
from local_cloud.backend.door import AssumeRoleError, DoorError
from local_cloud.backend.model_server import read_frame, write_frame
from local_cloud.backend.wiring import wiring

SCRIPT = Path(__file__).with_name("model_server.py")


class CannotServe(RuntimeError):
    """Why a container does not come up."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said: its status as HTTP has it, and the body."""

    status: int
    body: bytes
    content_type: str = ""


class ModelProcess:
    """A running model server. Raises `CannotServe` when the model does not load."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._lock = threading.Lock()
        self._folder = folder
        self._log = (folder.parent / f"{folder.name}.log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=_environment(environment),
            cwd=folder,
        )
        ready = self._read()
        if ready.status != 200:
            self.stop()
            raise CannotServe(
                "The primary container for production variant did not pass the ping health check: "
                + ready.body.decode(errors="replace")
            )

    def ask(self, body: bytes, content_type: str, accept: str) -> Answer:
        """Return the model's answer; one request at a time."""
        with self._lock:
            try:
                header = {"content_type": content_type, "accept": accept}
                write_frame(cast("io.BufferedWriter", self._process.stdin), header, body)
            except (BrokenPipeError, ValueError):
                return Answer(500, b"The model's process has ended.")
            return self._read()

    def stop(self) -> None:
        """End the process and forget the model; its log stays."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream is not None:
                stream.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self) -> Answer:
        frame = read_frame(cast("io.BufferedReader", self._process.stdout))
        if frame is None:
            return Answer(500, b"The model's process has ended.")
        header, body = frame
        return Answer(header["status"], body, header.get("content_type", ""))


def start(arn: ResourceArn, container: dict[str, Any], role: str, folder: Path) -> ModelProcess:
    """Fetch a container's model with the role's credentials and serve it. Raises `CannotServe`."""
    folder.mkdir(parents=True, exist_ok=True)
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    uri = container.get("ModelDataUrl") or source.get("S3Uri")
    if not uri:
        raise CannotServe("The container has no model data: give ModelDataUrl or ModelDataSource.")
    try:
        key = wiring().door.assume(role, "SageMaker", "sagemaker.amazonaws.com", str(arn))
        s3 = wiring().door.client("s3", key, arn.region)
        _fetch(s3, uri, source, folder)
    except (AssumeRoleError, DoorError, ClientError, BotoCoreError) as error:
        raise CannotServe(_no_access(uri, role, arn.region, error)) from error
    except (tarfile.TarError, OSError, EOFError) as error:
        raise CannotServe(f"The model data at {uri} cannot be unpacked: {error}") from error
    return ModelProcess(folder, container.get("Environment") or {})


def _fetch(s3: Any, uri: str, source: dict[str, Any], folder: Path) -> None:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if source.get("S3DataType") == "S3Prefix" and source.get("CompressionType") == "None":
        return _fetch_prefix(s3, bucket, key, folder)
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    if source.get("CompressionType") == "None":  # one file, loaded as it lies
        (folder / key.rpartition("/")[2]).write_bytes(body)
        return None
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        return archive.extractall(folder, filter="data")


def _fetch_prefix(s3: Any, bucket: str, prefix: str, folder: Path) -> None:
    found = False
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", []):
            target = (folder / entry["Key"][len(prefix) :].lstrip("/")).resolve()
            if entry["Key"].endswith("/") or not target.is_relative_to(folder.resolve()):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read())
            found = True
    if not found:
        raise FileNotFoundError(f"there are no objects under s3://{bucket}/{prefix}")


def _no_access(uri: str, role: str, region: str, error: Exception) -> str:
    return (
        f'Could not access model data at {uri}. Please ensure that the role "{role}" exists and that its trust '
        'relationship policy allows the action "sts:AssumeRole" for the service principal '
        '"sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the object '
        f"is located in {region}. ({error})"
    )


def _environment(container: dict[str, str]) -> dict[str, str]:
    """Return the environment of a container: no credentials, no way back to the cloud."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**own, "OMP_NUM_THREADS": "1", **container}
