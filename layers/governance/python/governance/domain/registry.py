"""What the registry says of a package, in an event or when asked, and what Steward makes of it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel, to_pascal

from governance.domain.artifacts import Container, FurtherSource, SourceForm
from governance.domain.evidence import CARD, FAMILIES, REPORTS, Evidence, EvidenceKind
from governance.domain.identifiers import ModelPackageArn, Person, VersionIdentity, person_behind
from governance.domain.lifecycle import ApprovalStatus, LifeCycle
from governance.domain.values import Instant, digest, sha256_of, whole_second

IRRELEVANT = frozenset({"ModelDataETag", "IsCheckpoint"})
"""Container keys that SageMaker fills in or changes by itself: no part of what was registered."""


class Told(BaseModel):
    """A shape of SageMaker's: read by its names, frozen, and tolerant of fields that are new."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, alias_generator=to_pascal)


class ToldLifeCycle(Told):
    """`ModelLifeCycle` (AWS API: ModelLifeCycle)."""

    stage: str
    stage_status: str
    stage_description: str = ""

    def read(self) -> LifeCycle:
        """In our words."""
        return LifeCycle(stage=self.stage, status=self.stage_status, description=self.stage_description)


class ToldIdentity(Told):
    """`IamIdentity` of a `UserContext`."""

    arn: str = ""
    principal_id: str = ""
    source_identity: str = ""


class ToldUser(Told):
    """`UserContext`: filled from the Studio profile, the IAM identity, or both (AWS API: UserContext)."""

    user_profile_name: str = ""
    iam_identity: ToldIdentity = ToldIdentity()

    def person(self) -> Person | None:
        """The person behind it, or None when SageMaker knows nobody."""
        if not (self.user_profile_name or self.iam_identity.arn):
            return None
        return person_behind(self.iam_identity.arn, self.iam_identity.source_identity, self.user_profile_name)


class ToldCard(Told):
    """`ModelCard` of a package: the card itself, as JSON text (AWS API: ModelPackageModelCard)."""

    model_card_content: str = ""


