"""What is affected when a version, an image or a piece of data turns out to be bad: all of it, and nobody is told.

Of a version, its record and those of the versions before it are read. An image or a dataset has no index of its own:
every version's record is read, one after the other, as `steward verify` does; no request ever does that.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.namings import Naming, Sought, namings
from governance.domain.people import Names
from governance.domain.values import Value
from governance.ports.ledger import Ledger, Page
from governance.ports.rows import Catalogue, Rows
from governance.services.inventory import every_version
from governance.services.reaching import reach
from governance.services.reading import record_in

Progress = Callable[[int, int], None]
"""Told how many versions were looked at, and of how many."""


class Affected(Value):
    """One version that is affected: whose it is, where it stands, how it names what is sought, and where it runs."""

    version: ModelPackageArn
    model_group: str
    use_case: str
    owner: str
    risk: str
    stages: Mapping[Stage, ModelStatus]
    quarantined: bool
    namings: tuple[Naming, ...]
    """Empty where the version itself was asked for."""
    reach: tuple[Mapping[str, Any], ...]
    """As a quarantine's dry run tells it; `returns_affected` says whether what would return is affected too."""


class Radius(Value):
    """All that is affected, version by version and taken together."""

    sought: str
    looked_at: int
    """How many versions' records were read for it."""
    damaged: tuple[ModelPackageArn, ...]
    """Versions whose record is damaged: what could be read of it was looked at."""
    versions: tuple[Affected, ...]
    model_groups: tuple[str, ...]
    use_cases: tuple[str, ...]
    accounts: tuple[str, ...]
    environments: tuple[str, ...]
    endpoints: tuple[str, ...]
    """ARNs of the endpoints at which an affected version runs, or is about to."""


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """Answer what is affected."""

    ledger: Ledger
    rows: Rows
    catalogue: Catalogue

    def of_version(self, version: ModelPackageArn) -> Radius:
        """What a version reaches. Raises `UnknownModelVersion`."""
        page = self.ledger.open(version)
        return radius(version, [self.affected(page, page.state_of(version), page.names, ())], 1, ())

    def of_what(self, what: Sought, progress: Progress = lambda _done, _of: None) -> Radius:
        """Every version whose record names something, now or before. What is damaged may name it too, and is told."""
        versions = [version for version, _ in every_version(self.catalogue)]
        key = self.rows.person_key()
        found: list[Affected] = []
        damaged: list[ModelPackageArn] = []
        for place, version in enumerate(versions, start=1):
            record = record_in(self.rows, version, key)
            damaged += [version] if record.damaged or not record.facts else []
            folded = record.folded
            if folded and (named := namings(record.facts, folded.state, what)):
                found.append(self.affected(self.ledger.open(version), folded.state, record.names, named))
            progress(place, len(versions))
        return radius(what.text, found, len(versions), tuple(damaged))

    def affected(self, page: Page, state: ModelVersion, names: Names, named: tuple[Naming, ...]) -> Affected:
        """A version that is affected, with where it runs."""
        profile = state.profile
        return Affected(
            version=state.model.arn,
            model_group=state.model.group or "",
            use_case=profile.use_case_id,
            owner=names.shown(profile.owner),
            risk=profile.model_risk.value,
            stages={stage: known.status for stage, known in state.stages.items()},
            quarantined=state.is_quarantined,
            namings=named,
            reach=tuple(reach(self.ledger, page.group, state)),
        )


def radius(sought: str, found: list[Affected], looked_at: int, damaged: tuple[ModelPackageArn, ...]) -> Radius:
    """All that is affected, taken together."""
    bad = {one.version for one in found}
    versions = tuple(
        one.model_copy(
            update={"reach": tuple({**there, "returns_affected": there["returns"] in bad} for there in one.reach)}
        )
        for one in found
    )
    there = [each for one in versions for each in one.reach]

    def each(told: Iterator[str]) -> tuple[str, ...]:
        return tuple(sorted({one for one in told if one}))

    return Radius(
        sought=sought,
        looked_at=looked_at,
        damaged=damaged,
        versions=versions,
        model_groups=each(one.model_group for one in versions),
        use_cases=each(one.use_case for one in versions),
        accounts=each(str(one["account"]) for one in there),
        environments=each(str(one["environment"]) for one in there),
        endpoints=each(str(one["endpoint_arn"]) for one in there),
    )
