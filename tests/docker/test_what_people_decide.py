"""Every order that people give to `decide` has its effect on the record, and the functions that act on it do so.

The words are those of the samples, about versions that the registry holds, signed by the cloud's people as they are
given. What follows is announced as ever, but for evidence and the registry: there the functions in containers act in
the place of the cloud's own.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.credentials import Credentials

from governance.bootstrap_people import prove
from governance.domain.values import iso
from local_cloud.place import ROOT
from tests.docker.lambda_containers import Invocation, Lambda
from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.record import wait_for

pytestmark = [pytest.mark.docker, pytest.mark.cloud]

Invoke = Callable[..., Invocation]
Order = Callable[..., dict[str, Any]]

OURS = ("CollectEvidence", "WriteBack")
"""Functions that act in containers here, and nowhere else meanwhile."""
BUSES = ("GovernanceBus", "IntakeBus")


def sample(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text())
    return told


@pytest.fixture(scope="module")
def driver(lambda_service: Lambda, cloud: dict[str, Any]) -> Driver:
    return Driver(cloud)


@pytest.fixture(scope="module", autouse=True)
def by_themselves(driver: Driver) -> Iterator[None]:
    """The cloud's own functions do not do what the ones in containers are to do."""
    with ExitStack() as held:
        for name in OURS:
            held.enter_context(at_rest(driver, name))
        yield


@contextmanager
def at_rest(driver: Driver, function: str) -> Iterator[None]:
    """While this lasts, no bus hands anything to a function."""
    events = driver.client("events", "hub")
    named = driver.client("lambda", "hub").get_function_configuration(FunctionName=driver.outputs[f"{function}Name"])
    buses = [driver.outputs[bus] for bus in BUSES]
    rules = [
        {"Name": rule, "EventBusName": bus}
        for bus in buses
        for rule in events.list_rule_names_by_target(TargetArn=named["FunctionArn"], EventBusName=bus)["RuleNames"]
    ]
    assert rules, function
    for rule in rules:
        events.disable_rule(**rule)
    try:
        yield
    finally:
        for rule in rules:
            events.enable_rule(**rule)


def next_second() -> None:
    """Of one second, one order: a signature has no moment that is finer."""
    begun = int(time.time())
    wait_for("the next second", time.time, lambda now: int(now) > begun)


def soon(**later: float) -> str:
    """A moment of this day's, for a sample's own has gone by."""
    return iso(datetime.now(UTC) + timedelta(**later))


@pytest.fixture(scope="module")
def order(driver: Driver, lambda_service: Lambda, invoke: Invoke) -> Order:
    """`order("officer", "reject", version=arn)`: a sample's words, with these in the place of some; the answer."""

    def give(who: str, command: str, **instead: Any) -> dict[str, Any]:
        next_second()
        payload = {**sample(f"decide-{command}")["payload"], **instead, "request_id": unique(command)}
        keys = driver.cloud["personas"][who]
        held = Credentials(keys["access_key_id"], keys["secret_access_key"], keys["session_token"])
        proof = prove(held, driver.region, lambda_service.endpoint_inside, payload)
        invocation = invoke(f"decide-{command}", {"payload": payload, "proof": proof})
        assert invocation.error is None, invocation.text
        answer: dict[str, Any] = invocation.answer
        assert "refused" not in answer, answer
        return answer

    return give


@pytest.fixture(scope="module")
def group(driver: Driver) -> str:
    return driver.group(unique("decided"))


@pytest.fixture(scope="module")
def first(driver: Driver, group: str) -> str:
    """A version that waits for its first decision, in a group that is on record."""
    arn = driver.register(group, models.formula(71))
    driver.wait_sealed(arn)
    wait_for(f"the record of {group}", lambda: driver.item(f"GROUP#{group}", "HEAD"), bool)
    return arn


@pytest.fixture(scope="module")
def second(driver: Driver, group: str, first: str) -> str:
    """A version after it."""
    arn = driver.register(group, models.formula(72))
    driver.wait_sealed(arn)
    return arn


def kinds(driver: Driver, arn: str) -> list[str]:
    """What is known of a version, fact by fact."""
    return [fact["kind"] for fact in driver.items(arn, "FACT#")]


def reviews(driver: Driver, arn: str) -> dict[str, str]:
    """What reviewers want put right on a version, or wanted: the status of each by its id."""
    rows = [item for item in driver.items(arn, "FINDING#") if item["code"] == "review"]
    return {row["detail"].partition(",")[0]: row["status"] for row in rows}


