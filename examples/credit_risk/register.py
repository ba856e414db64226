"""Register a trained model into a shared group, as the data scientist who trained it.

`python -m examples.credit_risk.register --cloud .local/cloud.json --group credit-risk --out DIR`
"""

import argparse
import base64
import hashlib
from pathlib import Path
from typing import Any

from examples.cloud import Cloud
from examples.packing import TrainedModel, sha256

from .models import Variant
from .train import train

IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
IMAGE_DIGEST = "sha256:d5b5f1a8e8ff9391fefbce49c6c2e357db26212ed73ef31f8a1528f01025f1a9"
"""Which build of the image is meant, since a tag can move: that of the local cloud. In AWS, ask ECR for it."""

REPOSITORY = "https://github.com/example/credit-risk"


def register(
    model: TrainedModel,
    group_arn: str,
    bucket: str,
    s3: Any,
    sagemaker: Any,
    description: str = "",
    **overrides: Any,
) -> str:
    """Upload the model and its evaluation, register a version, return its ARN.

    The version waits for manual approval. `overrides` replace whole arguments of `CreateModelPackage`.
    """
    archive, evaluation = model.archive.read_bytes(), model.evaluation.read_bytes()
    folder = f"models/{group_arn.rsplit('/', 1)[-1]}/{model.name}-{sha256(archive)[:12]}"
    model_uri = _uploaded(s3, bucket, f"{folder}/model.tar.gz", archive)
    evaluation_uri = _uploaded(s3, bucket, f"{folder}/evaluation.json", evaluation)
    request = {
        "ModelPackageGroupName": group_arn,
        "ModelPackageDescription": description or f"{model.name}, trained by examples/",
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": _inference_specification(model_uri),
        "ModelMetrics": {
            "ModelQuality": {
                "Statistics": {
                    "ContentType": "application/json",
                    "ContentDigest": f"sha256:{sha256(evaluation)}",
                    "S3Uri": evaluation_uri,
                }
            }
        },
        "MetadataProperties": {
            "CommitId": hashlib.sha1(archive, usedforsecurity=False).hexdigest(),
            "Repository": REPOSITORY,
            "GeneratedBy": "examples.credit_risk.train",
        },
        "CustomerMetadataProperties": _properties(model),
    }
    return str(sagemaker.create_model_package(**(request | overrides))["ModelPackageArn"])


def _uploaded(s3: Any, bucket: str, key: str, content: bytes) -> str:
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode("ascii")
    s3.put_object(Bucket=bucket, Key=key, Body=content, ChecksumSHA256=digest)
    return f"s3://{bucket}/{key}"


def _inference_specification(model_uri: str) -> dict[str, Any]:
    return {
        "Containers": [
            {
                "Image": IMAGE,
                "ImageDigest": IMAGE_DIGEST,
                "ModelDataUrl": model_uri,
                "Framework": "SKLEARN",
                "Environment": {
                    "SAGEMAKER_PROGRAM": "inference.py",
                    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
                },
            }
        ],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
        "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"],
        "SupportedTransformInstanceTypes": ["ml.m5.large"],
    }


def _properties(model: TrainedModel) -> dict[str, str]:
    """What the author wants to be read beside the version. The group's own tags say who owns it."""
    metrics = {f"test:{name}": f"{value:.4f}" for name, value in sorted(model.metrics.items())}
    return {"variant": model.name, **({"mlflow:run-id": model.run_id} if model.run_id else {}), **metrics}


def main() -> None:
    """Train one candidate and register it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cloud", type=Path, default=Path(".local/cloud.json"))
    parser.add_argument("--group", default="credit-risk")
    parser.add_argument("--out", type=Path, required=True, help="folder for the training's files")
    parser.add_argument("--variant", type=Variant, choices=list(Variant), default=Variant.CHAMPION)
    parser.add_argument("--as", dest="persona", default="data-scientist")
    arguments = parser.parse_args()
    cloud = Cloud.load(arguments.cloud)
    arn = register(
        train(arguments.variant, arguments.out),
        cloud.group_arn(arguments.group),
        cloud.dev_bucket,
        cloud.client("s3", arguments.persona),
        cloud.client("sagemaker", arguments.persona),
    )
    print(arn)


if __name__ == "__main__":
    main()
