"""What a retirement needs of the outside: the versions of a use case, its shares, and to see that something is gone."""

import json
from typing import Any

import pytest

from governance.adapters.batch_runs import BatchRuns
from governance.adapters.clients import client
from governance.adapters.dynamodb_ledger import DynamoDbLedger
from governance.adapters.dynamodb_use_cases import DynamoDbMembers, DynamoDbUseCases
from governance.adapters.group_shares import GroupShares
from governance.adapters.rows import Table
from governance.adapters.sagemaker_endpoints import SageMakerEndpoints
from governance.domain.environment import Environment
from governance.domain.errors import StaleVersion
from governance.domain.facts import GroupObserved
from governance.domain.lifecycle import Stage
from governance.domain.use_case import Profile
from governance.domain.use_case_retiring import Revocation
from governance.ports.ledger import Ledger
from governance.ports.use_cases import Members, Opened, UseCases
from governance.services.recording import Recording
from governance.services.synchronisation import Synchronisation
from tests import fakes
from tests.aws import standins
from tests.aws.resources import TABLE
from tests.aws.retirements import GROUP, POLICY, SHARE, Sharing
from tests.aws.seam import Seam
from tests.builders import TEST, Clock, change, described, group_arn, package_arn
from tests.contract.test_use_cases import created, deed
from tests.fakes_of_use_cases import InMemoryMembers, InMemoryShares, InMemoryUseCases

ENVIRONMENT = Environment(stage=Stage.TEST, account=TEST, pipeline="steward-deploy-test")
MACHINE = f"arn:aws:states:eu-west-1:{TEST}:stateMachine:steward-pd-test"


@pytest.fixture(params=("in memory", "DynamoDB"))
def use_cases(request: pytest.FixtureRequest) -> UseCases:
    if request.param == "in memory":
        return InMemoryUseCases(fakes.InMemoryGroups())
    request.getfixturevalue("seam")
    return DynamoDbUseCases(Table(TABLE), "steward")


@pytest.fixture(params=("in memory", "DynamoDB"))
def members(request: pytest.FixtureRequest) -> tuple[Members, Ledger]:
    if request.param == "in memory":
        kept = fakes.InMemoryLedger(fakes.InMemoryGroups())
        return InMemoryMembers(kept), kept
    request.getfixturevalue("seam")
    return DynamoDbMembers(Table(TABLE), client("sagemaker")), DynamoDbLedger(Table(TABLE))


def registered(ledger: Ledger, number: int, group: str = "credit-risk-pd", use_case: str = "credit-scoring") -> str:
    """A version of a group whose tags name a use case."""
    arn = package_arn(group, number) if group != "credit-risk-pd" else package_arn(version=number)
    registry = fakes.InMemoryRegistry()
    told = change(0, arn=arn)
    registry.packages[arn] = described(told)
    recording = Recording(ledger, Clock())
    Synchronisation(registry, recording).observe(told, "c")

    def observed(page: Any, now: Any) -> list[GroupObserved]:
        about = {"model": page.state.model, "effective_at": now, "recorded_at": now}
        return [GroupObserved(**about, group=Profile(use_case_id=use_case))]

    recording.learn(arn, observed, "c")
    return arn


def test_what_was_intended_about_a_share_is_kept_with_its_deed_and_its_outcome(use_cases: UseCases):
    seen = created(use_cases)
    intended = Revocation(id="revoke-1", group=GROUP)
    assert use_cases.revocation("credit-scoring", "revoke-1") is None
    use_cases.note(seen, seen.use_case, intended, deed(action="share-revocation-begun"))
    assert use_cases.revocation("credit-scoring", "revoke-1") == intended
    with pytest.raises(StaleVersion):
        use_cases.note(seen, seen.use_case, intended, deed())
    done = intended.model_copy(update={"outcome": "done"})
    again: Opened = use_cases.open("credit-scoring")
    use_cases.note(again, again.use_case, done, deed(action="share-revoked"))
    assert use_cases.revocation("credit-scoring", "revoke-1") == done
    assert [one.content["action"] for one in use_cases.trail("credit-scoring")][1:] == [
        "share-revocation-begun",
        "share-revoked",
    ]


@pytest.mark.parametrize("use_case", ["credit-scoring", "fraud", ""])
def test_the_versions_of_a_group_are_found_by_their_numbers_whatever_their_records_name(
    members: tuple[Members, Ledger], use_case: str
):
    found, ledger = members
    mine = [registered(ledger, number, use_case=use_case) for number in (1, 2, 3, 5, 9)]
    registered(ledger, 4, group="credit-risk-pd-2")
    assert list(found.on_record(group_arn(), 1, 100)) == mine
    assert list(found.on_record(group_arn(), 2, 5)) == mine[1:4]
    assert list(found.on_record(group_arn(), 10, 9)) == []
    assert list(found.on_record(group_arn("nothing"), 1, 100)) == []


