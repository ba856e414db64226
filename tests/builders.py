"""Builders that mention only what a test is about, and a clock that the test moves."""

from datetime import UTC, datetime, timedelta
from typing import Any

from governance.domain import facts as f
from governance.domain.artifacts import Container, SealedArtifact, SourceForm
from governance.domain.identifiers import Person, VersionIdentity
from governance.domain.lifecycle import ApprovalStatus, LifeCycle
from governance.domain.people import Pseudonyms
from governance.domain.registry import PackageChange, PackageDescription, RegistryCall

HUB, DEV, TEST, PROD = "444455556666", "111122223333", "555566667777", "777788889999"
REGION = "eu-west-1"
BORN = datetime(2026, 10, 12, 9, 14, 3, tzinfo=UTC)
ADA = Person(id="ada.lovelace", arn=f"arn:aws:sts::{DEV}:assumed-role/steward-data-scientist/ada.lovelace")
MARY = Person(id="mary.jackson", arn=f"arn:aws:sts::{HUB}:assumed-role/steward-model-owner/mary.jackson")
KATHERINE = Person(id="katherine.johnson", arn=f"arn:aws:sts::{HUB}:assumed-role/steward-officer/katherine.johnson")
WRITER = f"arn:aws:sts::{HUB}:assumed-role/steward-write-back"
"""The role that writes to the registry, as records know it."""

PERSON_KEY = "k" * 64
"""The key that people's ids are made with in the tests."""


def on_record(person: Person) -> Person:
    """Somebody as records know them: by an id, and by the role without the session."""
    return Pseudonyms(PERSON_KEY).person(person)


class Clock:
    """Steward's clock: moves on by a little whenever it is read, and by more when a test says so."""

    def __init__(self, start: datetime = BORN + timedelta(milliseconds=400)) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def package_arn(group: str = "credit-risk-pd", version: int = 7) -> str:
    return f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/{group}/{version}"


def group_arn(group: str = "credit-risk-pd") -> str:
    return f"arn:aws:sagemaker:{REGION}:{HUB}:model-package-group/{group}"


def identity(group: str = "credit-risk-pd", version: int = 7, created_at: datetime = BORN) -> VersionIdentity:
    return VersionIdentity(arn=package_arn(group, version), created_at=created_at)


def after(seconds: float) -> datetime:
    """A moment in the life of a version that was registered at `BORN`."""
    return BORN + timedelta(seconds=seconds)


def specification(url: str = "s3://dev-bucket/model.tar.gz", etag: str = "etag-1", **container: Any) -> dict[str, Any]:
    image = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.4-2"
    told = {"Image": image, "ImageDigest": f"sha256:{'4d' * 32}", "ModelDataUrl": url, "ModelDataETag": etag}
    return {"Containers": [{**told, **container}], "SupportedContentTypes": ["text/csv"]}


def told(at: float = 0, approval: str | None = "PendingManualApproval", **fields: Any) -> dict[str, Any]:
    """The detail of a package event, at so many seconds after registration."""
    arn = fields.pop("arn", package_arn())
    return {
        "ModelPackageArn": arn,
        "CreationTime": BORN.isoformat(),
        "LastModifiedTime": after(at).isoformat(),
        "ModelPackageStatus": "Completed",
        "InferenceSpecification": specification(),
        **({"ModelApprovalStatus": approval} if approval else {}),
        **fields,
    }


def change(at: float = 0, approval: str | None = "PendingManualApproval", **fields: Any) -> PackageChange:
    return PackageChange.model_validate(told(at, approval, **fields))


def approved(at: float = 60, **fields: Any) -> PackageChange:
    return change(at, "Approved", UpdatedModelPackageFields=["ModelApprovalStatus"], **fields)


def rejected(at: float = 60, **fields: Any) -> PackageChange:
    return change(at, "Rejected", UpdatedModelPackageFields=["ModelApprovalStatus"], **fields)


def moved(at: float, stage: str, status: str, approval: str = "Approved", **fields: Any) -> PackageChange:
    """A life-cycle move."""
    life_cycle = {"Stage": stage, "StageStatus": status, "StageDescription": f"{stage} {status}"}
    return change(at, approval, ModelLifeCycle=life_cycle, UpdatedModelPackageFields=["ModelLifeCycle"], **fields)


def described(change: PackageChange, by: Person = MARY, registered_by: Person = ADA) -> PackageDescription:
    """What Describe says while a change is the latest."""
    content = change.model_dump(mode="json", by_alias=True, exclude={"updated_model_package_fields"})
    users = {"CreatedBy": user(registered_by), "LastModifiedBy": user(by)}
    return PackageDescription.model_validate({**content, **users})


def user(person: Person) -> dict[str, Any]:
    return {"IamIdentity": {"Arn": person.arn, "PrincipalId": "AROA:x"}}


def call(at: float, by: Person = MARY, **parameters: Any) -> RegistryCall:
    """CloudTrail's record of an UpdateModelPackage."""
    return RegistryCall.model_validate(
        {
            "eventTime": after(at).isoformat(),
            "userIdentity": {"arn": by.arn},
            "requestParameters": {"modelPackageArn": package_arn(), **parameters},
        }
    )


def observed(at: float = 0, approval: str = "PendingManualApproval", **fields: Any) -> f.RegistryObserved:
    """A registry fact."""
    content = {
        "model": identity(),
        "effective_at": after(at),
        "recorded_at": after(at + 1),
        "approval": ApprovalStatus(approval),
        "life_cycle": None,
        "specification": "a" * 64,
        "package_status": "Completed",
        "registered_by": ADA,
        "changed_by": MARY,
        "containers": (container(),),
        "updated": ("ModelApprovalStatus",) if at else None,
    }
    return f.RegistryObserved.model_validate({**content, **fields})


def life_cycle(stage: str, status: str) -> LifeCycle:
    return LifeCycle(stage=stage, status=status)


def container(**fields: Any) -> Container:
    told = {"index": 0, "image": "repo/image:1", "image_digest": f"sha256:{'4d' * 32}", "form": SourceForm.OBJECT}
    return Container.model_validate(
        {**told, "source_uri": "s3://dev-bucket/model.tar.gz", "source_etag": "e1", **fields}
    )


def sealed_artifact(**fields: Any) -> SealedArtifact:
    told = {
        "index": 0,
        "source_uri": "s3://dev-bucket/model.tar.gz",
        "source_etag": "etag-1",
        "bucket": "hub-artifacts",
        "key": f"sealed/{'b' * 64}/model.tar.gz",
        "version_id": "v1",
        "size": 10,
        "sha256": "b" * 64,
        "locked_until": after(86400),
    }
    return SealedArtifact.model_validate({**told, **fields})