def intended(driver: Driver, arn: str, kind: str) -> dict[str, Any]:
    """What is to be done outside of the record, or was."""
    (effect,) = driver.items(arn, f"EFFECT#{kind}-")
    return effect


def asking_for(name: str, arn: str, effect: dict[str, Any]) -> dict[str, Any]:
    """A sample event, about this version and what is intended for it."""
    event = sample(name)
    told = {"model_package_arn": arn, "effect_id": effect["sk"].removeprefix("EFFECT#")}
    return {**event, "detail": {**event["detail"], **told}}


def test_a_finding_is_raised_and_answered(driver: Driver, first: str, order: Order):
    (finding,) = order("validator", "raise-findings", version=first)["findings"]
    assert reviews(driver, first) == {finding["id"]: "open"}
    order("model-owner", "answer-finding", version=first, finding=finding["id"])
    assert reviews(driver, first) == {finding["id"]: "closed"}


def test_a_sign_off_is_on_record_with_the_role_that_it_was_given_in(driver: Driver, first: str, order: Order):
    order("validator", "sign-off", version=first, stage="development")
    (given,) = driver.items(first, "SIGNOFF#development#")
    assert (given["person"], given["roles"]) == ("dorothy.vaughan", '["validator"]')


def test_a_rejection_is_intended_and_then_written_to_the_registry_once(
    driver: Driver, first: str, order: Order, invoke: Invoke
):
    findings = [{**one, "due": soon(days=30)} for one in sample("decide-reject")["payload"]["findings"]]
    order("officer", "reject", version=first, stage="development", findings=findings)
    write = "write_back-write-back-requested"
    asked = asking_for(write, first, intended(driver, first, "write-back"))
    assert driver.describe(first)["ModelApprovalStatus"] == "PendingManualApproval"
    assert invoke(write, asked).error is None  # who hears of the write first, this or its echo, records it
    assert driver.describe(first)["ModelApprovalStatus"] == "Rejected"
    assert intended(driver, first, "write-back")["outcome"] == "written"
    assert invoke(write, asked).logged("nothing new")
    driver.wait_stage(first, "development", model_status="rejected", model_audit_user="katherine.johnson")


def test_another_version_takes_its_place(driver: Driver, first: str, second: str, order: Order):
    (wanting,) = [finding for finding, status in reviews(driver, first).items() if status == "open"]
    order("model-owner", "resubmit", version=second, of=first, answers={wanting: "trained without age"})
    assert "resubmitted" in kinds(driver, second)
    assert set(reviews(driver, first).values()) == {"closed"}


def test_an_approval_waits_for_an_answer(driver: Driver, second: str, order: Order):
    order("validator", "raise-findings", version=second)
    answer = order("model-owner", "approve", version=second)
    assert answer["outcome"] == "waits"
    assert [one["name"] for one in answer["checks"] if one["stops"]] == ["findings-answered"]
    (given,) = driver.items(second, "SIGNOFF#development#")
    assert given["person"] == "mary.jackson"
    assert driver.items(second, "EFFECT#write-back-") == []


def test_an_emergency_is_a_finding_until_somebody_else_has_reviewed_it(driver: Driver, second: str, order: Order):
    order("model-owner", "break-glass", version=second, stage="development")
    assert "emergency-approval" in driver.findings(second)
    assert intended(driver, second, "write-back")["outcome"] == "open"
    order("officer", "review-emergency", version=second, stage="development", upheld=False)
    assert "emergency-approval" not in driver.findings(second)


def test_evidence_that_somebody_attaches_is_kept_in_the_hub(driver: Driver, second: str, order: Order, invoke: Invoke):
    key = f"credit-risk/{unique('bias')}.json"
    driver.client("s3", "data-scientist").put_object(Bucket=driver.dev_bucket, Key=key, Body=b"{}")
    order("model-owner", "attach-evidence", version=second, uri=f"s3://{driver.dev_bucket}/{key}")
    collect = "collect_evidence-evidence-requested"
    asked = asking_for(collect, second, intended(driver, second, "collect"))
    assert invoke(collect, asked).logged("recorded")
    (kept,) = driver.items(second, "EVIDENCE#bias#")
    assert (kept["status"], kept["sha256"]) == ("collected", hashlib.sha256(b"{}").hexdigest())
    assert intended(driver, second, "collect")["outcome"] == "done"


