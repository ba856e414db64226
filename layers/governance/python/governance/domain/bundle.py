"""The deployment bundle: everything one deployment consists of, in one archive known by its hash.

It holds the stack template, the stack's parameters and tags, and the release manifest. The same deployment always
gives the same bytes, so that a bundle can be made again and compared: its deployment profile is the one that it was
requested under, whatever is in force by now.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from governance.domain.batch_plans import Batch, batch_parameters
from governance.domain.deployment import Deployment
from governance.domain.deployment_parameters import dimensions, of_the_surroundings, parameters
from governance.domain.deployment_profile import DeploymentProfile, StageProfile
from governance.domain.environment import endpoint_name, model_name
from governance.domain.model_resource import model_resource
from governance.domain.model_version import ModelVersion
from governance.domain.trials import Incumbent
from governance.domain.values import SCHEMA_VERSION, Value, canonical, iso

TEMPLATE = "template.yaml"
CONFIGURATION = "configuration.json"
MANIFEST = "manifest.json"


class Templates(Value):
    """The stack templates that bundles carry, as text."""

    endpoint: str
    batch: str
    removed: str


EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can hold: the same in every bundle."""


def manifest(state: ModelVersion, deployment: Deployment) -> dict[str, Any]:
    """The release manifest: which version, which bytes, which image, on whose approval and under which policy.

    That of a removal says what it takes away, and by whose order.
    """
    if deployment.removes:
        return manifest_of_removal(state, deployment)
    basis = state.stage(deployment.basis)
    return {
        "schema_version": SCHEMA_VERSION,
        "deployment_id": deployment.id,
        "stage": deployment.stage.value,
        "model_package_arn": state.model.arn,
        "created_at": iso(state.model.created_at),
        "specification": state.specification,
        "sealing": state.sealing.effect_id,
        "artifacts": [
            artifact.model_dump(mode="json", exclude={"locked_until", "source_check"})
            for artifact in state.sealing.artifacts
        ],
        "images": [one.pinned_image for one in state.sealing.pinned(state.containers)],
        "approved_by": basis.decided_by.id if basis.decided_by else "",
        "approval": basis.verdict.decision if basis.verdict else "",
        "policy": basis.verdict.policy if basis.verdict else "",
        "policy_hash": basis.verdict.policy_hash if basis.verdict else "",
        **deployment.pins,
        **of_the_trial(deployment),
    }


def manifest_of_removal(state: ModelVersion, deployment: Deployment) -> dict[str, Any]:
    """The manifest of what takes away."""
    retired = state.retirement
    return {
        "schema_version": SCHEMA_VERSION,
        "deployment_id": deployment.id,
        "stage": deployment.stage.value,
        "model_package_arn": state.model.arn,
        "created_at": iso(state.model.created_at),
        "removes": deployment.removes,
        "retired_by": retired.person.id if retired else "",
        "retirement": retired.fingerprint if retired else "",
        **deployment.pins,
    }


APPROVAL = frozenset({"approved_by", "approval", "policy", "policy_hash"})
"""What a manifest says of the approval. A return rests on the present one, whatever its bundle was approved by."""


def first_made_for(state: ModelVersion, deployment: Deployment) -> Deployment:
    """The deployment that a bundle was packed for, which returns deploy again."""
    before = state.deployments.get(deployment.returns)
    is_again = before is not None and bool(before.bundle_key) and before.bundle_key == deployment.bundle_key
    return first_made_for(state, before) if before and is_again else deployment


def returned_to(state: ModelVersion, deployment: Deployment, key: str) -> Deployment | None:
    """The deployment that a return's bundle was packed for; None where it has a bundle of its own."""
    before = state.deployments.get(deployment.returns)
    return first_made_for(state, before) if before and key and before.bundle_key == key else None


def contradictions(
    state: ModelVersion, deployment: Deployment, told: Mapping[str, Any], packed_for: Deployment | None
) -> list[str]:
    """In what a bundle's manifest is not what the record says; of an earlier bundle, all but whose approval it was."""
    expected: dict[str, Any] = json.loads(json.dumps(manifest(state, deployment)))
    if packed_for is not None:
        expected = {name: said for name, said in expected.items() if name not in APPROVAL}
        expected["deployment_id"] = packed_for.id
    return [
        f"the manifest says {name} {told.get(name)!r}, the record {said!r}"
        for name, said in expected.items()
        if told.get(name) != said
    ]


def of_the_trial(deployment: Deployment) -> dict[str, Any]:
    """How it comes to its endpoint, where versions are tried first: beside what serves, or at once and why."""
    arranged = deployment.arrangement
    if arranged is None:
        return {}
    told = {"trial": arranged.trial.value if arranged.trial else "", "trial_percent": arranged.percent}
    told |= {"no_rollout": arranged.no_rollout} if arranged.no_rollout else {}
    return {**told, "beside": arranged.beside.described if arranged.beside else {}, "at_once": arranged.why}


