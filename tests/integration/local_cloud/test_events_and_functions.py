"""Events, functions and what becomes of those that fail, as AWS handles them."""

import io
import json
import os
import time
import urllib.request
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import DEV, HUB, REGION

pytestmark = pytest.mark.cloud

FAILING = "def handler(event, context):\n    raise KeyError('detail')\n"


def eventually(look: Callable[[], Any], seconds: float = 60) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.1)
    pytest.fail(f"nothing within {seconds} s")


def a_queue(client: Any, name: str, policy: bool = True, account: str = HUB) -> tuple[str, str]:
    sqs = client("sqs", account)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{account}:{name}"
    if policy:
        statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
        document = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": arn}]}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(document)})
    return url, arn


def a_function(client: Any, name: str, code: str, role_arn: str, **more: Any) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", code)
    made = client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="app.handler",
        Role=role_arn,
        Code={"ZipFile": packed.getvalue()},
        **more,
    )
    return str(made["FunctionArn"])


def messages(client: Any, url: str, account: str = HUB) -> list[dict[str, Any]]:
    got = client("sqs", account).receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=0
    )
    return list(got.get("Messages", []))


def a_rule(client: Any, name: str, target: dict[str, Any], bus: str = "default", account: str = HUB, **pattern: Any):
    events = client("events", account)
    events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "t", **target}])


def put(client: Any, source: str, detail: dict[str, Any], bus: str = "default", **more: Any) -> Any:
    entry = {"Source": source, "DetailType": "Told", "Detail": json.dumps(detail), "EventBusName": bus}
    return client.put_events(Entries=[{**entry, **more}])


def test_an_event_keeps_its_time(client):
    url, arn = a_queue(client, "timed")
    a_rule(client, "timed", {"Arn": arn}, source=["timed"])
    put(client("events"), "timed", {}, Time=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))

    event = json.loads(eventually(lambda: messages(client, url))[0]["Body"])
    assert event["time"] == "2026-01-02T03:04:05Z"


def test_what_cannot_be_delivered_is_a_dead_letter_with_its_reason(client):
    dead_url, dead_arn = a_queue(client, "dead")
    _, closed_arn = a_queue(client, "closed", policy=False)
    a_rule(client, "closed", {"Arn": closed_arn, "DeadLetterConfig": {"Arn": dead_arn}}, source=["closed"])
    put(client("events"), "closed", {"n": 1})

    letter = eventually(lambda: messages(client, dead_url))[0]
    attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert attributes["TARGET_ARN"] == closed_arn
    assert json.loads(letter["Body"])["detail"] == {"n": 1}


