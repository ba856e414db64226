"""The last gate: one execution gets through, with the very bundle of its deployment, while all it rests on holds."""

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from governance.domain.bundle import Templates, contents, key_of, pack
from governance.domain.deployment_profile import BUILT_IN
from governance.domain.errors import ClaimHeld, DeploymentRefused
from governance.domain.lifecycle import DeploymentStatus, Stage
from governance.domain.told_of_deployments import Passage
from tests.builders import KATHERINE, approved, package_arn, rejected
from tests.fakes import InMemoryBundles
from tests.world import ENVIRONMENTS, TEMPLATE, World


def started(world: World) -> Any:
    """A deployment to test whose execution has begun."""
    world.register()
    world.seal()
    world.tell(approved(60))
    return world.start(Stage.TEST)


def test_a_second_execution_of_a_deployment_fails_at_the_claim_and_harms_nothing(world):
    world.register()
    world.seal()
    world.tell(approved(60))
    first = world.start(Stage.TEST).execution_id
    world.pipelines.forgetful = True
    asked = world.pipelines.executions[first]
    second = world.pipelines.start(ENVIRONMENTS[Stage.TEST], "token", "bundle", asked.variables)
    world.verify(Stage.TEST, first)
    with pytest.raises(ClaimHeld):
        world.verify(Stage.TEST, second)
    world.end(Stage.TEST, "Failed", "ClaimHeld", execution=second)
    assert world.deployment(Stage.TEST).status is DeploymentStatus.DEPLOYING
    world.end(Stage.TEST, execution=first)
    assert world.deployment(Stage.TEST).status is DeploymentStatus.DEPLOYED


def test_the_last_gate_refuses_what_is_no_longer_approved(world):
    world.register()
    world.seal()
    world.tell(approved(60))
    world.start(Stage.TEST)
    world.tell(rejected(70))
    with pytest.raises(DeploymentRefused, match="not approved"):
        world.verify(Stage.TEST)


def test_the_last_gate_refuses_a_bundle_that_rests_on_another_approval_than_the_record(world):
    """Rejected on its way, and approved by somebody else: the deployment of that approval is another one."""
    deployment = started(world)
    world.tell(rejected(70))
    world.tell(approved(80), by=KATHERINE)
    assert world.state().may_run(deployment)
    with pytest.raises(DeploymentRefused) as refused:
        world.verify(Stage.TEST)
    now = world.state().stage(Stage.DEVELOPMENT)
    for name, said in (("approved_by", now.decided_by.id), ("approval", now.verdict.decision)):
        assert f"the manifest says {name} " in str(refused.value)
        assert f"the record {said!r}" in str(refused.value)


def test_the_last_gate_refuses_a_bundle_or_an_artifact_that_was_changed(world):
    world.register()
    world.seal()
    world.tell(approved(60))
    deployment = world.start(Stage.TEST)
    world.bundles.kept[deployment.bundle_key] += b"something more"
    world.vault.sealed = dict.fromkeys(world.vault.sealed, b"other weights")
    with pytest.raises(DeploymentRefused) as refused:
        world.verify(Stage.TEST)
    assert "hash it is named by" in str(refused.value)
    assert "not what was sealed" in str(refused.value)


def test_the_last_gate_refuses_what_the_pipeline_would_deploy_in_the_place_of_its_bundle(world):
    """The bundle is as it was; the copy that the next action deploys is not."""
    deployment = started(world)
    altered = io.BytesIO(world.bundles.kept[deployment.bundle_key])
    with zipfile.ZipFile(altered, "a") as archive:
        archive.writestr("more.yaml", "Resources: {}")
    world.bundles.kept[f"steward-deploy-test/Bundle/{deployment.execution_id}"] = altered.getvalue()
    with pytest.raises(DeploymentRefused, match="altered on the way"):
        world.verify(Stage.TEST)


def test_it_does_not_matter_how_the_pipeline_packs_its_copy(world):
    deployment = started(world)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in reversed(contents(world.bundles.kept[deployment.bundle_key]).items()):
            archive.writestr(name, content)
    world.bundles.kept[f"steward-deploy-test/Bundle/{deployment.execution_id}"] = packed.getvalue()
    world.verify(Stage.TEST)


