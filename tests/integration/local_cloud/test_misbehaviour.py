"""The cloud misbehaves when asked, as asked, and not a moment longer."""

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .conftest import HUB, REGION
from .test_events_and_functions import a_function, a_queue, a_rule, eventually, messages

pytestmark = pytest.mark.cloud

REFUSED = """
import boto3

def handler(event, context):
    table = boto3.client("dynamodb")
    try:
        table.put_item(TableName={table!r}, Item={{"k": {{"S": "a"}}}}, ConditionExpression="attribute_exists(k)")
        return "done"
    except table.exceptions.ConditionalCheckFailedException:
        return "refused"
"""

Ask = Callable[..., dict[str, Any]]

CALLING = """
import boto3

sqs, table, sts = boto3.client("sqs"), boto3.client("dynamodb"), boto3.client("sts")
URL = {url!r}

def handler(event, context):
    answers = []
    for number in range(4):
        try:
            sqs.send_message(QueueUrl=URL, MessageBody=str(number))
            answers.append("done")
        except Exception as error:
            said = (getattr(error, "response", None) or {{}}).get("Error", {{}})
            answers.append(said.get("Code") or type(error).__name__)
    return answers
"""


@pytest.fixture
def ask(bare_cloud: str) -> Iterator[Ask]:
    """`ask("POST", …)` at the mischief's address; whatever a test does, it ends with peace."""

    def asked(method: str = "GET", **body: Any) -> dict[str, Any]:
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(f"{bare_cloud}/_steward/mischief", data, method=method)
        with urllib.request.urlopen(request) as answer:
            return dict(json.loads(answer.read()))

    yield asked
    asked("DELETE")


@pytest.fixture
def tell(bare_cloud: str) -> Callable[..., None]:
    """Let AWS announce events: one for each number, all of one resource."""

    def told(source: str, *numbers: int) -> None:
        entries = [
            {"account": HUB, "region": REGION, "source": f"aws.{source}", "detail-type": "Changed",
             "resources": [f"arn:aws:x:::{source}"], "detail": {"n": number}}
            for number in numbers
        ]  # fmt: skip
        request = urllib.request.Request(f"{bare_cloud}/_local/events", json.dumps(entries).encode())
        with urllib.request.urlopen(request):
            pass

    return told


@pytest.fixture
def heard(client: Any) -> Callable[[str], Callable[[], list[int]]]:
    """A queue behind a rule for a source, and what has arrived in it, in order."""

    def listen(source: str) -> Callable[[], list[int]]:
        url, arn = a_queue(client, source)
        a_rule(client, source, {"Arn": arn}, source=[f"aws.{source}"])
        kept: list[int] = []

        def read() -> list[int]:
            while got := client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=1).get("Messages"):
                kept.append(json.loads(got[0]["Body"])["detail"]["n"])
                client("sqs").delete_message(QueueUrl=url, ReceiptHandle=got[0]["ReceiptHandle"])
            return kept

        return read

    return listen


