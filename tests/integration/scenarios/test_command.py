"""Officers decide about records from the command line; nobody else does, and every deed names who gave the command."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chaos.commanding import governed_later
from chaos.weather import raging
from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, short, told
from tests.integration.scenarios.record import wait_for
from tests.integration.scenarios.subscriber import Subscriber

pytestmark = pytest.mark.cloud

WHY = ("--why", "as decided")
SILENCE = {"events": {"drop": 1, "sources": ["aws.sagemaker"]}}


@pytest.fixture(scope="module")
def before_governance(driver: Driver) -> Iterator[None]:
    """What is registered in this module was there before Steward was."""
    with governed_later(driver):
        yield


def invoked(driver: Driver, who: str, event: dict[str, Any], function: str = "DecideFunction") -> dict[str, Any]:
    """What a function answers to somebody."""
    payload = json.dumps(event).encode()
    answer = driver.client("lambda", who).invoke(FunctionName=driver.outputs[function], Payload=payload)
    return dict(json.loads(answer["Payload"].read()))


@pytest.fixture(scope="module")
def old(driver: Driver, before_governance: None, steward: Steward) -> str:
    """A version of which no event told, brought on record by the ML engineer."""
    group = driver.group(unique("old"), model=models.formula())
    with raging(driver.cloud["endpoint_url"], SILENCE):
        arn = driver.register(group, models.formula(51))
        driver.approve(arn)
        driver.wait_told(arn)
    assert steward("ml-engineer", "backfill", "--group", group.rpartition("/")[2]).exit_code == 0
    assert not driver.items(arn), "what is younger than the grace is left to its events"
    order = {"mode": "backfill", "grace_seconds": 0, "groups": [group.rpartition("/")[2]]}
    report = invoked(driver, "ml-engineer", order, "ReconcileRegistryFunction")
    assert "backfilled" in {one["code"] for one in report["differences"]}
    driver.wait_registered(arn)
    return arn


def test_a_version_from_before_governance_is_on_record_and_nothing_follows(
    driver: Driver, old: str, steward: Steward
) -> None:
    assert told(steward("auditor", "show", short(old), "--json"))["is_dormant"]
    assert "not-adopted" in driver.findings(old)
    assert not driver.items(old, "EFFECT#")


@pytest.mark.parametrize("who", ["ml-engineer", "model-owner", "validator", "auditor"])
@pytest.mark.parametrize("words", [("adopt",), ("hold",), ("release-hold",), ("rebuild", "--repair")])
def test_nobody_but_an_officer_gives_such_a_command(
    driver: Driver, old: str, steward: Steward, who: str, words: tuple[str, ...]
) -> None:
    refused = steward(who, *words, short(old), *WHY, "--json")
    assert refused.exit_code == 3
    why = "not-entitled" if who in {"model-owner", "validator"} else "lambda:InvokeFunction"
    assert why in json.loads(refused.stdout)["error"]["message"]
    assert "not-adopted" in driver.findings(old)


def test_a_data_scientist_gives_no_command(driver: Driver, old: str, steward: Steward) -> None:
    assert steward("data-scientist", "adopt", short(old), *WHY).exit_code == 3
    assert "not-adopted" in driver.findings(old)


def signed(driver: Driver, who: str, **payload: Any) -> dict[str, Any]:
    """A command with a proof of somebody's."""
    from governance.bootstrap_people import prove

    asked = {
        "function": f"arn:aws:lambda:{driver.region}:{driver.accounts['hub']}:function:{driver.outputs['DecideName']}",
        "request_id": unique("request"),
        "why": "as decided",
        **payload,
    }
    keys = driver.cloud["personas"][who]
    session = boto3.Session(keys["access_key_id"], keys["secret_access_key"], keys["session_token"])
    credentials = session.get_credentials().get_frozen_credentials()
    return {"payload": asked, "proof": prove(credentials, driver.region, driver.cloud["endpoint_url"], asked)}


def test_a_proof_is_of_no_use_for_another_command_or_from_another_account(driver: Driver, old: str) -> None:
    good = signed(driver, "officer", command="hold", version=old)
    changed = {**good, "payload": {**good["payload"], "command": "release-hold"}}
    foreign = signed(driver, "data-scientist", command="hold", version=old)
    for event in (changed, foreign, {**good, "proof": good["proof"].replace("host%3B", "")}):
        assert invoked(driver, "officer", event)["refused"]["code"] == "identity-not-proven"
    assert "hold" not in " ".join(driver.actions(old))