def test_the_last_number_is_that_of_the_newest_package_or_of_what_names_the_use_case(seam: Seam):
    registry = standins.Registry()
    seam.standins = {"sagemaker": registry}
    found, ledger = DynamoDbMembers(Table(TABLE), client("sagemaker")), DynamoDbLedger(Table(TABLE))
    assert found.last("credit-scoring", GROUP) == 0
    registered(ledger, 7)
    registered(ledger, 8, use_case="fraud")
    assert found.last("credit-scoring", GROUP) == 7
    for _ in range(11):
        registry.CreateModelPackage(GROUP)
    assert found.last("credit-scoring", GROUP) == 11
    registry.gone.add(GROUP)
    assert found.last("credit-scoring", GROUP) == 7, "of a group that was deleted the records tell"


@pytest.fixture
def sharing(seam: Seam) -> Sharing:
    made = Sharing(standins.Registry())
    seam.standins = {"sagemaker": made, "ram": made}
    return made


def shares() -> GroupShares:
    return GroupShares(client("sagemaker"), client("ram"))


def test_what_allows_is_taken_away_and_what_denies_stays(sharing: Sharing):
    assert list(shares().given(GROUP)) == [SHARE, "RegisterAndDescribeVersions"]
    shares().revoke(GROUP)
    assert sharing.kept["shares"] == []
    assert json.loads(sharing.kept["policy"])["Statement"] == [POLICY["Statement"][1]]
    assert list(shares().given(GROUP)) == []
    shares().revoke(GROUP)
    assert len(json.loads(sharing.kept["policy"])["Statement"]) == 1


def test_a_policy_that_only_allows_is_deleted_and_one_that_is_not_there_is_no_matter(sharing: Sharing):
    sharing.kept |= {"policy": json.dumps({**POLICY, "Statement": POLICY["Statement"][:1]}), "shares": []}
    deleted = []
    sharing.DeleteModelPackageGroupPolicy = lambda **told: deleted.append(told) or {}  # type: ignore[attr-defined]
    shares().revoke(GROUP)
    assert len(deleted) == 1
    sharing.kept["policy"] = ""
    shares().revoke(GROUP)
    assert (len(deleted), list(shares().given(GROUP))) == (1, [])


class Hosting(standins.StandIn):
    """SageMaker with one endpoint."""

    def DescribeEndpoint(self, EndpointName: str) -> dict[str, Any]:  # noqa: N802, N803 - the names are AWS's
        if EndpointName != "steward-pd-test":
            raise standins.Refused("ValidationException", f'Could not find endpoint "{EndpointName}".')
        arn = f"arn:aws:sagemaker:eu-west-1:{TEST}:endpoint/{EndpointName}"
        told = {"EndpointName": EndpointName, "EndpointArn": arn, "EndpointStatus": "Deleting"}
        times = {"CreationTime": 0, "LastModifiedTime": 0}
        return {**told, **times, "EndpointConfigName": "c"}


class OneMachine(standins.StandIn):
    """Step Functions with one machine, of which a test says how it is."""

    status = "ACTIVE"

    def DescribeStateMachine(self, stateMachineArn: str) -> dict[str, Any]:  # noqa: N802, N803 - the names are AWS's
        if stateMachineArn != MACHINE:
            raise standins.Refused("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{stateMachineArn}'")
        return {"stateMachineArn": MACHINE, "status": self.status, "name": "m", "definition": "{}", "roleArn": "r"}


def test_an_endpoint_is_there_until_it_is_not_found_any_more(seam: Seam):
    seam.standins = {"sagemaker": Hosting()}
    endpoints = SageMakerEndpoints(client("sts"), "steward")
    assert endpoints.exists(ENVIRONMENT, "steward-pd-test"), "it is still being deleted"
    with seam.watch() as calls:
        assert not endpoints.exists(ENVIRONMENT, "steward-lgd-test")
    assert calls[0].parameters["RoleArn"] == f"arn:aws:iam::{TEST}:role/steward-validation"


def test_a_machine_that_takes_no_runs_is_gone(seam: Seam):
    machine = OneMachine()
    seam.standins = {"stepfunctions": machine}
    runs = BatchRuns(client("sts"), "steward")
    assert runs.exists(ENVIRONMENT, MACHINE)
    machine.status = "DELETING"
    assert not runs.exists(ENVIRONMENT, MACHINE)
    assert not runs.exists(ENVIRONMENT, f"{MACHINE}-2")


@pytest.mark.parametrize("kind", ["in memory", "SageMaker and RAM"])
def test_what_is_revoked_gives_nobody_rights_any_more_however_often(kind: str, sharing: Sharing):
    kept = InMemoryShares({GROUP: [SHARE, "RegisterAndDescribeVersions"]}) if kind == "in memory" else shares()
    assert list(kept.given(GROUP)) == [SHARE, "RegisterAndDescribeVersions"]
    for _ in range(2):
        kept.revoke(GROUP)
        assert list(kept.given(GROUP)) == []
