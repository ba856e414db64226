"""What is wrong with the images of a version: what nobody could look up."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from governance.domain.artifacts import RefusalCode
from governance.domain.findings import Concern, Severity

if TYPE_CHECKING:
    from governance.domain.model_version import ModelVersion

PUT_IT_RIGHT = "put it right, then approve the version again; or register a new one"
REMEDIES = {
    RefusalCode.IMAGE_MISSING: "push the image again, or take it back from the archive; then approve the version again",
    RefusalCode.IMAGE_UNREADABLE: "add the statement, then approve the version again; steward preflight --image shows "
    "whether it is there",
}
"""The way out where it is not that of an artifact."""


def remedy(code: RefusalCode) -> str:
    """The way out of a refused sealing."""
    return REMEDIES.get(code, PUT_IT_RIGHT)


def about_images(state: "ModelVersion") -> Iterator[Concern]:
    """Images that are deployed as they were registered, because nobody could see whether they are there."""
    for one in state.sealing.images:
        if one.unverified:
            yield Concern(
                code="image-unverified", severity=Severity.LOW, subject=f"{state.sealing.effect_id}/{one.index}",
                detail=f"whether image {one.image} is in its registry could not be seen: {one.unverified}",
                remedy="none is needed where the registry is one of AWS's own; else let the hub look, as steward "
                "preflight --image says, and name its account in ImageAccountIds",
            )  # fmt: skip