@pytest.fixture
def caller(client: Any, role: Any) -> Callable[[], list[str]]:
    """A function that makes four calls, and what each of them answered when it is invoked."""
    name = f"caller-{uuid.uuid4().hex[:6]}"
    url, arn = a_queue(client, name, policy=False)
    sends = [{"Action": "sqs:SendMessage", "Resource": arn}]
    a_function(client, name, CALLING.format(url=url), role(name, sends, service="lambda.amazonaws.com"), Timeout=60)

    def invoke() -> Any:
        return json.loads(client("lambda").invoke(FunctionName=name)["Payload"].read())

    def sent() -> int:
        names = ["ApproximateNumberOfMessages"]
        return int(client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"][names[0]])

    invoke.name, invoke.sent = name, sent  # type: ignore[attr-defined]
    return invoke


def test_dropped_events_never_arrive_and_peace_returns_with_delete(ask: Ask, tell: Any, heard: Any) -> None:
    listen = heard("dropped")
    ask("POST", events={"drop": 1.0})
    tell("dropped", 1, 2)
    assert ask()["counts"] == {"events dropped": 2}
    ended = ask("DELETE")
    assert [one["detail_type"] for one in ended["harmed"]] == ["Changed", "Changed"]
    tell("dropped", 3)
    assert eventually(lambda: 3 in listen() and listen()) == [3]
    assert ask() == {"active": False, "counts": {}, "harmed": []}


def test_duplicated_events_arrive_twice(ask: Ask, tell: Any, heard: Any) -> None:
    listen = heard("twice")
    ask("POST", events={"duplicate": 1.0, "seconds": 0.1})
    tell("twice", 1)
    assert eventually(lambda: len(listen()) == 2 and listen()) == [1, 1]


def test_a_reordered_event_arrives_after_the_next_of_its_resource(ask: Ask, tell: Any, heard: Any) -> None:
    """The same seed gives the same order, another one gives another."""
    listen, orders = heard("shuffled"), []
    for seed in (3, 3, 4):
        before = len(listen())
        ask("POST", seed=seed, events={"reorder": 0.5, "seconds": 30})
        tell("shuffled", *range(12))
        ask("DELETE")  # lets go at once what is held back still
        orders.append(eventually(lambda before=before: len(listen()) == before + 12 and listen()[before:]))
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == list(range(12)) != orders[0]


def test_an_undeliverable_event_is_a_dead_letter(ask: Ask, client: Any, role: Any) -> None:
    dead_url, dead_arn = a_queue(client, "given-up")
    function = a_function(
        client, "given-up", "def handler(e, c): pass", role("given-up", [], service="lambda.amazonaws.com")
    )
    client("lambda").add_permission(
        FunctionName="given-up", StatementId="e", Action="lambda:InvokeFunction", Principal="events.amazonaws.com"
    )
    a_rule(client, "given-up", {"Arn": function, "DeadLetterConfig": {"Arn": dead_arn}}, source=["given-up"])
    ask("POST", deliveries={"undeliverable": 1.0})
    client("events").put_events(Entries=[{"Source": "given-up", "DetailType": "Told", "Detail": '{"n": 1}'}])
    letter = eventually(lambda: messages(client, dead_url))[0]
    assert letter["MessageAttributes"]["TARGET_ARN"]["StringValue"] == function
    assert json.loads(letter["Body"])["detail"] == {"n": 1}


@pytest.mark.parametrize(
    ("rule", "answer"),
    [
        ({"error": "AWS.SimpleQueueService.UnsupportedOperation"}, "AWS.SimpleQueueService.UnsupportedOperation"),
        ({"error": "throttled"}, "RequestThrottled"),
        ({"error": "failed"}, "InternalFailure"),
        ({"error": "lost"}, "ConnectionClosedError"),
    ],
)
def test_calls_of_functions_fail_in_the_service_s_words_and_the_tester_s_do_not(
    ask: Ask, caller: Any, rule: dict[str, str], answer: str
) -> None:
    ask("POST", calls=[{"service": "sqs", "operation": "SendMessage", **rule}])
    answers = caller()
    assert answers == [answer] * 4, answers
    assert caller.sent() == 0


def test_a_call_that_fails_after_its_effect_has_done_what_was_asked(ask: Ask, caller: Any) -> None:
    ask("POST", calls=[{"service": "sqs", "operation": "SendMessage", "error": "lost", "when": "after", "times": 1}])
    assert caller() == ["done"] * 4  # the SDK tried the first again
    assert caller.sent() == 5


def test_a_refusal_whose_answer_is_lost_is_not_taken_for_success(ask: Ask, client: Any, role: Any) -> None:
    name = f"refused-{uuid.uuid4().hex[:6]}"
    key = {"AttributeName": "k", "KeyType": "HASH"}, {"AttributeName": "k", "AttributeType": "S"}
    made = client("dynamodb").create_table(
        TableName=name, KeySchema=key[:1], AttributeDefinitions=key[1:], BillingMode="PAY_PER_REQUEST"
    )
    puts = [{"Action": "dynamodb:PutItem", "Resource": made["TableDescription"]["TableArn"]}]
    a_function(client, name, REFUSED.format(table=name), role(name, puts, service="lambda.amazonaws.com"), Timeout=60)
    ask("POST", calls=[{"service": "dynamodb", "operation": "PutItem", "error": "lost", "when": "after", "times": 1}])
    assert json.loads(client("lambda").invoke(FunctionName=name)["Payload"].read()) == "refused"
    assert ask()["counts"] == {"calls dynamodb:PutItem lost after": 1}


def test_calls_fail_at_their_rate_the_same_ones_for_the_same_seed(ask: Ask, caller: Any) -> None:
    rule = {"service": "sqs", "error": "AccessDenied", "status": 403, "rate": 0.5}
    answers = []
    for seed in (1, 1, 2):
        ask("POST", seed=seed, calls=[rule])
        answers.append([*caller(), *caller(), *caller()])
    assert answers[0] == answers[1] != answers[2]
    assert set(answers[0]) == {"done", "AccessDenied"}


def test_only_the_principals_that_are_named_are_harmed(ask: Ask, caller: Any) -> None:
    ask("POST", principals=["somebody-else"], calls=[{"service": "*"}])
    assert caller() == ["done"] * 4
    ask("POST", principals=["caller-"], calls=[{"service": "sqs", "error": "AccessDenied", "status": 403}])
    assert caller() == ["AccessDenied"] * 4


@pytest.mark.parametrize(("when", "arrived"), [("before", 1), ("after", 2)])
def test_a_function_dies_after_as_many_calls_as_asked(ask: Ask, caller: Any, when: str, arrived: int) -> None:
    ask("POST", functions={"kills": [{"function": caller.name, "after_calls": 2, "when": when, "times": 1}]})
    assert caller()["errorType"] == "Runtime.ExitError"
    assert caller.sent() == arrived
    assert caller() == ["done"] * 4
    (killed,) = ask()["harmed"]
    assert (killed["function"], killed["call"], killed["at"]) == (caller.name, 2, "sqs:SendMessage")


def test_a_function_that_makes_fewer_calls_dies_before_it_can_answer(ask: Ask, caller: Any) -> None:
    ask("POST", functions={"kills": [{"after_calls": 9, "times": 1}]})
    assert caller()["errorType"] == "Runtime.ExitError"
    assert caller.sent() == 4


def test_lambda_invokes_again_what_was_killed(ask: Ask, caller: Any, client: Any) -> None:
    ask("POST", functions={"kills": [{"function": caller.name, "after_calls": 1, "when": "before", "times": 2}]})
    client("lambda").invoke(FunctionName=caller.name, InvocationType="Event")
    assert eventually(lambda: caller.sent() == 4)
    assert ask()["counts"] == {"functions killed": 2}


@pytest.mark.parametrize(
    "nonsense",
    [
        {"event": {}},
        {"events": {"drops": 1}},
        {"events": {"drop": 2}},
        {"calls": [{}]},
        {"calls": [{"service": "s3", "when": "never"}]},
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(ask: Ask, nonsense: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask("POST", **nonsense)
    assert refused.value.code == 400
    assert ask()["active"] is False
