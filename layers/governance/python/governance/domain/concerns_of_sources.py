"""What is not known of where sealed bytes came from: sources that keep no checksum to compare them with."""

from collections.abc import Iterator

from governance.domain.findings import Concern, Severity
from governance.domain.model_version import ModelVersion


def about_sources(state: ModelVersion) -> Iterator[Concern]:
    """Of each sealed artifact, what of it could not be compared with its source."""
    for artifact in state.sealing.artifacts:
        check = artifact.source_check
        if check is None or not check.unverified:
            continue
        how_many = f"{check.unverified:,} of {check.objects:,} objects, {check.unverified_one} for one"
        what = check.unverified_one if check.objects == 1 else how_many
        yield Concern(
            code="source-unverified", severity=Severity.LOW,
            subject="/".join(filter(None, (state.sealing.effect_id, str(artifact.index), artifact.channel))),
            detail=f"sealed as it was read, and compared with nothing: S3 keeps no checksum of the whole of {what}",
            remedy="upload it with a checksum of the whole object (aws s3api: --checksum-algorithm CRC64NVME, in "
            "parts with --checksum-type FULL_OBJECT), and register the version again",
        )  # fmt: skip
