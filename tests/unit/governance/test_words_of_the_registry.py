"""What the registry says is read in every form that AWS uses, and means what DESIGN 6 says it means."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from governance.domain.artifacts import SourceForm
from governance.domain.errors import MalformedEvent
from governance.domain.identifiers import group_arn_of, person_behind
from governance.domain.lifecycle import ModelStatus, Stage, stage_named, status_named
from governance.domain.registry import PackageChange, RegistryCall
from governance.domain.use_case import ModelRisk, Profile, profile_from, validation_set_from
from governance.domain.values import Instant
from governance.runtime.events import read
from governance.services.synchronisation import observation
from tests.builders import after, approved, change, group_arn, specification, told

MOMENT = datetime(2020, 3, 10, 9, 18, 9, 50000, tzinfo=UTC)
EVENTS = Path(__file__).parents[3] / "events"


@pytest.mark.parametrize(
    "form",
    [
        "2020-03-10T09:18:09.050Z",
        "1583831889050",
        1583831889050,
        1583831889050.0,
        1583831889.05,
        MOMENT,
        "2020-03-10T10:18:09.050+01:00",
    ],
)
def test_every_form_of_a_time_is_the_same_moment(form):
    assert TypeAdapter(Instant).validate_python(form) == MOMENT


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("Development", Stage.DEVELOPMENT),
        ("QA", Stage.TEST),
        ("staging", Stage.TEST),
        ("Pre-Production", Stage.PRE_PRODUCTION),
        ("pre production", Stage.PRE_PRODUCTION),
        ("PROD", Stage.PRODUCTION),
        ("Moonbase", None),
    ],
)
def test_stages_are_known_by_what_organisations_call_them(name, stage):
    assert stage_named(name) is stage


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Approved", ModelStatus.APPROVED),
        ("PendingApproval", ModelStatus.PENDING),
        ("In Progress", ModelStatus.PENDING),
        ("rejected", ModelStatus.REJECTED),
        ("Splendid", None),
    ],
)
def test_statuses_are_known_by_what_organisations_call_them(name, status):
    assert status_named(name) is status


@pytest.mark.parametrize(
    ("arn", "source_identity", "profile", "person"),
    [
        ("arn:aws:sts::111122223333:assumed-role/Role/ada.lovelace", "", "", "ada.lovelace"),
        ("arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_X_0/jane@bank.example", "", "", "jane@bank.example"),
        ("arn:aws:sts::111122223333:assumed-role/Role/session-17", "ada.lovelace", "", "ada.lovelace"),
        ("arn:aws:sts::111122223333:assumed-role/Studio/SageMaker", "", "ada-lovelace", "ada-lovelace"),
        ("arn:aws:iam::111122223333:user/team/ada", "", "", "ada"),
        ("arn:aws:iam::111122223333:root", "", "", "root@111122223333"),
    ],
)
def test_the_person_is_found_behind_whatever_role_they_used(arn, source_identity, profile, person):
    assert person_behind(arn, source_identity, profile).id == person


def test_one_person_is_the_same_through_two_roles():
    first = person_behind("arn:aws:sts::111122223333:assumed-role/Scientist/Ada")
    second = person_behind("arn:aws:sts::444455556666:assumed-role/Owner/ada")
    assert first.is_same_as(second)


def test_a_version_knows_its_group_and_number_from_its_arn():
    identity = change().identity
    assert (identity.group, identity.number) == ("credit-risk-pd", 7)
    assert group_arn_of(identity.arn) == group_arn()


def test_the_specification_is_the_same_whatever_sagemaker_fills_in_and_however_keys_are_ordered():
    plain = change(InferenceSpecification=specification(etag=""))
    filled = change(InferenceSpecification=dict(reversed(specification(etag="e", IsCheckpoint=False).items())))
    other = change(InferenceSpecification=specification(Image="evil:1"))
    assert plain.specification == filled.specification != other.specification


def test_model_data_is_read_in_both_forms():
    as_url = change(InferenceSpecification=specification("s3://b/model.tar.gz")).containers[0]
    source = {"S3DataSource": {"S3Uri": "s3://b/m/", "S3DataType": "S3Prefix", "CompressionType": "None"}}
    as_prefix = change(InferenceSpecification={"Containers": [{"Image": "i", "ModelDataSource": source}]}).containers[0]
    neither = change(InferenceSpecification={"Containers": [{"Image": "i"}]}).containers[0]
    assert [one.form for one in (as_url, as_prefix, neither)] == [SourceForm.OBJECT, SourceForm.PREFIX, SourceForm.NONE]


@pytest.mark.parametrize(
    ("image", "pinned"),
    [
        ("repo/image:1.4", "repo/image@sha256:abc"),
        ("host:5000/repo/image", "host:5000/repo/image@sha256:abc"),
        ("repo/image@sha256:def", "repo/image@sha256:def"),
    ],
)
def test_what_runs_is_the_image_by_digest(image, pinned):
    container = change(InferenceSpecification=specification(Image=image, ImageDigest="sha256:abc")).containers[0]
    assert container.pinned_image == pinned


def test_a_groups_tags_say_who_answers_for_it_and_a_package_fills_the_gaps():
    group = profile_from({"steward:owner": "mary", "steward:risk": "low"})
    package = Profile(owner="somebody else", project="loans")
    assert group.over(package).said() == {"owner": "mary", "risk": "low", "project": "loans"}


@pytest.mark.parametrize(("said", "risk"), [("Low", ModelRisk.LOW), ("", ModelRisk.HIGH), ("tiny", ModelRisk.HIGH)])
def test_a_risk_that_nobody_classified_is_high(said, risk):
    assert Profile(risk=said).model_risk is risk


def test_a_validation_set_is_bound_by_all_three_tags_or_not_at_all():
    tags = {
        "steward:validation-set": "s3://b/v.csv",
        "steward:validation-set-sha256": "a" * 64,
        "steward:validation-target": "bad",
    }
    assert validation_set_from(tags) is not None
    for tag in tags:
        assert validation_set_from({name: value for name, value in tags.items() if name != tag}) is None


def event(detail: object, **fields: object) -> dict[str, object]:
    sample = json.loads((EVENTS / "sync_model_version-approved.json").read_text())
    return {**sample, "detail": detail, **fields}


def test_a_malformed_detail_is_told_by_its_fields_and_never_by_its_values():
    secret = told(ModelPackageArn="a-secret", CreationTime="yesterday")
    with pytest.raises(MalformedEvent) as refused:
        read(event(secret), {"SageMaker Model Package State Change": PackageChange})
    assert "ModelPackageArn" in str(refused.value)
    assert "CreationTime" in str(refused.value)
    assert "a-secret" not in str(refused.value)


def test_an_event_that_nobody_expects_is_malformed():
    with pytest.raises(MalformedEvent, match="nobody here expects 'Something Else'"):
        read(event({}, **{"detail-type": "Something Else"}), {"SageMaker Model Package State Change": PackageChange})


def test_cloudtrail_tells_the_person_and_what_they_asked_for():
    sample = json.loads((EVENTS / "sync_model_version-updated-by-api.json").read_text())
    call = RegistryCall.model_validate(sample["detail"])
    assert call.user_identity.person().id
    assert call.request_parameters.model_package_arn


def test_an_approval_is_told_apart_from_the_same_approval_a_second_later():
    first, again, second = (observation(approved(at), None, after(70)).fingerprint for at in (60, 60, 61))
    assert first == again != second