def test_the_officer_adopts_it_and_it_lives(driver: Driver, old: str, steward: Steward, subscriber: Subscriber) -> None:
    assert told(steward("officer", "adopt", short(old), *WHY, "--dry-run", "--json"))["versions"][0]["would_change"]
    (one,) = told(steward("officer", "adopt", short(old), *WHY, "--json"))["versions"]
    assert (one["changed"], one["is_dormant"]) == (True, False)
    driver.wait_sealed(old)
    assert "version-adopted" in driver.actions(old)
    assert "not-adopted" not in driver.findings(old)
    (again,) = told(steward("officer", "adopt", short(old), *WHY, "--json"))["versions"]
    assert not again["changed"]
    assert driver.actions(old).count("version-adopted") == 1
    assert told(steward("auditor", "show", short(old), "--json"))["adopted_by"] == officer(driver)


def officer(driver: Driver) -> str:
    arn = str(driver.client("sts", "officer").get_caller_identity()["Arn"])
    return arn.rpartition("/")[2]


def test_a_command_that_is_told_twice_is_one_deed(driver: Driver, old: str) -> None:
    command = signed(driver, "officer", command="hold", version=old)
    first, again = invoked(driver, "officer", command), invoked(driver, "officer", command)
    assert (first["changed"], again["changed"]) == (True, False)
    assert first["legal_hold"] and again["legal_hold"]
    assert driver.actions(old).count("legal-hold-placed") == 1


def test_a_hold_is_lifted_and_both_are_in_the_trail(driver: Driver, old: str, steward: Steward) -> None:
    assert told(steward("officer", "hold", short(old), *WHY, "--json"))["versions"][0]["legal_hold"]
    lifted = wait_for(  # within the second of the hold, the hold stands
        "it is lifted",
        lambda: steward("officer", "release-hold", short(old), *WHY, "--json"),
        lambda one: not one.exit_code,
    )
    assert told(lifted)["versions"][0]["legal_hold"] is False
    assert {"legal-hold-placed", "legal-hold-lifted"} <= set(driver.actions(old))


def test_a_damaged_row_is_named_and_put_right(driver: Driver, steward: Steward) -> None:
    """Of a version with which nothing happens meanwhile: its next fact would put the row right too."""
    arn = driver.register(driver.group(unique("damaged"), model=models.formula()), models.formula(53))
    driver.wait_sealed(arn)
    driver.wait_stage(arn, "development", model_owner="mary.jackson")
    driver.settled([arn])
    dynamodb, table = driver.client("dynamodb", "hub"), driver.outputs["GovernanceTable"]
    key = {"pk": {"S": f"MODEL#{arn}"}, "sk": {"S": "STAGE#development"}}
    row = dynamodb.get_item(TableName=table, Key=key)["Item"]
    dynamodb.put_item(TableName=table, Item={**row, "model_status": {"S": "rejected"}})
    found = steward("auditor", "rebuild", short(arn), "--check", "--json")
    assert found.exit_code == 1
    assert {one["attribute"] for one in json.loads(found.stdout)["differences"]} >= {"model_status"}
    assert told(steward("officer", "rebuild", short(arn), "--repair", "--json"))["versions"][0]["changed"]
    assert steward("auditor", "rebuild", short(arn), "--check").exit_code == 0
    assert driver.stage(arn, "development")["model_status"] == row["model_status"]["S"]


def test_a_forgotten_person_is_gone_and_the_chain_verifies(driver: Driver, steward: Steward) -> None:
    group, name = driver.group(unique("forgotten"), model=models.formula()), unique("somebody")
    tags = [{"Key": "steward:owner", "Value": name}]
    driver.client("sagemaker", "officer").add_tags(ResourceArn=group, Tags=tags)
    arn = driver.register(group, models.formula(52))
    driver.wait_stage(arn, "development", model_owner=name)
    driver.wait_sealed(arn)
    driver.settled([arn])
    dry = told(steward("officer", "forget-person", name, *WHY, "--dry-run", "--json"))
    assert dry["versions"] == [arn]
    gone = told(steward("officer", "forget-person", name, *WHY, "--json"))
    assert gone["versions"] == [arn]
    assert name not in str(driver.items(arn))
    assert driver.stage(arn, "development")["model_owner"] == gone["person"]
    assert steward("auditor", "verify", short(arn), "--no-archive").exit_code == 0
    assert steward("auditor", "rebuild", short(arn), "--check").exit_code == 0
    hub = int(driver.item(f"HUB#{driver.install}", "HEAD")["audit_sequence"])
    deeds = [driver.item(f"HUB#{driver.install}", f"AUDIT#{number:08d}")["entry"] for number in range(1, hub + 1)]
    forgotten = [deed["new"]["person"] for deed in map(json.loads, deeds) if deed["action"] == "person-forgotten"]
    assert forgotten[-1] == gone["person"]
