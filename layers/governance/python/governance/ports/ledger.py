"""Where the record of model versions is kept."""

from collections.abc import Sequence
from typing import Protocol

from governance.domain.audit import AuditEntry, Link
from governance.domain.errors import UnknownModelVersion
from governance.domain.facts import AnyFact, MetricsReported
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn, Person
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.model_version import ModelVersion
from governance.domain.past import NOTHING, Past
from governance.domain.people import Names, Pseudonyms
from governance.domain.published import PublishedPolicy
from governance.domain.use_case import Profile
from governance.domain.values import Instant, Value


class Page(Value):
    """What the ledger says when it is opened at a version.

    `revision` is the number of the last audit entry; a change is saved only if it still is. `known` says whether
    the fact that was asked about is on record already.
    """

    state: ModelVersion | None
    link: Link
    group: ModelGroup | None
    known: bool
    names: Names = Names()
    """The names that are known of the people on this record."""
    names_kept: Names = Names()
    """Those that are kept beside it. More are known where facts of before there were ids were folded again."""
    person_key: str = ""
    """The key that people's ids are made with."""
    is_new_key: bool = False
    """Whether there was none yet: this one is to be saved with the first change."""
    is_refolded: bool = False
    """Whether an older fold made the head, so that the state was folded again from the facts."""
    past: Past = NOTHING
    """What that fold left out of the state; unknown, and so empty, where the head was read."""

    @property
    def revision(self) -> int:
        """What the record must still be at when a change to it is saved."""
        return self.link.sequence

    def state_of(self, version: ModelPackageArn) -> ModelVersion:
        """The state, where there has to be one. Raises `UnknownModelVersion`."""
        if self.state is None:
            raise UnknownModelVersion(version)
        return self.state

    def known_as(self, person: Person) -> Person:
        """Somebody as the record knows them: to be compared with whom it names."""
        return Pseudonyms(self.person_key).person(person)

    def written(self, profile: Profile) -> Profile:
        """A profile as the record holds it, with the owner by their id."""
        return Pseudonyms(self.person_key).profile(profile)


class Change(Value):
    """One decision, to be written in one transaction: facts, the state they give, and their audit entries."""

    before: ModelVersion | None
    after: ModelVersion
    facts: tuple[AnyFact, ...]
    entries: tuple[AuditEntry, ...]
    revision: int
    samples: tuple[MetricsReported, ...] = ()
    """The reports whose samples are now to be seen: of several of one moment, the one that counts last."""
    names_kept: Names = Names()
    """The names that were kept when the record was opened: were any erased since, this change is stale."""
    names_before: Names = Names()
    names: Names = Names()
    new_person_key: str = ""
    """The key of people's ids, where this change is the first to need one. Somebody else's makes this one stale."""
    past: Past = NOTHING
    """What left the state by this change; everything that ever left it where all was folded again."""
    is_refolded: bool = False
    """Whether all was folded again, for a late fact or a newer fold: then every row that is there is looked at."""


class Ledger(Protocol):
    """The record of every model version: facts, states and audit chains."""

    def open(self, version: ModelPackageArn, fact_key: str = "") -> Page:
        """Read, consistently and at once, the state of a version, its group, and whether a fact is known.

        A version without a record has no state. Costs one call, whatever the history; only a head that an older fold
        made is folded again, from all its facts, each time until the next change is saved. Raises `RecordDamaged` for a
        head that cannot be read.
        """

    def facts(self, version: ModelPackageArn) -> Sequence[AnyFact]:
        """Every fact of a version, as it is understood today. Needed only for a late one: its cost grows with them.

        Raises `RecordDamaged`, naming the row, where one cannot be read.
        """

    def save(self, change: Change) -> None:
        """Write a change, all of it or nothing: rows that the new state no longer gives are deleted with it.

        Raises `StaleVersion` if the record has moved on since it was opened, or a name was erased, and `FactKnown` if
        nothing has and one of the facts is on it already.
        """


class Groups(Protocol):
    """What is known of model groups."""

    def get(self, group: ModelGroupArn) -> ModelGroup | None:
        """Return what is known of a group, or None if nothing is. Strongly consistent."""

    def save(self, group: ModelGroup, revision: int) -> None:
        """Keep it. Raises `StaleVersion` if it is no longer at `revision`; 0 means that it must not exist yet."""

    def join(self, use_case: str, group: ModelGroupArn) -> None:
        """Note that a group belongs to a use case. Noting it again changes nothing."""

    def list_under(self, policy: str, group: ModelGroupArn) -> None:
        """Note that a group stands under a policy. Noting it again changes nothing."""

    def in_force(self, policy: str, at: Instant) -> PublishedPolicy:
        """Return the version of a published policy that is in force.

        The built-in one is published now where it is not yet: as an audited deed, never over another that is in force.
        """


class Endpoints(Protocol):
    """Which version serves at an endpoint."""

    def serving(self, endpoint_arn: str) -> tuple[ModelPackageArn, Stage] | None:
        """Return the version deployed there last and its stage, or None if no record names the endpoint.

        Eventually consistent: it reads an index.
        """

    def tried(self, endpoint_arn: str) -> Sequence[tuple[ModelPackageArn, Stage]]:
        """Return the versions that may be on trial there, and their stage. Read as `serving` is.

        One whose full rollout failed is among them, for its trial goes on; so are others that failed last.
        """

    def failed(self, endpoint_arn: str) -> tuple[ModelPackageArn, Stage] | None:
        """Return the version that last failed to come there and its stage, or None. Read as `serving` is."""
