"""Look up the images of a version's containers: when it is sealed, and once more before it is deployed.

An image that is gone, or that a registry of ours does not let us see, stands in the way. What a registry denies that is
none of ours does not: many of AWS's own show their images to SageMaker and not to its customers.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from governance.domain.artifacts import Container, Refusal, RefusalCode
from governance.domain.images import SealedImage, Seen, Sight, named
from governance.domain.preflight_images import LOOK_UP
from governance.domain.preflight_statements import statement
from governance.ports.images import Images


@dataclass(frozen=True, slots=True)
class LookingUpImages:
    """Ask registries for images. Changes nothing; asked again it looks again."""

    images: Images
    ours: frozenset[str]
    """Accounts whose registries are ours, so that they can be made to answer."""
    role: str
    """ARN of the role that asks."""

    def look(self, containers: Sequence[Container]) -> tuple[tuple[SealedImage, ...], tuple[Refusal, ...]]:
        """What each container's image was found to be, and what stands in the way. One call for each image."""
        seen = {image: self.images.look(image) for image in dict.fromkeys(one.pinned_image for one in containers)}
        refusals = [refusal for image, one in seen.items() for refusal in self.refusals(image, one)]
        found = tuple(sealed(one, seen[one.pinned_image]) for one in containers)
        return found, tuple(refusals)

    def refusals(self, image: str, seen: Seen) -> Iterable[Refusal]:
        """Why an image must not be deployed, if anything is."""
        if seen.sight is Sight.GONE:
            yield Refusal(code=RefusalCode.IMAGE_MISSING, detail=f"image {image} is not in its registry: {seen.why}")
        told = named(image)
        if seen.sight is Sight.DENIED and told and told.account in self.ours:
            wanted = json.dumps(statement(self.role, LOOK_UP, ""))
            detail = f"image {image} cannot be looked up: {seen.why}"
            way_out = f"to the policy of repository {told.repository} in {told.account} add {wanted}"
            yield Refusal(code=RefusalCode.IMAGE_UNREADABLE, detail=f"{detail}; {way_out}")


def sealed(container: Container, seen: Seen) -> SealedImage:
    """The image of a container as it was seen."""
    unverified = "" if seen.sight is Sight.THERE else seen.why or seen.sight.value
    return SealedImage(
        index=container.index, image=container.pinned_image, digest=seen.digest, unverified=unverified[:500]
    )
