"""What is promised of the buses and of endpoints. moto takes every entry: partial failures are played by a stand-in."""

import json
from typing import Any

import pytest

from governance.adapters.eventbridge import BATCH, GovernanceBus, IntakeBus
from governance.adapters.sagemaker_endpoints import ROWS_PER_REQUEST, SageMakerEndpoints
from governance.domain.commands import ModelValidationCompleted
from governance.domain.environment import Environment
from governance.domain.errors import PublishingFailed, ValidationImpossible
from governance.domain.lifecycle import Stage
from tests.aws import standins
from tests.aws.resources import GOVERNANCE_BUS, INTAKE_BUS, client
from tests.aws.seam import Seam
from tests.builders import TEST, after, package_arn

ENVIRONMENT = Environment(stage=Stage.TEST, account=TEST, pipeline="steward-deploy-test")


class Events(standins.StandIn):
    """EventBridge that does not take some entries."""

    def __init__(self, refused: int = 0) -> None:
        self.refused = refused
        self.taken: list[dict[str, Any]] = []

    def PutEvents(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N802, N803
        answers = [{"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}] * self.refused
        taken = Entries[self.refused :]
        self.taken += taken
        told = [*answers, *({"EventId": str(number)} for number, _ in enumerate(taken))]
        return {"FailedEntryCount": self.refused, "Entries": told}


def events(many: int) -> list[dict[str, Any]]:
    about = {"model_package_arn": package_arn()}
    return [{"detail_type": "FindingOpened", "detail": {**about, "event_id": str(number)}} for number in range(many)]


def test_events_are_announced_under_their_names_with_the_version_as_their_resource(seam: Seam):
    bus = Events()
    seam.standins = {"events": bus}
    GovernanceBus(client("events"), GOVERNANCE_BUS).announce(events(1))
    (entry,) = bus.taken
    assert (entry["EventBusName"], entry["Source"], entry["DetailType"]) == (GOVERNANCE_BUS, "steward", "FindingOpened")
    assert (entry["Resources"], json.loads(entry["Detail"])["event_id"]) == ([package_arn()], "0")


def test_more_events_than_one_call_takes_are_all_announced(seam: Seam):
    with seam.watch() as calls:
        GovernanceBus(client("events"), GOVERNANCE_BUS).announce(events(2 * BATCH + 1))
    assert [len(call.parameters["Entries"]) for call in calls] == [BATCH, BATCH, 1]


def test_a_partial_failure_is_a_failure(seam: Seam):
    seam.standins = {"events": Events(refused=1)}
    with pytest.raises(PublishingFailed, match="ThrottlingException"):
        GovernanceBus(client("events"), GOVERNANCE_BUS).announce(events(3))


def command() -> ModelValidationCompleted:
    told = {"model_package_arn": package_arn(), "stage": "test", "completed_at": after(0), "not_possible": "no set"}
    return ModelValidationCompleted.model_validate(told)


def test_a_command_is_sent_under_its_name_and_can_be_read_again(seam: Seam):
    bus = Events()
    seam.standins = {"events": bus}
    IntakeBus(client("events"), INTAKE_BUS).send(command())
    (entry,) = bus.taken
    assert (entry["EventBusName"], entry["DetailType"]) == (INTAKE_BUS, "ModelValidationCompleted")
    assert ModelValidationCompleted.model_validate_json(entry["Detail"]) == command()


def test_a_command_that_was_not_taken_is_a_failure(seam: Seam):
    seam.standins = {"events": Events(refused=1)}
    with pytest.raises(PublishingFailed):
        IntakeBus(client("events"), INTAKE_BUS).send(command())


class Answering(standins.StandIn):
    """An endpoint with one answer to everything."""

    def __init__(self, answer: str) -> None:
        self.text = answer

    def InvokeEndpoint(self, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N802, N803
        if self.text.startswith("!"):
            raise standins.Refused(self.text[1:], "it does not work")
        return {"Body": standins.io.BytesIO(self.text.encode())}


def ask(seam: Seam, runtime: standins.StandIn, rows: list[str]):
    seam.standins = {"sagemaker-runtime": runtime}
    return SageMakerEndpoints(client("sts"), "steward").ask(ENVIRONMENT, "steward-pd-test", rows)


def test_every_row_has_its_answer_in_requests_of_bounded_size(seam: Seam):
    rows = ["income,age", *(f"{number},30" for number in range(2 * ROWS_PER_REQUEST + 1))]
    with seam.watch() as calls:
        answers = ask(seam, standins.Runtime(), rows)
    assert answers.values == tuple(number / 2 for number in range(2 * ROWS_PER_REQUEST + 1))
    assert len(answers.latencies_ms) == 3
    assert [call.operation for call in calls] == ["AssumeRole", *["InvokeEndpoint"] * 3]


def test_an_endpoint_is_asked_with_the_rights_of_its_own_account(seam: Seam):
    with seam.watch() as calls:
        ask(seam, standins.Runtime(), ["income", "1"])
    assume, invoke = calls
    assert assume.parameters["RoleArn"] == f"arn:aws:iam::{TEST}:role/steward-validation"
    assert invoke.access_key != assume.access_key


@pytest.mark.parametrize("answer", ["1.0", "1.0\nyes", "1.0\nnan", "1\n2\n3", "!ModelError", "!ValidationError"])
def test_an_endpoint_without_one_number_for_each_row_cannot_be_validated(seam: Seam, answer: str):
    with pytest.raises(ValidationImpossible):
        ask(seam, Answering(answer), ["income", "1", "2"])


def test_what_a_model_says_of_its_failure_is_not_repeated(seam: Seam):
    """It may quote the row that it could not read."""
    with pytest.raises(ValidationImpossible, match="steward-pd-test failed") as refused:
        ask(seam, Answering("!ModelError"), ["income", "1"])
    assert "it does not work" not in str(refused.value)
