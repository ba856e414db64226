"""The image that a container runs: where it is said to lie, and what was found when its registry was asked.

A registry's name tells its account and region (ECR user guide: "Amazon ECR private registries"). A tag can be moved to
another image; a digest cannot.
"""

import re
from enum import StrEnum

from governance.domain.values import Value

REGISTRY = re.compile(
    r"(?P<account>[0-9]{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.[a-z.]+"
    r"/(?P<repository>[^:@\s]+)(?::(?P<tag>[^@\s]+))?(?:@(?P<digest>\S+))?"
)
"""An image in a private registry of ECR, by its host of either form, its tag and its digest."""

LATEST = "latest"
"""The tag of an image that is named without one (Docker: image references)."""


class ImageName(Value):
    """An image in ECR, by everything that its name says."""

    account: str
    region: str
    repository: str
    tag: str = ""
    digest: str = ""

    @property
    def id(self) -> dict[str, str]:
        """How ECR is asked for it: by digest where one is known (ECR API: ImageIdentifier)."""
        return {"imageDigest": self.digest} if self.digest else {"imageTag": self.tag or LATEST}


def named(image: str) -> ImageName | None:
    """What an image's name says; None for one that does not lie in ECR."""
    told = REGISTRY.fullmatch(image)
    return ImageName(**{key: value or "" for key, value in told.groupdict().items()}) if told else None


class Sight(StrEnum):
    """What a registry answers when it is asked for an image."""

    THERE = "there"
    GONE = "gone"
    DENIED = "denied"
    ELSEWHERE = "elsewhere"
    """It lies in no registry that can be asked."""


class Seen(Value):
    """What was seen of an image: its digest where it is there, else why nobody can say so."""

    sight: Sight
    digest: str = ""
    why: str = ""


class SealedImage(Value):
    """The image of one container as it was found when the version was sealed."""

    index: int
    image: str
    """As it was registered, by digest where one was."""
    digest: str = ""
    """What it was found to be; empty where nobody could look."""
    unverified: str = ""
    """Why nobody could look; empty where it was there."""
