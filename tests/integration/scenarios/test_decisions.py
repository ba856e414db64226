"""One decision takes two models of a use case, through their APIs: who took part is told, and where it lies."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.integration.scenarios import models
from tests.integration.scenarios.access import Item, unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, told
from tests.integration.scenarios.record import wait_for

pytestmark = pytest.mark.cloud

WHY = ("--why", "as decided")
SCORE, LIMIT = (models.formula(number) for number in (191, 192))
CAPTURED = """\
title: Everything is kept
stages:
  test:
    capture: {{percent: 100, to: "s3://{bucket}/data-capture/{group}"}}
"""


@dataclass(frozen=True)
class Served:
    """A version that serves in test, and the API before it."""

    arn: str
    model: models.Model
    endpoint: str
    api: str


@dataclass(frozen=True)
class Answer:
    """What an API answered."""

    status: int
    headers: dict[str, str]
    body: str


@pytest.fixture(scope="module")
def bucket(driver: Driver) -> str:
    """A bucket of the test account for what is captured."""
    name = unique("captured")
    where: Any = {"LocationConstraint": driver.region}
    driver.client("s3", "test").create_bucket(Bucket=name, CreateBucketConfiguration=where)
    return name


def served(driver: Driver, steward: Steward, model: models.Model, bucket: str, folder: Path) -> Served:
    """A group of the use case, whose profile has everything captured, and its version in test."""
    name = unique("deciding")
    group, profile = driver.group(name, model=model), folder / f"{name}.yaml"
    profile.write_text(CAPTURED.format(bucket=bucket, group=name))
    told(steward("officer", "profile", "set", name, str(profile), *WHY, "--json"))
    arn = driver.register(group, model)
    driver.wait_sealed(arn)
    driver.approve(arn)
    endpoint = driver.wait_deployed(arn)["endpoint_name"]
    return Served(arn, model, endpoint, driver.api("test", endpoint))


@pytest.fixture(scope="module")
def two(driver: Driver, steward: Steward, bucket: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Served, ...]:
    folder = tmp_path_factory.mktemp("deciding")
    return tuple(served(driver, steward, model, bucket, folder) for model in (SCORE, LIMIT))


@pytest.fixture(scope="module")
def desk(driver: Driver) -> dict[str, str]:
    """The loan desk: a role of the account that may call APIs, and nothing else."""
    return driver.role("test", ["execute-api:Invoke"], "loan-desk")


def call(driver: Driver, keys: dict[str, str] | None, one: Served, decision: str = "") -> Answer:
    """POST the held-out rows to a version's API, signed by somebody."""
    headers = {"content-type": "text/csv", "accept": "text/csv"}
    headers |= {"x-steward-decision": decision} if decision else {}
    asked = AWSRequest("POST", one.api, headers=headers, data=one.model.features.encode())
    if keys:
        signer = Credentials(keys["access_key_id"], keys["secret_access_key"], keys["session_token"])
        SigV4Auth(signer, "execute-api", driver.region).add_auth(asked)
    try:
        with urlopen(Request(one.api, asked.data, dict(asked.headers), method="POST")) as answer:
            return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read().decode())
    except HTTPError as refused:
        return Answer(refused.code, {}, refused.read().decode())


def parts(steward: Steward, decision: str) -> list[Item]:
    """What the command tells of a decision, once two took part."""
    return wait_for(
        "both are on record",
        lambda: json.loads(steward("auditor", "use-case", "decision", "credit", decision, "--json").stdout),
        lambda one: len(one.get("parts", ())) == 2,
    )["parts"]


@pytest.fixture(scope="module")
def decision() -> str:
    return unique("loan-2026")


@pytest.fixture(scope="module")
def answers(driver: Driver, two: tuple[Served, ...], desk: dict[str, str], decision: str) -> tuple[Answer, ...]:
    return tuple(call(driver, desk, one, decision) for one in two)


