"""What is promised of rolling up, kept in memory and in DynamoDB; and of how the models of a use case stand."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.adapters.dynamodb_ledger import DynamoDbLedger
from governance.adapters.dynamodb_roll_ups import DynamoDbRollUps, DynamoDbSummaries
from governance.adapters.dynamodb_use_cases import DynamoDbUseCases
from governance.adapters.rows import Table
from governance.domain.audit import Deed
from governance.domain.environment import Landscape
from governance.domain.errors import StaleVersion
from governance.domain.identifiers import STEWARD
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.roll_up import Standing, Trouble, Verdict, VersionTold, contribution
from governance.domain.use_case_totals import Totals, rolled_up
from governance.domain.use_cases import About, UseCase, UseCaseStage, membership
from governance.ports.roll_ups import Mark, RollUps
from governance.ports.use_cases import Opened
from governance.services.recording import Recording
from governance.services.rolling_up import RollingUp
from governance.services.synchronisation import Synchronisation
from tests import fakes
from tests.aws.resources import TABLE, client, table_items
from tests.builders import BORN, Clock, approved, change, described, group_arn, package_arn, rejected
from tests.fakes_of_roll_ups import InMemoryRollUps
from tests.fakes_of_use_cases import InMemorySummaries, InMemoryUseCases
from tests.unit.governance.use_cases.board import describes

GROUP, NAME = group_arn(), "credit-scoring"


class Hub:
    """A record, groups and use cases, in memory or in DynamoDB, and what is kept of what they come to."""

    def __init__(self, in_memory: bool) -> None:
        self.clock = Clock()
        if in_memory:
            self.groups: Any = fakes.InMemoryGroups()
            self.ledger: Any = fakes.InMemoryLedger(self.groups)
            self.use_cases: Any = InMemoryUseCases(self.groups)
            self.rows: RollUps = InMemoryRollUps(self.use_cases, self.told)
            self.summaries: Any = InMemorySummaries(self.ledger)
        else:
            table = Table(TABLE)
            self.groups, self.ledger = DynamoDbGroups(table), DynamoDbLedger(table)
            self.use_cases, self.rows = DynamoDbUseCases(table, "steward"), DynamoDbRollUps(table)
            self.summaries = DynamoDbSummaries(table)
        self.rolling_up = RollingUp(self.rows, Landscape(), self.clock)

    def told(self, arn: str) -> VersionTold | None:
        page = self.ledger.open(arn)
        return contribution(page.state, page.link.sequence) if page.state else None

    def learn(self, number: int, *changes: Callable[..., Any], group: str = "credit-risk-pd") -> str:
        """A version is registered, and decided on; what is announced of it is left alone."""
        arn, registry = package_arn(group, number), fakes.InMemoryRegistry()
        synchronisation = Synchronisation(registry, Recording(self.ledger, self.clock))
        for minute, told in enumerate((change, *changes)):
            registry.packages[arn] = described(told(minute * 60, arn=arn))
            synchronisation.observe(told(minute * 60, arn=arn), "e")
        return arn

    def create(self, *groups: str, stage: UseCaseStage = UseCaseStage.DEVELOPMENT) -> UseCase:
        """A use case, to which some groups belong."""
        about = About.model_validate(describes())
        made = UseCase(about=about, stage=stage, created_at=BORN, changed_at=BORN, groups=len(groups))
        self.use_cases.save(Opened(), made, deed())
        for group in groups:
            known = self.groups.get(group) or ModelGroup(arn=group)
            owned = {"use_case": membership(made, 1), "revision": known.revision + 1}
            self.use_cases.attach(self.use_cases.open(NAME), made, known.model_copy(update=owned), deed())
        return made


def deed(**told: Any) -> Deed:
    common = {"action": "rolled-up", "who": STEWARD, "why": "", "at": BORN, "correlation_id": "c"}
    return Deed.model_validate({**common, **told})


@pytest.fixture(params=("in memory", "DynamoDB"))
def hub(request: pytest.FixtureRequest) -> Hub:
    if request.param == "DynamoDB":
        request.getfixturevalue("seam")
    return Hub(request.param == "in memory")


def test_a_version_is_looked_at_with_its_group_and_kept_once(hub: Hub):
    nothing = hub.rows.look(package_arn("none", 3))
    assert (nothing.told, nothing.known, nothing.counted, nothing.revision, nothing.use_case) == (None, None, (), 0, "")
    arn = hub.learn(7, approved)
    hub.create(GROUP)
    seen = hub.rows.look(arn)
    assert seen.told is not None
    assert (seen.group, seen.use_case, dict(seen.told.stages)) == (GROUP, NAME, {Stage.DEVELOPMENT: "approved"})
    hub.rows.keep(seen, seen.told, [seen.told], mark=True)
    with pytest.raises(StaleVersion):
        hub.rows.keep(seen, seen.told, [], mark=False)
    after = hub.rows.look(arn)
    assert (after.known, after.counted, after.revision) == (seen.told, (seen.told,), 1)
    assert hub.rows.marks(NAME, 5) == [Mark(group=GROUP, revision=1)]
    assert hub.rows.known(GROUP, [7, 8]) == {7: seen.told}
    assert hub.rows.versions(GROUP) == [seen.told]


def keep(hub: Hub, number: int, *stages: Stage) -> VersionTold:
    told = VersionTold(number=number, stages=dict.fromkeys(stages, "approved"), sequence=1)
    seen = hub.rows.look(package_arn("credit-risk-pd", number))
    hub.rows.keep(seen, told, [told], mark=False)
    return told


def test_the_latest_other_version_that_was_decided_on_is_known(hub: Hub):
    first, second = keep(hub, 2, Stage.DEVELOPMENT, Stage.TEST), keep(hub, 10, Stage.DEVELOPMENT)
    assert hub.rows.before(GROUP, Stage.DEVELOPMENT, 11) == second
    assert hub.rows.before(GROUP, Stage.DEVELOPMENT, 10) == first
    assert hub.rows.before(GROUP, Stage.TEST, 2) is None
    keep(hub, 10)
    assert hub.rows.before(GROUP, Stage.DEVELOPMENT, 11) == first
    assert hub.rows.before(GROUP, Stage.PRODUCTION, 1) is None


def test_a_use_case_is_counted_with_its_deed_or_not_at_all(hub: Hub):
    use_case = hub.create(GROUP)
    hub.rolling_up.take(hub.learn(1, rejected))
    (mark,) = hub.rows.marks(NAME, 5)
    seen = hub.rows.open(NAME, [GROUP])
    assert (seen.rolled_up, seen.groups) == (None, {})
    present = hub.rows.present(NAME, [GROUP, group_arn("other")])
    assert {group: one.stages[Stage.DEVELOPMENT].verdict for group, one in present.items()} == {GROUP: "rejected"}
    after = rolled_up(use_case, Totals().after({GROUP: (None, present[GROUP])}), Landscape())
    with pytest.raises(StaleVersion):
        hub.rows.count(seen, after, present, [Mark(group=GROUP, revision=9)], deed())
    assert hub.rows.open(NAME, [GROUP]) == seen
    hub.rows.count(seen, after, present, [mark], deed())
    assert hub.rows.marks(NAME, 5) == []
    again = hub.rows.open(NAME, [GROUP])
    assert (again.rolled_up, again.groups, hub.rows.every(NAME)) == (after, present, present)
    assert again.opened.link.sequence == seen.opened.link.sequence + 1
    assert hub.rows.come_to([NAME, "fraud"]) == {NAME: after}
    with pytest.raises(StaleVersion):
        hub.rows.count(seen, after, present, [], deed())
    hub.rows.count(again, after, {GROUP: None}, [], deed())
    assert hub.rows.every(NAME) == {}


def test_the_owner_of_a_group_is_the_use_case_that_it_belongs_to_by_now(hub: Hub):
    assert hub.rows.owner(GROUP) == ""
    hub.create(GROUP)
    assert (hub.rows.owner(GROUP), hub.rows.owner(group_arn("other"))) == (NAME, "")


def test_a_mark_is_taken_away_unless_it_was_renewed(hub: Hub):
    hub.create(GROUP)
    arn = hub.learn(1, approved)
    hub.rolling_up.take(arn)
    (mark,) = hub.rows.marks(NAME, 5)
    with pytest.raises(StaleVersion):
        hub.rows.unmark(NAME, [mark.model_copy(update={"revision": 7})])
    hub.rows.unmark(NAME, [mark])
    assert hub.rows.marks(NAME, 5) == []


def test_what_a_group_stands_by_is_set_right_from_what_is_kept_of_its_versions(hub: Hub):
    first, second = keep(hub, 1, Stage.TEST), keep(hub, 2, Stage.DEVELOPMENT)
    seen = hub.rows.standing(GROUP)
    assert seen.versions == (second,)
    hub.rows.repair(GROUP, seen, hub.rows.versions(GROUP))
    assert hub.rows.standing(GROUP).versions == (first, second)
    with pytest.raises(StaleVersion):
        hub.rows.repair(GROUP, seen, [])


def test_keys_that_say_who_was_decided_on_are_set_right(seam):
    hub = Hub(in_memory=False)
    first, _ = keep(hub, 1, Stage.TEST), keep(hub, 2, Stage.TEST)
    lost, made_up = f"SPEAKS#test#{1:08d}", f"SPEAKS#production#{2:08d}"
    client("dynamodb").delete_item(TableName=TABLE, Key={"pk": {"S": f"STANDING#{GROUP}"}, "sk": {"S": lost}})
    client("dynamodb").put_item(TableName=TABLE, Item={"pk": {"S": f"STANDING#{GROUP}"}, "sk": {"S": made_up}})
    assert hub.rows.before(GROUP, Stage.TEST, 2) is None
    hub.rows.repair(GROUP, hub.rows.standing(GROUP), hub.rows.versions(GROUP))
    assert hub.rows.before(GROUP, Stage.TEST, 2) == first
    assert hub.rows.before(GROUP, Stage.PRODUCTION, 9) is None


def test_a_group_stands_as_its_latest_version_that_was_decided_on(hub: Hub):
    for number, decisions in ((1, [approved]), (2, [approved]), (10, [])):
        hub.rolling_up.follow(hub.learn(number, *decisions), "c")
    hub.rolling_up.follow(hub.learn(3, approved, group="credit-risk-pd-2"), "c")
    groups = [GROUP, group_arn("fraud"), group_arn("credit-risk-pd-2")]
    pd, fraud, other = hub.summaries.of(groups, Stage.DEVELOPMENT)
    assert pd.stages[Stage.DEVELOPMENT] == Standing(version=2, verdict=Verdict.APPROVED)
    assert other.stages[Stage.DEVELOPMENT].version == 3
    assert (fraud.group, fraud.stages) == (group_arn("fraud"), {})
    (before,) = hub.summaries.of([GROUP], Stage.PRODUCTION)
    assert Stage.PRODUCTION not in before.stages
    assert hub.summaries.of([], Stage.TEST) == []


def test_how_a_deciding_version_stands_its_own_record_says_and_not_what_is_kept_of_it(hub: Hub):
    hub.rolling_up.follow(hub.learn(1, approved), "c")
    hub.learn(1, approved, rejected)
    (pd,) = hub.summaries.of([GROUP], Stage.DEVELOPMENT)
    assert pd.stages[Stage.DEVELOPMENT].verdict is Verdict.REJECTED


def crowd(groups: list[str]) -> Hub:
    """One version is on record many times, each time in another group; all belong to one use case."""
    hub = Hub(in_memory=False)
    hub.rolling_up.follow(hub.learn(1, approved), "c")
    made = [item for item in table_items() if GROUP_NAME in item["pk"]["S"]]
    wanted = [item for item in made if item["sk"]["S"] == "HEAD" or item["pk"]["S"].startswith("STANDING#")]
    for group in groups:
        for item in wanted:
            copied = json.loads(json.dumps(item).replace(GROUP_NAME, group.rpartition("/")[2]))
            client("dynamodb").put_item(TableName=TABLE, Item=copied)
    hub.create(*groups)
    return hub


GROUP_NAME = "credit-risk-pd"
SEVEN = ["BatchGetItem", "TransactWriteItems", *["BatchGetItem", "Query"], *["BatchGetItem"] * 2, "TransactWriteItems"]
"""What an event costs: look, keep, whose it is; what is not counted yet, the use case, its groups, count."""


def test_three_hundred_models_are_within_every_limit_and_each_event_costs_the_same(seam):
    groups = [group_arn(f"model-{number:03d}") for number in range(300)]
    hub, written = crowd(groups), []
    for number, group in enumerate(groups, 1):
        with seam.watch() as calls:
            hub.rolling_up.count(NAME, "c", group)
        written += [call.parameters["TransactItems"] for call in calls if call.operation == "TransactWriteItems"]
        if number in {1, 30, 300}:
            arn = hub.learn(number, approved, group="model-000")
            with seam.watch() as calls:
                hub.rolling_up.follow(arn, "c")
            assert [call.operation for call in calls] == SEVEN if number > 1 else ["BatchGetItem", *SEVEN[3:6]]
            with seam.watch() as calls:
                hub.rolling_up.follow(arn, "c")
            assert [call.operation for call in calls] == ["BatchGetItem", *SEVEN[3:6]], "told again"
    counted = hub.rows.come_to([NAME])[NAME]
    assert (counted.totals.groups, counted.totals.approved) == (300, {Stage.DEVELOPMENT: 300})
    assert counted.offer is not None
    assert max(map(len, written)) <= 25
    assert max(len(json.dumps(item, default=str)) for item in table_items() if is_rolled_up(item)) < 4_000
    with seam.watch() as calls:
        found = hub.summaries.of(groups, Stage.DEVELOPMENT)
    assert [call.operation for call in calls] == ["BatchGetItem"] * 6
    assert [one.group for one in found] == groups
    assert {one.stages[Stage.DEVELOPMENT].verdict for one in found} == {Verdict.APPROVED}


def is_rolled_up(item: dict[str, Any]) -> bool:
    return item["pk"]["S"].startswith(("STANDING#", "ROLLUP#"))


def test_what_befell_a_model_is_on_its_row_and_among_the_numbers(hub: Hub):
    hub.create(GROUP)
    hub.rolling_up.follow(hub.learn(1, rejected), "c")
    (found,) = hub.rows.every(NAME)[GROUP].befallen
    assert (found.trouble, found.version, found.stage) == (Trouble.REJECTED, 1, Stage.DEVELOPMENT)
    assert hub.rows.come_to([NAME])[NAME].totals.troubles == {Trouble.REJECTED: 1}
