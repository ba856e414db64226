"""A use case is retired: by two people, with all its models, however many there are, and whoever dies on the way."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from governance.domain.audit import breaks
from governance.domain.errors import Refused
from governance.domain.facts import GroupObserved
from governance.domain.identifiers import Person
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.model_group import ModelGroup, Serving
from governance.domain.people import Names, Pseudonyms
from governance.domain.retirement import VersionRetired
from governance.domain.use_case import Profile
from governance.domain.use_case_retiring import Place
from governance.domain.use_cases import UseCase, UseCaseStage, membership
from governance.ports.identity import Caller
from governance.services.overseeing import Overseeing
from governance.services.recalling import Recalling
from governance.services.retiring_use_cases import BEGIN, RetiringUseCases
from governance.services.spreading import Spreading
from tests.builders import HUB, PERSON_KEY, after, approved, change, group_arn, package_arn
from tests.fakes_of_use_cases import InMemoryMembers, InMemoryShares, InMemorySummaries, InMemoryUseCases
from tests.unit.governance.deliveries import Deliveries
from tests.unit.governance.recalls import SHAPE
from tests.unit.governance.use_cases.board import ANY, describes
from tests.world import World, open_findings

ID = "credit-scoring"
PD = group_arn()


def person(name: str) -> Person:
    return Person(id=name, arn=f"arn:aws:sts::{HUB}:assumed-role/steward-officer/{name}")


OTTO, OLGA = person("otto"), person("olga")


class Killed(BaseException):
    """The function's process is gone."""


class Life:
    """A world with a use case, and whoever carries its retirement through."""

    def __init__(self, groups: tuple[str, ...] = (PD,)) -> None:
        self.world = World()
        self.use_cases = InMemoryUseCases(self.world.groups)
        self.deliveries = Deliveries(self.world)
        self.shares = InMemoryShares({group: ["RegisterAndDescribeVersions", "share/1"] for group in groups})
        authority, landscape = self.world.recording.authority, self.world.recording.landscape
        self.overseeing = Overseeing(
            self.use_cases,
            InMemorySummaries(self.world.ledger),
            self.world.groups,
            self.world.shelf,
            authority,
            landscape,
        )
        members = InMemoryMembers(self.world.ledger)
        self.retiring = RetiringUseCases(
            self.use_cases, members, self.world.groups, self.shares, self.world.ledger, self.world.recording
        )
        self.place: Place | None = None
        self.number = 0
        self.ask(OTTO, "create-use-case", document=describes(owner="otto"))
        self.ask(OLGA, "advance-use-case", use_case=ID, stage="proof-of-concept", refused=True)
        seen = self.use_cases.open(ID)
        kept = seen.use_case.model_copy(update={"stage": UseCaseStage.DEVELOPMENT, "groups": len(groups)})
        self.use_cases.kept[ID] = kept.model_dump_json()
        for group in groups:
            known = self.world.groups.get(group) or ModelGroup(arn=group)
            told = {"use_case": membership(kept, 1), "profile": Profile(use_case_id=ID), "revision": known.revision + 1}
            self.world.groups.save(known.model_copy(update=told), known.revision)
            self.use_cases.attached.setdefault(ID, set()).add(group)

    def ask(self, who: Person, command: str, refused: bool = False, **told: Any) -> dict[str, Any]:
        self.number += 1
        order = ANY.validate_python(
            {"function": "f", "why": "it is replaced", "command": command, "request_id": f"request-{self.number:04d}"}
            | told
        )
        at = max(self.world.now.moment, after(self.number))
        self.world.now.moment = at
        try:
            return self.overseeing.carry_out(order, Caller(person=who, at=at), at)
        except Refused:
            if refused:
                return {}
            raise

    def retire(self, **told: Any) -> dict[str, Any]:
        """Two people want it."""
        self.ask(OTTO, "retire-use-case", use_case=ID, **told)
        return self.ask(OLGA, "retire-use-case", use_case=ID, **told)

    def go_on(self, remaining: Callable[[], float] = lambda: 900.0) -> bool:
        """What began it is told, or a call goes on where the one before was; whether that is the last."""
        self.place = self.retiring.go_on(ID, "c", remaining, self.place or BEGIN)
        return self.place is None

    def settle(self) -> None:
        """Everything runs, and whoever carries it through is told of every end."""
        for _ in range(20):
            self.go_on()
            self.deliveries.settle()
        self.go_on()

    def stands(self) -> UseCase:
        found = self.use_cases.open(ID).use_case
        assert found is not None
        return found

    @property
    def announced(self) -> list[str]:
        return [event["detail_type"] for entry in self.use_cases.trail(ID) for event in entry.content["events"]]

    def actions(self) -> list[str]:
        return [entry.content["action"] for entry in self.use_cases.trail(ID)]

    def statuses(self) -> set[str]:
        return {one.status for arn in self.world.ledger.states for one in self.world.state(arn).stages.values()}


