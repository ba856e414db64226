"""What a version consists of is what its endpoint's stack loads: prefixes, single files, several containers."""

import json
from typing import Any

import pytest

from governance.domain.bundle import TEMPLATE as TEMPLATE_FILE
from governance.domain.bundle import contents
from governance.domain.deployment_profile import DeploymentProfile, PublishedProfile
from governance.domain.errors import DeploymentRefused
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.model_resource import model_resource, unservable
from tests.builders import approved, container, group_arn, sealed_artifact
from tests.world import World, open_findings

IMAGE = "repo/i@sha256:1"
ARCHIVE = {"Image": IMAGE, "ModelDataUrl": "s3://dev-bucket/model.tar.gz", "Environment": {"A": "1"}}


def lying(kind: str, compression: str, uri: str, **told: Any) -> dict[str, Any]:
    source = {"S3DataType": kind, "CompressionType": compression, "S3Uri": uri}
    return {"Image": IMAGE, "ModelDataSource": {"S3DataSource": source}, **told}


PREFIX = lying("S3Prefix", "None", "s3://dev-bucket/m/")
FILE = lying("S3Object", "None", "s3://dev-bucket/m/a.bin")
PACKED = lying("S3Object", "Gzip", "s3://dev-bucket/model.tar.gz")


def deployed(world: World, containers: list[dict[str, Any]]) -> dict[str, Any]:
    """What the bundle of its deployment to test, which the last gate lets through, says that the model runs."""
    asked_for(world, containers)
    deployment = world.start(Stage.TEST)
    world.verify(Stage.TEST)
    template = contents(world.bundles.kept[deployment.bundle_key])[TEMPLATE_FILE].decode()
    name, _, told = next(line for line in template.splitlines() if "Container" in line).partition(": ")
    return {name: json.loads(told)}


def asked_for(world: World, containers: list[dict[str, Any]]) -> None:
    world.vault.objects |= {f"s3://dev-bucket/m/{name}": (name, name.encode()) for name in ("a.bin", "b/c.bin")}
    world.vault.objects["s3://dev-bucket/model.tar.gz"] = ("etag-1", b"weights")
    world.register(InferenceSpecification={"Containers": containers})
    world.seal()
    world.tell(approved(60, InferenceSpecification={"Containers": containers}))
    assert "artifacts-not-servable" not in open_findings(world)


def sealed(world: World, index: int = 0) -> str:
    """Where a container's sealed model data is."""
    (found,) = [one.uri for one in world.state().sealing.artifacts if one.index == index]
    assert found.removeprefix("s3://").partition("/")[2].startswith("sealed/")
    return found


def test_one_container_with_an_archive_is_the_primary_one(world):
    (told,) = deployed(world, [ARCHIVE]).values()
    assert told == {"Image": IMAGE, "ModelDataUrl": sealed(world), "Environment": {"A": "1"}}


@pytest.mark.parametrize("own", [PREFIX, FILE], ids=["prefix", "file"])
def test_model_data_that_is_no_archive_is_loaded_as_it_lies(world, own):
    told = deployed(world, [own])["PrimaryContainer"]
    registered = own["ModelDataSource"]["S3DataSource"]
    assert told["ModelDataSource"]["S3DataSource"] == {**registered, "S3Uri": sealed(world)}
    assert sealed(world).endswith("/") == (own is PREFIX)
    assert "ModelDataUrl" not in told


def test_an_archive_is_one_whichever_way_it_was_named(world):
    assert deployed(world, [PACKED])["PrimaryContainer"]["ModelDataUrl"] == sealed(world)


def test_several_containers_are_loaded_in_their_order_each_with_its_own(world):
    bare = {"Image": "repo/rules@sha256:2", "Environment": {"RULES": "strict"}}
    told = deployed(world, [ARCHIVE, bare, PREFIX])["Containers"]
    assert [one["Image"] for one in told] == [IMAGE, "repo/rules@sha256:2", IMAGE]
    assert told[0]["ModelDataUrl"] == sealed(world, 0)
    assert told[1] == bare
    assert told[2]["ModelDataSource"]["S3DataSource"]["S3Uri"] == sealed(world, 2)


def test_containers_keep_their_names_if_all_of_them_have_one(world):
    named = [{**ARCHIVE, "ContainerHostname": "prepare"}, {**PREFIX, "ContainerHostname": "score"}]
    told = deployed(world, named)["Containers"]
    assert [one["ContainerHostname"] for one in told] == ["prepare", "score"]
    half = model_resource([container(hostname="one"), container(index=1)], [])["Containers"]
    assert all("ContainerHostname" not in one for one in half)


def test_a_serverless_endpoint_takes_no_several_containers_and_the_last_gate_says_so(world):
    document = DeploymentProfile.model_validate(
        {"title": "serverless", "stages": {"test": {"serverless": {"memory_mb": 1024, "max_concurrency": 1}}}}
    )
    profile = PublishedProfile(document=document, version=1)
    world.profiles.versions[group_arn(), 1] = profile
    world.groups.save(ModelGroup(arn=group_arn(), deployment_profile=profile, revision=1), 0)
    asked_for(world, [ARCHIVE, PREFIX])
    world.start(Stage.TEST)
    with pytest.raises(DeploymentRefused, match="serverless, which no model of 2 containers can be"):
        world.verify(Stage.TEST)


def test_what_an_earlier_release_did_not_read_in_makes_no_other_container_of_it():
    for known in ({"compression": "None"}, {"hostname": "score"}, {"source_etag": "e2"}):
        assert container().is_like(container(**known))
        assert container(**known).is_like(container())
    assert not container(compression="Gzip").is_like(container(compression="None"))
    assert not container(hostname="score").is_like(container(hostname="rank"))


def test_a_model_has_at_most_fifteen_containers():
    many = [container(index=index) for index in range(16)]
    assert not unservable(many[:15], [sealed_artifact()])
    assert "15" in unservable(many, [sealed_artifact()])
