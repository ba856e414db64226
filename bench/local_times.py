"""How long Steward takes on the local cloud: from registration to record, from approval to pipeline; and parts.

Each version is in a group of its own and lives alone: one starts when the pipeline of the one before has ended. Of an
object in parts, what is told is how many times as fast it is copied by several at once as in one stream.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import ROOT
from bench.measurement import Measurement
from examples.cloud import Cloud
from examples.credit_risk.register import register
from examples.demo.records import Records
from examples.packing import TrainedModel
from examples.regression.train import train
from local_cloud import life
from local_cloud.place import Place

VERSIONS = 100
LARGE, PART, AT_ONCE, COPIES = 256 * 2**20, 32 * 2**20, 8, 5
"""An object, its parts in bytes, how many are copied at once, and how often."""
PATIENCE_SECONDS = 120.0


def measured() -> Iterable[Measurement]:
    """Seconds, for each version."""
    with TemporaryDirectory(prefix="steward-bench-") as folder:
        place = Place(Path(folder) / "cloud")
        cloud = Cloud(place.contract, life.up(place))
        try:
            model = train(Path(folder) / "model")
            times = [one_version(cloud, f"bench-{number}", model) for number in range(VERSIONS)]
            ratios = tuple(copied(cloud))
        finally:
            life.down(place)
    recorded, sealed, started = zip(*times, strict=True)
    yield Measurement("local_cloud", "from registration to recorded", "s", recorded)
    yield Measurement("local_cloud", "from registration to sealed", "s", sealed)
    yield Measurement("local_cloud", "from approval to pipeline started", "s", started)
    note = f"{LARGE // PART} parts of 32 MiB, {AT_ONCE} at once, against one after the other; one process serves both"
    yield Measurement("local_cloud", "copied in parts at once, times as fast as in one stream", "ratio", ratios, note)


def one_version(cloud: Cloud, group: str, model: TrainedModel) -> tuple[float, float, float]:
    """The times of one version, in the order in which they pass."""
    onboard(cloud, group)
    records = Records(cloud, "hub")
    s3, scientist = cloud.client("s3", "data-scientist"), cloud.client("sagemaker", "data-scientist")
    version = register(model, cloud.group_arn(group), cloud.dev_bucket, s3, scientist)
    began = time.perf_counter()
    recorded = until(lambda: bool(records.head(version)), began)
    sealed = until(lambda: bool(records.head(version).get("sealed")), began)
    cloud.client("sagemaker", "model-owner").update_model_package(
        ModelPackageArn=version, ModelApprovalStatus="Approved", ApprovalDescription="measured"
    )
    began = time.perf_counter()
    started = until(lambda: any(one["execution_id"] for one in records.deployments(version)), began)
    until(lambda: all(one["finished_at"] for one in records.deployments(version)), began, pause=0.5)
    return recorded, sealed, started


def copied(cloud: Cloud) -> Iterable[float]:
    """How many times as fast parts are as one stream, copy by copy, in a bucket of the dev account's own."""
    s3, bucket = cloud.client("s3", "dev"), cloud.dev_bucket
    s3.put_object(Bucket=bucket, Key="bench/large", Body=bytes(LARGE))
    source = {"Bucket": bucket, "Key": "bench/large"}
    for number in range(COPIES):
        one_by_one = in_parts(s3, source, {"Bucket": bucket, "Key": f"bench/stream-{number}"}, at_once=1)
        yield one_by_one / in_parts(s3, source, {"Bucket": bucket, "Key": f"bench/parts-{number}"}, AT_ONCE)


def in_parts(s3: Any, source: dict[str, str], target: dict[str, str], at_once: int) -> float:
    """Copy an object in parts, so many at once, and return the seconds that the parts took.

    One CopyObject is nothing to compare with here: the local S3 remembers the same bytes once more, and moves none.
    """
    upload = {**target, "UploadId": s3.create_multipart_upload(**target)["UploadId"]}

    def part(number: int) -> dict[str, Any]:
        told = s3.upload_part_copy(
            **upload,
            CopySource=source,
            CopySourceRange=f"bytes={PART * (number - 1)}-{PART * number - 1}",
            PartNumber=number,
        )
        return {"PartNumber": number, "ETag": told["CopyPartResult"]["ETag"]}

    began = time.perf_counter()
    with ThreadPoolExecutor(at_once) as threads:
        parts = list(threads.map(part, range(1, LARGE // PART + 1)))
    took = time.perf_counter() - began
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    return took


def onboard(cloud: Cloud, group: str) -> None:
    """The ML engineer creates a model group and shares it."""
    accounts = {"DevAccountIds": cloud.account("dev"), "WorkloadAccountIds": cloud.account("test")}
    people = {"Owner": "mary.jackson", "LineOfBusiness": "retail", "Project": "bench", "UseCaseId": "bench"}
    values = {"ModelGroupName": group, "Risk": "low", **people, **accounts}
    formation = cloud.client("cloudformation", "ml-engineer")
    formation.create_stack(
        StackName=f"model-group-{group}",
        TemplateBody=(ROOT / "stacks" / "model-group.yaml").read_text(),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
    )
    until(lambda: status_of(formation, f"model-group-{group}") == "CREATE_COMPLETE", time.perf_counter(), pause=0.1)


def status_of(formation: Any, stack: str) -> str:
    """Where a stack stands."""
    return str(formation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])


def until(is_so: Callable[[], bool], began: float, pause: float = 0.01) -> float:
    """Seconds from `began` until it is so. Raises `TimeoutError` when that does not come."""
    while not is_so():
        if time.perf_counter() - began > PATIENCE_SECONDS:
            raise TimeoutError("the local cloud takes too long; its logs tell why")
        time.sleep(pause)
    return time.perf_counter() - began