def with_versions(count: int, groups: tuple[str, ...] = (PD,)) -> Life:
    life = Life(groups)
    for number in range(1, count + 1):
        group = groups[number % len(groups)]
        arn = group.replace(":model-package-group/", ":model-package/") + f"/{number}"
        life.world.register(number) if group == PD else life.world.tell(told_of(arn))
        life.world.grouping.admit(group, Profile(use_case_id=ID))
        learned_of(life.world, arn)
    return life


def told_of(arn: str) -> Any:
    return change(0, arn=arn)


def learned_of(world: World, arn: str, use_case: str = ID) -> None:
    """The tags of its group are on its record."""

    def observed(page: Any, now: Any) -> list[GroupObserved]:
        about = {"model": page.state.model, "effective_at": now, "recorded_at": now}
        return [GroupObserved(**about, group=Profile(use_case_id=use_case))]

    world.recording.learn(arn, observed, "c")


def test_two_people_retire_what_has_models_and_one_what_has_none():
    life = Life()
    assert life.ask(OTTO, "retire-use-case", use_case=ID)["outcome"] == "waits-for-another-person"
    assert life.ask(OTTO, "retire-use-case", use_case=ID)["outcome"] == "waits-for-another-person"
    assert life.stands().stage is UseCaseStage.DEVELOPMENT
    told = life.ask(OLGA, "retire-use-case", use_case=ID)
    assert (told["outcome"], told["stage"], told["status"]) == ("done", "retired", "pending")
    assert life.ask(OLGA, "retire-use-case", use_case=ID)["outcome"] == "so-already"
    assert life.actions().count("use-case-retired") == 1
    alone = Life(groups=())
    assert alone.ask(OTTO, "retire-use-case", use_case=ID)["stage"] == "retired"


def test_everything_of_it_is_retired_and_its_record_closed_with_reason_and_successor():
    life = with_versions(1)
    world, arn = life.world, served(life)
    life.ask(OTTO, "create-use-case", document=describes(id="scores", owner="otto"))
    life.retire(successor="scores")
    assert life.go_on()
    assert life.stands().status is ModelStatus.PENDING, "what serves is still being removed"
    assert life.shares.kept == {}
    life.settle()
    assert life.deliveries.serves == {}
    known = life.stands()
    assert (known.stage, known.status, known.successor) == (UseCaseStage.RETIRED, ModelStatus.APPROVED, "scores")
    assert known.is_closed
    assert life.announced[-2:] == ["UseCaseRetirementBegun", "UseCaseRetired"]
    [ended] = [one for one in life.use_cases.trail(ID) if one.content["action"] == "use-case-closed"]
    [event] = ended.content["events"]
    assert (event["detail"]["reason"], event["detail"]["successor"]) == ("it is replaced", "scores")
    assert world.state(arn).retirement.use_case == ID
    assert breaks(life.use_cases.trail(ID)) == []
    [completed] = [
        one["detail"]
        for entry in world.ledger.entries[arn]
        for one in entry.content["events"]
        if one["detail_type"] == "RetirementCompleted"
    ]
    assert (completed["use_case"], completed["use_case_waits"]) == (ID, True)