def test_a_finding_that_nobody_answered_in_time_is_overdue(driver: Driver, second: str, order: Order, invoke: Invoke):
    due = soon(seconds=10)
    order("validator", "raise-findings", version=second, findings=[{"severity": "low", "text": "slow", "due": due}])
    assert "review-overdue" not in driver.findings(second)
    wait_for("its time is over", lambda: soon(), lambda now: now > due)
    assert invoke("expire_evidence-schedule").answer == {"done": True}
    assert "review-overdue" in driver.findings(second)


def test_a_version_is_held_and_released_and_its_record_is_what_its_facts_give(
    driver: Driver, second: str, order: Order
):
    assert order("officer", "hold", version=second)["legal_hold"] is True
    assert order("officer", "release-hold", version=second)["legal_hold"] is False
    assert {"legal-hold-placed", "legal-hold-lifted"} <= set(kinds(driver, second))
    assert order("officer", "repair", version=second)["differences"] == []


def of_group(driver: Driver, group: str) -> dict[str, Any]:
    """A group as its item has it."""
    document: dict[str, Any] = json.loads(driver.item(f"GROUP#{group}", "HEAD")["document"])
    return document


def test_a_role_is_delegated_and_taken_back(driver: Driver, first: str, group: str, order: Order):
    until = soon(days=7)
    order("validator", "delegate", group=group, until=until)
    (given,) = of_group(driver, group)["delegations"]
    assert (given["role"], given["until"]) == ("validator", until)
    order("validator", "end-delegation", group=group)
    (ended,) = of_group(driver, group)["delegations"]
    assert ended["until"] < given["until"]


def test_a_policy_is_published_and_two_officers_put_a_group_under_it(
    driver: Driver, first: str, group: str, order: Order
):
    name = unique("credit")
    document = {**sample("decide-publish-policy")["payload"]["document"], "name": name}
    assert order("officer", "publish-policy", document=document)["outcome"] == "done"
    assert driver.item(f"POLICY#{name}", "VERSION#1")
    asked = {"policy": name, "group": group}
    assert order("officer", "assign-policy", **asked)["outcome"] == "proposed", "it asks less than the one before"
    assert of_group(driver, group)["in_force"]["document"]["name"] == "default"
    assert order("second-officer", "assign-policy", **asked)["outcome"] == "done"
    assert of_group(driver, group)["in_force"]["document"]["name"] == name


def test_a_use_case_is_written_down_assessed_advanced_and_sent_back(driver: Driver, order: Order):
    use_case, successor = (unique("scoring").lower() for _ in range(2))

    def stands() -> dict[str, Any]:
        told: dict[str, Any] = json.loads(driver.item(f"USECASE#{use_case}", "HEAD")["document"])
        return told

    document = {**sample("decide-create-use-case")["payload"]["document"], "id": use_case}
    order("model-owner", "create-use-case", document=document)
    order("model-owner", "create-use-case", document={**document, "id": successor})
    order("model-owner", "change-use-case", document={**document, "human_oversight": "A loan officer may overrule it."})
    assert order("validator", "assess-use-case", use_case=use_case)["ai_act_class"] == "high"
    assert order("validator", "advance-use-case", use_case=use_case)["outcome"] == "waits-for-another-person"
    assert order("officer", "advance-use-case", use_case=use_case)["stage"] == "development"
    group = driver.group(unique("owned"), use_case=use_case)
    order("officer", "attach-group", use_case=use_case, group=group)
    assert of_group(driver, group)["use_case"]["id"] == use_case
    order("officer", "detach-group", use_case=use_case, group=group)
    assert of_group(driver, group)["use_case"] is None
    order("officer", "reject-use-case", use_case=use_case, stage="development")
    (finding,) = stands()["findings"]
    order("model-owner", "answer-use-case-finding", use_case=use_case, finding=finding["id"])
    order("model-owner", "name-successor", use_case=use_case, successor=successor)
    assert (stands()["stage"], stands()["findings"], stands()["successor"]) == ("proof-of-concept", [], successor)


def test_a_name_is_erased_from_the_records(driver: Driver, first: str, second: str, order: Order):
    order("officer", "forget-person", name="dorothy.vaughan")
    assert "dorothy.vaughan" not in str([*driver.items(first), *driver.items(second)])
