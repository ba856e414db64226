"""What events did not bring to a use case, a run of the reconciler brings; and one that only looks, says."""

import pytest

from governance.domain.audit import Deed
from governance.domain.identifiers import STEWARD
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.roll_up import SIGNS
from governance.domain.use_cases import About, UseCase, UseCaseStage, membership
from governance.ports.use_cases import Opened
from tests.builders import BORN, approved, change, group_arn, package_arn, rejected
from tests.reconciling import ReconciledWorld
from tests.template.translation import source
from tests.unit.governance.use_cases.board import describes

NAME, CODE = "credit-scoring", "roll-up-differs"


@pytest.fixture
def world() -> ReconciledWorld:
    """A use case to whose only model belongs a version that was approved; nobody was told anything."""
    world = ReconciledWorld()
    world.register(1)
    world.tell(approved(60, arn=package_arn(version=1)))
    world.register(2)
    world.relay()
    about = About.model_validate(describes())
    made = UseCase(about=about, stage=UseCaseStage.DEVELOPMENT, created_at=BORN, changed_at=BORN, groups=1)
    deed = Deed(action="use-case-created", who=STEWARD, why="", at=BORN, correlation_id="c")
    world.use_cases.save(Opened(), made, deed)
    known = world.groups.get(group_arn()) or ModelGroup(arn=group_arn())
    owned = {"use_case": membership(made, 1), "revision": known.revision + 1}
    world.use_cases.attach(world.use_cases.open(NAME), made, known.model_copy(update=owned), deed)
    return world


def differences(world: ReconciledWorld, **order: object) -> list[tuple[str, bool]]:
    return [(one.subject, one.repaired) for one in world.reconcile(**order).differences if one.code == CODE]


def test_what_nobody_was_told_is_counted_and_announced_and_found_once(world: ReconciledWorld):
    assert differences(world) == [(package_arn(version=1), True)], "a version that waits contributes nothing"
    (rolled_up,) = world.rolling_up.rows.come_to([NAME]).values()
    assert rolled_up.totals.approved == {Stage.DEVELOPMENT: 1}
    last = world.use_cases.trail(NAME)[-1].content
    assert [one["detail_type"] for one in last["events"]] == ["UseCaseAdvanceOffered"]
    assert differences(world) == []


def test_a_run_that_only_looks_says_it_and_writes_nothing(world: ReconciledWorld):
    assert differences(world, dry_run=True) == [
        (package_arn(version=1), False),
        (f"USECASE#{NAME}", False),
    ]
    assert world.rolling_up.rows.come_to([NAME]) == {}


def test_a_run_over_some_groups_brings_their_versions_in_step(world: ReconciledWorld):
    assert differences(world, groups=("credit-risk-pd",)) == [(package_arn(version=1), True)]


def test_rows_that_somebody_damaged_are_set_right(world: ReconciledWorld):
    world.reconcile()
    rows = world.rolling_up.rows
    right = rows.come_to([NAME])
    seen = rows.standing(group_arn())
    rows.repair(group_arn(), seen, [])
    assert differences(world) == [(group_arn(), True)]
    rows.come[NAME] = right[NAME].model_copy(update={"offer": None})  # type: ignore[attr-defined]
    assert differences(world) == [(f"USECASE#{NAME}", True)]
    assert rows.come_to([NAME]) == right
    assert differences(world) == []


def test_a_group_that_belongs_to_none_is_not_looked_at(world: ReconciledWorld):
    other = package_arn("fraud", 1)
    world.tell(change(0, arn=other))
    world.tell(rejected(60, arn=other))
    assert other not in [subject for subject, _ in differences(world)]


def test_the_findings_that_say_what_befell_a_model_are_those_that_are_routed():
    events = source("template.yaml")["Resources"]["RollUpUseCase"]["Properties"]["Events"]
    assert set(events["OnModelTroubled"]["Properties"]["Pattern"]["detail"]["code"]) == set(SIGNS)