def test_each_api_answers_as_its_model_and_says_which_version_and_that_it_was_told(
    two: tuple[Served, ...], answers: tuple[Answer, ...]
) -> None:
    for one, answer in zip(two, answers, strict=True):
        assert answer.status == 200, answer
        assert [float(line) for line in answer.body.split()] == list(one.model.answers)
        assert (answer.headers["x-steward-model"], answer.headers["x-steward-decision-told"]) == (one.arn, "yes")


def test_nobody_calls_who_may_not(driver: Driver, two: tuple[Served, ...]) -> None:
    assert call(driver, None, two[0]).status == 403
    assert call(driver, driver.role("prod", ["execute-api:Invoke"]), two[0]).status == 403


def test_the_command_tells_which_versions_took_part_and_where_what_was_said_lies(
    driver: Driver, steward: Steward, two: tuple[Served, ...], answers: tuple[Answer, ...], bucket: str, decision: str
) -> None:
    found = {part["model_package_arn"]: part for part in parts(steward, decision)}
    assert set(found) == {one.arn for one in two}
    for one in two:
        part = found[one.arn]
        assert (part["use_case"], part["stage"], part["endpoint"]) == ("credit", "test", one.endpoint)
        assert (part["account"], part["capture_percent"]) == (driver.accounts["test"], 100)
        assert part["captured"].startswith(f"s3://{bucket}/data-capture/")
    shown = steward("auditor", "use-case", "decision", "credit", decision)
    assert shown.exit_code == 0, shown.output


def test_what_each_was_asked_and_answered_lies_there_under_the_decisions_id(
    driver: Driver, steward: Steward, two: tuple[Served, ...], answers: tuple[Answer, ...], bucket: str, decision: str
) -> None:
    for part in parts(steward, decision):
        one = next(one for one in two if one.arn == part["model_package_arn"])
        (record,) = [said for said in captured(driver, bucket) if said["id"] == decision and said["of"] == one.endpoint]
        assert record["at"].startswith(part["captured"]) or on_the_hour(part), record["at"]
        assert record["endpointInput"] == one.model.features
        assert [float(line) for line in record["endpointOutput"].split()] == list(one.model.answers)


def on_the_hour(part: Item) -> bool:
    """Whether it was so close to the hour that a call may be filed under the one and its record under the other."""
    at = datetime.fromisoformat(part["served_at"])
    return (at.minute, at.second // 10) in {(0, 0), (59, 5)}


def captured(driver: Driver, bucket: str) -> list[Item]:
    """Every record that was captured: where it lies, of which endpoint, the caller's id, and both ways."""
    s3, found = driver.client("s3", "test"), []
    for entry in s3.list_objects_v2(Bucket=bucket, Prefix="data-capture/")["Contents"]:
        for line in s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read().decode().splitlines():
            said = json.loads(line)
            data = {way: one["data"] for way, one in said["captureData"].items()}
            at, decision = f"s3://{bucket}/{entry['Key']}", said["eventMetadata"].get("inferenceId")
            found.append({"at": at, "of": entry["Key"].split("/")[2], "id": decision, **data})
    return found


def test_nothing_of_it_is_on_record_but_names_and_places(
    driver: Driver, steward: Steward, two: tuple[Served, ...], answers: tuple[Answer, ...], decision: str
) -> None:
    said = json.dumps(parts(steward, decision))
    for one in two:
        assert one.model.features.split(",")[0] not in said
        assert str(one.model.answers[0]) not in said


def test_a_call_without_an_id_leaves_no_trace_and_one_with_a_name_for_an_id_is_refused(
    driver: Driver, steward: Steward, two: tuple[Served, ...], desk: dict[str, str]
) -> None:
    quiet = call(driver, desk, two[0])
    assert (quiet.status, "x-steward-decision-told" in quiet.headers) == (200, False)
    assert call(driver, desk, two[0], "Ada Lovelace").status == 400
    assert steward("auditor", "use-case", "decision", "credit", unique("nobody")).exit_code == 4
