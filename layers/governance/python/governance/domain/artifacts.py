"""What a version consists of: containers as they were registered, artifacts as they were sealed."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from governance.domain.identifiers import Sha256
from governance.domain.values import Instant, Value


class SourceForm(StrEnum):
    """The two forms in which SageMaker names model data, and the case of a container that has none."""

    OBJECT = "object"
    PREFIX = "prefix"
    NONE = "none"


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
    environment: Mapping[str, str] = Field(default_factory=dict)
    """What the container is told, as it was registered: where its entry point is, for one."""

    def is_like(self, other: "Container") -> bool:
        """Whether it is the same but for the ETag, and for a digest that only one of them knows."""
        either = self.image_digest or other.image_digest
        return self.model_copy(
            update={"source_etag": other.source_etag, "image_digest": self.image_digest or either}
        ) == other.model_copy(update={"image_digest": other.image_digest or either})

    @property
    def pinned_image(self) -> str:
        """The image by digest where one is known: `repository@sha256:…`, without its tag."""
        if not self.image_digest or "@" in self.image:
            return self.image
        head, slash, last = self.image.rpartition("/")
        return f"{head}{slash}{last.split(':')[0]}@{self.image_digest}"


class ObjectVersion(Value):
    """One version of one object in the hub's bucket: what is locked, and held."""

    bucket: str
    key: str
    version_id: str

    @property
    def name(self) -> str:
        """How people are told of it."""
        return f"s3://{self.bucket}/{self.key} version {self.version_id}"


class SealedArtifact(Value):
    """One artifact in the hub: copied, checksummed, and locked in this very object version."""

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

    @property
    def uri(self) -> str:
        """Where the sealed bytes are, as an `s3://` URI."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def stored(self) -> ObjectVersion:
        """The object version that holds them."""
        return ObjectVersion(bucket=self.bucket, key=self.key, version_id=self.version_id)


class RefusalCode(StrEnum):
    """Why artifacts could not be sealed. Each is a finding of the same name."""

    MISSING = "artifact-missing"
    UNREADABLE = "artifact-unreadable"
    CHANGED = "artifact-changed"
    PREFIX = "artifact-is-a-prefix"
    TOO_LARGE = "artifact-too-large"
    SEVERAL = "several-containers"
    ADDITIONAL = "additional-model-data"
    ABSENT = "no-artifact"
    BROKEN = "sealing-failed"


class Refusal(Value):
    """An artifact that was not sealed, and why."""

    code: RefusalCode
    detail: str


class CopyOrder(Value):
    """One artifact to copy, and when its version was registered."""

    container: Container
    registered_at: Instant


class SealingPlan(Value):
    """What is to be copied. Nothing, when the sealing is over or was refused before any copy."""

    orders: tuple[CopyOrder, ...] = ()
    refusals: tuple[Refusal, ...] = ()
