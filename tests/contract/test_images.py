"""Whoever is asked for an image tells what is there, what is gone and what may not be seen, and never guesses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from governance.adapters.ecr_images import EcrImages
from governance.domain.images import Seen, Sight
from governance.ports.images import Images
from tests.aws.resources import client
from tests.aws.seam import Seam
from tests.aws.standins import Refused, Repositories
from tests.fakes_of_images import DIGEST, InMemoryImages, Unanswered
from tests.template.translation import DEV, HUB, REGION

REPOSITORY = "credit-risk"
MANIFEST = '{"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "layers": []}'


def image(rest: str, account: str = HUB, region: str = REGION) -> str:
    return f"{account}.dkr.ecr.{region}.amazonaws.com/{REPOSITORY}{rest}"


@dataclass
class Registries:
    """Registries with one image, tagged 7; and how to make them deny, or not answer."""

    images: Images
    digest: str
    deny: Callable[[], None]
    fall_silent: Callable[[], None]


def in_memory() -> Registries:
    fake = InMemoryImages(gone={image(f"@sha256:{'0' * 64}"), image(":8")})
    deny, fall_silent = (lambda: fake.denied.add(REPOSITORY)), (lambda: fake.silent.add(REPOSITORY))
    return Registries(fake, DIGEST, deny, fall_silent)


def as_aws_answers(seam: Seam) -> Registries:
    stand_in = Repositories()
    stand_in.images = {(HUB, REPOSITORY): {DIGEST: "7"}}
    seam.standins = {"ecr": stand_in}

    def answering(code: str) -> Callable[[], None]:
        def refuse(**_: Any) -> Any:
            raise Refused(code, f"{code} said ECR")

        return lambda: setattr(stand_in, "BatchGetImage", refuse)

    return Registries(
        EcrImages(client("ecr")), DIGEST, answering("AccessDeniedException"), answering("ServerException")
    )


@pytest.fixture(params=["in_memory", "as_aws_answers"])
def registries(request: pytest.FixtureRequest) -> Registries:
    return in_memory() if request.param == "in_memory" else as_aws_answers(request.getfixturevalue("seam"))


def test_an_image_that_is_there_tells_its_digest_however_it_is_named(registries: Registries):
    for name in (image(":7"), image(f"@{registries.digest}"), image(f":other@{registries.digest}")):
        assert registries.images.look(name) == Seen(sight=Sight.THERE, digest=registries.digest)


@pytest.mark.parametrize("rest", [":8", f"@sha256:{'0' * 64}"])
def test_an_image_that_is_gone_is_told_with_the_registrys_word(registries: Registries, rest: str):
    seen = registries.images.look(image(rest))
    assert seen.sight is Sight.GONE
    assert "ImageNotFound" in seen.why


def test_what_lies_elsewhere_or_in_another_region_is_told_without_a_call(registries: Registries):
    registries.fall_silent()
    assert registries.images.look("registry.example.com/credit-risk:7").sight is Sight.ELSEWHERE
    assert registries.images.look(image(":7", region="us-east-1")).sight is Sight.GONE


def test_what_may_not_be_seen_is_not_called_gone(registries: Registries):
    registries.deny()
    seen = registries.images.look(image(":7"))
    assert seen.sight is Sight.DENIED
    assert seen.why


def test_a_registry_that_does_not_answer_is_a_failure_to_be_tried_again(registries: Registries):
    registries.fall_silent()
    with pytest.raises((ClientError, Unanswered)):
        registries.images.look(image(":7"))


def test_a_repository_or_a_registry_that_is_not_there_has_no_image(seam: Seam):
    images = as_aws_answers(seam).images
    seen = images.look(image(":7", account=DEV))
    assert seen.sight is Sight.GONE
    assert "does not exist in the registry" in seen.why


@pytest.mark.parametrize(
    ("code", "gone"), [("ImageInaccessible", True), ("KmsError", False), ("UpstreamUnavailable", False)]
)
def test_an_archived_image_is_gone_and_what_ecr_cannot_say_now_is_asked_again(seam: Seam, code: str, gone: bool):
    images = as_aws_answers(seam).images
    seam.standins["ecr"].failure = code
    if gone:
        assert images.look(image(":8")).sight is Sight.GONE
        return
    with pytest.raises(ClientError, match=code):
        images.look(image(":8"))


def test_moto_and_the_stand_in_give_the_same_answers(seam: Seam):
    ecr = client("ecr")
    ecr.create_repository(repositoryName=REPOSITORY)
    digest = ecr.put_image(repositoryName=REPOSITORY, imageManifest=MANIFEST, imageTag="7")["image"]["imageId"][
        "imageDigest"
    ]
    images = EcrImages(ecr)
    account = ecr.describe_repositories()["repositories"][0]["registryId"]
    for name in (image(":7", account), image(f"@{digest}", account)):
        assert images.look(name) == Seen(sight=Sight.THERE, digest=digest)
    assert images.look(image(":8", account)).sight is Sight.GONE
