"""Transform jobs: a model's containers, brought up for as long as it takes them to score files of S3."""

from __future__ import annotations

import logging
import threading
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult
from moto.sagemaker.models import FakeTransformJob, sagemaker_backends

from local_cloud.backend import clock, endpoints
from local_cloud.backend.arns import ResourceArn
from local_cloud.backend.door import AssumeRoleError, DoorError
from local_cloud.backend.errors import ResourceInUse, ResourceNotFound, ValidationException
from local_cloud.backend.sagemaker import SageMakerApi
from local_cloud.backend.serving import CannotServe, ModelProcess
from local_cloud.backend.wiring import wiring

logger = logging.getLogger(__name__)

MEGABYTE = 1_000_000


class Broken(RuntimeError):
    """Why a job fails, in SageMaker's words."""


class TransformApi(SageMakerApi):
    """Operations on transform jobs."""

    def create_transform_job(self) -> ActionResult:
        """Begin a job under a name that is free."""
        params = self.given
        arn = ResourceArn(self.region, self.current_account, "transform-job", params["TransformJobName"])
        backend = sagemaker_backends[self.current_account][self.region]
        at_once = int(params.get("MaxConcurrentTransforms") or 0) * int(params.get("MaxPayloadInMB") or 0)
        if at_once > 100:
            raise ValidationException("MaxConcurrentTransforms * MaxPayloadInMB cannot exceed 100 MB.")
        if params["ModelName"] not in backend._models:
            raise ValidationException(f'Could not find model "{params["ModelName"]}".')
        if arn.name in backend.transform_jobs:
            raise ResourceInUse(f'Job name must be unique within an AWS account and region: "{arn}".')
        made = super().create_transform_job()
        job = backend.transform_jobs[arn.name]
        job.transform_job_status, job.creation_time = "InProgress", clock.now()
        job.transform_end_time = job.failure_reason = None
        threading.Thread(target=_run, args=(arn, job), daemon=True, name=arn.name).start()
        return made

    def describe_transform_job(self) -> ActionResult:
        """Return a job as it is now."""
        job = self._job(self.params["TransformJobName"])
        return ActionResult({key: value for key, value in job.response_object.items() if value not in (None, "")})

    def stop_transform_job(self) -> EmptyResult:
        """Let a job end before it is done."""
        job = self._job(self.params["TransformJobName"])
        if job.transform_job_status == "InProgress":
            job.transform_job_status = "Stopping"
        return EmptyResult()

    def _job(self, name: str) -> FakeTransformJob:
        job = sagemaker_backends[self.current_account][self.region].transform_jobs.get(name)
        if job is None:
            raise ResourceNotFound(f"Could not find job to update with name: {name}")
        return job


def _run(arn: ResourceArn, job: FakeTransformJob) -> None:
    containers: tuple[ModelProcess, ...] = ()
    try:
        role, wanted = endpoints.containers_wanted(arn, job.model_name)
        containers = endpoints.brought_up(arn, role, wanted)
        key = wiring().door.assume(role, "SageMaker", "sagemaker.amazonaws.com", str(arn))
        _score(job, containers, wiring().door.client("s3", key, arn.region))
        status = "Stopped" if job.transform_job_status == "Stopping" else "Completed"
    except (Broken, CannotServe, ServiceException, AssumeRoleError, DoorError, ClientError, BotoCoreError) as failure:
        logger.warning("transform job %s: %s", arn.name, failure)
        job.failure_reason, status = str(failure)[:1024], "Failed"
    finally:
        for container in containers:
            container.stop()
    job.transform_end_time = job.last_modified_time = clock.now()
    job.transform_job_status = status


def _score(job: FakeTransformJob, containers: tuple[ModelProcess, ...], s3: Any) -> None:
    """Every object below the prefix: cut, asked about, put together, written beside the others."""
    given: Any = job.transform_input
    output: Any = job.transform_output
    bucket, prefix = _place(given["DataSource"]["S3DataSource"]["S3Uri"])
    found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    if not found:
        raise Broken("ClientError: No S3 objects found under the S3 URL given in the input data source.")
    folder = prefix.rpartition("/")[0]
    for entry in found:
        if job.transform_job_status == "Stopping":
            return
        body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
        answers = [_asked(containers, part, given, output) for part in _parts(body, job)]
        joined = b"\n".join(one.rstrip(b"\n") for one in answers) + b"\n"
        told = joined if output.get("AssembleWith") == "Line" else b"".join(answers)
        to, below = _place(output["S3OutputPath"])
        name = entry["Key"].removeprefix(folder).lstrip("/")
        key = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": output["KmsKeyId"]} if output.get("KmsKeyId") else {}
        s3.put_object(Bucket=to, Key=f"{below.rstrip('/')}/{name}.out", Body=told, **key)


def _asked(containers: tuple[ModelProcess, ...], body: bytes, given: Any, output: Any) -> bytes:
    content_type = given.get("ContentType") or "application/octet-stream"
    for container in containers:
        answer = container.ask(body, content_type, output.get("Accept") or "")
        if answer.status != 200:
            raise Broken("AlgorithmError: See job logs for more information")
        body, content_type = answer.body, answer.content_type
    return body


def _parts(body: bytes, job: FakeTransformJob) -> list[bytes]:
    """What a file is sent as: whole, line by line, or as many lines as a request may hold."""
    given: Any = job.transform_input
    if given.get("SplitType", "None") == "None":
        return [body]
    if given["SplitType"] != "Line":
        raise Broken(f"ClientError: The local cloud does not cut files into {given['SplitType']} records.")
    lines = [line + b"\n" for line in body.split(b"\n") if line]
    if job.batch_strategy == "SingleRecord":
        return lines
    most, parts = int(job.max_payload_in_mb or 6) * MEGABYTE, [b""]
    for line in lines:
        if parts[-1] and len(parts[-1]) + len(line) > most:
            parts.append(b"")
        parts[-1] += line
    return parts


def _place(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
