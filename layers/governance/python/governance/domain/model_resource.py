"""A version as the Model resource of its endpoint's stack: every container, with the sealed copy of its model data.

AWS API: ContainerDefinition, S3ModelDataSource; AWS CloudFormation: AWS::SageMaker::Model. One container is the
primary one; several are a pipeline, in which each is fed by the one before.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from governance.domain.artifacts import Container, SealedArtifact, SourceForm
from governance.domain.deployment_profile import StageProfile

MOST_CONTAINERS = 15
"""Containers of a model (AWS API: CreateModel)."""

UNCOMPRESSED = "None"
"""`CompressionType` of model data that is loaded as it lies; anything else is an archive."""


def unservable(containers: Sequence[Container], artifacts: Sequence[SealedArtifact]) -> str:
    """Why no endpoint can load what was sealed; empty text where one can.

    A package may name model data beside its container's own. CloudFormation's Model has no place for that, though
    SageMaker's own API has one, and endpoints are made by CloudFormation alone.
    """
    channels = sorted({artifact.channel for artifact in artifacts if artifact.channel})
    if channels:
        return f"CloudFormation makes no model with data beside a container's own ({', '.join(channels)})"
    if len(containers) > MOST_CONTAINERS:
        return f"SageMaker makes no model of more than {MOST_CONTAINERS} containers"
    return ""


def unservable_by(settings: StageProfile, containers: Sequence[Container]) -> str:
    """Why a stage's profile cannot serve these containers; empty text where it can.

    AWS: "Deploy models with Serverless Inference", feature exclusions: inference pipelines.
    """
    if settings.serverless and len(containers) > 1:
        return f"its profile serves it serverless, which no model of {len(containers)} containers can be"
    return ""


def model_resource(containers: Sequence[Container], artifacts: Sequence[SealedArtifact]) -> Mapping[str, Any]:
    """The properties of the Model resource that say what it runs: `PrimaryContainer`, or `Containers`."""
    own = {artifact.index: artifact for artifact in artifacts if not artifact.channel}
    told = [definition(container, own.get(container.index)) for container in containers]
    if len(told) == 1:
        return {"PrimaryContainer": told[0]}
    named = all(container.hostname for container in containers)  # all of a pipeline's containers, or none
    return {
        "Containers": [
            {**one, "ContainerHostname": container.hostname} if named else one
            for one, container in zip(told, containers, strict=True)
        ]
    }


def definition(container: Container, artifact: SealedArtifact | None) -> dict[str, Any]:
    """One container: the image by digest, the sealed model data if it has any, and the registered environment."""
    told = {"Image": container.pinned_image, "Environment": dict(container.environment)}
    if artifact is None:
        return told
    if artifact.form is SourceForm.PREFIX:
        return {**told, "ModelDataSource": source("S3Prefix", container.compression or UNCOMPRESSED, artifact.uri)}
    if container.compression == UNCOMPRESSED:
        return {**told, "ModelDataSource": source("S3Object", UNCOMPRESSED, artifact.uri)}
    return {**told, "ModelDataUrl": artifact.uri}


def source(kind: str, compression: str, uri: str) -> dict[str, Any]:
    """Model data that is no single archive."""
    return {"S3DataSource": {"S3DataType": kind, "CompressionType": compression, "S3Uri": uri}}