def test_a_failed_function_leaves_the_whole_story_in_its_destination(client, role):
    url, arn = a_queue(client, "failed-events", policy=False)
    sends = [{"Action": "sqs:SendMessage", "Resource": arn}]
    role_arn = role("failing", sends, service="lambda.amazonaws.com")
    function = a_function(client, "failing", FAILING, role_arn)
    client("lambda").put_function_event_invoke_config(
        FunctionName="failing",
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    client("lambda").add_permission(
        FunctionName="failing", StatementId="e", Action="lambda:InvokeFunction", Principal="events.amazonaws.com"
    )
    a_rule(client, "failing", {"Arn": function}, source=["failing"])
    put(client("events"), "failing", {"n": 1})

    record = json.loads(eventually(lambda: messages(client, url))[0]["Body"])
    assert record["requestPayload"]["detail"] == {"n": 1}
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responsePayload"]["errorType"] == "KeyError"


def test_a_function_that_events_may_not_invoke_is_not_invoked(client, role):
    dead_url, dead_arn = a_queue(client, "uninvited")
    function = a_function(client, "uninvited", FAILING, role("uninvited", [], service="lambda.amazonaws.com"))
    a_rule(client, "uninvited", {"Arn": function, "DeadLetterConfig": {"Arn": dead_arn}}, source=["uninvited"])
    put(client("events"), "uninvited", {})

    letter = eventually(lambda: messages(client, dead_url))[0]
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"


def test_only_the_relay_may_put_on_a_bus_that_says_so(client, role):
    events = client("events")
    bus = events.create_event_bus(Name="governance")["EventBusArn"]
    anyone = [{"Action": "events:PutEvents", "Resource": "*"}]
    relay, other = role("relay", anyone), role("no-relay", anyone)
    statement = {
        "Sid": "OnlyTheRelay",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": bus,
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{HUB}:role/relay"}},
    }
    events.put_permission(
        EventBusName="governance", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )

    assert put(client("events", role=relay), "steward", {}, "governance")["FailedEntryCount"] == 0
    for forbidden in (client("events", role=other), client("events")):
        with pytest.raises(ClientError, match="AccessDenied"):
            put(forbidden, "steward", {}, "governance")


def test_a_rule_forwards_to_another_account_as_its_bus_allows(client, role):
    hub_events = client("events")
    bus = hub_events.create_event_bus(Name="intake")["EventBusArn"]
    url, arn = a_queue(client, "arrived")
    a_rule(client, "arrived", {"Arn": arn}, bus="intake", source=["dev.told"])
    forwarder = role("forwarder", [{"Action": "events:PutEvents", "Resource": bus}], DEV, "events.amazonaws.com")
    dead_url, dead_arn = a_queue(client, "dev-dead", account=DEV)
    target = {"Arn": bus, "RoleArn": forwarder, "DeadLetterConfig": {"Arn": dead_arn}}
    a_rule(client, "forward", target, account=DEV, source=["dev.told"])

    put(client("events", DEV), "dev.told", {"n": 1}, Resources=["arn:aws:x"])
    refused = eventually(lambda: messages(client, dead_url, DEV))[0]
    assert refused["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"

    hub_events.put_permission(EventBusName="intake", StatementId="dev", Action="events:PutEvents", Principal=DEV)
    put(client("events", DEV), "dev.told", {"n": 2}, Resources=["arn:aws:x"])
    event = json.loads(eventually(lambda: messages(client, url))[0]["Body"])
    assert (event["account"], event["detail"], event["resources"]) == (DEV, {"n": 2}, ["arn:aws:x"])


def test_aws_services_can_be_made_to_speak(client, bare_cloud):
    url, arn = a_queue(client, "sagemaker-said", account=DEV)
    a_rule(client, "sagemaker-said", {"Arn": arn}, account=DEV, source=["aws.sagemaker"])
    said = {"account": DEV, "source": "aws.sagemaker", "detail-type": "X"}
    announced = [{**said, "time": "2026-01-01T00:00:00Z"}, {**said, "time": "1583831889050"}]
    request = urllib.request.Request(f"{bare_cloud}/_local/events", json.dumps(announced).encode(), method="POST")
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).read()

    heard = [json.loads(message["Body"]) for message in eventually(lambda: messages(client, url, DEV))]
    assert {event["account"] for event in heard} == {DEV}
    assert sorted(event["time"] for event in heard) == ["1583831889050", "2026-01-01T00:00:00Z"]


def test_a_queue_that_fills_raises_its_alarm_and_others_do_not(client):
    url, _ = a_queue(client, "filling", policy=False)
    a_queue(client, "empty", policy=False)
    cloudwatch = client("cloudwatch")
    for name in ("filling", "empty"):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/SQS",
            MetricName="ApproximateNumberOfMessagesVisible",
            Dimensions=[{"Name": "QueueName", "Value": name}],
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
        )
    client("sqs").send_message(QueueUrl=url, MessageBody="x")

    def states() -> dict[str, str]:
        alarms = cloudwatch.describe_alarms(AlarmNames=["filling", "empty"])["MetricAlarms"]
        return {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}

    eventually(lambda: states() == {"filling": "ALARM", "empty": "OK"})


