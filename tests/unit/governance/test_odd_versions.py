"""Versions that are not as they should be: each is on record with a finding that names it, and goes nowhere."""

from datetime import timedelta

import pytest

from governance.domain.commands import ModelMetricsReported
from governance.domain.errors import MalformedEvent
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.metrics import Metric
from governance.domain.model_group import ModelGroup
from tests.builders import (
    ADA,
    BORN,
    KATHERINE,
    MARY,
    after,
    approved,
    change,
    group_arn,
    moved,
    package_arn,
    rejected,
    specification,
)
from tests.world import deployed_to_test, open_findings


def test_a_version_born_approved_is_recorded_pending_with_a_finding(world):
    world.tell(change(0, "Approved"), by=ADA)
    world.seal()
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    assert "registered-with-decision" in open_findings(world)
    assert world.state().deployments == {}


def test_an_unknown_life_cycle_stage_is_a_finding_and_decides_nothing(world):
    world.register()
    world.tell(moved(60, "Moonbase", "Approved", approval="PendingManualApproval"))
    assert "unknown-life-cycle-stage" in open_findings(world)
    assert world.state().stages.keys() == {Stage.DEVELOPMENT}


def test_a_source_that_changed_after_registration_is_refused_with_a_finding(world):
    world.register()
    world.vault.objects["s3://dev-bucket/model.tar.gz"] = ("etag-2", b"other weights")
    world.seal()
    assert "artifact-changed" in open_findings(world)
    world.tell(approved(60))
    assert world.state().deployments == {}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"ModelPackageStatus": "Failed"}, "package-failed"),
        ({"ModelPackageRegistrationType": "Logged"}, "merely-logged"),
    ],
)
def test_what_can_never_be_deployed_is_recorded_with_a_finding_and_not_sealed(world, fields, code):
    world.tell(change(0, **fields), by=ADA)
    assert code in open_findings(world)
    assert "SealingRequested" not in world.ledger.events(package_arn())


def test_an_unversioned_package_is_recorded_with_a_finding(world):
    arn = "arn:aws:sagemaker:eu-west-1:444455556666:model-package/legacy-scorecard"
    world.tell(change(0, None, arn=arn), by=ADA)
    assert open_findings(world, arn) == {"unversioned-package"}


def test_an_event_for_a_package_that_is_gone_is_recorded_with_a_finding(world):
    world.deliver(change(0))
    assert "package-missing" in open_findings(world)


PREFIX = {"S3DataSource": {"S3Uri": "s3://dev-bucket/m/", "S3DataType": "S3Prefix", "CompressionType": "None"}}


ARCHIVE = {"Image": "repo/i@sha256:1", "ModelDataUrl": "s3://dev-bucket/model.tar.gz"}


FURTHER = [{"ChannelName": "adapter", "S3DataSource": PREFIX["S3DataSource"]}]


@pytest.mark.parametrize(
    ("containers", "code"),
    [
        ([{**ARCHIVE, "AdditionalModelDataSources": [{"ChannelName": "adapter"}]}], "additional-model-data"),
        ([{**ARCHIVE, "AdditionalModelDataSources": FURTHER}], "artifact-missing"),
        ([{"Image": "repo/i@sha256:1"}], "no-artifact"),
    ],
)
def test_what_cannot_be_sealed_whole_is_refused_with_a_finding_and_never_deployed(world, containers, code):
    world.register(InferenceSpecification={"Containers": containers})
    world.seal()
    assert code in open_findings(world)
    world.tell(approved(60, InferenceSpecification={"Containers": containers}))
    assert world.state().deployments == {}


