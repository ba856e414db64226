"""What is asked of the registries that images lie in."""

from typing import Protocol

from governance.domain.images import Seen


class Images(Protocol):
    """Registries of images, this account's and others', looked at and never changed."""

    def look(self, image: str) -> Seen:
        """Whether an image is there, and by which digest.

        A missing image, a missing repository and a missing right are answers. Where a registry does not answer, or
        cannot say, what AWS told of it is raised, to be tried again. One call; none for an image outside of ECR, or in
        another region, from which no endpoint of this one loads.
        """
