"""A use case is retired whose groups were tagged with something else since, or taken out of it."""

import pytest

from governance.domain.lifecycle import ModelStatus
from governance.domain.use_case import Profile
from governance.domain.use_case_retiring import is_over
from governance.domain.use_cases import UseCaseStage, membership
from tests.builders import after, group_arn, package_arn
from tests.unit.governance.use_cases.test_retiring_use_cases import (
    ID,
    OTTO,
    PD,
    Life,
    learned_of,
    served,
    with_versions,
)


@pytest.mark.parametrize("tagged", ["elsewhere", ""])
def test_every_version_of_a_group_whose_tags_say_something_else_is_retired_though_it_never_served(tagged: str):
    life = with_versions(250)
    life.world.grouping.admit(PD, Profile(use_case_id=tagged))
    for number in range(1, 240):
        learned_of(life.world, package_arn(version=number), tagged)
    life.retire()
    assert life.go_on()
    assert life.statuses() == {ModelStatus.RETIRED}
    assert life.stands().is_closed


def taken_out(life: Life, group: str = PD) -> None:
    """Somebody takes a group out of the use case."""
    life.ask(OTTO, "detach-group", use_case=ID, group=group)


def test_what_was_taken_out_and_belongs_nowhere_ends_with_it_as_far_as_it_was_registered_before():
    other = group_arn("lgd")
    life = with_versions(20, (PD, other))
    life.world.now.moment = after(100)
    taken_out(life)
    life.world.now.moment = after(200)
    late = package_arn(version=21)
    life.world.register(21, CreationTime=after(150).isoformat())
    before = [arn for arn in life.world.ledger.states if arn != late]
    planned = life.ask(OTTO, "retire-use-case", use_case=ID, dry_run=True)
    assert planned["taken_out"] == [PD], "whoever orders it is told"
    life.retire()
    assert life.go_on()
    assert {arn for arn in life.world.ledger.states if life.world.state(arn).is_retired} == set(before)
    assert life.stands().is_closed
    [deed] = [one.content for one in life.use_cases.trail(ID) if one.content["action"] == "use-case-retired"]
    assert deed["new"]["taken_out"] == [PD]
    assert set(life.shares.kept) == {PD}, "others may use what belongs to nothing of it"


def test_two_people_retire_what_has_no_group_left_but_one_that_was_taken_out():
    life = with_versions(2)
    taken_out(life)
    assert life.stands().groups == 0
    assert life.ask(OTTO, "retire-use-case", use_case=ID)["outcome"] == "waits-for-another-person"


def test_what_was_retired_with_it_is_waited_for_though_its_group_moves_on_meanwhile():
    life = with_versions(2)
    served(life)
    life.world.now.moment = after(5000)
    taken_out(life)
    life.retire()
    assert life.go_on()
    known = life.world.groups.get(PD)
    there = membership(life.stands(), 9).model_copy(update={"id": "elsewhere", "stage": UseCaseStage.DEVELOPMENT})
    told = {"use_case": there, "revision": known.revision + 1}
    life.world.groups.save(known.model_copy(update=told), known.revision)
    left = life.retiring.retired(package_arn(version=1), life.stands(), "c")
    assert left is not None
    assert not is_over(left), "its endpoint is still being removed"


@pytest.mark.parametrize("when", ["before the order", "before it is carried through", "on the way"])
def test_what_was_taken_out_and_moved_to_another_use_case_stays(when: str):
    life = with_versions(4)
    life.world.now.moment = after(100)
    taken_out(life)

    def moved() -> None:
        known = life.world.groups.get(PD)
        there = membership(life.stands(), 9).model_copy(update={"id": "elsewhere", "stage": UseCaseStage.DEVELOPMENT})
        told = {"use_case": there, "revision": known.revision + 1}
        life.world.groups.save(known.model_copy(update=told), known.revision)

    if when == "before the order":
        moved()
    life.retire()
    if when == "before it is carried through":
        moved()
    left = iter([900.0] * 2 + [1.0])
    if when == "on the way":
        assert not life.go_on(lambda: next(left))
        moved()
    assert life.go_on()
    retired = [life.world.state(arn).is_retired for arn in sorted(life.world.ledger.states)]
    assert retired == ([True, True, False, False] if when == "on the way" else [False] * 4)
    assert life.stands().is_closed
