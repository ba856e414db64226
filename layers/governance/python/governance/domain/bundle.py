"""The deployment bundle: everything one deployment consists of, in one archive known by its hash.

It holds the stack template, the stack's parameters and tags, and the release manifest. The same deployment always
gives the same bytes, so that a bundle can be made again and compared.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from governance.domain.deployment import Deployment
from governance.domain.environment import endpoint_name
from governance.domain.lifecycle import PRECEDING
from governance.domain.model_version import ModelVersion
from governance.domain.values import SCHEMA_VERSION, canonical, iso

TEMPLATE = "template.yaml"
CONFIGURATION = "configuration.json"
MANIFEST = "manifest.json"

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can hold: the same in every bundle."""


def manifest(state: ModelVersion, deployment: Deployment) -> dict[str, Any]:
    """The release manifest: which version, which bytes, which image, on whose approval and under which policy."""
    basis = state.stage(PRECEDING[deployment.stage])
    return {
        "schema_version": SCHEMA_VERSION,
        "deployment_id": deployment.id,
        "stage": deployment.stage.value,
        "model_package_arn": state.model.arn,
        "created_at": iso(state.model.created_at),
        "specification": state.specification,
        "sealing": state.sealing.effect_id,
        "artifacts": [
            artifact.model_dump(mode="json", exclude={"locked_until"}) for artifact in state.sealing.artifacts
        ],
        "images": [container.pinned_image for container in state.containers],
        "approved_by": basis.decided_by.id if basis.decided_by else "",
        "approval": basis.verdict.decision if basis.verdict else "",
        "policy": basis.verdict.policy if basis.verdict else "",
        "policy_hash": basis.verdict.policy_hash if basis.verdict else "",
    }


def configuration(state: ModelVersion, deployment: Deployment, install: str) -> dict[str, Any]:
    """Parameters and tags of the endpoint's stack, as CodePipeline reads them (AWS: "Template configuration file")."""
    profile = state.profile
    container, artifact = state.containers[0], state.sealing.artifacts[0]
    tags = {
        "steward:model-package-arn": state.model.arn,
        "steward:deployment-id": deployment.id,
        "steward:stage": deployment.stage.value,
        "steward:use-case-id": profile.use_case_id,
        "steward:line-of-business": profile.line_of_business,
    }
    return {
        "Parameters": {
            "Install": install,
            "Stage": deployment.stage.value,
            "EndpointName": endpoint_name(install, state.model.group or "", deployment.stage),
            "ModelPackageArn": state.model.arn,
            "ModelGroup": state.model.group or "",
            "ModelVersion": str(state.model.number or 0),
            "Image": container.pinned_image,
            "ModelDataUrl": artifact.uri,
            "DeploymentId": deployment.id,
            "UseCaseId": profile.use_case_id or "none",
            "LineOfBusiness": profile.line_of_business or "none",
        },
        "Tags": {name: value for name, value in tags.items() if value},
    }


NO_ENVIRONMENT = "Environment: {}"
"""Where the endpoint's template takes what the container is told: a mapping has no place among stack parameters."""


def with_environment(template: str, environment: Mapping[str, str]) -> str:
    """The template with the container's environment in it; JSON is YAML too. Raises `ValueError` without its place."""
    if template.count(NO_ENVIRONMENT) != 1:
        raise ValueError(f"the endpoint's template must have just one line {NO_ENVIRONMENT!r}")
    return template.replace(NO_ENVIRONMENT, f"Environment: {canonical(environment)}")


def pack(template: str, state: ModelVersion, deployment: Deployment, install: str) -> bytes:
    """The bundle of a deployment, byte for byte the same each time."""
    files = {
        CONFIGURATION: canonical(configuration(state, deployment, install)),
        MANIFEST: canonical(manifest(state, deployment)),
        TEMPLATE: with_environment(template, state.containers[0].environment),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), text.encode())
    return packed.getvalue()


def unpack(bundle: bytes) -> Mapping[str, Any]:
    """The release manifest inside a bundle. Raises `KeyError` or `zipfile.BadZipFile` for one that is damaged."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        read: dict[str, Any] = json.loads(archive.read(MANIFEST))
        return read