def served(life: Life) -> str:
    """Version 1 serves in test."""
    world, arn = life.world, package_arn(version=1)
    world.seal(arn)
    world.now.moment = after(1001)
    world.tell(approved(1000, arn=arn))
    life.deliveries.settle()
    assert life.deliveries.serves == {Stage.TEST: arn}
    return arn


def test_what_serves_of_a_group_that_was_retagged_is_removed_before_the_record_is_closed():
    life = with_versions(1)
    arn = served(life)
    life.world.grouping.admit(PD, Profile(use_case_id="elsewhere"))
    learned_of(life.world, arn, "elsewhere")
    life.retire()
    assert life.go_on()
    assert not life.stands().is_closed, "it serves still"
    life.settle()
    assert life.deliveries.serves == {}
    assert life.world.state(arn).is_retired
    assert life.stands().is_closed


@pytest.mark.parametrize("how", ["serving", "tried", "earlier"])
def test_whatever_a_retagged_group_knows_of_is_retired(how: str):
    life = with_versions(1)
    arn = package_arn(version=1)
    learned_of(life.world, arn, "elsewhere")
    known = life.world.groups.get(PD)
    there = Serving(version=arn, deployment_id="deploy-1", since=after(10))
    told = {how: {"test": there if how == "serving" else (there,)}, "revision": known.revision + 1}
    life.world.groups.save(known.model_copy(update=told), known.revision)
    life.retire()
    assert life.go_on()
    assert life.world.state(arn).is_retired
    assert life.stands().is_closed


def test_three_hundred_models_are_retired_each_in_a_transaction_of_its_own_within_every_limit():
    groups = (*(group_arn(f"pd-{number}") for number in range(3)), PD)
    life = with_versions(300, groups)
    sizes = []
    save = life.world.ledger.save

    def measured(change: Any) -> None:
        sizes.append(len(change.facts) + len(change.entries))
        assert {fact.model.arn for fact in change.facts} == {change.after.model.arn}
        save(change)

    life.world.ledger.save = measured
    life.retire()
    assert life.go_on()
    assert life.statuses() == {ModelStatus.RETIRED}
    assert life.stands().is_closed
    assert len(sizes) == 300
    assert max(sizes) <= 8, "facts and entries of one version; a transaction takes a hundred items"
    assert len(life.stands().model_dump_json()) < 10_000, "what it holds does not grow with its models"


def test_where_time_runs_out_it_goes_on_where_it_was():
    life = with_versions(12)
    life.retire()
    left = iter([900.0] * 5 + [1.0])
    assert not life.go_on(lambda: next(left))
    retired = sum(life.world.state(arn).is_retired for arn in life.world.ledger.states)
    assert 0 < retired < 12
    assert not life.stands().is_closed
    assert life.go_on()
    assert life.stands().is_closed


PORTS = ("use_cases.open", "use_cases.groups", "use_cases.revocation", "use_cases.note", "use_cases.save",
         "use_cases.trail", "shares.given", "shares.revoke", "members.last", "members.on_record", "groups.get",
         "ledger.open", "ledger.save")  # fmt: skip


def killed_at(life: Life, nth: int, is_after: bool) -> bool:
    """Carry it through, and die at the nth call of any port; whether there were that many."""
    made: dict[str, Any] = {"calls": 0, "within": False}

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def made_to_die(*told: Any) -> Any:
            if made["within"]:
                return call(*told)  # what a fake does of itself is no call
            made["calls"] += 1
            number = made["calls"]
            if number == nth and not is_after:
                raise Killed
            made["within"] = True
            answer = call(*told)
            made["within"] = False
            if number == nth:
                raise Killed
            return answer

        return made_to_die

    before: list[tuple[Any, str, Any]] = []
    for port in PORTS:
        owner, method = port.split(".")
        there = life.world.ledger if owner == "ledger" else getattr(life.retiring, owner)
        before.append((there, method, getattr(there, method)))
    try:
        for there, method, call in before:
            object.__setattr__(there, method, counted(call))
        life.go_on()
    except Killed:
        return True
    finally:
        for there, method, call in before:
            object.__setattr__(there, method, call)
    return False


