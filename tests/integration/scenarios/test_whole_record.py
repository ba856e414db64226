"""At the end of all: every chain holds, every record is the fold of its facts, every announcement was heard."""

import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from governance.domain import audit, events
from governance.domain.fold import fold, fold_all
from governance.domain.model_version import ModelVersion
from governance.domain.people import Names
from governance.domain.projection import projections
from governance.domain.record import effects
from governance.domain.upcasting import as_written
from governance.domain.use_case_events import OF_USE_CASES
from tests.integration.scenarios import models
from tests.integration.scenarios.access import Item, unique
from tests.integration.scenarios.driver import Driver
from tests.integration.scenarios.record import plain, wait_for
from tests.integration.scenarios.subscriber import Subscriber

SCHEMAS = Path(__file__).parents[3] / "docs" / "events"

Versions = dict[str, list[Item]]


@pytest.fixture(scope="module")
def of_every_kind(driver: Driver) -> None:
    """One version that is deployed and retired, and one that fails and is rejected: every kind of announcement."""
    group = driver.group(unique("every-kind"), model=models.formula())
    good, bad = driver.register(group, models.formula(101)), driver.register(group, models.broken())
    driver.decide(good, "Canteen")
    driver.wait_finding(good, "unknown-life-cycle-stage")
    driver.approve(bad)
    driver.wait_failed(bad)
    driver.approve(bad, "it does not even load", status="Rejected")
    driver.wait_stage(bad, "development", model_status="rejected")
    driver.decide(good, "Development", "Approved")
    driver.wait_deployed(good)
    driver.wait_second(good)
    driver.decide(good, "Development", "Retired")
    driver.wait_stage(good, "development", model_status="retired")


@pytest.fixture(scope="module")
def versions(driver: Driver, of_every_kind: None) -> Versions:
    """Every item of every version, by partition key, once nothing changes any more."""
    table = driver.outputs["GovernanceTable"]

    def scan() -> Versions:
        found: Versions = defaultdict(list)
        for page in (
            driver.client("dynamodb", "hub").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        ):
            for item in page["Items"]:
                if item["pk"]["S"].startswith("MODEL#"):
                    found[item["pk"]["S"]].append(plain(item))
        return {key: sorted(items, key=lambda item: item["sk"]) for key, items in found.items()}

    seen, since = scan(), time.monotonic()

    def still() -> float:
        """For how long nothing has changed, in seconds, if nothing is under way either."""
        nonlocal seen, since
        now = scan()
        if now != seen or any(under_way(now.get(f"MODEL#{arn}", [])) for arn in driver.models):
            seen, since = now, time.monotonic()
        return time.monotonic() - since

    wait_for("the whole table holds still", still, lambda seconds: seconds > 3, 120)
    return seen


def under_way(items: list[Item]) -> list[Item]:
    """What of a version has no end yet."""
    running = [run for run in of(items, "DEPLOYMENT#") if run["status"] in {"queued", "deploying"}]
    return running + [item for item in of(items, "EFFECT#") if item["outcome"] == "open"]


def of(items: list[Item], prefix: str) -> list[Item]:
    return [item for item in items if item["sk"].startswith(prefix)]


def test_every_item_carries_its_schema_version(versions: Versions) -> None:
    assert versions
    assert {str(item["schema_version"]) for items in versions.values() for item in items} == {"2"}


def test_the_audit_chain_of_every_version_holds_and_ends_where_its_head_says(versions: Versions) -> None:
    for key, items in versions.items():
        entries = [
            audit.AuditEntry(sequence=int(item["sequence"]), entry=item["entry"], hash=item["hash"])
            for item in of(items, "AUDIT#")
        ]
        assert audit.breaks(entries) == [], key
        (head,) = of(items, "HEAD")
        assert (head["audit_sequence"], head["audit_hash"]) == (entries[-1].sequence, entries[-1].hash), key


def test_every_record_is_what_a_fold_of_its_facts_gives(versions: Versions) -> None:
    for key, items in versions.items():
        facts = [as_written(item["content"]) for item in of(items, "FACT#")]
        (head,) = of(items, "HEAD")
        assert fold(reversed(facts)) == ModelVersion.model_validate_json(head["state"]), key
        assert len(facts) == head["facts"], key


def test_every_stage_record_is_what_the_folded_state_shows(versions: Versions) -> None:
    for key, items in versions.items():
        state = fold(as_written(item["content"]) for item in of(items, "FACT#"))
        people = of(items, "PEOPLE")
        names = Names(by_id=json.loads(people[0]["names"]) if people else {})
        shown = {sk: row for sk, row in projections(state, names).items() if sk.startswith("STAGE#")}
        kept = {item["sk"]: item for item in of(items, "STAGE#")}
        assert shown.keys() == kept.keys(), key
        for name, record in shown.items():
            assert {attribute: kept[name][attribute] for attribute in record} == record, (key, name)


