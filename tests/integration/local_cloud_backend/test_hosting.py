"""Endpoints serve the bytes they were deployed with, and say why when they cannot."""

import base64
import io
import json
import re
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

from local_cloud.backend.guardrails import phases

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
        return self.configured(name, role, PrimaryContainer=container)

    def source(self, key: str, kind: str, **files: bytes) -> dict[str, Any]:
        """A container whose model data lies there uncompressed."""
        for name, content in files.items():
            self.s3.put_object(Bucket=self.bucket, Key=f"{key}{name}", Body=content)
        source = {"S3DataType": kind, "CompressionType": "None", "S3Uri": f"s3://{self.bucket}/{key}"}
        return {"Image": IMAGE, "ModelDataSource": {"S3DataSource": source}}

    def configured(self, name: str, role: str = ROLE, **containers: Any) -> str:
        """A configuration of one model with these containers."""
        self.sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, **containers)
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


def test_containers_are_fed_one_by_the_other_whichever_form_their_model_data_has(hosting: Hosting):
    tree = hosting.source("tree/", "S3Prefix", **{"code/inference.py": CODE.encode(), "weights/a.bin": b"1"})
    file = hosting.source("b/model.joblib", "S3Object", **{"": pickled(plus(1))})
    name = f"{hosting.name}-pipeline"
    scores = {"SAGEMAKER_PROGRAM": "inference.py"}
    config = hosting.configured(name, Containers=[file, {**tree, "Environment": scores}])
    told = hosting.sagemaker.describe_model(ModelName=name)["Containers"]
    assert [one["ModelDataSource"] for one in told] == [file["ModelDataSource"], tree["ModelDataSource"]]
    found = hosting.create(config, "InService", "Failed")
    assert found["EndpointStatus"] == "InService", found
    hosting.s3.delete_object(Bucket=hosting.bucket, Key="b/model.joblib")
    assert json.loads(hosting.ask("1\n"))["is"] == pytest.approx(6)


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
    ids=["no data", "a role that nobody may take", "no archive", "no model"],
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


NOTED = """
def model_fn(folder):
    return NAME
def predict_fn(body, model):
    open(FILE, "a").write(model)
    return model
def input_fn(body, content_type):
    return body
def output_fn(prediction, accept):
    return prediction, "text/plain"
"""


def noting(hosting: Hosting, name: str, file: Path) -> str:
    """A model that notes its name for each request, and answers it; returns that of the model."""
    code = NOTED.replace("FILE", repr(str(file))).replace("NAME", repr(name))
    return hosting.config(name, packed(**{"code/inference.py": code.encode()}))


def beside(hosting: Hosting, shadow: bool, weights: tuple[float, float], models: list[str]) -> str:
    """A configuration of one model beside another: two variants with their weights, or the second as a shadow."""
    first, second = (
        {"VariantName": name, "ModelName": model, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1,
         "InitialVariantWeight": weight}
        for name, model, weight in zip(("AllTraffic", "Trial"), models, weights, strict=True)
    )  # fmt: skip
    name = f"{hosting.name}-beside"
    told = {"ProductionVariants": [first], "ShadowProductionVariants": [second]} if shadow else {}
    hosting.sagemaker.create_endpoint_config(
        EndpointConfigName=name, **(told or {"ProductionVariants": [first, second]})
    )
    return name


def test_a_shadow_gets_copies_and_nobody_its_answers(hosting: Hosting, tmp_path: Path):
    file = tmp_path / "noted"
    models = [noting(hosting, name, file) for name in "ab"]
    found = hosting.create(beside(hosting, True, (100, 100), models), "InService", "Failed")
    assert found["EndpointStatus"] == "InService", found
    assert found["ShadowProductionVariants"][0]["VariantName"] == "Trial"
    asked = {"EndpointName": hosting.name, "Body": b"1", "ContentType": "text/plain"}
    answers = [hosting.runtime.invoke_endpoint(**asked) for _ in range(5)]
    assert {(one["InvokedProductionVariant"], one["Body"].read()) for one in answers} == {("AllTraffic", b"a")}
    until(lambda: sorted(file.read_text()) == [*"aaaaabbbbb"])
    with pytest.raises(ClientError, match="no such variant in service"):
        hosting.runtime.invoke_endpoint(**asked, TargetVariant="Trial")


def test_variants_answer_by_their_weights_and_when_they_are_asked_for(hosting: Hosting, tmp_path: Path):
    models = [noting(hosting, name, tmp_path / "noted") for name in "ab"]
    hosting.create(beside(hosting, False, (50, 50), models), "InService")
    asked = {"EndpointName": hosting.name, "Body": b"1", "ContentType": "text/plain"}
    answers = [hosting.runtime.invoke_endpoint(**asked) for _ in range(40)]
    assert {(one["InvokedProductionVariant"], one["Body"].read()) for one in answers} == {
        ("AllTraffic", b"a"),
        ("Trial", b"b"),
    }
    assert hosting.runtime.invoke_endpoint(**asked, TargetVariant="Trial")["Body"].read() == b"b"


