"""How the example is registered, and how its validation set is bound to its group."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from moto import mock_aws

from examples.credit_risk.register import IMAGE, IMAGE_DIGEST, register
from examples.credit_risk.validation_set import bind
from examples.packing import TrainedModel, sha256
from local_cloud import registries
from local_cloud.accounts import REGION

GROUP = "arn:aws:sagemaker:eu-west-1:444455556666:model-package-group/credit-risk"
VERSION = "arn:aws:sagemaker:eu-west-1:444455556666:model-package/credit-risk/1"


@pytest.fixture
def bucket() -> Iterator[Any]:
    with mock_aws():
        resource = boto3.resource("s3", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
        yield resource.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})


@pytest.fixture
def sagemaker() -> Iterator[tuple[Any, Stubber]]:
    """The real client, which holds each request against SageMaker's own model, without a SageMaker."""
    client = boto3.client("sagemaker", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(client) as stub:
        yield client, stub


def a_trained_model(folder: Path) -> TrainedModel:
    (folder / "model.tar.gz").write_bytes(b"model")
    (folder / "evaluation.json").write_text(json.dumps({"binary_classification_metrics": {}}))
    return TrainedModel(
        name="champion",
        archive=folder / "model.tar.gz",
        evaluation=folder / "evaluation.json",
        held_out=folder / "held_out.csv",
        target="bad",
        metrics={"auc": 0.85},
        run_id="run-1",
    )


def test_a_version_is_registered_by_group_arn_and_waits_for_approval(bucket, sagemaker, tmp_path):
    client, stub = sagemaker
    model = a_trained_model(tmp_path)
    folder = f"models/credit-risk/champion-{sha256(b'model')[:12]}"
    stub.add_response(
        "create_model_package",
        {"ModelPackageArn": VERSION},
        {
            "ModelPackageGroupName": GROUP,
            "ModelPackageDescription": ANY,
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": ANY,
            "ModelMetrics": {
                "ModelQuality": {
                    "Statistics": {
                        "ContentType": "application/json",
                        "ContentDigest": f"sha256:{sha256(model.evaluation.read_bytes())}",
                        "S3Uri": f"s3://models/{folder}/evaluation.json",
                    }
                }
            },
            "MetadataProperties": ANY,
            "CustomerMetadataProperties": {
                "variant": "champion",
                "mlflow:run-id": "run-1",
                "test:auc": "0.8500",
            },
        },
    )
    assert register(model, GROUP, "models", bucket.meta.client, client) == VERSION
    uploaded = {item.key: item.get()["Body"].read() for item in bucket.objects.all()}
    assert uploaded[f"{folder}/model.tar.gz"] == b"model"


def test_the_container_names_its_image_by_digest(bucket, tmp_path):
    requests: list[dict[str, Any]] = []

    class Registry:
        def create_model_package(self, **request: Any) -> dict[str, str]:
            requests.append(request)
            return {"ModelPackageArn": VERSION}

    register(a_trained_model(tmp_path), GROUP, "models", bucket.meta.client, Registry())
    (container,) = requests[0]["InferenceSpecification"]["Containers"]
    assert container["ImageDigest"] == IMAGE_DIGEST
    assert container["ModelDataUrl"].endswith("/model.tar.gz")


def test_a_validation_set_is_kept_under_its_hash_and_pinned_by_tags(bucket, sagemaker):
    client, stub = sagemaker
    rows = b"Age,bad\n40,0\n"
    key = f"validation/credit-risk/{sha256(rows)}.csv"
    stub.add_response(
        "add_tags",
        {},
        {
            "ResourceArn": GROUP,
            "Tags": [
                {"Key": "steward:validation-set", "Value": f"s3://models/{key}"},
                {"Key": "steward:validation-set-sha256", "Value": sha256(rows)},
                {"Key": "steward:validation-target", "Value": "bad"},
            ],
        },
    )
    bind(GROUP, rows, "bad", "models", bucket.meta.client, client)
    assert bucket.Object(key).get()["Body"].read() == rows


def test_the_image_that_the_examples_name_is_the_one_that_the_local_cloud_has():
    image = f"{registries.ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{registries.REPOSITORY}:{registries.TAG}"
    assert (image, registries.DIGEST) == (IMAGE, IMAGE_DIGEST)