def test_every_finding_sign_off_and_effect_is_what_the_folded_state_shows(versions: Versions) -> None:
    for key, items in versions.items():
        folded = fold_all(as_written(item["content"]) for item in of(items, "FACT#"))
        state, past = folded.state, folded.past
        known = {**past.findings, **state.findings}
        found = {item["sk"].removeprefix("FINDING#"): item["status"] for item in of(items, "FINDING#")}
        assert found == {name: "open" if one.is_open else "closed" for name, one in known.items()}, key
        signed = {item["sk"].removeprefix("SIGNOFF#") for item in of(items, "SIGNOFF#")}
        assert signed == {one.id for one in (*past.sign_offs, *state.sign_offs)}, key
        outcomes = {item["sk"].removeprefix("EFFECT#"): item["outcome"] for item in of(items, "EFFECT#")}
        assert outcomes == {name: effect["outcome"] for name, effect in effects(state, past).items()}, key


def test_no_deployment_is_running_or_queued_and_each_was_claimed_by_its_own_execution(
    driver: Driver, versions: Versions
) -> None:
    claims: dict[str, str] = {}
    for arn in driver.models:
        for run in of(versions[f"MODEL#{arn}"], "DEPLOYMENT#"):
            assert run["status"] not in {"queued", "deploying"}, run
            if run["claimed_by"]:
                assert claims.setdefault(run["claimed_by"], run["deployment_id"]) == run["deployment_id"]


def test_every_effect_has_an_outcome(driver: Driver, versions: Versions) -> None:
    for arn in driver.models:
        effects_of_it = of(versions[f"MODEL#{arn}"], "EFFECT#")
        assert [item for item in effects_of_it if item["outcome"] == "open"] == [], arn


def announced(items: list[Item]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Every event that a version's audit entries announce, by its id."""
    return {
        event["detail"]["event_id"]: (event["detail_type"], event["detail"])
        for item in of(items, "AUDIT#")
        for event in json.loads(item["entry"])["events"]
    }


@pytest.fixture(scope="module")
def heard(subscriber: Subscriber, versions: Versions) -> dict[str, dict[str, Any]]:
    """What the subscriber in the other account heard, by event id, once it has heard everything it should."""
    expected = {event_id for items in versions.values() if since(subscriber, items) for event_id in announced(items)}

    def listen() -> dict[str, dict[str, Any]]:
        return {event["detail"]["event_id"]: event for event in subscriber.listen()}

    return wait_for("the subscriber hears everything", listen, lambda found: expected <= found.keys())


def since(subscriber: Subscriber, items: list[Item]) -> bool:
    """Whether a version was registered after the subscriber began to listen."""
    (head,) = of(items, "HEAD")
    return str(head["created_at"]) > subscriber.began


def test_a_subscriber_in_another_account_heard_every_announcement_as_it_was_audited(
    subscriber: Subscriber, versions: Versions, heard: dict[str, dict[str, Any]]
) -> None:
    checked = 0
    for items in versions.values():
        if since(subscriber, items):
            for event_id, (detail_type, detail) in announced(items).items():
                assert heard[event_id]["detail-type"] == detail_type
                assert heard[event_id]["detail"] == detail
                checked += 1
    assert checked > 0


RARE = {"RollbackRequested", "ModelRolledBack", "EvidenceExpired", "RemovalFailed"}
"""What a life in these scenarios may or may not give rise to."""


def test_every_announcement_is_valid_by_its_class_and_by_its_published_schema(heard: dict[str, dict[str, Any]]) -> None:
    kinds = set()
    for event in heard.values():
        kind = events.PUBLISHED[event["detail-type"]]
        assert event["source"] == "steward"
        assert kind.model_validate(event["detail"]).model_dump(mode="json") == event["detail"]
        kinds.add(event["detail-type"])
    for name in kinds:
        schema = Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_text()))
        for event in heard.values():
            if event["detail-type"] == name:
                schema.validate(event["detail"])
    assert kinds | RARE | OF_USE_CASES.keys() == events.PUBLISHED.keys()


def test_announcements_come_in_gapless_order_once_merged_with_the_audit_trail(
    versions: Versions, heard: dict[str, dict[str, Any]]
) -> None:
    """An entry may announce nothing; together the entries are numbered without a gap, and no event is of another."""
    for items in versions.values():
        numbers = [int(item["sequence"]) for item in of(items, "AUDIT#")]
        assert numbers == list(range(1, len(numbers) + 1))
        ids = announced(items)
        own = [event for event_id, event in heard.items() if event_id in ids]
        assert {event["detail"]["sequence"] for event in own} <= set(numbers)


def test_no_announcement_shares_its_id_with_another(versions: Versions) -> None:
    listed = [
        event["detail"]["event_id"]
        for items in versions.values()
        for item in of(items, "AUDIT#")
        for event in json.loads(item["entry"])["events"]
    ]
    assert len(listed) == len(set(listed))


def test_nothing_was_undeliverable(driver: Driver, subscriber: Subscriber, heard: dict[str, dict[str, Any]]) -> None:
    assert driver.undelivered() == subscriber.undelivered_before
