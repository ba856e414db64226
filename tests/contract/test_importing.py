"""What is promised of registries between which versions are imported, kept by fakes, stand-ins and the local cloud."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from governance.adapters.sagemaker_imports import DevRegistries, SageMakerImportRegistry
from governance.domain.errors import AccountUnreadable, GroupNotFound, PackageNotFound, RegistrationRefused
from governance.domain.importing import Registration, is_copy_of, registration
from governance.domain.lifecycle import ApprovalStatus
from tests.aws.resources import client
from tests.aws.seam import Fault, Seam
from tests.aws.standins import Refused
from tests.builders import DEV, group_arn, package_arn
from tests.contract.local_backend import use_local_cloud
from tests.contract.reconciled import CatalogueStandIn
from tests.fakes_of_imports import InMemoryImportRegistry, InMemorySources
from tests.unit.governance.imports.desk import LOCAL, Desk

KINDS = ("in memory", "stand-in", "local cloud")
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
CARD = {"ModelCardContent": '{"model_overview": {}}', "ModelCardStatus": "Draft"}
BASELINE = {"ContentType": "application/json", "S3Uri": "s3://dev-bucket/baseline.json"}


def content() -> dict[str, Any]:
    """Everything that a data scientist may say of a version, as the registry of the dev account describes it."""
    desk = Desk()
    desk.registered(
        ModelPackageDescription="Probability of default",
        ModelCard=CARD,
        DriftCheckBaselines={"ModelQuality": {"Statistics": BASELINE}},
        MetadataProperties={"CommitId": "1f0b6f8"},
        CustomerMetadataProperties={"team": "pd"},
        Domain="MACHINE_LEARNING",
        Task="CLASSIFICATION",
        SourceUri="arn:aws:sagemaker:eu-west-1:111122223333:model/pd",
    )
    desk.approved()
    told = desk.sources.packages[LOCAL]
    told["InferenceSpecification"]["SupportedResponseMIMETypes"] = ["text/csv"]
    return told


def copy_into(group: str, **fields: Any) -> Registration:
    """The copy of the source for a group."""
    made = registration(InMemorySources({LOCAL: {**content(), **fields}}).describe(LOCAL), group)
    assert made.left_out == ()
    return made


class Fake:
    """The fakes."""

    def __init__(self) -> None:
        self.registry: Any = InMemoryImportRegistry(groups={group_arn()}, now=lambda: datetime.now(UTC))
        self.group = group_arn()

    def card(self, arn: str) -> str:
        return str(self.registry.describe(arn).card)


class StandIn(Fake):
    """The adapter on a stand-in at the seam."""

    def __init__(self, seam: Seam) -> None:
        super().__init__()
        sagemaker = CatalogueStandIn()
        sagemaker.gone.add(group_arn("churn"))
        sagemaker.packages[package_arn(version=1)] = {**content(), "ModelPackageArn": package_arn(version=1)}
        sagemaker.packages[package_arn(version=1)]["CreationTime"] = LONG_AGO.isoformat()
        seam.standins = {"sagemaker": sagemaker}
        self.registry = SageMakerImportRegistry(client("sagemaker"))


class LocalCloud(Fake):
    """The adapter on the local cloud's own registry."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        use_local_cloud(monkeypatch)
        sagemaker = client("sagemaker")
        made = sagemaker.create_model_package_group(ModelPackageGroupName="credit-risk-pd")
        self.group = str(made["ModelPackageGroupArn"])
        self.registry = SageMakerImportRegistry(sagemaker)


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    if request.param == "in memory":
        yield Fake()
    else:
        seam = request.getfixturevalue("seam")
        yield StandIn(seam) if request.param == "stand-in" else LocalCloud(monkeypatch)


def test_what_is_registered_is_pending_and_has_everything_that_was_copied(world):
    asked = copy_into(world.group)
    made = world.registry.describe(world.registry.register(asked))
    assert made.model_approval_status is ApprovalStatus.PENDING
    assert made.card == CARD["ModelCardContent"]
    assert {one.report for one in made.evidence} == {
        "ModelQuality.Statistics", "DriftCheckBaselines.ModelQuality.Statistics", "ModelCard",
    }  # fmt: skip
    assert made.customer_metadata_properties == asked.fields["CustomerMetadataProperties"]
    assert made.customer_metadata_properties["team"] == "pd"
    assert made.containers[0].image_digest
    assert made.containers[0].source_etag == "etag-1"
    source = InMemorySources({LOCAL: content()}).describe(LOCAL).described
    assert (
        made.specification
        == source.model_copy(update={"inference_specification": content()["InferenceSpecification"]}).specification
    )
    assert is_copy_of(source.identity, made)


def test_the_same_token_registers_once_and_never_two_different_things(world):
    first = world.registry.register(copy_into(world.group))
    assert world.registry.register(copy_into(world.group)) == first
    with pytest.raises(Exception, match="different parameters"):
        world.registry.register(copy_into(world.group, ModelPackageDescription="Another"))


def test_what_was_registered_since_a_moment_is_found_and_nothing_older(world):
    before = datetime.now(UTC) - timedelta(minutes=1)
    arn = world.registry.register(copy_into(world.group))
    assert [one.model_package_arn for one in world.registry.made_since(world.group, before)] == [arn]
    assert list(world.registry.made_since(world.group, datetime.now(UTC) + timedelta(minutes=1))) == []


def test_a_group_that_is_not_there_is_said_not_to_be(world):
    nowhere = world.group.replace("credit-risk-pd", "churn")
    with pytest.raises(GroupNotFound):
        world.registry.tags(nowhere)
    with pytest.raises(GroupNotFound):
        list(world.registry.made_since(nowhere, LONG_AGO))
    with pytest.raises(GroupNotFound):
        world.registry.register(copy_into(nowhere))


class Picky(CatalogueStandIn):
    """A registry that takes nothing."""

    def CreateModelPackage(self, **_: Any) -> dict[str, Any]:  # noqa: N802 - the name is AWS's
        raise Refused("ValidationException", "The card does not fit its schema.")


def test_what_the_registry_does_not_take_is_refused_in_its_words(seam):
    seam.standins = {"sagemaker": Picky()}
    with pytest.raises(RegistrationRefused, match="The card does not fit its schema"):
        SageMakerImportRegistry(client("sagemaker")).register(copy_into(group_arn()))


@pytest.fixture(params=["in memory", "stand-in"])
def sources(request: pytest.FixtureRequest) -> Any:
    if request.param == "in memory":
        return InMemorySources({LOCAL: content()})
    seam = request.getfixturevalue("seam")
    sagemaker = CatalogueStandIn()
    sagemaker.elsewhere[LOCAL] = content()
    seam.standins = {"sagemaker": sagemaker}
    return DevRegistries(client("sts"), "steward")


def test_a_source_is_described_with_everything_that_its_registry_tells(sources):
    found = sources.describe(LOCAL)
    assert found.described.model_package_arn == LOCAL
    assert found.content["ModelCard"] == CARD
    assert "ResponseMetadata" not in found.content
    with pytest.raises(PackageNotFound):
        sources.describe(LOCAL.replace("/3", "/4"))


@pytest.mark.parametrize("call", [1, 2])
def test_an_account_that_does_not_let_the_hub_look_is_named_with_what_to_do(seam, call):
    seam.standins = {"sagemaker": CatalogueStandIn()}
    looking = DevRegistries(client("sts"), "steward")
    with seam.watch(Fault.DENIED, call), pytest.raises(AccountUnreadable, match=f"{DEV}.*stacks/dev-account.yaml"):
        looking.describe(LOCAL)
