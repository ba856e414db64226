"""A reviewer sees in what a version differs: from the rejected one, from production, from itself before."""

from typing import Any

import pytest

from governance.domain.comparing import record_of
from governance.domain.diffing import PARTS, Line, Part, Side, differences
from governance.domain.environment import SIMPLE, Environment, Landscape
from governance.domain.errors import Refused
from governance.domain.evidence import EvidenceKind
from governance.domain.facts import EvidenceCollected, MetricsReported
from governance.domain.lifecycle import Stage
from governance.domain.metrics import Metric
from governance.domain.model_group import ModelGroup, Serving
from governance.domain.people import Pseudonyms
from governance.domain.projection import fact_key, fact_row
from governance.domain.published import DEFAULT
from governance.domain.record import stage_records
from governance.domain.terms import Terms
from governance.ports.rows import StoredRow
from governance.services.comparing_versions import Comparing
from governance.services.inventory import Inventory
from tests.builders import PERSON_KEY, after, change, group_arn, moved, package_arn, sealed_artifact, specification
from tests.unit.governance.orders.desk import AUTHOR, OLIVE, VERA, Desk, registered

SEVEN, EIGHT = package_arn(), package_arn(version=8)
BORN_LATER = {"CreationTime": after(80).isoformat()}


class Stored:
    """`ports.Rows` and `ports.Catalogue`, as far as records are read: facts as rows, and stage records."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def of(self, version: str) -> list[StoredRow]:
        facts = self.desk.ledger.known.get(version, {}).values()
        rows = [
            StoredRow(sk=f"FACT#{fact_key(one)}", attributes={**fact_row(one), "schema_version": 2}) for one in facts
        ]
        return [*rows, StoredRow(sk="PEOPLE", attributes={"names": dict(self.desk.ledger.names[version].by_id)})]

    def person_key(self) -> str:
        return PERSON_KEY

    def standing(self, stage: Stage, status: Any) -> list[dict[str, Any]]:
        states = [self.desk.state(arn) for arn in self.desk.ledger.states]
        records = [stage_records(state).get(stage) for state in states]
        return [one for one in records if one and one["model_status"] == status]


def comparing(desk: Desk, landscape: Landscape = SIMPLE) -> Comparing:
    stored: Any = Stored(desk)
    return Comparing(Inventory(stored, stored), desk.groups, desk.now, landscape)


def eight(desk: Desk, **fields: Any) -> None:
    """Version 8, which is like 7 but for what is said."""
    desk.tell(change(80, arn=EIGHT, **{**BORN_LATER, **fields}), by=AUTHOR, registered_by=AUTHOR)


def measured(desk: Desk, arn: str, auc: float, at: float) -> None:
    def facts(page: Any, now: Any) -> list[Any]:
        about = {"model": page.state.model, "effective_at": after(at), "recorded_at": now}
        told = {"stage": "test", "purpose": "validation", "producer": "1", "metrics": (Metric(name="auc", value=auc),)}
        return [MetricsReported(**about, **told, validation_set="c" * 64)]

    desk.recording.learn(arn, facts, "c")


def collected(desk: Desk, arn: str, sha256: str, at: float) -> None:
    """A model card that somebody attached was fetched."""
    desk.ask(VERA, "attach-evidence", at=at, version=arn, kind="model-card", uri="s3://reports/card.json")
    effect = desk.state(arn).pieces[-1].effect_id

    def facts(page: Any, now: Any) -> list[Any]:
        about = {"model": page.state.model, "effective_at": after(at + 1), "recorded_at": now}
        stored = sealed_artifact().stored
        return [EvidenceCollected(**about, effect_id=effect, sha256=sha256, size=9, stored=stored, dated_at=after(at))]

    desk.recording.learn(arn, facts, "c")


def lines(found: Any, part: Part) -> dict[str, Line]:
    return {line.name: line for line in found.lines if line.part is part}


def test_two_versions_of_the_same_differ_in_nothing_but_their_names():
    desk = registered()
    eight(desk)
    assert comparing(desk).compare(EIGHT, SEVEN).lines == ()


def test_a_better_metric_is_said_to_be_better_and_a_worse_one_worse():
    desk = registered()
    eight(desk)
    measured(desk, SEVEN, 0.8, 90)
    measured(desk, EIGHT, 0.9, 95)
    better = lines(comparing(desk).compare(EIGHT, SEVEN), Part.METRICS)["auc by validation in test"]
    assert (better.ours, better.theirs, better.better) == (0.9, 0.8, True)
    assert better.change == pytest.approx(0.1)
    worse = lines(comparing(desk).compare(SEVEN, EIGHT), Part.METRICS)["auc by validation in test"]
    assert worse.better is False


def test_other_data_another_image_and_other_parameters_are_told():
    desk = registered()
    other = specification("s3://dev-bucket/other.tar.gz", Image="repo/image:2", ImageDigest=f"sha256:{'5e' * 32}")
    eight(desk, InferenceSpecification=other, CustomerMetadataProperties={"max_depth": "6"})
    found = comparing(desk).compare(EIGHT, SEVEN)
    assert lines(found, Part.DATA)["container 0: model data"].ours == "s3://dev-bucket/other.tar.gz"
    assert "5e5e" in str(lines(found, Part.IMAGE)["container 0"].ours)
    depth = lines(found, Part.PARAMETERS)["max_depth"]
    assert (depth.ours, depth.theirs) == ("6", None)


def test_another_card_and_what_else_speaks_for_it_are_told():
    desk = registered()
    eight(desk)
    collected(desk, EIGHT, "d" * 64, 100)
    found = comparing(desk).compare(EIGHT, SEVEN)
    assert str(lines(found, Part.CARD)["model-card"].ours).startswith("dddddddddddd from")
    assert lines(found, Part.EVIDENCE)["model-card"].theirs is None


def test_a_resubmission_is_compared_with_the_version_in_whose_place_it_stands():
    desk = registered()
    raised = desk.ask(VERA, "reject", stage="development", findings=[{"severity": "low", "text": "no card"}])
    desk.written(70)
    eight(desk)
    desk.ask(AUTHOR, "resubmit", at=90, version=EIGHT, of=SEVEN, answers={raised["findings"][0]["id"]: "there is"})
    assert comparing(desk).compare(EIGHT, "rejected").against == SEVEN


def test_a_version_that_was_put_right_is_compared_with_itself_before():
    desk = registered()
    desk.ask(VERA, "reject", stage="development", findings=[{"severity": "low", "text": "no card"}])
    desk.written(70)
    collected(desk, SEVEN, "d" * 64, 100)
    found = comparing(desk).compare(SEVEN, "rejected")
    assert (found.against, found.as_of is not None) == (SEVEN, True)
    assert lines(found, Part.CARD)["model-card"].theirs is None
    assert lines(found, Part.POLICY) == {}


def test_without_a_word_of_its_own_it_is_the_last_rejected_version_before_it():
    desk = registered()
    with pytest.raises(Refused, match="nothing-rejected"):
        comparing(desk).compare(SEVEN, "rejected")
    desk.ask(VERA, "reject", stage="development", findings=[{"severity": "low", "text": "no card"}])
    desk.written(70)
    eight(desk)
    found = comparing(desk).compare(EIGHT, "rejected")
    assert found.against == SEVEN
    assert lines(found, Part.POLICY)["findings of reviewers"].theirs == "1 open"


def test_production_is_what_the_group_remembers_and_of_that_itself_what_served_before():
    desk = registered()
    eight(desk)
    with pytest.raises(Refused, match="nothing-in-production"):
        comparing(desk).compare(EIGHT, "production")
    group = ModelGroup(arn=group_arn())
    for number, arn in enumerate((SEVEN, EIGHT)):
        group = group.serves(Stage.PRODUCTION, Serving(version=arn, deployment_id=f"d{number}", since=after(number)))
    desk.groups.kept[group_arn()] = group
    assert comparing(desk).compare(SEVEN, "production").against == EIGHT
    assert comparing(desk).compare(EIGHT, "production").against == SEVEN


def test_the_last_verdicts_are_told_and_names_stand_for_people():
    desk = registered()
    eight(desk)
    desk.ask(OLIVE, "approve", stage="development")
    desk.written(90)
    found = comparing(desk).compare(SEVEN, EIGHT, Stage.DEVELOPMENT)
    assert lines(found, Part.POLICY)["last verdict in development"].ours == f"passed by {DEFAULT.id}"


def test_every_part_is_told_of_every_kind_of_version():
    state = registered().state()
    side = Side(state=state, terms=Terms(), at=after(60))
    assert set(PARTS) == set(Part)
    assert {kind.value for kind in EvidenceKind} & {name for name, _ in PARTS[Part.EVIDENCE](side, Stage.TEST)} == set()
    assert differences(side, side, Stage.DEVELOPMENT) == ()


def test_records_are_read_as_they_are_stored():
    desk = registered()
    rows = {row.sk: row.attributes for row in Stored(desk).of(SEVEN)}
    assert record_of(f"MODEL#{SEVEN}", rows, Pseudonyms(PERSON_KEY)).folded


PRE_PRODUCTION = Landscape(
    environments=(
        Environment(stage=Stage.TEST, account="555566667777", pipeline="steward-deploy-test"),
        Environment(stage=Stage.PRE_PRODUCTION, account="666677778888", pipeline="steward-deploy-pre"),
        Environment(stage=Stage.PRODUCTION, account="777788889999", pipeline="steward-deploy-prod"),
    )
)


def test_a_version_that_nobody_approved_yet_is_judged_by_the_stage_that_it_would_come_from():
    desk = registered()
    eight(desk)
    desk.tell(moved(100, "PreProduction", "Rejected", approval="PendingManualApproval"))
    desk.now.moment = after(200)
    line = "preceding-stage-approved in production"
    found = comparing(desk, PRE_PRODUCTION).compare(EIGHT, SEVEN, Stage.PRODUCTION)
    told = lines(found, Part.POLICY)[line]
    assert (told.ours, told.theirs) == ("missing: pre-production pending", "missing: pre-production rejected")
    without = comparing(desk).compare(EIGHT, SEVEN, Stage.PRODUCTION)
    assert line not in lines(without, Part.POLICY)