def configuration(state: ModelVersion, deployment: Deployment, install: str, settings: StageProfile) -> dict[str, Any]:
    """Parameters and tags of the version's stack, as CodePipeline reads them (AWS: "Template configuration file")."""
    profile, group = state.profile, state.model.group or ""
    name = endpoint_name(install, group, deployment.place)
    if deployment.removes:
        told = {"ModelPackageArn": state.model.arn, "DeploymentId": deployment.id}
        return {"Parameters": told, "Tags": tags(state, deployment)}
    if settings.batch is not None:
        modelled = model_name(install, group, deployment.place, deployment.id)
        own = {"Name": name, "ModelName": modelled, **of_the_jobs(settings, settings.batch)}
    else:
        own = {"EndpointName": name, **of_what_serves(deployment.beside)}
        own |= parameters(settings, is_trial=deployment.is_trial, rolls_out=not deployment.no_rollout)
    return {
        "Parameters": {
            "Install": install,
            "Stage": deployment.stage.value,
            "ModelPackageArn": state.model.arn,
            "ModelGroup": state.model.group or "",
            "ModelVersion": str(state.model.number or 0),
            "DeploymentId": deployment.id,
            "UseCaseId": profile.use_case_id or "none",
            "LineOfBusiness": profile.line_of_business or "none",
            **own,
        },
        "Tags": tags(state, deployment),
    }


def of_what_serves(beside: Incumbent | None) -> dict[str, str]:
    """What goes on serving beside a version on trial, so that it keeps the tags of its own version and deployment."""
    told = (beside.version, beside.version.rpartition("/")[2], beside.deployment_id) if beside else ("none",) * 3
    return dict(zip(("ServingModelPackageArn", "ServingModelVersion", "ServingDeploymentId"), told, strict=True))


def tags(state: ModelVersion, deployment: Deployment) -> dict[str, str]:
    """The tags of a version's stack."""
    profile = state.profile
    told = {
        "steward:model-package-arn": state.model.arn,
        "steward:deployment-id": deployment.id,
        "steward:stage": deployment.stage.value,
        "steward:environment": deployment.environment,
        "steward:model-group": state.model.group or "",
        "steward:model-version": str(state.model.number or ""),
        "steward:use-case-id": profile.use_case_id,
        "steward:line-of-business": profile.line_of_business,
    }
    return {name: value for name, value in told.items() if value}


def of_the_jobs(settings: StageProfile, batch: Batch) -> Mapping[str, str]:
    """What a profile says of transform jobs, with the network and the key that it says of everything."""
    around = of_the_surroundings(settings)
    return {**batch_parameters(batch), **{name: str(around[name]) for name in ("Subnets", "SecurityGroups", "KmsKey")}}


NO_CONTAINER = "PrimaryContainer: {}"
"""Where the endpoint's template takes what the model consists of: mappings and lists have no place among parameters."""


NO_DIMENSIONS = "Dimensions: []"
"""Where it takes the dimensions of a metric of the business's."""


NO_CONTAINERS = "Containers: [{}]"
"""Where it takes those of the version that goes on serving beside one on trial."""


def serving_containers(beside: Incumbent) -> str:
    """The containers of the version that goes on serving, as a model has them: in a list, though it be one."""
    ((_, content),) = model_resource(beside.containers, beside.artifacts).items()
    return canonical(content if isinstance(content, list) else [content])


def with_put_in(template: str, place: str, name: str, content: str) -> str:
    """The template with a name and JSON in the place of what is empty there; JSON is YAML too.

    Raises `ValueError` for a template that does not have the place just once.
    """
    if template.count(place) != 1:
        raise ValueError(f"the template must have just one line {place!r}")
    return template.replace(place, f"{name}: {content}")


def completed(template: str, model: Mapping[str, Any], settings: StageProfile, beside: Incumbent | None = None) -> str:
    """The template with everything in it that has no place among parameters."""
    if beside is not None:
        template = with_put_in(template, NO_CONTAINERS, "Containers", serving_containers(beside))
    if settings.batch is None:
        metric = json.dumps(dimensions(settings), ensure_ascii=False)
        template = with_put_in(template, NO_DIMENSIONS, "Dimensions", metric)
    ((name, content),) = model.items()
    return with_put_in(template, NO_CONTAINER, name, canonical(content))


def pack(
    templates: Templates, state: ModelVersion, deployment: Deployment, install: str, profile: DeploymentProfile
) -> bytes:
    """The bundle of a deployment by a profile, byte for byte the same each time."""
    settings = profile.of(deployment.stage)
    files = {
        CONFIGURATION: canonical(configuration(state, deployment, install, settings)),
        MANIFEST: canonical(manifest(state, deployment)),
        TEMPLATE: templates.removed,
    }
    if not deployment.removes:
        template = templates.batch if settings.batch else templates.endpoint
        model = model_resource(state.sealing.pinned(state.containers), state.sealing.artifacts)
        files[TEMPLATE] = completed(template, model, settings, deployment.beside)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, text in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), text.encode())
    return packed.getvalue()


def unpack(bundle: bytes) -> Mapping[str, Any]:
    """The release manifest inside a bundle. Raises `KeyError` or `zipfile.BadZipFile` for one that is damaged."""
    read: dict[str, Any] = json.loads(contents(bundle)[MANIFEST])
    return read


def key_of(bundle: bytes) -> str:
    """Where a bundle lies in the pipeline bucket: under the hash of its bytes."""
    return f"bundles/{hashlib.sha256(bundle).hexdigest()}.zip"


def contents(bundle: bytes) -> Mapping[str, bytes]:
    """Every file in a bundle, by its name, however it was packed. Raises like `unpack`."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
