"""The function before an endpoint: what it passes on, what it tells of decisions, and what it never says."""

import base64
import json
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, IncompleteReadError, ReadTimeoutError

from governance.domain.served_decisions import DecisionServed
from tests.template.policies import allows, role_statements
from tests.template.translation import REGION, TEST, model_endpoint, workload_account

SECRET = "income,age\n0.2,30"
PLACE = "s3://captures/data-capture/credit"


class Endpoint:
    """SageMaker, and the account's bus."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.put: list[dict[str, Any]] = []
        self.fails: Exception | None = None
        self.silent: Exception | None = None
        self.breaks: Exception | None = None
        self.failed = 0

    def invoke_endpoint(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if self.silent:
            raise self.silent
        body = SimpleNamespace(read=self.read)
        return {"ContentType": "text/csv", "Body": body, "InvokedProductionVariant": "AllTraffic"}

    def read(self) -> bytes:
        if self.breaks:
            raise self.breaks
        return b"0.7"

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        if self.fails:
            raise self.fails
        self.put += Entries
        return {"FailedEntryCount": self.failed}


def function(percent: int = 20) -> dict[str, Any]:
    """The function as the template has it."""
    stack = model_endpoint((("CapturePercent", str(percent)), ("CaptureUri", PLACE)))
    return stack.of_type("AWS::Lambda::Function")["Invoker"]


def answered(aws: Endpoint, percent: int = 20, **headers: str) -> dict[str, Any]:
    """What the function answers, run as the template has it."""
    told = function(percent)
    variables = {name: str(value) for name, value in told["Environment"]["Variables"].items()}
    module: dict[str, Any] = {}
    with patch("boto3.client", lambda *_, **__: aws), patch.dict("os.environ", variables):
        exec(told["Code"]["ZipFile"], module)
        request = {"body": SECRET, "headers": {name.replace("_", "-"): value for name, value in headers.items()}}
        answer: dict[str, Any] = module["handler"](request, SimpleNamespace(aws_request_id="0f3a-1"))
    return answer


def test_without_an_id_nothing_is_told_and_nothing_costs():
    aws = Endpoint()
    answer = answered(aws)
    assert (answer["statusCode"], base64.b64decode(answer["body"])) == (200, b"0.7")
    assert "InferenceId" not in aws.asked[0] and aws.put == []
    assert "x-steward-decision-told" not in answer["headers"]


def test_an_id_is_passed_on_and_told_with_where_it_was_captured_and_without_any_data():
    aws = Endpoint()
    assert answered(aws, X_Steward_Decision="loan-4711")["headers"]["x-steward-decision-told"] == "yes"
    assert aws.asked[0]["InferenceId"] == "loan-4711"
    (entry,) = aws.put
    told = DecisionServed.model_validate(json.loads(entry["Detail"]))
    assert (told.decision_id, told.stage, told.capture_percent) == ("loan-4711", "test", 20)
    assert told.captured == f"{PLACE}/{told.endpoint}/AllTraffic/{told.served_at:%Y/%m/%d/%H}/"
    assert SECRET not in json.dumps(aws.put) and "0.7" not in entry["Detail"]


def test_where_nothing_is_captured_that_is_said():
    aws = Endpoint()
    answered(aws, percent=0, x_steward_decision="loan-1")
    assert json.loads(aws.put[0]["Detail"])["captured"] == ""


@pytest.mark.parametrize("wrong", ["a b", "#", "x" * 65, "-a", "naïve"])
def test_an_id_that_is_none_is_refused_before_the_model_is_asked(wrong: str):
    aws = Endpoint()
    assert answered(aws, x_steward_decision=wrong)["statusCode"] == 400
    assert aws.asked == aws.put == []


@pytest.mark.parametrize(
    "fails",
    [
        ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "PutEvents"),
        ReadTimeoutError(endpoint_url="events"),
        None,
    ],
)
def test_a_bus_that_does_not_take_it_fails_no_invocation_and_is_told_to_the_caller_and_the_log(
    fails: Exception | None, capsys: pytest.CaptureFixture[str]
):
    aws = Endpoint()
    aws.fails, aws.failed = fails, 1
    answer = answered(aws, x_steward_decision="loan-4711")
    assert (answer["statusCode"], answer["headers"]["x-steward-decision-told"]) == (200, "no")
    logged = capsys.readouterr().out
    assert "decision not told" in logged and "loan-4711" in logged and SECRET not in logged


@pytest.mark.parametrize(
    ("silent", "code"),
    [
        (ClientError({"Error": {"Code": "ModelError", "Message": SECRET}}, "InvokeEndpoint"), "ModelError"),
        (ReadTimeoutError(endpoint_url="runtime"), "ReadTimeoutError"),
        (EndpointConnectionError(endpoint_url="runtime"), "EndpointConnectionError"),
    ],
)
def test_a_model_that_does_not_answer_is_told_to_the_caller_as_such_and_takes_part_in_nothing(
    silent: Exception, code: str, capsys: pytest.CaptureFixture[str]
):
    aws = Endpoint()
    aws.silent = silent
    assert answered(aws, x_steward_decision="loan-4711") == {"statusCode": 502, "body": "the model could not answer"}
    logged = capsys.readouterr().out
    assert aws.put == [] and code in logged and SECRET not in logged


def test_an_answer_that_breaks_off_is_none():
    aws = Endpoint()
    aws.breaks = IncompleteReadError(actual_bytes=1, expected_bytes=3)
    assert answered(aws, x_steward_decision="loan-4711")["statusCode"] == 502
    assert aws.put == []


def test_whatever_is_waited_for_the_caller_has_an_answer_before_the_function_is_ended():
    """The client of the runtime would wait a minute, and try again: Lambda would end the function before."""
    made: dict[str, dict[str, Any]] = {}

    def client(name: str, config: Any = None) -> None:
        made[name] = {} if config is None else config._user_provided_options

    told = function()
    with patch("boto3.client", client):
        exec(told["Code"]["ZipFile"], {})

    def longest(name: str) -> int:
        tries = made[name]["retries"]["total_max_attempts"]
        return tries * (made[name]["connect_timeout"] + made[name]["read_timeout"])

    assert longest("sagemaker-runtime") + longest("events") < told["Timeout"]


def test_its_code_is_as_short_as_a_template_may_hold():
    """CloudFormation API: AWS::Lambda::Function Code, ZipFile."""
    assert len(function()["Code"]["ZipFile"].encode()) <= 4096


def test_it_tells_of_decisions_on_the_accounts_own_bus_and_of_nothing_else():
    may = role_statements("InvokerRole", workload_account())
    bus = f"arn:aws:events:{REGION}:{TEST}:event-bus/default"
    ours = {"events:source": "steward.invoker", "events:detail-type": "DecisionServed"}
    assert allows(may, "events:PutEvents", bus, ours)
    assert not allows(may, "events:PutEvents", bus, {**ours, "events:detail-type": "ModelMetricsReported"})
    assert not allows(may, "events:PutEvents", bus, {**ours, "events:source": "aws.sagemaker"})
    assert not allows(may, "events:PutEvents", bus.replace("default", "other"), ours)
    assert allows(may, "events:PutEvents", bus, {**ours, "events:source": ["steward.invoker"]})
    assert not allows(may, "events:PutEvents", bus, {**ours, "events:source": ["steward.invoker", "aws.sagemaker"]})
    operators = {
        op
        for one in may
        if "events:PutEvents" in one.actions
        for op, key in one.conditions.items()
        if "events:source" in key
    }
    assert operators == {"ForAllValues:StringEquals"}, "a request has several sources: another operator lets none in"