def test_a_stream_mapping_reads_with_the_role_and_reports_item_by_item(client, role):
    table = a_table_with_stream(client)
    url, arn = a_queue(client, "stream-failures", policy=False)
    reads = ["dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"]
    role_arn = role(
        "stream-reader",
        [{"Action": reads, "Resource": table}, {"Action": "sqs:SendMessage", "Resource": arn}],
        service="lambda.amazonaws.com",
    )
    code = (
        "def handler(event, context):\n"
        "    changes = [record['dynamodb'] for record in event['Records']]\n"
        "    bad = [change['SequenceNumber'] for change in changes if change['Keys']['pk']['S'] == 'bad']\n"
        "    return {'batchItemFailures': [{'itemIdentifier': bad[0]}] if bad else []}\n"
    )
    a_function(client, "stream-reader", code, role_arn)
    client("lambda").create_event_source_mapping(
        EventSourceArn=table,
        FunctionName="stream-reader",
        StartingPosition="TRIM_HORIZON",
        BatchSize=10,
        MaximumRetryAttempts=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    for key in ("good-1", "bad", "good-2"):
        client("dynamodb").put_item(TableName="streamed", Item={"pk": {"S": key}})

    record = json.loads(eventually(lambda: messages(client, url))[0]["Body"])
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["DDBStreamBatchInfo"]["streamArn"] == table


def a_table_with_stream(client: Any) -> str:
    made = client("dynamodb").create_table(
        TableName="streamed",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return str(made["TableDescription"]["LatestStreamArn"])


def test_a_state_machine_invokes_with_its_role(client, role):
    code = "def handler(event, context):\n    return {'got': event}\n"
    function = a_function(client, "task", code, role("task", [], service="lambda.amazonaws.com"))
    states = "states.amazonaws.com"
    may = role("may-invoke", [{"Action": "lambda:InvokeFunction", "Resource": function}], service=states)
    may_not = role("may-not-invoke", [], service=states)
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    task["Parameters"] = {"FunctionName": function, "Payload.$": "$"}
    definition = json.dumps({"StartAt": "T", "States": {"T": task}})

    def run(name: str, role_arn: str) -> str:
        sfn = client("stepfunctions")
        machine = sfn.create_state_machine(name=name, definition=definition, roleArn=role_arn)["stateMachineArn"]
        execution = sfn.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
        ended = eventually(lambda: (d := sfn.describe_execution(executionArn=execution))["status"] != "RUNNING" and d)
        return str(ended["status"])

    assert run("may", may) == "SUCCEEDED"
    assert run("may-not", may_not) == "FAILED"


def test_a_burst_of_events_is_handled_by_a_few_environments(client, role):
    url, arn = a_queue(client, "burst", policy=False)
    code = (
        "import boto3, os\n"
        "sqs = boto3.client('sqs')\n"
        "def handler(event, context):\n"
        f"    sqs.send_message(QueueUrl='{url}', MessageBody=str(os.getpid()))\n"
    )
    sends = [{"Action": "sqs:SendMessage", "Resource": arn}]
    function = a_function(client, "burst", code, role("burst", sends, service="lambda.amazonaws.com"))
    client("lambda").add_permission(
        FunctionName="burst", StatementId="e", Action="lambda:InvokeFunction", Principal="events.amazonaws.com"
    )
    a_rule(client, "burst", {"Arn": function}, source=["burst"])
    for _ in range(3):
        entry = {"Source": "burst", "DetailType": "Told", "Detail": "{}"}
        client("events").put_events(Entries=[entry] * 10)

    count = ["ApproximateNumberOfMessages"]
    attributes = client("sqs").get_queue_attributes
    eventually(lambda: attributes(QueueUrl=url, AttributeNames=count)["Attributes"][count[0]] == "30")
    taken = [
        message["Body"]
        for _ in range(6)
        for message in client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    ]
    assert len(taken) == 30
    assert len(set(taken)) <= max(2, os.cpu_count() or 1)