def test_what_is_captured_lies_below_its_hour_under_the_callers_id(hosting: Hosting):
    config = hosting.config("1", packed(**{"code/inference.py": CODE.encode()}))
    variant = {"VariantName": "all", "ModelName": config, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    hosting.sagemaker.create_endpoint_config(
        EndpointConfigName=f"{config}-captured", ProductionVariants=[variant],
        DataCaptureConfig={
            "EnableCapture": True, "InitialSamplingPercentage": 100,
            "DestinationS3Uri": f"s3://{hosting.bucket}/kept/",
            "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        },
    )  # fmt: skip
    assert hosting.create(f"{config}-captured", "InService", "Failed")["DataCaptureConfig"]["EnableCapture"]
    asked = {"EndpointName": hosting.name, "Body": b"2", "ContentType": "text/csv"}
    hosting.runtime.invoke_endpoint(**asked, InferenceId="loan-4711")
    hosting.runtime.invoke_endpoint(**asked)
    keys = [one["Key"] for one in hosting.s3.list_objects_v2(Bucket=hosting.bucket, Prefix="kept/")["Contents"]]
    assert all(re.fullmatch(rf"kept/{hosting.name}/all(/\d+){{4}}/[^/]+\.jsonl", one) for one in keys), keys
    bodies = [hosting.s3.get_object(Bucket=hosting.bucket, Key=one)["Body"].read() for one in keys]
    records = {one["eventMetadata"].get("inferenceId"): one for one in map(json.loads, bodies)}
    assert set(records) == {"loan-4711", None}
    told = records["loan-4711"]["captureData"]
    assert told["endpointInput"] == {"observedContentType": "text/csv", "mode": "INPUT", "data": "2", "encoding": "CSV"}
    assert (told["endpointOutput"]["encoding"], told["endpointOutput"]["mode"]) == ("BASE64", "OUTPUT")
    assert json.loads(base64.b64decode(told["endpointOutput"]["data"])) == {"is": 6.0}


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


def policy(alarm: str, wait: int, **routing: Any) -> dict[str, Any]:
    traffic = {"WaitIntervalInSeconds": wait, **routing}
    return {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": traffic, "TerminationWaitInSeconds": 0},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]},
    }


HALF = {"Type": "CANARY", "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50}}


def test_a_canary_that_trips_its_alarm_goes_back_to_the_fleet_before(hosting: Hosting, client: Client, door):
    hosting.create(hosting.config("1", packed(**{"model.pkl": pickled(plus(1))})), "InService")
    alarms = client("cloudwatch", HUB)
    told = {"AlarmName": hosting.name, "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1}
    alarms.put_metric_alarm(**told, MetricName="m", Namespace="n", Period=60, Statistic="Sum", Threshold=1)
    second = hosting.config("2", packed(**{"model.pkl": pickled(plus(10))}))
    asked = {"EndpointName": hosting.name, "EndpointConfigName": second}
    hosting.sagemaker.update_endpoint(**asked, DeploymentConfig=policy(hosting.name, 600, **HALF))
    until(lambda: hosting.numbers("1\n") == [11.0])
    until(lambda: hosting.numbers("1\n") == [2.0])
    assert hosting.sagemaker.describe_endpoint(EndpointName=hosting.name)["EndpointStatus"] == "Updating"
    alarms.set_alarm_state(AlarmName=hosting.name, StateValue="ALARM", StateReason="too many")
    found = hosting.settled("InService")
    assert found["EndpointConfigName"].endswith("-1")
    assert hosting.name in found["FailureReason"]
    assert {tuple(hosting.numbers("1\n")) for _ in range(20)} == {(2.0,)}
    told_statuses = [one["detail"]["EndpointStatus"] for one in door.of("SageMaker Endpoint State Change", HUB)]
    assert told_statuses == ["CREATING", "IN_SERVICE", "UPDATING", "ROLLING_BACK", "IN_SERVICE"]
    hosting.sagemaker.update_endpoint(**asked, DeploymentConfig=policy(hosting.name, 0, **HALF))
    assert hosting.settled("InService")["EndpointConfigName"].endswith("-1"), "the alarm is still on"
    hosting.sagemaker.update_endpoint(**asked, RetainDeploymentConfig=True)
    assert hosting.settled("InService")["EndpointConfigName"].endswith("-1"), "it is watched as before"
    hosting.sagemaker.update_endpoint(**asked)
    assert hosting.settled("InService")["EndpointConfigName"].endswith("-2"), (
        "nothing is watched, unless asked for anew"
    )
    assert hosting.numbers("1\n") == [11.0]


@pytest.mark.parametrize(
    ("told", "shares"),
    [
        ({"Type": "ALL_AT_ONCE"}, [(1.0, 0.0)]),
        (HALF, [(0.5, 5.0)]),
        ({"Type": "LINEAR", "LinearStepSize": {"Type": "INSTANCE_COUNT", "Value": "1"}},
         [(0.25, 5.0), (0.5, 5.0), (0.75, 5.0), (1.0, 5.0)]),
    ],
)  # fmt: skip
def test_traffic_moves_in_the_steps_of_the_policy(told: dict[str, Any], shares: list[tuple[float, float]]):
    wait = 0 if told["Type"] == "ALL_AT_ONCE" else 5
    asked = policy("a", wait, **told)
    asked["BlueGreenUpdatePolicy"]["TerminationWaitInSeconds"] = 7
    assert [(one.share, one.seconds) for one in phases(asked, 4)] == [*shares, (1.0, 7.0)]


def test_batches_are_replaced_one_after_the_other_and_nothing_is_kept():
    batches = {"MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": "40"}, "WaitIntervalInSeconds": "5"}
    found = phases({"RollingUpdatePolicy": batches}, 4)
    assert [(round(one.share, 2), one.seconds) for one in found] == [(0.4, 5), (0.8, 5), (1.0, 5), (1.0, 0)]
