"""How long Steward takes on the local cloud: from registration to record, from approval to pipeline.

Each version is in a group of its own and lives alone: one starts when the pipeline of the one before has ended.
"""

import time
from collections.abc import Callable, Iterable
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
PATIENCE_SECONDS = 120.0


def measured() -> Iterable[Measurement]:
    """Seconds, for each version."""
    with TemporaryDirectory(prefix="steward-bench-") as folder:
        place = Place(Path(folder) / "cloud")
        cloud = Cloud(place.contract, life.up(place))
        try:
            model = train(Path(folder) / "model")
            times = [one_version(cloud, f"bench-{number}", model) for number in range(VERSIONS)]
        finally:
            life.down(place)
    recorded, sealed, started = zip(*times, strict=True)
    yield Measurement("local_cloud", "from registration to recorded", "s", recorded)
    yield Measurement("local_cloud", "from registration to sealed", "s", sealed)
    yield Measurement("local_cloud", "from approval to pipeline started", "s", started)


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
