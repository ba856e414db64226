"""What is known to be gone is neither sealed nor deployed, and what only SageMaker can see is not held back."""

from typing import Any

import pytest

from governance.domain.bundle import unpack
from governance.domain.errors import DeploymentRefused
from governance.domain.fold import fold
from governance.domain.images import named
from governance.domain.lifecycle import Stage
from governance.domain.sealing import SealingStatus
from governance.services.inventory import images_of
from tests.builders import DEV, HUB, approved, package_arn, specification
from tests.fakes_of_images import DIGEST, InMemoryImages, Unanswered
from tests.world import World, looking_up

OURS = f"{DEV}.dkr.ecr.eu-west-1.amazonaws.com/credit-risk"
PINNED = f"{OURS}@sha256:{'4d' * 32}"
AWS = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn"


def registered(world: World, image: str = f"{OURS}:7", digest: str = f"sha256:{'4d' * 32}") -> dict[str, Any]:
    """A version with such an image is registered, and its sealing tried; returns its specification."""
    told = {"InferenceSpecification": specification(Image=image, ImageDigest=digest)}
    world.register(**told)
    world.seal()
    return told


def findings(world: World) -> dict[str, str]:
    return {one.code: one.detail for one in world.state().findings.values()}


@pytest.mark.parametrize(
    ("image", "account", "region", "repository", "asked"),
    [
        (f"{HUB}.dkr.ecr.eu-west-1.amazonaws.com/a/b:1", HUB, "eu-west-1", "a/b", {"imageTag": "1"}),
        (f"{HUB}.dkr.ecr.eu-west-1.amazonaws.com/a", HUB, "eu-west-1", "a", {"imageTag": "latest"}),
        (f"{HUB}.dkr.ecr.cn-north-1.amazonaws.com.cn/a@sha256:1", HUB, "cn-north-1", "a", {"imageDigest": "sha256:1"}),
        (
            f"{HUB}.dkr.ecr-fips.us-east-1.amazonaws.com/a:1@sha256:2",
            HUB,
            "us-east-1",
            "a",
            {"imageDigest": "sha256:2"},
        ),
        (f"{HUB}.dkr-ecr.eu-west-1.on.aws/a:1", HUB, "eu-west-1", "a", {"imageTag": "1"}),
    ],
)
def test_the_name_of_an_image_in_ecr_tells_whom_to_ask_for_what(image, account, region, repository, asked):
    told = named(image)
    assert told is not None
    assert (told.account, told.region, told.repository, told.id) == (account, region, repository, asked)


@pytest.mark.parametrize("image", ["public.ecr.aws/lambda/python:3.13", "host:5000/repo/image", "repo@sha256:1", ""])
def test_what_does_not_lie_in_a_registry_of_ecr_is_nobodys_to_ask_for(image):
    assert named(image) is None


def test_an_image_that_is_there_is_sealed_with_the_version(world):
    registered(world)
    (image,) = world.state().sealing.images
    assert (image.image, image.digest, image.unverified) == (PINNED, f"sha256:{'4d' * 32}", "")
    assert world.images.asked == [PINNED]


def test_an_image_that_is_gone_is_refused_before_anything_is_copied(world):
    world.images.gone = {PINNED}
    registered(world)
    assert world.state().sealing.status is SealingStatus.REFUSED
    assert world.vault.sealed == {}
    assert PINNED in findings(world)["image-not-found"]


def test_an_image_that_is_pushed_again_lets_the_next_approval_seal(world):
    world.images.gone = {PINNED}
    told = registered(world)
    world.images.gone = set()
    world.tell(approved(60, **told))
    world.seal()
    assert world.state().is_sealed
    assert "image-not-found" not in findings(world)
    assert world.deployment(Stage.TEST)


def test_a_registry_of_ours_that_does_not_let_us_look_is_told_the_statement_to_add(world):
    world.images.denied = {"credit-risk"}
    registered(world)
    assert world.state().sealing.status is SealingStatus.REFUSED
    told = findings(world)["image-unreadable"]
    assert f"repository credit-risk in {DEV}" in told
    assert '"ecr:BatchGetImage"' in told
    assert f'"aws:PrincipalArn": "arn:aws:iam::{HUB}:role/steward-copy-artifacts"' in told


def test_what_a_registry_of_aws_denies_is_on_record_and_stops_nothing(world):
    world.images.denied = {"sagemaker-scikit-learn"}
    told = registered(world, f"{AWS}:1.4-2")
    assert world.state().is_sealed
    assert "ecr:BatchGetImage" in findings(world)["image-unverified"]
    world.tell(approved(60, **told))
    world.start(Stage.TEST)
    world.verify(Stage.TEST)


def test_an_image_that_is_not_in_ecr_is_on_record_as_unverified(world):
    registered(world, "registry.example.com/credit-risk:7")
    assert world.state().is_sealed
    assert world.images.asked == []
    assert "image-unverified" in findings(world)


