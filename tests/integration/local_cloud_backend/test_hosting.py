"""Endpoints serve the bytes they were deployed with, and say why when they cannot."""

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from botocore.exceptions import ClientError
from sklearn.linear_model import LinearRegression

from .conftest import HUB, REGION, Client, RememberingDoor, until
from .test_registry import registered

ROLE = f"arn:aws:iam::{HUB}:role/model-execution"
IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn@sha256:" + "a" * 64
CODE = """
import json
def model_fn(folder):
    print("noise on standard output")
    return 3
def input_fn(body, content_type):
    if body == "bad":
        raise ValueError("not a number: bad")
    if body == "exit":
        import os
        os._exit(1)
    return float(body)
def predict_fn(number, model):
    return number * model
def output_fn(prediction, accept):
    return json.dumps({"is": prediction}), "application/json"
"""


def packed(**files: bytes) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


def pickled(model: Any) -> bytes:
    written = io.BytesIO()
    joblib.dump(model, written)
    return written.getvalue()


def plus(number: float) -> Any:
    return LinearRegression().fit(pd.DataFrame({"x": [0.0, 1.0]}), np.array([number, number + 1]))


class Hosting:
    """A bucket of artifacts, and the calls that put one behind an endpoint."""

    def __init__(self, client: Client, name: str) -> None:
        self.name = name
        self.sagemaker, self.s3 = client("sagemaker", HUB), client("s3", HUB)
        self.runtime = client("sagemaker-runtime", HUB)
        self.bucket = name.lower()
        self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})

    def config(self, version: str, artifact: bytes | None, role: str = ROLE) -> str:
        name = f"{self.name}-{version}"
        if artifact is not None:
            self.s3.put_object(Bucket=self.bucket, Key=f"{version}.tar.gz", Body=artifact)
        container = {"Image": IMAGE, "ModelDataUrl": f"s3://{self.bucket}/{version}.tar.gz"}
        self.sagemaker.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=role)
        variant = {"VariantName": "all", "ModelName": name, "InstanceType": "ml.m7i.large", "InitialInstanceCount": 1}
        self.sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        return name

    def create(self, config: str, *statuses: str) -> dict[str, Any]:
        self.sagemaker.create_endpoint(
            EndpointName=self.name, EndpointConfigName=config, Tags=[{"Key": "a", "Value": "1"}]
        )
        return self.settled(*statuses)

    def update(self, config: str) -> None:
        self.sagemaker.update_endpoint(EndpointName=self.name, EndpointConfigName=config)

    def settled(self, *statuses: str) -> dict[str, Any]:
        def look() -> Any:
            found = self.sagemaker.describe_endpoint(EndpointName=self.name)
            return found if found["EndpointStatus"] in statuses else None

        found: dict[str, Any] = until(look)
        return found

    def ask(self, body: str, content_type: str = "text/csv", accept: str = "text/csv") -> str:
        answer = self.runtime.invoke_endpoint(
            EndpointName=self.name, Body=body.encode(), ContentType=content_type, Accept=accept
        )
        assert answer["InvokedProductionVariant"] == "all"
        return str(answer["Body"].read().decode())

    def numbers(self, body: str, content_type: str = "text/csv") -> list[float]:
        return [round(number, 6) for number in json.loads(self.ask(body, content_type, "application/json"))]


@pytest.fixture
def hosting(client: Client, group_name: str) -> Iterator[Hosting]:
    made = Hosting(client, group_name)
    yield made
    for endpoint in made.sagemaker.list_endpoints(NameContains=group_name)["Endpoints"]:
        made.sagemaker.delete_endpoint(EndpointName=endpoint["EndpointName"])


def test_an_endpoint_serves_what_it_was_deployed_with(hosting: Hosting, door: RememberingDoor):
    found = hosting.create(hosting.config("1", packed(**{"model.joblib": pickled(plus(1))})), "InService", "Failed")
    assert found["EndpointStatus"] == "InService", found
    assert found["ProductionVariants"][0]["CurrentWeight"] == 1.0
    assert found["ProductionVariants"][0]["DeployedImages"][0]["SpecifiedImage"] == IMAGE
    hosting.s3.delete_object(Bucket=hosting.bucket, Key="1.tar.gz")
    assert hosting.numbers("x\n1\n2\n") == [2.0, 3.0]
    assert hosting.numbers("1\n2\n") == [2.0, 3.0]
    assert hosting.numbers("[[1], [2]]", "application/json") == [2.0, 3.0]
    assert hosting.numbers('{"instances": [[5]]}', "application/json") == [6.0]
    split = json.dumps({"dataframe_split": {"columns": ["x"], "data": [[7]]}})
    assert hosting.numbers(split, "application/json") == [8.0]
    assert float(hosting.ask("1\n")) == pytest.approx(2.0)
    assert found["EndpointArn"] == f"arn:aws:sagemaker:{REGION}:{HUB}:endpoint/{hosting.name}"
    tags = hosting.sagemaker.list_tags(ResourceArn=found["EndpointArn"])["Tags"]
    assert tags == [{"Key": "a", "Value": "1"}]
    creating, in_service = door.of("SageMaker Endpoint State Change", HUB)
    assert creating["detail"]["EndpointStatus"] == "CREATING"
    assert in_service["detail"]["EndpointStatus"] == "IN_SERVICE"
    assert in_service["time"].isdigit() and isinstance(in_service["detail"]["CreationTime"], float)
    model = hosting.sagemaker.describe_model(ModelName=f"{hosting.name}-1")
    assert model["PrimaryContainer"]["Image"] == IMAGE and model["ExecutionRoleArn"] == ROLE
    with pytest.raises(ClientError, match=r"ModelError.*client error \(415\)"):
        hosting.ask("1", "image/png")


