"""Registries of images in memory. Each answers to the same contract test as the real adapter."""

from dataclasses import dataclass, field

from governance.domain.images import Seen, Sight, named

DIGEST = f"sha256:{'6e' * 32}"
"""What an image is found to be that was named by tag."""


class Unanswered(Exception):
    """A registry that does not answer."""


@dataclass
class InMemoryImages:
    """`ports.Images`: every image of ECR is there, but for those that are gone, denied or not told of."""

    region: str = "eu-west-1"
    gone: set[str] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)
    """Repositories that do not let us look."""
    silent: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def look(self, image: str) -> Seen:
        name = named(image)
        if name is None:
            return Seen(sight=Sight.ELSEWHERE, why="it does not lie in a private registry of ECR")
        if name.region != self.region:
            return Seen(sight=Sight.GONE, why=f"it lies in {name.region}")
        self.asked.append(image)
        if name.repository in self.silent:
            raise Unanswered(image)
        if name.repository in self.denied:
            return Seen(sight=Sight.DENIED, why="no resource-based policy allows the ecr:BatchGetImage action")
        if image in self.gone:
            return Seen(sight=Sight.GONE, why="ImageNotFound: Requested image not found")
        return Seen(sight=Sight.THERE, digest=name.digest or DIGEST)
