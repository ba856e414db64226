"""The needs of images: who has to be let into a repository, to load from it or only to look."""

from collections.abc import Callable, Iterator, Sequence

from governance.domain.environment import Environment
from governance.domain.images import named
from governance.domain.preflight import Kind, Need, Place
from governance.domain.preflight_statements import statement

PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
"""What pulling an image takes (ECR user guide, "Repository policy examples")."""
LOOK_UP = ("ecr:BatchGetImage",)
"""What it takes to see that an image is there: its manifest, and none of its layers."""


def of_images(
    images: Sequence[str], role: Callable[[str, str], str], hub: str, environments: Sequence[Environment]
) -> Iterator[Need]:
    """What lets the hub look images up, and endpoints pull them.

    Nobody knows which before a version is registered, so that they are named. A repository of the hub's own shows its
    images to every role of the hub that may look.
    """
    for image in images:
        told = named(image)
        for name in ("copy-artifacts", "verify-deployment") if told and told.account != hub else ():
            yield into(image, hub, role(hub, name), "the hub looks images up", LOOK_UP)
    for environment in environments:
        who = role(environment.account, "model-execution")
        for image in images or ("",):
            yield into(image, environment.account, who, f"endpoints in {environment.called} pull their image", PULL)


def into(image: str, account: str, who: str, what: str, actions: tuple[str, ...]) -> Need:
    """That a role is let into the repository of an image; into one of an account, of an image that nobody named."""
    told = named(image)
    place = Place(kind=Kind.IMAGE, account=told.account if told else account, name=told.repository if told else "")
    return Need(what=what, place=place, principal=who, actions=actions, add=statement(who, actions, ""))
