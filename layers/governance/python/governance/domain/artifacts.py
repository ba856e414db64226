"""What a version consists of: containers as they were registered, artifacts as they were sealed."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field

from governance.domain.checksums import SourceCheck
from governance.domain.identifiers import Sha256
from governance.domain.images import SealedImage
from governance.domain.values import Instant, Value


class SourceForm(StrEnum):
    """The two forms in which SageMaker names model data, and the case of a container that has none."""

    OBJECT = "object"
    PREFIX = "prefix"
    NONE = "none"


class FurtherSource(Value):
    """Model data that a container names beside its own: an adapter, a tokenizer, a draft model."""

    channel: str
    uri: str
    etag: str = ""
    form: SourceForm


class Container(Value):
    """One container of the inference specification: an image, and the model data that it serves.

    `source_etag` is SageMaker's `ModelDataETag`, the object as it was when the version was registered.
    """

    index: int
    image: str
    image_digest: str = ""
    source_uri: str = ""
    source_etag: str = ""
    form: SourceForm = SourceForm.NONE
    additional_sources: int = 0
    """How many further model data sources the container names."""
    further: tuple[FurtherSource, ...] = ()
    """Which these are; what was recorded before they were read in knows only how many."""
    environment: Mapping[str, str] = Field(default_factory=dict)
    """What the container is told, as it was registered: where its entry point is, for one."""
    compression: str = ""
    """SageMaker's `CompressionType` of its model data; empty for a `ModelDataUrl`, which is an archive."""
    hostname: str = ""
    """SageMaker's `ContainerHostname`: how a container among several is told apart in logs and metrics."""

    def is_like(self, other: "Container") -> bool:
        """Whether it is the same but for ETags, and for what only one of them knows."""
        return self.completed_by(other) == other.completed_by(self)

    def completed_by(self, other: "Container") -> "Container":
        """The same without ETags, and with what the other knows and it does not: recorded before it was read in."""
        return self.model_copy(
            update={
                "source_etag": "",
                "image_digest": self.image_digest or other.image_digest,
                "further": without_etags(self.further or other.further),
                "compression": self.compression or other.compression,
                "hostname": self.hostname or other.hostname,
            }
        )

    def by_digest(self, digest: str) -> "Container":
        """The same with its image by digest. One that is named by digest stays as it is."""
        return self.model_copy(update={"image_digest": digest})

    @property
    def pinned_image(self) -> str:
        """The image by digest where one is known: `repository@sha256:…`, without its tag."""
        if not self.image_digest or "@" in self.image:
            return self.image
        head, slash, last = self.image.rpartition("/")
        return f"{head}{slash}{last.split(':')[0]}@{self.image_digest}"


def without_etags(sources: tuple[FurtherSource, ...]) -> tuple[FurtherSource, ...]:
    """Further sources, whatever SageMaker fills in of their ETags."""
    return tuple(one.model_copy(update={"etag": ""}) for one in sources)


class ObjectVersion(Value):
    """One version of one object in the hub's bucket: what is locked, and held."""

    bucket: str
    key: str
    version_id: str

    @property
    def name(self) -> str:
        """How people are told of it."""
        return f"s3://{self.bucket}/{self.key} version {self.version_id}"


class Manifest(Value):
    """The list of what a sealed prefix consists of: a locked object of its own, beside what it lists."""

    key: str
    version_id: str
    sha256: Sha256
    """Of the list's own bytes: names, sizes, checksums and version ids."""
    objects: int


class SealedArtifact(Value):
    """One artifact in the hub: copied, checksummed, and locked in this very object version.

    Of a prefix, `key` is the sealed prefix, `sha256` the digest of what it consists of, and the version that of its
    manifest. Of an object copied in parts, `sha256` is that of the parts' SHA-256s one after the other, as S3 tells it.
    """

    index: int
    source_uri: str
    source_etag: str
    bucket: str
    key: str
    version_id: str
    size: int
    """In bytes."""
    sha256: Sha256
    locked_until: Instant
    form: SourceForm = SourceForm.OBJECT
    channel: str = ""
    """Empty for a container's own model data, else the name of the further source."""
    parts: int = 0
    """In how many parts it was copied; 0 for one that was copied whole."""
    manifest: Manifest | None = None
    """Of a prefix only."""
    source_check: SourceCheck | None = None
    """What its bytes were compared with; None of what was sealed before Steward recorded it."""

    @property
    def uri(self) -> str:
        """Where the sealed bytes are, as an `s3://` URI; of a prefix with a slash at its end."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def stored(self) -> ObjectVersion:
        """The object version that holds them; of a prefix the one that lists them, and stands for all of them."""
        if self.manifest:
            return ObjectVersion(bucket=self.bucket, key=self.manifest.key, version_id=self.manifest.version_id)
        return ObjectVersion(bucket=self.bucket, key=self.key, version_id=self.version_id)


class RefusalCode(StrEnum):
    """Why artifacts could not be sealed. Each is a finding of the same name."""

    MISSING = "artifact-missing"
    UNREADABLE = "artifact-unreadable"
    CHANGED = "artifact-changed"
    CORRUPT = "artifact-corrupt"
    PREFIX = "artifact-is-a-prefix"
    TOO_LARGE = "artifact-too-large"
    SEVERAL = "several-containers"
    ADDITIONAL = "additional-model-data"
    ABSENT = "no-artifact"
    IMAGE_MISSING = "image-not-found"
    IMAGE_UNREADABLE = "image-unreadable"
    BROKEN = "sealing-failed"


class Refusal(Value):
    """An artifact that was not sealed, and why."""

    code: RefusalCode
    detail: str


class CopyOrder(Value):
    """One artifact to copy, and when its version was registered.

    Of its container only what copying needs: orders lie in the history of executions, and 256 KiB hold all of them.
    """

    container: Container
    registered_at: Instant
    channel: str = ""
    """Empty for the container's own model data, else the name of the further source that this is."""


def orders_of(container: Container, registered_at: Instant) -> tuple[CopyOrder, ...]:
    """Everything of a container that is to be sealed: its own model data, and each further source, by its channel."""
    own = FurtherSource(channel="", uri=container.source_uri, etag=container.source_etag, form=container.form)
    return tuple(
        CopyOrder(
            container=Container(
                index=container.index, image="", source_uri=one.uri, source_etag=one.etag, form=one.form
            ),
            registered_at=registered_at,
            channel=one.channel,
        )
        for one in (*([own] if container.source_uri else []), *container.further)
    )


class SealingPlan(Value):
    """What is to be copied. Nothing, when the sealing is over, under way, or was refused before any copy."""

    orders: tuple[CopyOrder, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    is_under_way: bool = False
    """Whether another execution is at it."""
    images: tuple[SealedImage, ...] = ()
    """What the containers' images were found to be."""

    @property
    def handed_on(self) -> dict[str, Any]:
        """As the state machine hands it on: without what is as it is by default, for the size of a state is limited."""
        told = self.model_dump(mode="json", include={"images", "is_under_way"})
        orders = [one.model_dump(mode="json", exclude_defaults=True) for one in self.orders]
        return {**told, "artifacts": orders, "proceed": bool(orders)}
