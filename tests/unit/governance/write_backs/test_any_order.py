"""Whatever people do, and however late, often and mixed up events come: Steward writes over nobody, and comes to rest.

People act in the registry and through Steward, within the same seconds; events and announcements come in any order,
twice, and late. In the end the registry and the record say the same, and nothing is approved that no policy let pass.
"""

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.domain.fold import fold
from governance.domain.identifiers import Person
from governance.domain.lifecycle import ApprovalStatus, ModelStatus, Stage
from governance.domain.registry import PackageChange, PackageDescription
from governance.domain.registry_updates import RegistryUpdate, update_of
from governance.domain.values import iso
from tests.builders import BORN, KATHERINE, MARY, call, user
from tests.unit.governance.write_backs.office import ADA_IN_THE_HUB, ADMIN, ARN, SCRIBE, Office

SOME = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
ROUNDS = 12
"""Within so many rounds of deliveries everything has come to rest."""


class Street(Office):
    """An office whose events are under way until somebody delivers them."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[PackageChange] = []
        self.calls: list[tuple[float, Person, dict[str, Any]]] = []
        self.told: set[int] = set()
        self.keep(self.registry.update)
        self.register()
        self.seal()
        self.now.wait(5)

    def keep(self, update: Callable[[str, RegistryUpdate], None]) -> None:
        """Look at every update of ours: nothing may have happened that its intent did not see."""

        def watched(package: str, told: RegistryUpdate) -> None:
            shown = self.registry.packages[package]
            (intent,) = [one for one in self.intents() if update_of(one, shown).token == told.token]
            assert shown.changed_at == intent.seen_at, "somebody acted meanwhile"
            assert (shown.model_approval_status or "") == intent.seen, "somebody decided meanwhile"
            update(package, told)
            fields = {"ModelApprovalStatus": told.approval, "ModelLifeCycle": told.life_cycle}
            self.send([name for name, value in fields.items() if value], SCRIBE)

        self.registry.update = watched  # type: ignore[method-assign]

    def send(self, fields: list[str], who: Person) -> None:
        """The event of a change is under way, and so is CloudTrail's."""
        shown = self.registry.packages[ARN]
        told = shown.model_dump(mode="json", by_alias=True, exclude={"created_by", "last_modified_by"})
        self.events.append(PackageChange.model_validate({**told, "UpdatedModelPackageFields": fields}))
        asked: dict[str, Any] = {}
        if "ModelApprovalStatus" in fields:
            asked["modelApprovalStatus"] = shown.model_approval_status
        if "ModelLifeCycle" in fields and shown.model_life_cycle:
            cycle = shown.model_life_cycle
            said = {
                "stage": cycle.stage,
                "stageStatus": cycle.stage_status,
                "stageDescription": cycle.stage_description,
            }
            asked["modelLifeCycle"] = said
        if asked:
            self.calls.append(((shown.changed_at - BORN).total_seconds(), who, asked))

    def changes(self, who: Person, **fields: Any) -> None:
        """Somebody updates the package in the registry."""
        shown = self.registry.packages[ARN].model_dump(mode="json", by_alias=True)
        at = {"LastModifiedTime": iso(self.now().replace(microsecond=0)), "LastModifiedBy": user(who)}
        self.registry.packages[ARN] = PackageDescription.model_validate({**shown, **fields, **at})
        self.send(sorted(fields), who)

    def moves(self, who: Person, stage: str, status: str) -> None:
        self.changes(who, ModelLifeCycle={"Stage": stage, "StageStatus": status, "StageDescription": who.id})

    def asks(self, stage: Stage) -> None:
        """The owner asks for an approval, unless it is there."""
        if self.stage(stage).status is not ModelStatus.APPROVED:
            self.asks_to_approve(MARY, (self.now() - BORN).total_seconds(), stage)

    def deliver_one(self, number: int) -> None:
        """One of the events under way arrives; it may come again."""
        if self.events:
            chosen = number % len(self.events)
            self.told.add(chosen)
            self.deliver(self.events[chosen])

    def write_one(self, number: int) -> None:
        """One of the announcements arrives; it may come again."""
        if intents := self.intents():
            self.writing_back.write(ARN, intents[number % len(intents)].effect_id, "event-5")

    def rest(self) -> None:
        """Everything that is under way arrives, until nothing is."""
        for _ in range(ROUNDS):
            before = len(self.ledger.entries[ARN]), len(self.events)
            self.now.wait(30)
            for number in range(len(self.events)):
                self.deliver_one(number)
            for at, who, asked in self.calls:
                self.synchronisation.identify(call(at, who, **asked), "trail")
            for intent in self.intents():
                self.writing_back.write(ARN, intent.effect_id, "event-5")
            if (len(self.ledger.entries[ARN]), len(self.events)) == before:
                return
        raise AssertionError("it does not come to rest")


DEEDS: Mapping[str, Callable[[Street, int], object]] = {
    "the author approves": lambda s, _: s.changes(ADA_IN_THE_HUB, ModelApprovalStatus="Approved"),
    "an administrator approves": lambda s, _: s.changes(ADMIN, ModelApprovalStatus="Approved"),
    "the owner approves": lambda s, _: s.changes(MARY, ModelApprovalStatus="Approved", ApprovalDescription="fine"),
    "the officer rejects": lambda s, _: s.changes(KATHERINE, ModelApprovalStatus="Rejected"),
    "the owner takes it back": lambda s, _: s.changes(MARY, ModelApprovalStatus="PendingManualApproval"),
    "somebody writes a note": lambda s, n: s.changes(ADMIN, CustomerMetadataProperties={"note": str(n)}),
    "the author approves in test": lambda s, _: s.moves(ADA_IN_THE_HUB, "QA", "Approved"),
    "the officer approves in test": lambda s, _: s.moves(KATHERINE, "Test", "Approved"),
    "an administrator approves in production": lambda s, _: s.moves(ADMIN, "Production", "Approved"),
    "the officer rejects in production": lambda s, _: s.moves(KATHERINE, "Production", "Rejected"),
    "the owner asks": lambda s, _: s.asks(Stage.DEVELOPMENT),
    "the owner asks in test": lambda s, _: s.asks(Stage.TEST),
    "an event arrives": lambda s, n: s.deliver_one(n),
    "an announcement arrives": lambda s, n: s.write_one(n),
    "a moment passes": lambda s, n: s.now.wait(n % 3 + 0.3),
}
STEPS = st.lists(st.tuples(st.sampled_from(sorted(DEEDS)), st.integers(0, 40)), min_size=1, max_size=25)


@SOME
@given(STEPS)
def test_steward_writes_over_nobody_and_comes_to_rest(steps: list[tuple[str, int]]) -> None:
    street = Street()
    for deed, number in steps:
        DEEDS[deed](street, number)
    street.rest()
    state, shown = street.state(ARN), street.registry.packages[ARN]
    assert (state.approval, state.life_cycle) == (shown.model_approval_status, shown.life_cycle)
    if shown.model_approval_status is ApprovalStatus.APPROVED:
        assert street.stage().status is ModelStatus.APPROVED, "the registry shows what does not count"
    for known in state.stages.values():
        if known.status is ModelStatus.APPROVED:
            assert known.verdict is not None
            assert known.verdict.passed
    assert state == fold(street.ledger.facts(ARN)), "the same facts in another order give another state"
