"""What a use case comes to step by step is what a count from scratch gives, whatever order events come in."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.ai_act import AiActClass
from governance.domain.errors import StaleVersion
from governance.domain.identifiers import group_arn_of
from governance.domain.lifecycle import Stage
from governance.domain.roll_up import Trouble, VersionTold, counting, summary_of
from governance.domain.use_case import ModelRisk
from governance.domain.use_cases import UseCaseStage
from tests.builders import group_arn
from tests.unit.governance.use_cases.fleet import Fleet

USE_CASES = ("credit-scoring", "fraud")
GROUPS = tuple(group_arn(name) for name in ("pd", "lgd", "ead"))
BOTH = (Stage.DEVELOPMENT, Stage.TEST)
DECIDED = [{}, {Stage.DEVELOPMENT: "approved"}, {Stage.DEVELOPMENT: "rejected"}, dict.fromkeys(BOTH, "approved")]
TOLD = st.fixed_dictionaries(
    {
        "stages": st.sampled_from(DECIDED),
        "quarantined": st.booleans(),
        "risk": st.sampled_from(list(ModelRisk)),
        "serving": st.booleans(),
        "rolled_back": st.sampled_from([(), (Stage.PRODUCTION,)]),
        "signs": st.sampled_from([(), (Trouble.ALARMED,), (Trouble.STALE_EVIDENCE, Trouble.DRIFTING)]),
    }
)
VERSIONS = st.lists(st.builds(lambda number, told: VersionTold(number=number, **told), st.integers(1, 9), TOLD),
                    max_size=6, unique_by=lambda one: one.number)  # fmt: skip
VERSION = st.tuples(st.just("version"), st.sampled_from(GROUPS[:2]), st.integers(1, 3), TOLD)
HAPPENS = st.one_of(
    VERSION,
    VERSION,
    VERSION,
    st.tuples(st.just("attach"), st.sampled_from(GROUPS), st.sampled_from(USE_CASES)),
    st.tuples(st.just("detach"), st.sampled_from(GROUPS)),
    st.tuples(st.just("move"), st.sampled_from(USE_CASES), st.sampled_from(list(UseCaseStage)[1:3])),
)
Event = tuple[str, ...]
MANY = 150
"""Stories: of those that are shorter, too many come to nothing."""


def happens(fleet: Fleet, what: Any) -> list[Event]:
    """Something happens, and this is announced of it."""
    kind, about, *more = what
    if kind == "version":
        return [("version", fleet.record(about, more[0], **more[1]))]
    if kind == "move":
        fleet.move(about, more[0])
        return [("use case", about)]
    owner = fleet.rows.owner(about)
    if kind == "attach" and not owner:
        fleet.attach(more[0], about)
        return [("group", more[0], about)]
    if kind == "detach" and owner:
        fleet.detach(owner, about)
        return [("group", owner, about)]
    return []


def delivered(fleet: Fleet, event: Event) -> None:
    kind, about, *more = event
    if kind == "version":
        fleet.rolling_up.follow(about, "c")
    else:
        fleet.rolling_up.count(about, "c", *more)


def a_fleet() -> Fleet:
    fleet = Fleet()
    for name in USE_CASES:
        fleet.create(name)
    return fleet


def begun() -> Fleet:
    """Two groups belong to a use case already, and that is counted."""
    fleet = a_fleet()
    for group in GROUPS[:2]:
        fleet.attach("fraud", group)
        fleet.rolling_up.count("fraud", "c", group)
    return fleet


@settings(deadline=None, max_examples=MANY)
@given(story=st.lists(HAPPENS, max_size=20), data=st.data())
def test_rows_equal_a_count_from_scratch_after_any_order_and_number_of_events(story, data):
    """Each event comes once at least, some twice, any of them before or after what happened meanwhile."""
    fleet, waiting = begun(), []
    for what in story:
        waiting += happens(fleet, what)
        for event in data.draw(st.lists(st.sampled_from(waiting[-3:]), max_size=3)) if waiting else ():
            delivered(fleet, event)
    for event in data.draw(st.permutations(waiting)):
        delivered(fleet, event)
    for name in USE_CASES:
        fleet.assert_from_scratch(name)


@settings(deadline=None, max_examples=MANY)
@given(story=st.lists(HAPPENS, max_size=20), data=st.data())
def test_whatever_events_are_lost_the_reconciler_sets_it_right_and_finds_nothing_the_second_time(story, data):
    fleet = begun()
    for what in story:
        for event in happens(fleet, what):
            if data.draw(st.booleans()):
                delivered(fleet, event)
    fleet.reconcile()
    for name in USE_CASES:
        fleet.assert_from_scratch(name)
    assert not fleet.reconcile().differences


@settings(deadline=None, max_examples=MANY)
@given(story=st.lists(HAPPENS, max_size=14), data=st.data())
def test_whoever_dies_at_any_call_is_healed_by_being_told_again(story, data):
    fleet = begun()
    for what in story:
        for event in happens(fleet, what):
            dies_at = data.draw(st.integers(1, 7))
            fleet.rows.meanwhile = Dying(dies_at)
            try:
                delivered(fleet, event)
            except Died:
                fleet.rows.meanwhile = lambda _: None
                delivered(fleet, event)
            fleet.rows.meanwhile = lambda _: None
    for name in USE_CASES:
        fleet.assert_from_scratch(name)


@settings(deadline=None, max_examples=MANY)
@given(story=st.lists(HAPPENS, min_size=2, max_size=14), data=st.data())
def test_two_at_once_come_to_the_same_as_one_after_the_other(story, data):
    """Between any two calls of one delivery another is done wholly: what was read before is stale then."""
    fleet = begun()
    waiting = [event for what in story for event in happens(fleet, what)]
    while waiting:
        first, *waiting = waiting
        other = data.draw(st.sampled_from([first, *waiting]))
        at = data.draw(st.integers(1, 7))
        fleet.rows.meanwhile = Meanwhile(at, fleet, lambda event=other: delivered(fleet, event))
        delivered(fleet, first)
        fleet.rows.meanwhile = lambda _: None
    for name in USE_CASES:
        fleet.assert_from_scratch(name)


@settings(deadline=None, max_examples=MANY)
@given(before=TOLD, after=TOLD, at=st.integers(1, 7))
def test_a_look_that_is_late_never_takes_the_place_of_a_newer_one(before, after, at):
    """The version changes and is looked at between two calls of who looked at it as it was."""
    fleet = begun()
    arn = fleet.record(GROUPS[0], 1, **before)

    def newer() -> None:
        fleet.record(GROUPS[0], 1, **after)
        fleet.rolling_up.follow(arn, "c")

    fleet.rows.meanwhile = Meanwhile(at, fleet, newer)
    fleet.rolling_up.follow(arn, "c")
    fleet.rows.meanwhile = lambda _: None
    if fleet.records[arn].sequence == 1:
        newer()
    fleet.assert_from_scratch("fraud")


def test_a_version_that_is_again_as_it_was_leaves_nothing_to_who_saw_it_in_between():
    """It is approved, not approved any more, and approved; who looked in the middle comes to write at the end."""
    fleet = begun()
    arn = fleet.record(GROUPS[0], 1, **APPROVED)
    fleet.rolling_up.follow(arn, "c")
    fleet.record(GROUPS[0], 1, stages={})

    def as_it_was() -> None:
        fleet.record(GROUPS[0], 1, **APPROVED)
        fleet.rolling_up.follow(arn, "c")

    fleet.rows.meanwhile = Meanwhile(2, fleet, as_it_was)
    fleet.rolling_up.follow(arn, "c")
    assert fleet.kept("fraud").totals.approved == {Stage.DEVELOPMENT: 1}
    fleet.assert_from_scratch("fraud")


class Died(Exception):
    """The process is gone."""


class Dying:
    """Whoever comes to a call, dies."""

    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, _call: str) -> None:
        self.left -= 1
        if not self.left:
            raise Died


class Meanwhile:
    """Before some call of one, another does everything that it has to."""

    def __init__(self, at: int, fleet: Fleet, other: Callable[[], None]) -> None:
        self.left, self.fleet, self.other = at, fleet, other

    def __call__(self, _call: str) -> None:
        self.left -= 1
        if not self.left:
            self.fleet.rows.meanwhile = lambda _: None
            self.other()


@given(versions=VERSIONS)
def test_a_summary_needs_no_more_than_the_versions_that_count(versions):
    assert summary_of(GROUPS[0], counting(versions)) == summary_of(GROUPS[0], versions)
    assert counting(counting(versions)) == counting(versions)


@pytest.mark.parametrize("many", [1, 30, 300])
def test_one_event_costs_the_same_calls_however_many_groups_and_versions_there_are(many: int):
    fleet = a_fleet()
    for number in range(many):
        group = group_arn(f"model-{number}")
        fleet.attach("fraud", group)
        fleet.rolling_up.count("fraud", "c", group)
    for number in range(1, many + 1):
        fleet.rolling_up.follow(fleet.record(GROUPS[0], number, stages={Stage.TEST: "approved"}), "c")
    fleet.attach("fraud", GROUPS[0])
    fleet.rolling_up.count("fraud", "c", GROUPS[0])
    latest = fleet.record(GROUPS[0], many, stages={})
    fleet.rows.calls.clear()
    fleet.rolling_up.follow(latest, "c")
    assert fleet.rows.calls == ["look", "before", "keep", "owner", "marks", "open", "present", "count"]
    fleet.assert_from_scratch("fraud")


@pytest.mark.parametrize("owner", ["", "credit-scoring"])
def test_a_group_that_is_attached_between_looking_and_keeping_is_counted_as_it_is_kept(owner: str):
    """What announces it was followed by then: nobody comes again."""
    fleet = one_use_case()
    followed(fleet, GROUPS[0], 1, stages={Stage.DEVELOPMENT: "rejected"})
    if owner:
        fleet.attach(owner, GROUPS[0])
        fleet.rolling_up.count(owner, "c", GROUPS[0])

    def attached(call: str) -> None:
        if call == "keep":
            fleet.rows.meanwhile = lambda _: None
            for event in (*happens(fleet, ("detach", GROUPS[0])), *happens(fleet, ("attach", GROUPS[0], "fraud"))):
                delivered(fleet, event)

    fleet.rows.meanwhile = attached
    followed(fleet, GROUPS[0], 1, stages={Stage.DEVELOPMENT: "approved"})
    for name in USE_CASES:
        fleet.assert_from_scratch(name)
        assert fleet.rows.marks(name, 9) == []


def test_many_who_were_not_counted_are_counted_by_whoever_comes_next():
    fleet = a_fleet()
    for number in range(20):
        group = group_arn(f"model-{number:02d}")
        fleet.attach("fraud", group)
        fleet.rolling_up.take(fleet.record(group, 1, stages={Stage.TEST: "approved"}))
    fleet.attach("fraud", GROUPS[0])
    for _ in range(3):
        fleet.rolling_up.count("fraud", "c", GROUPS[0])
    fleet.assert_from_scratch("fraud")
    assert fleet.rows.marks("fraud", 99) == []


APPROVED = {"stages": {Stage.DEVELOPMENT: "approved"}, "risk": "low"}


def followed(fleet: Fleet, group: str, number: int, **told: Any) -> None:
    fleet.rolling_up.follow(fleet.record(group, number, **told), "c")


def one_use_case(*groups: str) -> Fleet:
    fleet = a_fleet()
    for group in groups:
        fleet.attach("fraud", group)
        fleet.rolling_up.count("fraud", "c", group)
    return fleet


def names(fleet: Fleet) -> list[str]:
    return [name for name, _ in fleet.announced("fraud")]


def test_an_advance_is_offered_once_when_the_last_model_is_approved_and_withdrawn_when_one_is_no_more():
    fleet = one_use_case(*GROUPS[:2])
    followed(fleet, GROUPS[0], 1, **APPROVED)
    assert names(fleet) == []
    followed(fleet, GROUPS[1], 1, **APPROVED)
    followed(fleet, GROUPS[1], 2, **APPROVED)
    ((name, offered),) = fleet.announced("fraud")
    assert (name, offered["offered_stage"], offered["model_stage"], offered["models"]) == (
        "UseCaseAdvanceOffered", "development", "development", 2,
    )  # fmt: skip
    followed(fleet, GROUPS[0], 1, stages={})
    assert fleet.announced("fraud")[-1][0] == "UseCaseAdvanceWithdrawn"
    assert fleet.announced("fraud")[-1][1]["lacking"] == 1
    followed(fleet, GROUPS[0], 1, **APPROVED)
    assert names(fleet)[-1] == "UseCaseAdvanceOffered"


def test_what_was_taken_up_is_not_withdrawn_and_in_another_round_it_is_offered_anew():
    fleet = one_use_case(GROUPS[0])
    followed(fleet, GROUPS[0], 1, **APPROVED)
    for stage in (UseCaseStage.QUALITY_ASSURANCE, UseCaseStage.DEVELOPMENT):
        fleet.move("fraud", stage)
    fleet.rolling_up.count("fraud", "c")
    fleet.rolling_up.count("fraud", "c")
    assert names(fleet) == ["UseCaseAdvanceOffered", "UseCaseAdvanceOffered"], "even if nobody saw it in between"
    fleet.move("fraud", UseCaseStage.QUALITY_ASSURANCE)
    fleet.rolling_up.count("fraud", "c")
    assert names(fleet)[2:] == []


def test_a_group_that_is_attached_withdraws_what_was_offered_without_it():
    fleet = one_use_case(GROUPS[0])
    followed(fleet, GROUPS[0], 1, **APPROVED)
    fleet.attach("fraud", GROUPS[1])
    fleet.rolling_up.count("fraud", "c", GROUPS[1])
    assert names(fleet) == ["UseCaseAdvanceOffered", "UseCaseAdvanceWithdrawn"]
    fleet.detach("fraud", GROUPS[1])
    fleet.rolling_up.count("fraud", "c", GROUPS[1])
    assert names(fleet)[-1] == "UseCaseAdvanceOffered"


@pytest.mark.parametrize(
    ("told", "trouble", "stage"),
    [
        ({"stages": {Stage.DEVELOPMENT: "rejected"}}, "rejected", "development"),
        ({**APPROVED, "quarantined": True}, "quarantined", ""),
        ({**APPROVED, "rolled_back": ("production",)}, "rolled-back", "production"),
        *[({**APPROVED, "signs": (sign,)}, sign, "") for sign in ("stale-evidence", "drifting", "alarmed", "gone")],
    ],
)
def test_a_use_case_sees_what_befalls_its_model_and_when_that_is_over(told, trouble, stage):
    fleet = one_use_case(GROUPS[0])
    followed(fleet, GROUPS[0], 7, **{"risk": "low", **told})
    affected = [detail for name, detail in fleet.announced("fraud") if name == "UseCaseAffected"]
    assert [(one["trouble"], one["stage"], one["model_package_arn"][-4:]) for one in affected] == [
        (trouble, stage, "pd/7")
    ]
    assert fleet.kept("fraud").totals.troubles == {Trouble(trouble): 1}
    followed(fleet, GROUPS[0], 8, **APPROVED)
    ended = [detail for name, detail in fleet.announced("fraud") if name == "UseCaseTroubleEnded"]
    assert [(one["trouble"], one["model_group_arn"]) for one in ended] == [(trouble, GROUPS[0])]
    assert fleet.kept("fraud").totals.troubles == {}


def test_what_serves_counts_although_a_later_version_was_decided_on():
    fleet = one_use_case(GROUPS[0])
    followed(fleet, GROUPS[0], 1, **APPROVED, serving=True)
    followed(fleet, GROUPS[0], 2, **APPROVED)
    followed(fleet, GROUPS[0], 1, **APPROVED, serving=True, signs=("drifting",))
    assert names(fleet)[-1] == "UseCaseAffected"
    followed(fleet, GROUPS[0], 1, **APPROVED, signs=("drifting",))
    assert names(fleet)[-1] == "UseCaseTroubleEnded"


def test_the_risk_is_that_of_the_weakest_link():
    fleet = one_use_case(*GROUPS[:2])
    known = fleet.use_case("fraud")
    assert fleet.kept("fraud").risk is AiActClass.HIGH, "nobody assessed it"
    from governance.domain.use_case_totals import Totals, risk_of

    for own, models, comes_to in (
        ("minimal", {}, "minimal"), ("minimal", {"medium": 3, "low": 1}, "limited"), ("limited", {"low": 2}, "limited"),
        ("minimal", {"high": 1}, "high"), ("unacceptable", {"high": 1}, "unacceptable"),
    ):  # fmt: skip
        assessed = known.model_copy(update={"assessed": Assessed(own)})
        assert risk_of(assessed, Totals.model_validate({"risks": models})) == comes_to


class Assessed:
    """An assessment, as far as its class."""

    def __init__(self, own: str) -> None:
        self.ai_act_class = AiActClass(own)


def test_each_change_is_a_deed_of_its_own_that_says_what_it_changed():
    fleet = one_use_case(GROUPS[0])
    followed(fleet, GROUPS[0], 1, **APPROVED)
    last = fleet.use_cases.trail("fraud")[-1].content
    assert (last["action"], last["who"], last["why"]) == ("rolled-up", "steward", "its models changed: pd")
    assert (last["new"]["approved.development"], last["new"]["offered"]) == (1, "development")
    assert last["old"]["approved.development"] == 0


def test_a_use_case_that_never_holds_still_is_said_to():
    fleet = one_use_case(GROUPS[0])
    arn = fleet.record(GROUPS[0], 1, **APPROVED)

    def moves(call: str) -> None:
        if call == "count":
            fleet.move("fraud", UseCaseStage.DEVELOPMENT)

    fleet.rows.meanwhile = moves
    with pytest.raises(StaleVersion):
        fleet.rolling_up.follow(arn, "c")


def test_a_package_outside_any_group_is_none_of_it():
    fleet = a_fleet()
    fleet.rolling_up.follow(GROUPS[0].replace("model-package-group/pd", "model-package/alone"), "c")
    assert group_arn_of(GROUPS[0]) is None
    assert fleet.rows.calls == []
