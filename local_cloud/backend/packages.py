"""Model packages and their groups, keeping every field that AWS keeps."""

from __future__ import annotations

from typing import Any

from botocore.session import get_session
from moto.sagemaker.models import BaseObject, ModelPackage, ModelPackageGroup

from local_cloud.backend import clock
from local_cloud.backend.arns import ResourceArn
from local_cloud.backend.caller import Caller
from local_cloud.backend.errors import ValidationException

MODEL = get_session().get_service_model("sagemaker")
DESCRIBED = frozenset(MODEL.shape_for("DescribeModelPackageOutput").members)  # type: ignore[attr-defined]

TAKEN_BY_MOTO = (
    "ModelPackageDescription",
    "InferenceSpecification",
    "SourceAlgorithmSpecification",
    "ValidationSpecification",
    "ModelApprovalStatus",
    "MetadataProperties",
    "ModelMetrics",
    "CustomerMetadataProperties",
    "DriftCheckBaselines",
    "Domain",
    "Task",
    "SamplePayloadUrl",
    "AdditionalInferenceSpecifications",
    "ClientToken",
    "Tags",
)

DROPPED_BY_MOTO = {
    "ModelCard": "model_card",
    "ModelLifeCycle": "model_life_cycle",
    "ModelPackageRegistrationType": "model_package_registration_type",
    "ManagedStorageType": "managed_storage_type",
    "SecurityConfig": "security_config",
    "SkipModelValidation": "skip_model_validation",
    "SourceUri": "source_uri",
}

REPLACED_ON_UPDATE = {
    "ApprovalDescription": "approval_description",
    "InferenceSpecification": "inference_specification",
    "ModelApprovalStatus": "model_approval_status",
    "ModelCard": "model_card",
    "ModelLifeCycle": "model_life_cycle",
    "ModelPackageRegistrationType": "model_package_registration_type",
    "SourceUri": "source_uri",
}

MOST_CUSTOMER_PROPERTIES = 50


class Group(ModelPackageGroup):
    """A group that counts its versions, remembers its maker, and carries a resource policy."""

    def __init__(self, arn: ResourceArn, params: dict[str, Any], caller: Caller) -> None:
        super().__init__(
            model_package_group_name=arn.name,
            model_package_group_description=params.get("ModelPackageGroupDescription") or "",
            account_id=arn.account,
            region_name=arn.region,
            tags=list(params.get("Tags") or []),
        )
        if not self.model_package_group_description:
            self.model_package_group_description = None  # type: ignore[assignment]
        self.creation_time = clock.whole_second()
        self.created_by = caller.user_context()
        self.policy: str | None = None
        self.versions = 0

    def next_version(self) -> int:
        """Return a number that no version of this group ever had."""
        self.versions += 1
        return self.versions

    def gen_response_object(self) -> dict[str, Any]:
        """Return what DescribeModelPackageGroup answers."""
        described = {**super().gen_response_object(), "CreatedBy": self.created_by}
        return {key: value for key, value in described.items() if value is not None}


class Package(ModelPackage):
    """A model package of which nothing is forgotten, and which a partial update leaves otherwise alone."""

    def __init__(self, arn: ResourceArn, version: int | None, params: dict[str, Any], caller: Caller) -> None:
        known: dict[str, Any] = {name: params.get(member) for member, name in _arguments().items()}
        known["model_package_name"] = arn.group
        known["model_package_group_name"] = arn.group if version else None
        known["certify_for_marketplace"] = bool(params.get("CertifyForMarketplace"))
        super().__init__(
            **known,
            model_package_version=version,
            model_package_type="Versioned" if version else "Unversioned",
            approval_description=None,
            account_id=arn.account,
            region_name=arn.region,
        )
        self.arn = str(arn)
        self.creation_time = self.last_modified_time = clock.whole_second()
        self.created_by = caller.user_context()
        self.model_package_status_details = {"ValidationStatuses": [], "ImageScanStatuses": []}
        if version and self.model_approval_status is None:
            self.model_approval_status = "PendingManualApproval"
        for member, name in DROPPED_BY_MOTO.items():
            setattr(self, name, params.get(member))

    def gen_response_object(self) -> dict[str, Any]:
        """Return what DescribeModelPackage answers."""
        described = {**BaseObject.gen_response_object(self), "ModelPackageArn": self.arn}
        return {key: value for key, value in described.items() if key in DESCRIBED and value is not None}

    def validate_additional_inference_specifications(
        self, additional_inference_specifications: list[dict[str, Any]] | None
    ) -> None:
        """Accept every instance type: moto's list is older than the instance types."""

    def change(self, params: dict[str, Any], caller: Caller) -> None:
        """Apply a partial update: what is not sent stays, customer properties merge key by key."""
        properties = {
            **(self.customer_metadata_properties or {}),
            **(params.get("CustomerMetadataProperties") or {}),
        }
        for key in params.get("CustomerMetadataPropertiesToRemove") or []:
            properties.pop(key, None)
        if len(properties) > MOST_CUSTOMER_PROPERTIES:
            raise ValidationException(
                f"CustomerMetadataProperties cannot hold more than {MOST_CUSTOMER_PROPERTIES} entries."
            )
        self.customer_metadata_properties = properties or None
        for member, name in REPLACED_ON_UPDATE.items():
            if params.get(member) is not None:
                setattr(self, name, params[member])
        if params.get("AdditionalInferenceSpecificationsToAdd"):
            self.add_additional_inference_specifications(params["AdditionalInferenceSpecificationsToAdd"])
        self.last_modified_time = clock.whole_second()
        self.last_modified_by = caller.user_context()


def _arguments() -> dict[str, str]:
    """Return the request members that moto's class takes, with its names for them."""
    return {member: _snake(member) for member in TAKEN_BY_MOTO}


def _snake(member: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in member).lstrip("_")
