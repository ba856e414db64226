"""What is promised of deployment profiles, kept in memory and in DynamoDB."""

import json
from typing import Any

import pytest

from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.adapters.dynamodb_profiles import DynamoDbProfiles
from governance.adapters.rows import Table
from governance.domain.audit import Deed
from governance.domain.deployment_profile import BUILT_IN, DeploymentProfile, PublishedProfile
from governance.domain.errors import StaleVersion
from governance.domain.identifiers import STEWARD
from governance.domain.model_group import ModelGroup
from governance.ports.ledger import Groups
from governance.ports.profiles import Profiles
from tests import fakes
from tests.aws.resources import TABLE, table_items
from tests.builders import BORN, group_arn
from tests.fakes_of_profiles import InMemoryProfiles

Kept = tuple[Profiles, Groups]
GROUP = group_arn()
WIDER = DeploymentProfile.model_validate({"title": "Two", "stages": {"test": {"instances": {"count": 2}}}})


@pytest.fixture(params=("in memory", "DynamoDB"))
def kept(request: pytest.FixtureRequest) -> Kept:
    if request.param == "in memory":
        groups = fakes.InMemoryGroups()
        return InMemoryProfiles(groups), groups
    request.getfixturevalue("seam")
    return DynamoDbProfiles(Table(TABLE), "steward"), DynamoDbGroups(Table(TABLE))


def deed(**told: Any) -> Deed:
    common = {"action": "deployment-profile-set", "who": STEWARD, "why": "", "at": BORN, "correlation_id": "c"}
    return Deed.model_validate({**common, **told})


def group(version: int, revision: int, profile: DeploymentProfile = WIDER) -> ModelGroup:
    return ModelGroup(
        arn=GROUP, revision=revision, deployment_profile=PublishedProfile(document=profile, version=version)
    )


def test_a_group_that_nobody_gave_a_profile_has_the_built_in_one_and_no_other(kept: Kept):
    profiles, _ = kept
    assert profiles.version(GROUP, 0) == BUILT_IN
    assert profiles.version(GROUP, 1) is None


def test_a_profile_and_the_group_that_has_it_are_kept_together_and_every_version_stays(kept: Kept):
    profiles, groups = kept
    profiles.keep(group(1, 1), deed())
    other = DeploymentProfile(title="Other")
    profiles.keep(group(2, 2, other), deed())
    known = groups.get(GROUP)
    assert known is not None
    assert (known.deployment_profile.id, known.revision) == ("profile@2", 2)
    assert [profiles.version(GROUP, number).document for number in (1, 2)] == [WIDER, other]  # type: ignore[union-attr]
    assert profiles.version(group_arn("fraud"), 1) is None


@pytest.mark.parametrize(("version", "revision"), [(1, 2), (2, 1), (2, 3)])
def test_who_read_what_has_moved_on_changes_nothing(kept: Kept, version: int, revision: int):
    profiles, groups = kept
    profiles.keep(group(1, 1), deed())
    before = groups.get(GROUP)
    with pytest.raises(StaleVersion):
        profiles.keep(group(version, revision, DeploymentProfile(title="Late")), deed())
    assert groups.get(GROUP) == before
    assert profiles.version(GROUP, 2) is None


def test_each_deed_is_on_the_groups_own_chain(seam):
    profiles = DynamoDbProfiles(Table(TABLE), "steward")
    profiles.keep(group(1, 1), deed(new={"version": "profile@1"}))
    profiles.keep(group(2, 2, DeploymentProfile(title="Other")), deed(new={"version": "profile@2"}))
    rows = {one["sk"]["S"]: one for one in table_items() if one["pk"]["S"] == f"PROFILE#{GROUP}"}
    assert set(rows) == {"HEAD", "VERSION#1", "VERSION#2", "AUDIT#00000001", "AUDIT#00000002"}
    told = [json.loads(rows[f"AUDIT#0000000{number}"]["entry"]["S"]) for number in (1, 2)]
    assert [one["new"]["version"] for one in told] == ["profile@1", "profile@2"]
    assert told[1]["previous_hash"] == rows["AUDIT#00000001"]["hash"]["S"]
