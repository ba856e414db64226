"""What a copy holds of its source, what it cannot hold, and into which group it goes."""

from typing import Any

import pytest
from botocore.session import get_session

from governance.domain.importing import (
    COPIED,
    SAID_OTHERWISE,
    SOURCE_ARN,
    SOURCE_CREATED,
    SourcePackage,
    accounts_in,
    is_copy_of,
    names_from,
    registration,
)
from governance.settings import Settings
from tests.builders import DEV, HUB, REGION, TEST, group_arn
from tests.unit.governance.imports.desk import LOCAL, Desk

API: Any = get_session().get_service_model("sagemaker")  # type: ignore[no-untyped-call]


def source(**fields: Any) -> SourcePackage:
    desk = Desk()
    desk.registered(**fields)
    desk.approved()
    return desk.sources.describe(LOCAL)


def test_everything_that_is_copied_is_what_the_registry_takes():
    taken = API.operation_model("CreateModelPackage").input_shape.members
    assert set(COPIED) <= set(taken)


def test_of_what_the_registry_describes_only_this_is_neither_copied_nor_on_record():
    described = API.operation_model("DescribeModelPackage").output_shape.members
    assert set(described) - {*COPIED, *SAID_OTHERWISE} == {
        "CertifyForMarketplace", "ManagedStorageType", "ModelLifeCycle", "SecurityConfig", "ValidationSpecification",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "left_out"),
    [
        ({}, ()),
        ({"CertifyForMarketplace": False}, ()),
        ({"ModelLifeCycle": {"Stage": "QA", "StageStatus": "Approved"}}, ("ModelLifeCycle",)),
        ({"SecurityConfig": {"KmsKeyId": "k"}}, ("SecurityConfig",)),
        ({"CertifyForMarketplace": True}, ("CertifyForMarketplace",)),
        ({"SomethingNew": {"A": 1}, "SomethingEmpty": {}}, ("SomethingNew",)),
    ],
)  # fmt: skip
def test_what_cannot_be_copied_is_named(fields: dict[str, Any], left_out: tuple[str, ...]):
    made = registration(source(**fields), group_arn())
    assert made.left_out == left_out
    assert not made.fields.keys() & set(left_out)


def test_a_copy_names_its_source_and_keeps_its_properties():
    told = source(CustomerMetadataProperties={"team": "pd"})
    properties = registration(told, group_arn()).fields["CustomerMetadataProperties"]
    assert properties == {"team": "pd", SOURCE_ARN: LOCAL, SOURCE_CREATED: "2026-10-12T07:14:03.000000Z"}
    assert is_copy_of(
        told.described.identity, told.described.model_copy(update={"customer_metadata_properties": properties})
    )
    assert not is_copy_of(told.described.identity, told.described)


@pytest.mark.parametrize("count", [47, 48, 49, 50])
def test_what_there_is_no_room_for_is_named_and_the_source_never_left_out(count: int):
    own = {f"key-{number:02d}": "v" for number in range(count)}
    made = registration(source(CustomerMetadataProperties=own), group_arn())
    properties = made.fields["CustomerMetadataProperties"]
    assert len(properties) == min(count + 2, 50)
    assert properties[SOURCE_ARN] == LOCAL
    assert made.left_out == tuple(f"property key-{number:02d}" for number in range(48, count))


def test_a_source_that_says_of_itself_to_be_a_copy_is_not_believed_and_that_is_named():
    made = registration(source(CustomerMetadataProperties={SOURCE_ARN: "another"}), group_arn())
    assert made.fields["CustomerMetadataProperties"][SOURCE_ARN] == LOCAL
    assert made.left_out == (f"property {SOURCE_ARN}",)


def test_the_values_that_name_a_source_are_such_as_the_registry_takes():
    shape = API.shape_for("CustomerMetadataValue")
    longest = f"arn:aws-us-gov:sagemaker:us-gov-west-1:{DEV}:model-package/{'x' * 63}/99999"
    assert len(longest) <= shape.metadata["max"]
    assert len(SOURCE_ARN) <= API.shape_for("CustomerMetadataKey").metadata["max"]


def test_tries_of_one_import_have_one_token_and_those_of_another_another():
    tokens = [registration(source(ModelPackageDescription=told), group_arn()).token for told in ("a", "b")]
    assert len(set(tokens)) == 1
    desk = Desk()
    desk.registered(at=-60)
    assert registration(desk.sources.describe(LOCAL), group_arn()).token not in tokens


def test_the_accounts_of_a_tag_are_read_with_spaces_or_commas():
    assert accounts_in({"steward:imports-from": f"{DEV} {TEST},"}) == {DEV, TEST}
    assert accounts_in({}) == frozenset()


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        (f"{DEV}/churn", "is not <account>/<local group>=<hub group>"),
        (f"{DEV}/churn=-x", "is not <account>/<local group>=<hub group>"),
        (f"{TEST}/churn=churn-hub", "is not among those of developers"),
        (f"{DEV}/churn=a,{DEV}/Churn=b", "given two groups of the hub"),
    ],
)
def test_a_mapping_of_groups_that_makes_no_sense_is_refused_with_what_is_wrong(told: str, wrong: str):
    settings = Settings(dev_account_ids=DEV, import_groups=told, hub_account_id=HUB)
    with pytest.raises(ValueError, match=wrong):
        settings.importing(REGION)


def test_a_mapping_of_groups_is_read_for_the_accounts_of_developers():
    settings = Settings(dev_account_ids=f"{DEV}, {TEST}", import_groups=f"{DEV}/Churn=churn-hub", hub_account_id=HUB)
    terms = settings.importing(REGION)
    assert terms.accounts == {DEV, TEST}
    assert terms.names == names_from(f"{DEV}/churn=churn-hub", terms.accounts)
    assert terms.hub_group(source()) == group_arn()
