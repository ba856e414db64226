"""Where use cases are kept, each with its chain of deeds, and how their models stand."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from governance.domain.audit import AuditEntry, Deed, Link
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.people import Names
from governance.domain.roll_up import GroupSummary
from governance.domain.use_case_retiring import Revocation
from governance.domain.use_cases import UseCase
from governance.domain.values import Value


class Opened(Value):
    """A use case as it is on record, and the end of its chain: what is written holds only while it is there."""

    use_case: UseCase | None = None
    link: Link = Link()
    names: Names = Names()
    """The names of its people, where they were asked for."""


class UseCases(Protocol):
    """Use cases and the groups that belong to them.

    Whatever is written is written with its deed, all or nothing. Everything that writes raises `StaleVersion` when what
    it rests on has moved on: then nothing was written. `names` are those to be kept beside it from then on, in the
    place of those that were seen; who says none leaves them as they are, and so may have opened it without them.
    """

    def open(self, use_case: str) -> Opened:
        """Return what is on record of it, strongly consistent; one that only tags name is not on record."""

    def open_with_people(self, use_case: str) -> Opened:
        """Return the same with the names of its people, read in the same moment."""

    def names(self) -> Sequence[str]:
        """Return the ids of all use cases on record, sorted."""

    def look(self, names: Sequence[str]) -> Mapping[str, UseCase]:
        """Return those that are on record, by id."""

    def groups(self, use_case: str) -> Sequence[ModelGroupArn]:
        """Return the groups that are attached to it, sorted. What only a tag says is no attachment."""

    def trail(self, use_case: str) -> Sequence[AuditEntry]:
        """Return its chain of deeds, from the first."""

    def relayed(self, use_case: str) -> int:
        """Return the number of the last deed that is known to be announced; 0 where none is."""

    def save(
        self,
        seen: Opened,
        use_case: UseCase,
        deed: Deed,
        resting_on: Mapping[str, Link] | None = None,
        names: Names | None = None,
    ) -> None:
        """Keep it, in the place of what was seen. It may rest on others: on where their chains end, by their ids."""

    def attach(
        self, seen: Opened, use_case: UseCase, group: ModelGroup, deed: Deed, names: Names | None = None
    ) -> None:
        """Keep it with one group more. The group's `revision` is one more than read."""

    def detach(
        self, seen: Opened, use_case: UseCase, group: ModelGroup, deed: Deed, names: Names | None = None
    ) -> None:
        """Keep it with one group less. The group's `revision` is one more than read."""

    def revocation(self, use_case: str, name: str) -> Revocation | None:
        """Return the effect of that name, or None where it was never intended."""

    def note(self, seen: Opened, use_case: UseCase, revocation: Revocation, deed: Deed) -> None:
        """Keep it with what was intended about a group's shares, or what came of that."""

    def has_left(self, person: str) -> bool:
        """Whether somebody's name was erased, by their id: nobody answers for anything any more who cannot be found."""

    def person_key(self, make: bool) -> str:
        """Return the key that people's ids are made with; where there is none, one that is made now, or empty text."""


class Summaries(Protocol):
    """How the model groups of a use case stand."""

    def of(self, groups: Sequence[ModelGroupArn], stage: Stage) -> Sequence[GroupSummary]:
        """Return the summary of each group, in the same order, as far as it tells how the group stands in a stage.

        Which of a group's versions was decided on last may be known a moment late; how that one stands is not.
        """


class Members(Protocol):
    """The versions of model groups, by their numbers: whichever use case a version's record names, or none."""

    def last(self, use_case: str, group: ModelGroupArn) -> int:
        """Return the highest number that a version of a group has, 0 where it has none.

        As the registry has it, and of what is deleted there, as the records that name the use case do. Of a version
        that comes meanwhile it may not know.
        """

    def on_record(self, group: ModelGroupArn, first: int, last: int) -> Sequence[ModelPackageArn]:
        """Return the versions of a group that are on record, from one number to another, of 100 at most, in order.

        Strongly consistent.
        """


class Shares(Protocol):
    """By what other accounts may use a model group."""

    def given(self, group: ModelGroupArn) -> Sequence[str]:
        """Return what gives other accounts rights, by name. A group that is not there any more gives none."""

    def revoke(self, group: ModelGroupArn) -> None:
        """Take every right of other accounts away. What is gone already stays gone."""