def test_an_image_of_another_region_is_refused_since_no_endpoint_loads_it(world):
    registered(world, f"{DEV}.dkr.ecr.us-east-1.amazonaws.com/credit-risk:7")
    assert "us-east-1" in findings(world)["image-not-found"]


def test_a_registry_that_does_not_answer_is_asked_again_and_nothing_is_recorded_of_it(world):
    world.images.silent = {"credit-risk"}
    with pytest.raises(Unanswered):
        registered(world)
    assert world.state().sealing.status is SealingStatus.REQUESTED
    world.images.silent = set()
    world.seal()
    assert world.state().is_sealed


def test_what_was_registered_by_tag_is_deployed_by_the_digest_that_the_tag_meant(world):
    told = registered(world, f"{OURS}:7", "")
    assert "image-not-pinned" not in findings(world)
    world.tell(approved(60, **told))
    deployment = world.start(Stage.TEST)
    bundle = world.bundles.kept[deployment.bundle_key]
    assert unpack(bundle)["images"] == [f"{OURS}@{DIGEST}"]
    assert f'"Image":"{OURS}@{DIGEST}"'.encode() in bundle
    world.verify(Stage.TEST)
    assert world.images.asked == [f"{OURS}:7", f"{OURS}@{DIGEST}"]


def test_the_registrys_next_event_does_not_take_a_found_digest_for_a_change(world):
    told = registered(world, f"{OURS}:7", "")
    world.tell(approved(60, **told))
    assert not world.state().specification_changed
    assert world.state().sealing.images[0].digest == DIGEST


def test_a_tag_that_nobody_could_look_up_stays_a_tag_and_says_so(world):
    world.images.denied = {"sagemaker-scikit-learn"}
    registered(world, f"{AWS}:1.4-2", "")
    assert {"image-not-pinned", "image-unverified"} <= set(findings(world))
    (container,) = world.state().sealing.pinned(world.state().containers)
    assert container.pinned_image == f"{AWS}:1.4-2"


def test_another_specification_takes_what_was_found_of_its_images_with_it(world):
    registered(world)
    other = {"InferenceSpecification": specification(Image=f"{OURS}:8", ImageDigest="")}
    world.tell(approved(60, **other))
    assert world.state().sealing.images == ()


def test_an_image_is_asked_for_once_however_many_containers_run_it(world):
    one = specification(Image=f"{OURS}:7")["Containers"][0]
    world.register(InferenceSpecification={"Containers": [one, one]})
    world.seal()
    assert [image.index for image in world.state().sealing.images] == [0, 1]
    assert world.images.asked == [PINNED]


@pytest.mark.parametrize("gone", [True, False])
def test_the_last_gate_refuses_an_image_that_is_gone_or_hidden_since_and_lets_it_pass_once_it_is_back(world, gone):
    told = registered(world)
    world.tell(approved(60, **told))
    world.start(Stage.TEST)
    world.images.gone, world.images.denied = ({PINNED}, set()) if gone else (set(), {"credit-risk"})
    why = "not in its registry" if gone else "cannot be looked up.*to the policy of repository"
    with pytest.raises(DeploymentRefused, match=why):
        world.verify(Stage.TEST)
    world.images.gone, world.images.denied = set(), set()
    world.verify(Stage.TEST)


def test_the_last_gate_gives_no_verdict_on_an_image_while_its_registry_is_silent(world):
    told = registered(world)
    world.tell(approved(60, **told))
    world.start(Stage.TEST)
    world.images.silent = {"credit-risk"}
    with pytest.raises(Unanswered):
        world.verify(Stage.TEST)


def test_a_seal_without_images_is_deployed_as_it_was_registered(world):
    told = registered(world, f"{OURS}:7", "")
    facts = [
        one.model_copy(update={"images": ()}) if one.kind == "artifacts-sealed" else one
        for one in world.ledger.facts(package_arn())
    ]
    state = fold(facts)
    assert state.is_sealed
    assert state.sealing.pinned(state.containers) == state.containers
    assert told


def test_every_refusal_of_several_images_is_told():
    images = InMemoryImages(gone={f"{OURS}:1", f"{OURS}:2"})
    world = World()
    one, two = (specification(Image=f"{OURS}:{tag}", ImageDigest="")["Containers"][0] for tag in (1, 2))
    world.register(InferenceSpecification={"Containers": [one, two]})
    _, refusals = looking_up(images).look(world.state().containers)
    assert [one.code for one in refusals] == ["image-not-found"] * 2


def test_who_looks_at_a_version_sees_its_image_by_digest_and_why_one_is_unverified(world):
    registered(world, f"{OURS}:7", "")
    assert images_of(world.state()) == (f"{OURS}@{DIGEST}",)
    other = World()
    other.images.denied = {"sagemaker-scikit-learn"}
    registered(other, f"{AWS}:1.4-2")
    (told,) = images_of(other.state())
    assert told.startswith(f"{AWS}@sha256:")
    assert "unverified" in told