@pytest.mark.parametrize("known", [True, False], ids=["bundle on record", "execution not on record yet"])
def test_the_last_gate_refuses_another_bundle_that_says_the_same_of_the_version(world, known):
    """Somebody's own template, under its own hash, with the very manifest of the deployment."""
    world.register()
    world.seal()
    world.tell(approved(60))
    deployment = world.start(Stage.TEST) if known else world.deployment(Stage.TEST)
    other = world.bundles.put(
        pack(
            Templates(endpoint=f"{TEMPLATE.endpoint} # and more", batch="", removed=""),
            world.state(),
            deployment,
            "steward",
            BUILT_IN.document,
        )
    )
    with pytest.raises(DeploymentRefused, match="is not the bundle of"):
        world.knock(package_arn(), Stage.TEST, deployment.id, deployment.execution_id or "e-1", other)


def test_an_execution_that_comes_before_its_start_is_on_record_is_let_through_with_the_rightful_bundle(world):
    world.register()
    world.seal()
    world.tell(approved(60))
    deployment = world.deployment(Stage.TEST)
    bundle = world.bundles.put(pack(TEMPLATE, world.state(), deployment, "steward", BUILT_IN.document))
    world.knock(package_arn(), Stage.TEST, deployment.id, "e-1", bundle)
    assert world.deployment(Stage.TEST).claimed_by == "e-1"


def test_an_execution_that_hands_over_nothing_is_refused(world):
    deployment = started(world)
    told = {"version": package_arn(), "stage": Stage.TEST, "deployment_id": deployment.id}
    wanted = Passage(**told, execution_id=deployment.execution_id, bundle_key=deployment.bundle_key, artifact_key="")
    with pytest.raises(DeploymentRefused, match="hands over no bundle"):
        world.gatekeeping.verify(wanted, "c")


class Altering(InMemoryBundles):
    """Puts other text into the template of whatever is put."""

    def __init__(self, kept: dict[str, bytes], old: str, new: str) -> None:
        super().__init__(kept)
        self.old, self.new = old, new

    def put(self, content: bytes) -> str:
        files, altered = contents(content), io.BytesIO()
        with zipfile.ZipFile(altered, "w") as archive:
            for name, held in files.items():
                text = held.decode().replace(self.old, self.new) if name == "template.yaml" else held
                archive.writestr(name, text)
        self.kept[key_of(altered.getvalue())] = altered.getvalue()
        return key_of(altered.getvalue())


ELSEWHERE = "s3://dev-bucket/model.tar.gz"


@pytest.mark.parametrize(
    ("put_there", "problem"),
    [
        (ELSEWHERE, f"would load {ELSEWHERE}"),
        (f"s3://hub-artifacts/sealed/{'0' * 64}/model.tar.gz", "which is not what was sealed of the version"),
        ("s3://hub-artifacts/validation/rows.csv", "which is not what was sealed of the version"),
    ],
    ids=["its source", "what was sealed of another version", "what was never sealed"],
)
def test_the_last_gate_refuses_a_bundle_whose_container_loads_anything_but_what_was_sealed(world, put_there, problem):
    """It is the bundle that the record names, whole, with the very manifest of the deployment."""
    world.register()
    world.seal()
    (sealed,) = world.state().sealing.artifacts
    world.promotion = replace(world.promotion, bundles=Altering(world.bundles.kept, sealed.uri, put_there))
    world.tell(approved(60))
    world.start(Stage.TEST)
    with pytest.raises(DeploymentRefused, match=problem):
        world.verify(Stage.TEST)


def test_the_last_gate_refuses_a_bundle_that_tells_no_container(world):
    world.register()
    world.seal()
    world.promotion = replace(world.promotion, bundles=Altering(world.bundles.kept, "PrimaryContainer", "Another"))
    world.tell(approved(60))
    world.start(Stage.TEST)
    with pytest.raises(DeploymentRefused, match="tells no container"):
        world.verify(Stage.TEST)