@pytest.mark.parametrize("is_after", [False, True])
def test_killed_at_any_call_it_is_carried_through_by_whoever_is_told_again(is_after: bool):
    expected, nth = None, 0
    while True:
        nth += 1
        life = with_versions(3)
        life.retire()
        died = killed_at(life, nth, is_after)
        life.go_on()
        assert life.stands().is_closed
        assert life.statuses() == {ModelStatus.RETIRED}
        assert breaks(life.use_cases.trail(ID)) == []
        done = life.actions()
        assert [done.count(one) for one in ("use-case-closed", "share-revoked", "share-revocation-begun")] == [1, 1, 1]
        assert life.announced.count("UseCaseRetired") == 1
        per_version = [len(life.world.ledger.entries[arn]) for arn in sorted(life.world.ledger.entries)]
        expected = expected or per_version
        assert per_version == expected
        if not died:
            break
    assert nth > 15, "calls were tried"


def test_a_version_of_a_retired_use_case_is_never_approved_and_is_a_finding():
    life = with_versions(1)
    life.retire()
    Spreading(life.use_cases, life.world.groups).spread(ID)
    life.settle()
    life.world.register(9)
    nine = package_arn(version=9)
    known = Profile(use_case_id=ID, use_case_name="Credit scoring", use_case_stage="retired")
    learned = life.world.groups.get(PD).use_case
    assert learned.stage is UseCaseStage.RETIRED

    life.world.recording.learn(
        nine,
        lambda page, now: [GroupObserved(model=page.state.model, effective_at=now, recorded_at=now, group=known)],
        "c",
    )
    life.world.now.moment = after(5001)
    life.world.tell(approved(5000, arn=nine))
    assert life.world.state(nine).stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    assert "use-case-retired" in open_findings(life.world, nine)
    refused = life.world.state(nine).stage(Stage.DEVELOPMENT).refused
    assert "use-case-not-retired" in {one.name for one in refused.checks if not one.passed}
    told = {"command": "retire", "function": "f", "request_id": "request-nine", "version": nine, "why": "over"}
    Recalling(life.world.ledger, life.world.recording).carry_out(
        SHAPE.validate_python(told), Caller(person=OLGA, at=after(5002))
    )
    assert "use-case-retired" not in open_findings(life.world, nine)


def test_what_is_retired_is_neither_changed_nor_advanced_nor_left_by_its_groups():
    life = Life()
    life.retire()
    for told in (
        {"command": "detach-group", "group": PD},
        {"command": "attach-group", "group": group_arn("another")},
        {"command": "advance-use-case", "stage": "retired"},
    ):
        with pytest.raises(Refused):
            life.ask(OLGA, **told, use_case=ID)
    with pytest.raises(Refused, match=re.escape("retired")):
        life.ask(OTTO, "change-use-case", document=describes(owner="otto", purpose="another"))


def test_the_versions_know_the_names_of_whoever_retired_them_as_far_as_these_were_not_erased():
    life = Life()
    arn = life.world.register()
    life.retire()
    otto, olga = (Pseudonyms(PERSON_KEY).person(one) for one in (OTTO, OLGA))
    kept = life.use_cases.people[f"USECASE#{ID}"]
    life.use_cases.replace(f"USECASE#{ID}", kept, kept.without(olga.id))
    life.settle()
    page = life.world.ledger.open(arn)
    assert (page.names.by_id[otto.id], page.names.by_id.get(olga.id, "")) == ("otto", "")
    (fact,) = [one for one in life.world.ledger.facts(arn) if isinstance(one, VersionRetired)]
    assert (fact.proposed_by, fact.person) == (otto, olga), "on record as the use case has them"
    assert fact.person.arn.endswith("/steward-officer")


def test_a_name_of_another_key_is_nobodys_here():
    otto = Pseudonyms(PERSON_KEY).person(OTTO)
    known, other = Names(by_id={otto.id: "otto"}), Pseudonyms("another")
    assert Pseudonyms(PERSON_KEY).with_name(otto, known).id == "otto"
    assert other.with_name(otto, known) == otto
    assert Pseudonyms(PERSON_KEY).with_name(otto, Names()) == otto
