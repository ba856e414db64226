"""A use case has more models than one call has time for: each goes on where the one before was."""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from governance.adapters.relay_function import SameAgain
from governance.domain.errors import RetirementIncomplete
from governance.domain.lifecycle import ModelStatus
from governance.domain.use_case_retiring import AFTER_AN_END, Place
from governance.runtime.shapes import AboutRetirement, BegunRetirement
from governance.services.retiring_use_cases import RetiringUseCases
from tests.builders import group_arn, package_arn
from tests.unit.governance.use_cases.test_retiring_use_cases import ID, PD, Life, served, with_versions


def time_for(steps: int) -> Callable[[], float]:
    """The clock of a call that has time for so many steps."""
    left = iter([900.0] * steps)
    return lambda: next(left, 0.0)


@contextmanager
def seen() -> Iterator[list[str]]:
    """The versions that are looked at meanwhile, in their order, each as often as it is."""
    versions: list[str] = []
    retired = RetiringUseCases.retired

    def noted(one: RetiringUseCases, version: str, *told: Any) -> Any:
        versions.append(version)
        return retired(one, version, *told)

    with patch.object(RetiringUseCases, "retired", noted):
        yield versions


@pytest.mark.parametrize("steps", [1, 2, 3, 10])
def test_calls_with_little_time_come_to_the_end_and_look_at_nothing_twice(steps: int):
    groups = (group_arn("lgd"), PD)
    life = with_versions(40, groups)
    life.retire()
    looked_up, given, calls = [], life.shares.given, 1
    life.shares.given = lambda group: looked_up.append(group) or given(group)
    with seen() as versions:
        while not life.go_on(time_for(steps)):
            calls += 1
            assert calls <= 50
    assert life.stands().is_closed
    assert life.statuses() == {ModelStatus.RETIRED}
    assert looked_up == sorted(groups)
    assert sorted(versions) == sorted(life.world.ledger.states)
    assert calls == math.ceil((2 * len(groups) + len(versions)) / steps)


def test_a_call_that_has_no_time_revokes_nothing():
    life = Life(tuple(group_arn(f"pd-{number}") for number in range(5)))
    life.retire()
    assert not life.go_on(time_for(0))
    assert len(life.shares.kept) == 5
    assert not life.go_on(time_for(2))
    assert len(life.shares.kept) == 3


@pytest.mark.parametrize("steps", [1, 3, 100])
@pytest.mark.parametrize("refused", ["lgd", "pd", "ead"])
def test_shares_that_cannot_be_revoked_keep_no_other_group_and_no_version(refused: str, steps: int):
    groups = tuple(group_arn(name) for name in ("lgd", "pd", "ead"))
    life = with_versions(6, groups)
    revoke = life.shares.revoke

    def revoked(group: str) -> None:
        if group == group_arn(refused):
            raise ConnectionError("AccessDenied")
        revoke(group)

    life.shares.revoke = revoked
    life.retire()
    with pytest.raises(
        RetirementIncomplete, match=f"the shares of {group_arn(refused)}: ConnectionError: AccessDenied"
    ):
        while not life.go_on(time_for(steps)):
            pass
    assert life.statuses() == {ModelStatus.RETIRED}
    assert set(life.shares.kept) == {group_arn(refused)}
    assert not life.stands().is_closed
    with pytest.raises(RetirementIncomplete):
        life.go_on()  # an end is told meanwhile, or the same again
    life.shares.revoke = revoke
    assert life.go_on()
    assert life.shares.kept == {}
    assert life.stands().is_closed


def test_an_end_closes_no_record_while_shares_are_left():
    life = with_versions(2)
    life.retire()
    life.shares.revoke = None
    with pytest.raises(RetirementIncomplete):
        life.go_on()
    assert life.statuses() == {ModelStatus.RETIRED}
    with pytest.raises(RetirementIncomplete):
        life.retiring.go_on(ID, "c", lambda: 900.0, AFTER_AN_END)
    assert not life.stands().is_closed


def test_what_an_earlier_call_saw_waiting_keeps_the_last_one_from_closing_the_record():
    life = with_versions(3)
    served(life)
    life.retire()
    while not life.go_on(time_for(1)):
        pass
    assert life.statuses() == {ModelStatus.RETIRED}
    assert not life.stands().is_closed
    assert life.deliveries.serves


def test_an_end_is_followed_as_far_as_the_first_version_that_still_waits():
    life = with_versions(30)
    served(life)
    life.retire()
    assert life.go_on()
    with seen() as taken:
        assert life.retiring.go_on(ID, "c", lambda: 900.0, AFTER_AN_END) is None
        assert taken == [package_arn(version=1)]
        life.deliveries.settle()
        assert life.retiring.go_on(ID, "c", lambda: 900.0, AFTER_AN_END) is None
    assert len(taken) == 1 + 30
    assert life.stands().is_closed


def test_an_end_of_what_tags_alone_name_is_read_and_leads_to_nothing():
    life = with_versions(1)
    about = AboutRetirement.model_validate({"model_package_arn": package_arn(), "use_case": "Credit_Risk"})
    assert about.place == AFTER_AN_END
    assert life.retiring.go_on(about.use_case, "c", lambda: 900.0, about.place) is None
    assert not life.world.state(package_arn(version=1)).is_retired


def test_a_place_is_told_in_the_event_and_read_from_it():
    place = Place(part="versions", group=PD, version=package_arn(version=7), waits=True)
    told: list[dict[str, Any]] = []
    event = {"detail-type": "UseCaseRetirementBegun", "detail": {"use_case_id": ID, "event_id": "e"}}
    SameAgain(SimpleNamespace(invoke=lambda **call: told.append(call)), "itself").go_on(event, place)
    [call] = told
    assert (call["FunctionName"], call["InvocationType"]) == ("itself", "Event")
    again = json.loads(call["Payload"])
    assert again["detail-type"] == event["detail-type"]
    assert event["detail"].items() <= again["detail"].items()
    assert BegunRetirement.model_validate(again["detail"]).place == place
    assert BegunRetirement.model_validate(event["detail"]).place == Place()