def test_an_update_changes_the_model_and_a_failed_one_does_not(hosting: Hosting):
    first = hosting.config("1", packed(**{"model.pkl": pickled(plus(1))}))
    hosting.create(first, "InService")
    hosting.update(hosting.config("2", packed(**{"some/model.pkl": pickled(plus(10))})))
    updated = hosting.settled("InService")
    assert updated["EndpointConfigName"].endswith("-2") and "FailureReason" not in updated
    assert hosting.numbers("1\n") == [11.0]
    hosting.update(hosting.config("3", packed(**{"nothing.txt": b""})))
    failed = hosting.settled("InService")
    assert failed["EndpointConfigName"].endswith("-2")
    assert "holds none of" in failed["FailureReason"]
    assert hosting.numbers("1\n") == [11.0]
    hosting.update(first)
    assert "FailureReason" not in hosting.settled("InService")
    assert hosting.numbers("1\n") == [2.0]


@pytest.mark.parametrize(
    ("artifact", "role", "reason"),
    [
        (None, ROLE, "Could not access model data"),
        (packed(), ROLE.replace("model", "refused"), "does not trust the service"),
        (b"not an archive", ROLE, "cannot be unpacked"),
        (packed(**{"model.joblib": b"garbage"}), ROLE, "ping health check"),
    ],
)
def test_an_endpoint_that_cannot_serve_says_why(hosting: Hosting, artifact: bytes | None, role: str, reason: str):
    found = hosting.create(hosting.config("1", artifact, role), "Failed", "InService")
    assert found["EndpointStatus"] == "Failed" and reason in found["FailureReason"]
    with pytest.raises(ClientError, match="no such variant in service"):
        hosting.ask("1")


def test_the_artifacts_own_code_is_used_and_cannot_break_the_server(hosting: Hosting):
    hosting.create(hosting.config("1", packed(**{"code/inference.py": CODE.encode()})), "InService")
    assert json.loads(hosting.ask("2")) == {"is": 6.0}
    with pytest.raises(ClientError, match="not a number: bad") as refused:
        hosting.ask("bad")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert refused.value.response["OriginalStatusCode"] == 400
    with pytest.raises(ClientError, match="process has ended"):
        hosting.ask("exit")


def test_an_mlflow_model_is_served(hosting: Hosting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("MLFLOW_UV_AUTO_DETECT", "false")
    import mlflow.sklearn

    mlflow.sklearn.save_model(
        plus(1), tmp_path / "m", serialization_format="cloudpickle", pip_requirements=["scikit-learn"]
    )
    files = {f"m/{path.name}": path.read_bytes() for path in (tmp_path / "m").iterdir() if path.is_file()}
    hosting.create(hosting.config("1", packed(**files)), "InService")
    assert hosting.numbers("x\n1\n") == [2.0]


def test_a_model_package_is_deployed_once_it_is_approved(hosting: Hosting):
    group = hosting.name
    hosting.sagemaker.create_model_package_group(ModelPackageGroupName=group)
    hosting.s3.put_object(Bucket=hosting.bucket, Key="p.tar.gz", Body=packed(**{"model.joblib": pickled(plus(1))}))
    uri = f"s3://{hosting.bucket}/p.tar.gz"
    arn = registered(hosting.sagemaker, group, uri=uri)
    hosting.sagemaker.create_model(ModelName=group, Containers=[{"ModelPackageName": arn}], ExecutionRoleArn=ROLE)
    variant = {"VariantName": "all", "ModelName": group, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    hosting.sagemaker.create_endpoint_config(EndpointConfigName=group, ProductionVariants=[variant])
    assert "is not approved" in hosting.create(group, "Failed", "InService")["FailureReason"]
    hosting.sagemaker.delete_endpoint(EndpointName=group)
    hosting.sagemaker.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    assert hosting.create(group, "Failed", "InService")["EndpointStatus"] == "InService"


def test_names_are_taken_once_and_missing_ones_said_so(hosting: Hosting):
    config = hosting.config("1", packed(**{"model.joblib": pickled(plus(1))}))
    hosting.create(config, "InService")
    with pytest.raises(ClientError, match="already existing endpoint"):
        hosting.create(config)
    with pytest.raises(ClientError, match="already existing model"):
        hosting.config("1", None)
    hosting.sagemaker.delete_endpoint(EndpointName=hosting.name)
    with pytest.raises(ClientError, match="Could not find endpoint"):
        hosting.sagemaker.describe_endpoint(EndpointName=hosting.name)
    with pytest.raises(ClientError, match="not found"):
        hosting.ask("1")