class PackageChange(Told):
    """The detail of `SageMaker Model Package State Change`, and what Describe says under the same names."""

    model_package_arn: ModelPackageArn
    creation_time: Instant
    last_modified_time: Instant | None = None
    model_package_status: str = "Completed"
    model_approval_status: ApprovalStatus | None = None
    approval_description: str = ""
    model_life_cycle: ToldLifeCycle | None = None
    model_package_registration_type: str = ""
    inference_specification: Mapping[str, Any] = Field(default_factory=dict)
    customer_metadata_properties: Mapping[str, str] = Field(default_factory=dict)
    model_metrics: Mapping[str, Any] = Field(default_factory=dict)
    drift_check_baselines: Mapping[str, Any] = Field(default_factory=dict)
    model_card: ToldCard | None = None
    updated_model_package_fields: tuple[str, ...] | None = None

    @property
    def identity(self) -> VersionIdentity:
        """Which version this is about."""
        return VersionIdentity(arn=self.model_package_arn, created_at=whole_second(self.creation_time))

    @property
    def changed_at(self) -> datetime:
        """The second of the change; a registration without one happened when it was created."""
        return whole_second(self.last_modified_time or self.creation_time)

    @property
    def life_cycle(self) -> LifeCycle | None:
        """The life cycle in our words."""
        return self.model_life_cycle.read() if self.model_life_cycle else None

    @property
    def specification(self) -> str:
        """Digest of the inference specification without what SageMaker changes by itself, order of keys aside."""
        containers = [
            {key: value for key, value in container.items() if key not in IRRELEVANT}
            for container in self.inference_specification.get("Containers", [])
        ]
        return digest({**self.inference_specification, "Containers": containers})

    def decides_like(self, other: "PackageChange") -> bool:
        """Whether both hold the same decision fields."""
        return self.model_approval_status is other.model_approval_status and self.life_cycle == other.life_cycle

    def serves_like(self, other: "PackageChange") -> bool:
        """Whether both name the same containers, what SageMaker fills in aside. Who names none may mean any."""
        ours, theirs = self.containers, other.containers
        same = len(ours) == len(theirs) and all(one.is_like(two) for one, two in zip(ours, theirs, strict=True))
        return same or not ours or not theirs

    @property
    def containers(self) -> tuple[Container, ...]:
        """The containers, in order."""
        return tuple(
            read_container(index, told) for index, told in enumerate(self.inference_specification.get("Containers", []))
        )

    @property
    def card(self) -> str:
        """The text of the model card that lies in the package; empty where there is none."""
        return self.model_card.model_card_content if self.model_card else ""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What the package names as evidence: reports, what monitoring is to compare with, and its own model card."""
        named = [
            *sources(self.model_metrics, "", lambda name: REPORTS.get(name) or FAMILIES.get(name.split(".")[0])),
            *sources(self.drift_check_baselines, "DriftCheckBaselines.", lambda _: EvidenceKind.MONITORING_PLAN),
        ]
        if self.card:
            uri, sha256 = f"{self.model_package_arn}{CARD}", sha256_of(self.card)
            named.append(Evidence(kind=EvidenceKind.MODEL_CARD, report="ModelCard", uri=uri, sha256=sha256))
        return tuple(named)


class PackageDescription(PackageChange):
    """The answer of DescribeModelPackage: the same names, and who created and last modified it."""

    created_by: ToldUser = ToldUser()
    last_modified_by: ToldUser = ToldUser()


def sources(
    families: Mapping[str, Any], prefix: str, kind_of: Callable[[str], EvidenceKind | None]
) -> Iterator[Evidence]:
    """The files that a package names, by family and report, in the order of their names (AWS API: MetricsSource)."""
    for family, reports in sorted(families.items()):
        for report, source in sorted((reports or {}).items()) if isinstance(reports, Mapping | None) else ():
            kind = kind_of(f"{family}.{report}")
            if kind and isinstance(source, Mapping):
                yield Evidence(
                    kind=kind,
                    report=f"{prefix}{family}.{report}",
                    uri=str(source.get("S3Uri", "")),
                    sha256=str(source.get("ContentDigest", "")).removeprefix("sha256:"),
                )


def read_container(index: int, told: Mapping[str, Any]) -> Container:
    """One container in our words, whichever way it names its model data."""
    source = (told.get("ModelDataSource") or {}).get("S3DataSource") or {}
    uri = told.get("ModelDataUrl") or source.get("S3Uri") or ""
    form = form_of(uri, source)
    return Container(
        index=index,
        image=told.get("Image") or "",
        image_digest=told.get("ImageDigest") or "",
        source_uri=uri,
        source_etag=(told.get("ModelDataETag") or "").strip('"'),
        form=form,
        additional_sources=len(told.get("AdditionalModelDataSources") or []) + bool(told.get("AdditionalS3DataSource")),
        further=tuple(further_sources(told)),
        environment=told.get("Environment") or {},
        compression=source.get("CompressionType") or "",
        hostname=told.get("ContainerHostname") or "",
    )


def form_of(uri: str, source: Mapping[str, Any]) -> SourceForm:
    """Whether a source is one object, all objects of a prefix, or nothing (AWS API: S3ModelDataSource)."""
    if not uri:
        return SourceForm.NONE
    is_prefix = source.get("S3DataType") == "S3Prefix" or uri.endswith("/")
    return SourceForm.PREFIX if is_prefix else SourceForm.OBJECT


def further_sources(told: Mapping[str, Any]) -> Iterator[FurtherSource]:
    """Model data beside a container's own (AWS API: ModelPackageContainerDefinition)."""
    named = [
        (one.get("ChannelName") or "", one.get("S3DataSource") or {})
        for one in told.get("AdditionalModelDataSources") or []
    ]
    if told.get("AdditionalS3DataSource"):
        named.append(("AdditionalS3DataSource", told["AdditionalS3DataSource"]))
    for channel, source in named:
        uri = source.get("S3Uri") or ""
        etag = (source.get("ETag") or "").strip('"')
        yield FurtherSource(channel=channel, uri=uri, etag=etag, form=form_of(uri, source))


class Recorded(BaseModel):
    """A shape of CloudTrail's, which writes lower camel case."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, alias_generator=to_camel)


class CallUser(Recorded):
    """`userIdentity` of a CloudTrail record, as far as it tells the person."""

    arn: str = ""
    session_context: Mapping[str, Any] = Field(default_factory=dict)

    def person(self) -> Person | None:
        """The person behind the call, or None where the record names nobody: a service, or an account alone."""
        source_identity = str(self.session_context.get("sourceIdentity", ""))
        return person_behind(self.arn, source_identity) if self.arn or source_identity else None


class CallLifeCycle(Recorded):
    """`modelLifeCycle` as it was asked for."""

    stage: str
    stage_status: str
    stage_description: str = ""


class CallParameters(Recorded):
    """`requestParameters` of `UpdateModelPackage`."""

    model_package_arn: ModelPackageArn
    model_approval_status: ApprovalStatus | None = None
    model_life_cycle: CallLifeCycle | None = None
    inference_specification: Mapping[str, Any] = Field(default_factory=dict)

    @property
    def life_cycle(self) -> LifeCycle | None:
        """The life cycle that was asked for."""
        asked = self.model_life_cycle
        return (
            LifeCycle(stage=asked.stage, status=asked.stage_status, description=asked.stage_description)
            if asked
            else None
        )


class RegistryCall(Recorded):
    """The detail of `AWS API Call via CloudTrail` for `UpdateModelPackage`."""

    event_time: Instant
    user_identity: CallUser
    request_parameters: CallParameters
