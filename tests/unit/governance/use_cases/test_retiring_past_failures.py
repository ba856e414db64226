"""What cannot be retired of a use case keeps nothing else of it, is named with its cause, and is tried again."""

from collections.abc import Callable, Collection
from typing import Any

import pytest

from governance.domain.errors import RecordDamaged, RetirementIncomplete
from governance.domain.use_case_retiring import AFTER_AN_END
from governance.services.retiring_use_cases import MOST_FAILED
from tests.builders import group_arn, package_arn
from tests.unit.governance.use_cases.test_retiring_in_many_calls import time_for
from tests.unit.governance.use_cases.test_retiring_use_cases import ID, PD, Life, with_versions

LGD = group_arn("lgd")


class Throttled(Exception):
    """What an adapter lets through that no service knows."""


def throttled(life: Life, versions: Collection[str], times: int = 10_000) -> Callable[[], None]:
    """Let the records of some versions take no writes, so often; returns what ends that."""
    save, left = life.world.ledger.save, dict.fromkeys(versions, times)

    def refused(change: Any) -> None:
        if left.get(change.after.model.arn, 0):
            left[change.after.model.arn] -= 1
            raise Throttled("Rate exceeded")
        save(change)

    life.world.ledger.save = refused
    return left.clear


def damaged(life: Life, versions: Collection[str]) -> Callable[[], None]:
    """Let the records of some versions not be read; returns what ends that."""
    opened, left = life.world.ledger.open, set(versions)

    def refused(arn: str, *told: Any) -> Any:
        if arn in left:
            raise RecordDamaged(f"{arn}: two of its facts are gone")
        return opened(arn, *told)

    life.world.ledger.open = refused
    return left.clear


def gone_through(life: Life, steps: int) -> str:
    """Carry it through in calls of so many steps; what could not be retired in the end, or empty text."""
    try:
        while not life.go_on(time_for(steps)):
            pass
    except RetirementIncomplete as incomplete:
        return str(incomplete)
    return ""


def retired(life: Life) -> set[str]:
    return {arn for arn, one in life.world.ledger.states.items() if one and life.world.state(arn).is_retired}


@pytest.mark.parametrize("how", [throttled, damaged])
@pytest.mark.parametrize("steps", [1, 4, 1000])
@pytest.mark.parametrize("number", [1, 5, 12])
def test_a_version_that_cannot_be_recorded_keeps_no_other_and_is_taken_up_again(how: Any, steps: int, number: int):
    life, arn = with_versions(12), package_arn(version=number)
    life.retire()
    mend = how(life, {arn})
    said = gone_through(life, steps)
    assert arn in said
    assert ("Rate exceeded" if how is throttled else "two of its facts are gone") in said
    mend()
    assert retired(life) == set(life.world.ledger.states) - {arn}
    assert not life.stands().is_closed
    assert gone_through(life, steps) == ""
    assert retired(life) == set(life.world.ledger.states)
    assert life.stands().is_closed


def test_what_failed_once_is_tried_again_at_the_end_and_nobody_is_bothered():
    life = with_versions(6)
    life.retire()
    throttled(life, {package_arn(version=2), package_arn(version=6)}, times=1)
    assert gone_through(life, 1000) == ""
    assert life.stands().is_closed


def test_a_call_that_dies_after_failures_is_followed_by_one_that_tries_them_all():
    life = with_versions(6)
    life.retire()
    mend = throttled(life, {package_arn(version=2)})
    assert not life.go_on(time_for(4))
    begun = life.place
    assert package_arn(version=2) in begun.failed
    mend()
    assert life.retiring.go_on(ID, "c", lambda: 900.0, begun) is None
    assert life.stands().is_closed


def test_more_failures_than_are_told_keep_nothing_else_and_are_tried_by_whoever_begins_anew():
    life = with_versions(MOST_FAILED + 30)
    life.retire()
    failing = {package_arn(version=number) for number in range(1, MOST_FAILED + 21)}
    mend = throttled(life, failing)
    said = gone_through(life, 1000)
    assert said.endswith("; and more")
    mend()
    assert retired(life) == set(life.world.ledger.states) - failing
    assert gone_through(life, 1000) == ""
    assert life.stands().is_closed


@pytest.mark.parametrize("steps", [4, 9, 1000])
@pytest.mark.parametrize("call", ["last", "on_record"])
def test_a_group_whose_versions_cannot_be_looked_for_keeps_no_other_group(call: str, steps: int):
    life = with_versions(8, (PD, LGD))
    life.retire()
    asked = getattr(life.retiring.members, call)
    broken = {PD}

    def refused(*told: Any) -> Any:
        if broken & set(told):
            raise Throttled("ListModelPackages")
        return asked(*told)

    object.__setattr__(life.retiring.members, call, refused)
    said = gone_through(life, steps)
    assert f"{PD}: Throttled: ListModelPackages" in said
    assert retired(life) == {arn for arn in life.world.ledger.states if "/lgd/" in arn}
    broken.clear()
    assert gone_through(life, steps) == ""
    assert life.stands().is_closed


def test_an_end_closes_no_record_while_a_version_cannot_be_recorded():
    life = with_versions(3)
    life.retire()
    mend = throttled(life, {package_arn(version=2)})
    with pytest.raises(RetirementIncomplete, match="Rate exceeded"):
        life.retiring.go_on(ID, "c", lambda: 900.0, AFTER_AN_END)
    mend()
    assert not life.stands().is_closed
    assert life.go_on()
    assert life.stands().is_closed