@pytest.mark.parametrize(
    ("containers", "sealed"),
    [
        ([{**ARCHIVE, "AdditionalModelDataSources": FURTHER}], [(0, "", "object"), (0, "adapter", "prefix")]),
        ([{**ARCHIVE, "AdditionalS3DataSource": FURTHER[0]["S3DataSource"]}],
         [(0, "", "object"), (0, "AdditionalS3DataSource", "prefix")]),
    ],
)  # fmt: skip
def test_what_cloudformation_makes_no_model_of_is_sealed_whole_and_not_deployed_and_says_so(world, containers, sealed):
    world.vault.objects |= {f"s3://dev-bucket/m/{name}": (name, name.encode()) for name in ("a.bin", "b/c.bin")}
    world.vault.objects["s3://dev-bucket/model.tar.gz"] = ("etag-1", b"weights")
    world.register(InferenceSpecification={"Containers": containers})
    world.seal()
    found = sorted((one.index, one.channel, one.form) for one in world.state().sealing.artifacts)
    assert found == sealed
    assert all(world.vault.holds(one) for one in world.state().sealing.artifacts)
    world.tell(approved(60, InferenceSpecification={"Containers": containers}))
    assert "artifacts-not-servable" in open_findings(world)
    assert world.state().deployments == {}


def test_a_changed_inference_specification_makes_every_decision_void(world):
    deployed_to_test(world)
    other = {"Containers": [{"Image": "repo/evil@sha256:2", "ModelDataUrl": "s3://dev-bucket/model.tar.gz"}]}
    world.tell(
        change(200, "Approved", InferenceSpecification=other, UpdatedModelPackageFields=["InferenceSpecification"])
    )
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    assert {"specification-changed", "deployment-unjustified"} <= open_findings(world)


def test_whoever_changed_the_inference_specification_may_not_approve_it(world):
    world.register()
    other = specification("s3://dev-bucket/other.tar.gz")
    world.tell(
        change(60, InferenceSpecification=other, UpdatedModelPackageFields=["InferenceSpecification"]), KATHERINE
    )
    world.tell(approved(120, InferenceSpecification=other), KATHERINE)
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    assert "gate-refused" in open_findings(world)
    world.tell(approved(180, InferenceSpecification=other), MARY)
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.APPROVED


def test_another_package_under_the_same_arn_is_never_folded_into_the_record(world):
    world.register()
    before = world.state().stages
    world.deliver(approved(500).model_copy(update={"creation_time": after(400)}))
    assert "identity-reused" in open_findings(world)
    assert world.state().stages == before
    assert world.state().model.created_at == BORN


def test_a_group_without_a_use_case_is_a_finding_once_its_tags_are_known(world):
    world.register()
    assert "group-without-use-case" not in open_findings(world)
    world.grouping.onboard(package_arn(), "e")
    assert {"group-without-use-case", "risk-not-classified"} <= open_findings(world)


def test_nothing_is_said_of_tags_that_nobody_read_though_the_group_was_put_under_a_policy_before(world):
    world.groups.save(ModelGroup(arn=group_arn(), assigned=1, revision=1), 0)
    world.register()
    assert world.state().profile.use_case_id == ""
    assert not {"group-without-use-case", "risk-not-classified"} & open_findings(world)
    world.registry.group_tags[group_arn()] = {"steward:use-case-id": "scoring", "steward:risk": "low"}
    world.grouping.onboard(package_arn(), "e")
    assert not {"group-without-use-case", "risk-not-classified"} & open_findings(world)


def test_however_often_a_retired_version_is_decided_on_it_stays_retired_and_each_move_is_noted_once(world):
    world.register()
    world.tell(moved(60, "Development", "Retired", approval="PendingManualApproval"))
    for at in range(100, 200, 20):
        world.tell(approved(at))
        world.tell(rejected(at + 10))
    assert world.state().stage(Stage.DEVELOPMENT).status is ModelStatus.RETIRED
    assert "illegal-move" in open_findings(world)
    assert world.state().illegal_moves == ("development: retired to approved", "development: retired to rejected")


@pytest.mark.parametrize("account", ["111122223333", "555566667777"])
def test_a_report_of_what_is_still_to_come_is_malformed(world, account):
    world.register()
    metrics = (Metric(name="auc", value=0.9),)
    report = ModelMetricsReported(
        model_package_arn=package_arn(),
        stage=Stage.TEST,
        measured_at=world.now() + timedelta(days=1),
        endpoint="steward-pd-test",
        metrics=metrics,
    )
    before = world.state()
    with pytest.raises(MalformedEvent, match="measured_at"):
        world.monitoring.record(report, account, "event-9")
    assert world.state() == before
