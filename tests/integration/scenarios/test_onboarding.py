"""A use case is approved, the ML engineer is told, three people make its group, and the first version knows all."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_cloud.place import ROOT
from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, told
from tests.integration.scenarios.record import wait_for

pytestmark = pytest.mark.cloud

WHY = ("--why", "as decided")
EXAMPLES = ROOT / "examples" / "credit_risk"
WANTED = """\
use_case: {use_case}
group: {group}
owner: mary.jackson
risk: low
shared_with:
  accounts: ["{dev}"]
validation_set: {{file: rows.csv, target: bad}}
deployment_profile: profile.yaml
"""
ROWS = "income,age,bad\n0.2,30,0\n1.8,40,1\n"
PROFILE = "title: Two of them in production\nstages:\n  production:\n    instances: {type: ml.m5.large, count: 2}\n"


@pytest.fixture(scope="module")
def name() -> str:
    return unique("onboarded").lower()


@pytest.fixture(scope="module")
def group(name: str) -> str:
    return f"{name}-pd"


@pytest.fixture(scope="module")
def file(name: str, group: str, driver: Driver, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the ML engineer writes down, with what lies beside it."""
    folder = tmp_path_factory.mktemp("onboarding")
    (folder / "rows.csv").write_text(ROWS)
    (folder / "profile.yaml").write_text(PROFILE)
    use_case = (EXAMPLES / "use-case.yaml").read_text().replace("id: credit-risk", f"id: {name}")
    (folder / "use-case.yaml").write_text(use_case)
    wanted = WANTED.format(use_case=name, group=group, dev=driver.accounts["dev"])
    (folder / "onboarding.yaml").write_text(wanted)
    return folder / "onboarding.yaml"


@pytest.fixture(scope="module")
def mailbox(driver: Driver) -> Iterator[Any]:
    """A queue that hears what the ML engineer is told."""
    sqs, sns = driver.client("sqs", "hub"), driver.client("sns", "hub")
    url = sqs.create_queue(QueueName=unique("mailbox"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = driver.outputs["OnboardingTopicArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    bound = {**statement, "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [bound]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    subscribed = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)

    def received() -> list[str]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1, VisibilityTimeout=0)
        return [json.loads(one["Body"])["Message"] for one in found.get("Messages", [])]

    yield received
    sns.unsubscribe(SubscriptionArn=subscribed["SubscriptionArn"])
    sqs.delete_queue(QueueUrl=url)


def states(steward: Steward, who: str, file: Path, code: int) -> list[str]:
    document = told(steward(who, "onboard", str(file), *WHY, "--json"), code=code)
    return [one["state"] for one in document["steps"]]


def test_nothing_is_made_before_the_use_case_is_approved_and_then_the_ml_engineer_is_told(
    steward: Steward, name: str, file: Path, mailbox: Any
) -> None:
    told(steward("model-owner", "use-case", "create", str(file.parent / "use-case.yaml"), *WHY, "--json"))
    told(steward("validator", "use-case", "assess", name, str(EXAMPLES / "assessment.yaml"), *WHY, "--json"))
    assert steward("ml-engineer", "onboard", str(file), *WHY).exit_code == 3, "nobody approved it"
    approve = ("use-case", "advance", name, "--stage", "proof-of-concept", *WHY, "--json")
    told(steward("validator", *approve), code=1)
    told(steward("officer", *approve))
    (notice, *_) = wait_for("the ML engineer is told", lambda: [one for one in mailbox() if name in one], bool)
    for words in ("EU AI Act class: high", "steward onboard"):
        assert words in notice, words


def test_the_group_is_made_with_one_command_by_three_people(
    driver: Driver, steward: Steward, name: str, group: str, file: Path
) -> None:
    told(steward("ml-engineer", "onboard", str(file), *WHY, "--dry-run", "--json"))
    assert states(steward, "ml-engineer", file, 6) == ["done", "done", "done", "waits", "waits"]
    assert states(steward, "officer", file, 6) == ["done", "done", "done", "done", "waits"]
    assert states(steward, "model-owner", file, 0) == ["done"] * 5
    assert states(steward, "ml-engineer", file, 0) == ["done"] * 5
    shown = json.loads(steward("auditor", "use-case", "show", name, "--audit", "--json").stdout)
    assert [one["who"] for one in shown["audit"] if one["action"] == "group-attached"] == ["steward"]
    profile = json.loads(steward("auditor", "profile", "show", group, "--json").stdout)
    assert (profile["profile"], profile["title"]) == ("profile@1", "Two of them in production")
    tags = driver.client("sagemaker", "hub").list_tags(ResourceArn=driver.group_arn(group))["Tags"]
    assert {"steward:validation-set-sha256", "steward:validation-set"} <= {one["Key"] for one in tags}


def test_its_first_version_knows_whose_it_is(driver: Driver, group: str) -> None:
    arn = driver.register(driver.group_arn(group), models.formula(91))
    record = driver.wait_stage(arn, "development", use_case_name="Credit risk of consumer loans")
    assert (record["model_lob"], record["model_project"]) == ("retail", "pd")
    assert record["model_owner"] == "mary.jackson"


def test_a_group_made_otherwise_is_a_finding_until_it_is_adopted(
    driver: Driver, steward: Steward, name: str, file: Path
) -> None:
    other = unique("otherwise")
    arn = driver.group(other, use_case=name)

    def said() -> set[str]:
        report = json.loads(steward("ml-engineer", "reconcile", "--group", other, "--grace", "0", "--json").stdout)
        return {one["code"] for one in report["differences"] if one["subject"] == arn}

    assert "group-not-onboarded" in said()
    adopted = file.parent / "other.yaml"
    text = WANTED.format(use_case=name, group=other, dev=driver.accounts["dev"])
    adopted.write_text(
        "\n".join(line for line in text.splitlines() if "rows.csv" not in line and "profile" not in line)
    )
    document = told(steward("ml-engineer", "onboard", str(adopted), *WHY, "--json"))
    assert "adopted" in document["steps"][1]["detail"]
    assert not said()
