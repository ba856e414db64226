"""Use cases with model groups whose versions change as a test says, and what follows from what is announced of it."""

from datetime import timedelta
from typing import Any

from governance.domain.ai_act import Assessment, assessed
from governance.domain.audit import Deed
from governance.domain.environment import Landscape
from governance.domain.identifiers import STEWARD, group_arn_of
from governance.domain.inspection import Order
from governance.domain.lifecycle import ModelStatus
from governance.domain.model_group import ModelGroup
from governance.domain.roll_up import VersionTold, summary_of, version_arn
from governance.domain.use_case_totals import RolledUp, rolled_up, totals_of
from governance.domain.use_cases import About, Decided, UseCase, UseCaseStage, membership
from governance.services.comparing_roll_ups import ComparingRollUps
from governance.services.rolling_up import RollingUp
from governance.services.tally import Tally
from tests.builders import BORN, Clock
from tests.fakes import InMemoryGroups
from tests.fakes_of_roll_ups import InMemoryRollUps
from tests.fakes_of_use_cases import InMemoryUseCases
from tests.unit.governance.use_cases.board import answers, describes

LANDSCAPE = Landscape()


class Fleet:
    """What is on record, and what is kept of what it comes to."""

    def __init__(self) -> None:
        self.groups = InMemoryGroups()
        self.use_cases = InMemoryUseCases(self.groups)
        self.records: dict[str, VersionTold] = {}
        self.rows = InMemoryRollUps(self.use_cases, self.records.get)
        self.now = Clock()
        self.rolling_up = RollingUp(self.rows, LANDSCAPE, self.now)

    def use_case(self, name: str) -> UseCase:
        found = self.use_cases.open(name).use_case
        assert found is not None
        return found

    def create(self, name: str, stage: UseCaseStage = UseCaseStage.DEVELOPMENT, ai_act_class: str = "") -> None:
        """A use case in a stage, assessed if it is said as what."""
        known = assessed(Assessment.model_validate(answers(ai_act_class))) if ai_act_class else None
        about = About.model_validate(describes(id=name))
        made = UseCase(about=about, stage=stage, assessed=known, created_at=BORN, changed_at=BORN)
        self.use_cases.save(self.use_cases.open(name), made, deed("use-case-created"))

    def move(self, name: str, stage: UseCaseStage) -> None:
        """It comes to another stage: somebody decided on the one that it was in."""
        self.now.moment += timedelta(seconds=1)
        seen, known = self.use_cases.open(name), self.use_case(name)
        decided = Decided(status=ModelStatus.APPROVED, by=("a",), at=self.now(), policy="p@1", policy_hash="0")
        stages = {**known.stages, known.stage: decided}
        after = known.model_copy(update={"stage": stage, "stages": stages})
        self.use_cases.save(seen, after, deed("stage-approved"))

    def attach(self, name: str, group: str) -> None:
        seen, known = self.use_cases.open(name), self.groups.get(group) or ModelGroup(arn=group)
        after = self.use_case(name).model_copy(update={"groups": self.use_case(name).groups + 1})
        owned = {"use_case": membership(after, 1), "revision": known.revision + 1}
        self.use_cases.attach(seen, after, known.model_copy(update=owned), deed("group-attached"))

    def detach(self, name: str, group: str) -> None:
        seen, known = self.use_cases.open(name), self.groups.get(group)
        assert known is not None
        after = self.use_case(name).model_copy(update={"groups": self.use_case(name).groups - 1})
        free = {"use_case": None, "revision": known.revision + 1}
        self.use_cases.detach(seen, after, known.model_copy(update=free), deed("group-detached"))

    def record(self, group: str, number: int, **told: Any) -> str:
        """A version is something else than before: the next entry of its chain says so."""
        arn = version_arn(group, number)
        known = self.records.get(arn)
        sequence = known.sequence + 1 if known else 1
        self.records[arn] = VersionTold.model_validate({"stages": {}, **told, "number": number, "sequence": sequence})
        return arn

    def reconcile(self) -> Tally:
        """Every group and every use case is compared with what there is."""
        tally = Tally(Order(grace_seconds=0), "r")
        comparing = ComparingRollUps(self.rolling_up, self.use_cases, self.groups)
        for group in sorted({group_arn_of(arn) or "" for arn in self.records}):
            comparing.look(group, {version_arn(group, one.number): one for one in self.of(group)}, True, tally)
        comparing.tend(tally)
        return tally

    def from_scratch(self, name: str) -> RolledUp:
        """What a use case comes to by every version of its groups."""
        attached = self.use_cases.groups(name)
        every = [summary_of(group, self.of(group)) for group in attached]
        return rolled_up(self.use_case(name), totals_of(every), LANDSCAPE)

    def of(self, group: str) -> list[VersionTold]:
        return [one for arn, one in self.records.items() if group_arn_of(arn) == group]

    def kept(self, name: str) -> RolledUp:
        """What a use case comes to by what is kept; of one that was never counted, what it comes to without models."""
        known = self.rows.come_to([name]).get(name)
        return known or rolled_up(self.use_case(name), totals_of(()), LANDSCAPE)

    def assert_from_scratch(self, name: str) -> None:
        """What is kept is what a count of every version gives, in each of its parts."""
        attached = self.use_cases.groups(name)
        assert self.rows.every(name) == {group: summary_of(group, self.of(group)) for group in attached}
        assert self.kept(name) == self.from_scratch(name)

    def announced(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        """What was announced of counting, in its order."""
        events = [event for entry in self.use_cases.trail(name) for event in entry.content["events"]]
        return [(event["detail_type"], event["detail"]) for event in events]


def deed(action: str) -> Deed:
    """Something that people did."""
    return Deed(action=action, who=STEWARD, why="", at=BORN, correlation_id="c")
