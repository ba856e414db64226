"""Where a version's record names an image, a piece of data or another version: now, and before it was changed.

Pure. Only what the record says is looked at: what stands inside a document that is evidence, or inside an image or a
container's code, nobody here reads.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum

from governance.domain.artifacts import Container, SealedArtifact
from governance.domain.evidence_facts import EvidenceCollected, EvidenceRequested
from governance.domain.facts import AnyFact, ArtifactsSealed, MetricsReported, RegistryObserved
from governance.domain.imported import VersionImported
from governance.domain.model_version import ModelVersion
from governance.domain.values import Instant, Value

HASH = re.compile(r"^(?:sha256:)?([0-9a-f]{64})$", re.IGNORECASE)
"""A SHA-256, as it stands by itself or as image digests are written."""

IMAGE = re.compile(
    r"^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?/[a-z0-9._/-]+(?::[\w.-]+)?(?:@sha256:([0-9a-f]{64}))?$", re.IGNORECASE
)
"""An image by the host of its registry and its repository, with a tag, a digest, both or neither."""

PACKAGE = re.compile(r"^arn:[a-z-]+:sagemaker:[a-z0-9-]+:\d{12}:model-package/.+$")


class Form(StrEnum):
    """What can be looked for."""

    HASH = "hash"
    URI = "uri"
    IMAGE = "image"
    PACKAGE = "package"


class Sought(Value):
    """What is looked for, and the form in which it was named."""

    form: Form
    text: str

    def is_named_by(self, told: str) -> bool:
        """Whether a text of the record names it: exactly, or by a prefix that holds it, or as part of what is asked."""
        match self.form:
            case Form.HASH:
                return self.text in told.lower()
            case Form.URI:
                return lies_in(told, self.text) or (told.endswith("/") and lies_in(self.text, told))
            case Form.IMAGE:
                return self.text in {told, told.partition("@")[0], untagged(told)}
            case Form.PACKAGE:
                return self.text == told


def sought(text: str) -> Sought | None:
    """What somebody looks for: an S3 URI, a SHA-256, an image or a model package; None for anything else."""
    if text.startswith("s3://") and len(text) > len("s3://"):
        return Sought(form=Form.URI, text=text)
    if found := HASH.match(text):
        return Sought(form=Form.HASH, text=found[1].lower())
    if PACKAGE.match(text):
        return Sought(form=Form.PACKAGE, text=text)
    image = IMAGE.match(text)
    if image is None:
        return None
    return Sought(form=Form.HASH, text=image[1].lower()) if image[1] else Sought(form=Form.IMAGE, text=text)


def lies_in(uri: str, place: str) -> bool:
    """Whether something lies at an S3 URI, or under it."""
    return uri.startswith("s3://") and (uri == place or uri.startswith(f"{place.rstrip('/')}/"))


def untagged(image: str) -> str:
    """An image by registry and repository alone."""
    head, slash, last = image.partition("@")[0].rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


class Naming(Value):
    """One way in which a record names something."""

    what: str
    """As what: `image`, `model data`, `sealed copy`, `evidence (bias)`, `validated on (test)`, `property x`."""
    named: str
    since: Instant
    now: bool
    """Whether it does so still; else what the version consists of, or rests on, was another then."""


def namings(facts: Iterable[AnyFact], state: ModelVersion, what: Sought) -> tuple[Naming, ...]:
    """Every way in which a record names something, each once: since when first, and whether still."""
    found: dict[tuple[str, str], Naming] = {}
    for one in every_naming(facts, state):
        if not what.is_named_by(one.named):
            continue
        known = found.get((one.what, one.named), one)
        merged = {"since": min(known.since, one.since), "now": known.now or one.now}
        found[one.what, one.named] = known.model_copy(update=merged)
    return tuple(sorted(found.values(), key=lambda one: (not one.now, one.since, one.what, one.named)))


def every_naming(facts: Iterable[AnyFact], state: ModelVersion) -> Iterator[Naming]:
    """All that a record names."""
    kinds: dict[str, str] = {}
    pieces = {piece.effect_id for piece in state.pieces}
    for fact in sorted(facts, key=lambda one: one.position):
        at = fact.effective_at
        match fact:
            case RegistryObserved():
                yield from of_the_package(fact, state)
            case ArtifactsSealed():
                is_now = fact.effect_id == state.sealing.effect_id
                yield from (one for artifact in fact.artifacts for one in of_sealed(artifact, at, is_now))
            case EvidenceRequested():
                kinds[fact.effect_id] = fact.evidence
                is_now = fact.effect_id in pieces
                yield from all_of(f"evidence ({fact.evidence})", (fact.uri, fact.claimed), at, is_now)
            case EvidenceCollected():
                kind = kinds.get(fact.effect_id, "of a kind that is not on record")
                yield from all_of(f"evidence ({kind})", (fact.sha256,), at, fact.effect_id in pieces)
            case MetricsReported():
                is_now = state.stage(fact.stage).measured_on == fact.validation_set
                yield from all_of(f"validated on ({fact.stage})", (fact.validation_set,), at, is_now)
            case VersionImported():
                yield from all_of("imported from", (fact.source.arn,), at, True)


def all_of(what: str, texts: Iterable[str], at: datetime, now: bool) -> Iterator[Naming]:
    """Each text that says anything."""
    yield from (Naming(what=what, named=text, since=at, now=now) for text in texts if text)


def of_the_package(fact: RegistryObserved, state: ModelVersion) -> Iterator[Naming]:
    """What the package names: images, model data, reports, and whatever its properties say."""
    at, is_now = fact.effective_at, fact.specification == state.specification
    for container in fact.containers:
        yield from of_container(container, at, is_now)
    for report in fact.evidence:
        yield from all_of(f"evidence ({report.kind})", (report.uri, report.sha256), at, report in state.evidence)
    for name, value in fact.properties.items():
        yield from all_of(f"property {name}", (value,), at, state.properties.get(name) == value)


def of_container(container: Container, at: datetime, now: bool) -> Iterator[Naming]:
    """What a container names."""
    yield from all_of("image", (container.pinned_image, container.image), at, now)
    yield from all_of("model data", (container.source_uri,), at, now)
    for source in container.further:
        yield from all_of(f"model data ({source.channel})", (source.uri,), at, now)
    for name, value in container.environment.items():
        yield from all_of(f"environment {name}", (value,), at, now)


def of_sealed(artifact: SealedArtifact, at: datetime, now: bool) -> Iterator[Naming]:
    """What was sealed: where it came from, where it lies, and its hash."""
    yield from all_of("model data", (artifact.source_uri,), at, now)
    yield from all_of("sealed copy", (artifact.uri, artifact.sha256), at, now)
