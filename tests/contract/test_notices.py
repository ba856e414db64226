"""What is promised of notices: whoever subscribed gets the words, and what they are known by."""

import json
from typing import Any

import pytest

from governance.adapters.sns_notices import SnsNotices
from governance.domain.notices import Notice
from tests.aws.resources import client
from tests.fakes_of_use_cases import InMemoryNotices

NOTICE = Notice(event_id="e-1", use_case_id="credit-risk", subject="It may begin", text="Two lines,\nno names.")


def seen(notice: dict[str, Any]) -> Notice:
    """A notice as a subscribed queue gets it."""
    about = {name: told["Value"] for name, told in notice["MessageAttributes"].items()}
    return Notice(subject=notice["Subject"], text=notice["Message"], **about)


@pytest.mark.parametrize("kind", ["in memory", "SNS"])
def test_what_is_told_arrives_whole_and_as_often_as_it_is_told(kind: str, request: pytest.FixtureRequest):
    if kind == "in memory":
        fake = InMemoryNotices()
        fake.tell(NOTICE)
        fake.tell(NOTICE)
        assert fake.told == [NOTICE, NOTICE]
        return
    request.getfixturevalue("seam")
    topic = client("sns").create_topic(Name="onboarding")["TopicArn"]
    queue = client("sqs").create_queue(QueueName="mine")["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    for _ in range(2):
        SnsNotices(client("sns"), topic).tell(NOTICE)
    found = client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert [seen(json.loads(one["Body"])) for one in found] == [NOTICE, NOTICE]
