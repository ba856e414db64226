"""The published schemas are current, and what Steward really announces is valid by them."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from pydantic import ValidationError as Malformed

from governance.domain.audit import AuditEntry
from governance.domain.commands import COMMANDS
from governance.domain.events import PUBLISHED
from governance.domain.evidence_facts import EvidenceAged, EvidenceCollected
from governance.domain.facts import MetricsReported
from governance.domain.lifecycle import Stage
from governance.domain.recalls import VersionQuarantined, VersionReleased
from governance.domain.retirement import VersionRetired
from governance.domain.rolling_out import Phase, RolloutChange
from governance.domain.upkeep import LegalHoldLifted, LegalHoldPlaced, RollbackFinished
from scripts.schemas import ROOT, SCHEMAS, stale
from tests.builders import (
    ADA,
    KATHERINE,
    MARY,
    WRITER,
    after,
    approved,
    change,
    group_arn,
    moved,
    package_arn,
    rejected,
)
from tests.unit.governance.use_cases import sentences
from tests.unit.governance.use_cases.board import Board, carry_out
from tests.unit.governance.use_cases.fleet import Fleet
from tests.unit.governance.use_cases.test_retiring_use_cases import with_versions
from tests.world import World

assert sentences  # what is said of a use case


def schema(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return read


def check(name: str, detail: dict[str, Any]) -> None:
    Draft202012Validator(schema(name), format_checker=Draft202012Validator.FORMAT_CHECKER).validate(detail)


def test_schemas_and_reference_are_what_the_classes_say():
    assert not stale(), "run python -m scripts.schemas"


@pytest.mark.parametrize("name", [*PUBLISHED, *COMMANDS])
def test_a_schema_is_valid_says_what_it_is_and_names_no_host(name):
    told = schema(name)
    Draft202012Validator.check_schema(told)
    assert told["title"] == name
    assert told["description"]
    assert re.fullmatch(rf"urn:steward:(event|command):{name}:1", told["$id"])
    assert all("description" in field for field in told["properties"].values())


def lives() -> list[AuditEntry]:
    """The audit entries of versions that between them live through everything there is to announce."""
    world = World()
    first = world.register(1)
    world.seal(first)
    world.grouping.onboard(first, "e")
    world.tell(approved(60, arn=first))
    world.now.moment = after(61)
    world.start(Stage.TEST, first)
    world.verify(Stage.TEST, arn=first)
    baking(world, first)
    world.end(Stage.TEST, "Failed", "Deploy: no capacity", arn=first)
    world.promotion.give_way(first, Stage.TEST, world.deployment(Stage.TEST, first).id, "e")
    world.tell(approved(120, arn=first))
    world.now.moment = after(121)
    world.start(Stage.TEST, first)
    world.verify(Stage.TEST, arn=first)
    world.end(Stage.TEST, arn=first)
    world.recording.learn(first, lambda page, now: [measured(page.state.model, now)], "e")
    world.tell(moved(180, "Test", "Approved", arn=first), by=KATHERINE)
    world.tell(moved(240, "Test", "Retired", arn=first), by=KATHERINE)
    second = world.register(2)
    world.tell(rejected(60, arn=second))
    held(world, second)
    quarantined(world, second)
    taken_back(world)
    grown_old(world)
    put_back = World(writer=WRITER)
    put_back.register(5)
    put_back.tell(approved(60, arn=package_arn(version=5)), by=ADA)
    life = with_versions(1)
    life.retire()
    life.settle()
    retired = {f"{key}/retired": chain for key, chain in life.use_cases.journal.entries.items()}
    worlds = [one.ledger.entries for one in (world, put_back, superseded(), skipped(), removed())]
    cases = [retired, *(one.use_cases.journal.entries for one in (use_case(), rolled_up()))]
    return [entry for kept in (*worlds, *cases) for entries in kept.values() for entry in entries]


def use_case() -> Board:
    """A use case that is written down, assessed, advanced, sent back, given a model and a successor."""
    board = Board()
    for sentence in (
        "olive wrote it down, and it is minimal of low materiality",
        "olive changes its purpose",
        "it is in quality-assurance with pd",
        "oskar rejects quality-assurance",
        "olive answers the finding",
        "otto detaches pd",
        "otto creates fraud",
        "otto names fraud its successor",
    ):
        carry_out(board, sentence)
    return board


def skipped() -> World:
    """Two versions, of which the one that was asked for later is deployed before anybody hears of the other."""
    world = World()
    earlier, later = (world.register(number) for number in (6, 8))
    for number, arn in enumerate((earlier, later)):
        world.seal(arn)
        world.tell(approved(60 + number, arn=arn))
    world.now.moment = after(70)
    world.start(Stage.TEST, later)
    world.verify(Stage.TEST, arn=later)
    world.end(Stage.TEST, arn=later)
    world.promotion.give_way(later, Stage.TEST, world.deployment(Stage.TEST, later).id, "e")
    world.start(Stage.TEST, earlier)
    return world


def superseded() -> World:
    """A version that takes the place of one before, which is pending again then; and a group whose risk is said."""
    world = World()
    for number, at in ((1, 60), (2, 300)):
        version = world.register(number)
        world.seal(version)
        world.tell(approved(at, arn=version))
        world.now.moment = after(at + 1)
        world.start(Stage.TEST, version)
        world.verify(Stage.TEST, arn=version)
        world.end(Stage.TEST, arn=version)
        world.grouping.serve(version, Stage.TEST, "e")
        first = package_arn(version=1)
        world.promotion.give_way(first, Stage.TEST, world.deployment(Stage.TEST, first).id, "e")
    world.registry.group_tags[group_arn()] = {"steward:use-case-id": "credit-scoring", "steward:risk": "low"}
    world.grouping.onboard(version, "e")
    world.tell(change(400, arn=version, ModelApprovalStatus="PendingManualApproval"))
    return world


def rolled_up() -> Fleet:
    """A use case whose only model is approved, of low risk, and rejected."""
    fleet = Fleet()
    fleet.create("fraud", ai_act_class="minimal")
    fleet.attach("fraud", group_arn())
    fleet.rolling_up.count("fraud", "c", group_arn())
    for status, risk in (("approved", "high"), ("approved", "low"), ("rejected", "low"), ("pending", "low")):
        version = fleet.record(group_arn(), 1, stages={Stage.DEVELOPMENT: status}, risk=risk)
        fleet.rolling_up.follow(version, "c")
    return fleet


def quarantined(world: World, version: str) -> None:
    """A version that is quarantined, and released by somebody else."""
    for at, who, order in ((400, KATHERINE, VersionQuarantined), (500, MARY, VersionReleased)):
        told = {"effective_at": after(at), "recorded_at": after(at), "person": who, "why": "it discriminates"}
        world.recording.learn(
            version,
            lambda page, _, kind=order, told=told: [kind(model=page.state.model, **told)],  # type: ignore[misc]
            f"quarantine-{at}",
        )


def removed() -> World:
    """A version that serves in test and is retired: what serves is removed, on the second try."""
    world = World()
    sixth = world.register(6)
    world.seal(sixth)
    world.tell(approved(330, arn=sixth))
    world.now.moment = after(331)
    world.start(Stage.TEST, sixth)
    world.verify(Stage.TEST, arn=sixth)
    world.end(Stage.TEST, arn=sixth)
    world.promotion.give_way(sixth, Stage.TEST, world.deployment(Stage.TEST, sixth).id, "e")
    for at, status in ((600, "Failed"), (700, "Succeeded")):
        world.now.moment = after(at)
        told = {"effective_at": after(at), "recorded_at": after(at), "person": KATHERINE, "why": "nobody needs it"}
        world.recording.learn(sixth, lambda page, _, told=told: [VersionRetired(model=page.state.model, **told)], "e")  # type: ignore[misc]
        removal = [one for one in world.state(sixth).deployments.values() if one.removes][-1]
        world.promotion.start(sixth, removal.id, "e")
        execution = world.state(sixth).deployment(removal.id).execution_id
        world.end(Stage.TEST, status, "Deploy: no luck", arn=sixth, execution=execution)
        world.promotion.give_way(sixth, Stage.TEST, removal.id, "e")
    return world


def baking(world: World, version: str) -> None:
    """A version that has traffic before its deployment fails."""
    told = {"leaves": "before", "arrives": "new", "phase": Phase.BAKING, "words": "Baking for 600 seconds."}
    endpoint = world.deployment(Stage.TEST, version).endpoint_arn
    world.tracking.roll_out(RolloutChange(endpoint_arn=endpoint, at=world.now(), **told), "e")


def held(world: World, version: str) -> None:
    """A version that is held, and released."""
    for number, order in enumerate((LegalHoldPlaced, LegalHoldLifted)):
        told = {"effective_at": after(70 + number), "recorded_at": after(70 + number), "person": MARY, "why": "a court"}

        def ordered(page: Any, _: Any, order: Any = order, told: Any = told) -> list[Any]:
            return [order(model=page.state.model, **told)]

        world.recording.learn(version, ordered, "e")


def taken_back(world: World) -> None:
    """A version that is rejected while it is being deployed."""
    third = world.register(3)
    world.seal(third)
    world.tell(approved(60, arn=third))
    first = package_arn(version=1)
    world.promotion.give_way(first, Stage.TEST, world.deployment(Stage.TEST, first).id, "e")
    world.start(Stage.TEST, third)
    world.tell(rejected(300, arn=third))
    rollback = world.state(third).rollbacks[-1]
    told = {"effect_id": rollback.effect_id, "deployment_id": rollback.deployment_id, "outcome": "stopped"}

    def ended(page: Any, now: Any) -> list[RollbackFinished]:
        return [RollbackFinished(model=page.state.model, effective_at=after(310), recorded_at=now, **told)]

    world.recording.learn(third, ended, "e")


def grown_old(world: World) -> None:
    """A version with a report that is collected, and expires."""
    source = {"S3Uri": "s3://dev-bucket/quality.json", "ContentType": "application/json"}
    fourth = world.register(4, ModelMetrics={"ModelQuality": {"Statistics": source}})
    told = {"effect_id": world.state(fourth).pieces[0].effect_id, "expires_at": after(400)}
    stored = {"bucket": "hub-artifacts", "key": f"evidence/{'b' * 64}", "version_id": "v1"}
    made = {"sha256": "b" * 64, "size": 10, "stored": stored, "dated_at": after(0), **told}
    facts = [(EvidenceCollected, 330, made), (EvidenceAged, 410, {"standing": "expired", "policy": "ours@3", **told})]
    for kind, at, about in facts:

        def learned(page: Any, now: Any, kind: Any = kind, at: int = at, about: Any = about) -> list[Any]:
            common = {"model": page.state.model, "effective_at": after(at), "recorded_at": now}
            return [kind.model_validate({**common, **about})]

        world.recording.learn(fourth, learned, "e")


def measured(model: Any, now: Any) -> MetricsReported:
    told = {"model": model, "effective_at": now, "recorded_at": now, "stage": "test", "purpose": "validation"}
    return MetricsReported.model_validate({**told, "metrics": [{"name": "auc", "value": 0.8}], "producer": "1" * 12})


ANNOUNCED = [event for entry in lives() for event in entry.content["events"]]


def test_the_lives_announce_every_published_event():
    assert {event["detail_type"] for event in ANNOUNCED} == set(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_announced_is_valid_by_its_schema_and_holds_no_more_than_it_says(name):
    for event in ANNOUNCED:
        if event["detail_type"] == name:
            check(name, event["detail"])
            assert set(event["detail"]) == set(schema(name)["properties"])


@pytest.mark.parametrize("name", PUBLISHED)
def test_an_event_without_its_id_is_not_valid(name):
    detail = next(event["detail"] for event in ANNOUNCED if event["detail_type"] == name)
    with pytest.raises(ValidationError):
        check(name, {key: value for key, value in detail.items() if key != "event_id"})


SAMPLES = sorted((ROOT / "events").glob("*.json"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_the_sample_events_are_valid_where_they_are_ours(sample):
    event = json.loads(sample.read_text(encoding="utf-8"))
    name = event.get("detail-type", "")
    if name in {*PUBLISHED, *COMMANDS}:
        check(name, event["detail"])


REPORT = {"model_package_arn": package_arn(), "stage": "test", "completed_at": "2026-10-12T09:14:03Z"}
METRICS = {"metrics": [{"name": "auc", "value": 0.8}]}


@pytest.mark.parametrize(
    "detail",
    [
        {**REPORT, **METRICS},
        {**REPORT, "not_possible": "no set is bound"},
        {**REPORT, **METRICS, "not_possible": ""},
        REPORT,
        {**REPORT, **METRICS, "not_possible": "but there are metrics"},
        {**REPORT, **METRICS, "stage": "canary"},
        {**REPORT, **METRICS, "model_package_arn": "credit-risk/7"},
        {**REPORT, **METRICS, "rows": -1},
        {**REPORT, **METRICS, "unknown": 1},
        {**REPORT, "metrics": [{"name": "9", "value": 1}]},
    ],
)
def test_the_schema_of_a_command_accepts_just_what_is_accepted(detail):
    command = COMMANDS["ModelValidationCompleted"]
    try:
        command.model_validate(detail)
    except Malformed:
        with pytest.raises(ValidationError):
            check(command.__name__, detail)
    else:
        check(command.__name__, detail)
