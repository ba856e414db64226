"""What is on record: one version as it stands, as the record said it stood, or all that match.

Reading changes nothing and needs nothing but the right to read the table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.domain.comparing import Record, content_of
from governance.domain.errors import UnknownModelVersion
from governance.domain.fold import fold_all
from governance.domain.identifiers import ModelPackageArn, VersionIdentity
from governance.domain.keeping import HOLD, latest
from governance.domain.lifecycle import ORDER, ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.past import Folded
from governance.domain.people import Names
from governance.domain.projection import projections
from governance.domain.recalls import Bar
from governance.domain.values import Instant, Value, iso
from governance.ports.rows import Catalogue, Rows
from governance.services.reading import known_in

NOT_RECORDED = "not recorded: sealed by an earlier Steward"


class VersionView(Value):
    """A version as the record says it is, or said it was: what people and reports read, with names."""

    model: VersionIdentity
    as_of: Instant | None
    """What had been recorded by then; None for now."""
    is_dormant: bool
    adopted_by: str
    """Who took a version from before governance under governance; empty where nobody had to, or has."""
    package_status: str
    sealing: str
    artifacts: tuple[str, ...]
    retained_until: Instant | None
    legal_hold: bool
    hold: Mapping[str, Any] | None
    """Who placed or lifted it last, when and why, and whether that was carried out; None where nobody ever did."""
    quarantine: Mapping[str, Any] | None
    """Who ordered that it run nowhere, since when it is safe, and who released it; None where nobody ordered it."""
    retirement: Mapping[str, Any] | None
    """Who retired it, when and why, what takes its place, since when nothing of it is left; None where nobody did."""
    bars: Mapping[Stage, Mapping[str, Any]]
    """Who ordered it to be taken back in a stage last, when and why."""
    stages: Mapping[Stage, Mapping[str, Any]]
    findings: tuple[Mapping[str, Any], ...]
    deployments: tuple[Mapping[str, Any], ...]
    effects: Mapping[str, Mapping[str, Any]]
    sign_offs: tuple[Mapping[str, Any], ...]
    facts: int
    fold_position: str
    audit_sequence: int
    """The last audit entry of that time, and its hash: what to compare with the archive."""
    audit_hash: str
    images: tuple[str, ...] = ()
    """The images as they are deployed, and of each that nobody could see, why; empty before the sealing."""
    imported: Mapping[str, Any] | None = None
    """Of which version of another registry it is the copy, and who approved that there; None for a copy of none."""
    compared: tuple[str, ...] = ()
    """Of each artifact, with what its bytes were compared when they were sealed."""


class Listed(Value):
    """One version in a list: its furthest stage record."""

    model_package_arn: ModelPackageArn
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Inventory:
    """Answer what is on record."""

    rows: Rows
    catalogue: Catalogue

    def show(self, version: ModelPackageArn) -> VersionView:
        """A version as it stands, folded from its facts. Raises `UnknownModelVersion`."""
        return self.view(self.read(version), None)

    def as_of(self, version: ModelPackageArn, moment: datetime) -> VersionView:
        """What the record said at a moment: only facts recorded by then are folded, whenever they happened.

        Folded as the present release understands them. Raises `UnknownModelVersion` for a version of which nothing
        had been recorded.
        """
        return self.view(self.read(version), moment)

    def list(
        self,
        stage: Stage | None = None,
        status: ModelStatus | None = None,
        group: str = "",
        use_case: str = "",
    ) -> Iterator[Listed]:
        """Every version that matches: in the stage asked for, else in the furthest that it has reached.

        Read from the indexes, so eventually consistent. A group is named as in its ARN's last part.
        """
        found: dict[ModelPackageArn, Mapping[str, Any]] = {}
        for record in self.records(stage, status, use_case):
            arn = str(record["model_package_arn"])
            known = found.get(arn)
            if known is None or ORDER.index(known["model_stage"]) < ORDER.index(record["model_stage"]):
                found[arn] = record
        for arn, record in sorted(found.items(), key=in_order):
            told = str(record["model_status"])
            if (not group or record["model_group"] == group) and (status is None or told == status):
                yield Listed(model_package_arn=arn, record=record)

    def records(self, stage: Stage | None, status: ModelStatus | None, use_case: str) -> Iterator[Mapping[str, Any]]:
        """Stage records from the index that fits, before all conditions were looked at."""
        if use_case:
            every = self.catalogue.of_use_case(use_case)
            yield from (one for one in every if stage is None or one["model_stage"] == stage)
            return
        statuses = [status] if status and stage else list(ModelStatus)
        for asked in [stage] if stage else ORDER:
            for one in statuses:
                yield from self.catalogue.standing(asked, one)

    def read(self, version: ModelPackageArn) -> Record:
        """The record of a version. Raises `UnknownModelVersion`."""
        return known_in(self.rows, version)

    def view(self, record: Record, moment: datetime | None) -> VersionView:
        """What the facts of a record give, as far as they were recorded by a moment."""
        facts = [fact for fact in record.facts if moment is None or fact.recorded_at <= moment]
        if not facts:
            raise UnknownModelVersion(record.pk.removeprefix("MODEL#"))
        sequence, known_by = chain_at(record, moment)
        return seen(fold_all(facts), record.names, moment, sequence, known_by)


def images_of(state: ModelVersion) -> tuple[str, ...]:
    """The images of what was sealed, by digest where one is known; and why where one could not be looked up."""
    why = {one.index: f" (unverified: {one.unverified})" for one in state.sealing.images if one.unverified}
    sealed = state.sealing.pinned(state.containers) if state.is_sealed else ()
    return tuple(one.pinned_image + why.get(one.index, "") for one in sealed)


def every_version(catalogue: Catalogue) -> list[tuple[ModelPackageArn, str]]:
    """Every version and the name of its group, by group and number: each has a stage record in development."""
    records = (one for status in ModelStatus for one in catalogue.standing(Stage.DEVELOPMENT, status))
    found = {(str(one["model_group"]), int(one["model_version"]), str(one["model_package_arn"])) for one in records}
    return [(arn, group) for group, _, arn in sorted(found)]


def seen(folded: Folded, names: Names, moment: datetime | None, sequence: int, known_by: str) -> VersionView:
    """A state and its past as people see them."""
    state = folded.state
    rows = projections(state, names, folded.past)
    kinds: dict[str, list[dict[str, Any]]] = {}
    for sk, attributes in sorted(rows.items()):
        kinds.setdefault(sk.partition("#")[0], []).append({**attributes, "id": sk.partition("#")[2]})
    return VersionView(
        model=state.model,
        as_of=moment,
        is_dormant=state.is_dormant,
        adopted_by=names.shown(state.adopted_by.id) if state.adopted_by else "",
        package_status=state.package_status,
        sealing=state.sealing.status.value,
        artifacts=tuple(artifact.uri for artifact in state.sealing.artifacts),
        compared=tuple(
            artifact.source_check.described if artifact.source_check else NOT_RECORDED
            for artifact in state.sealing.artifacts
        ),
        images=images_of(state),
        retained_until=state.retained_until,
        legal_hold=bool(state.legal_hold),
        hold=hold_of(state, names),
        quarantine=quarantine_of(state, names),
        retirement=retirement_of(state, names),
        bars={stage: bar_of(known.bar, names) for stage, known in state.stages.items() if known.bar},
        stages={stage: rows[f"STAGE#{stage}"] for stage in ORDER if f"STAGE#{stage}" in rows},
        findings=tuple(kinds.get("FINDING", ())),
        deployments=tuple(kinds.get("DEPLOYMENT", ())),
        effects={one["id"]: one for one in kinds.get("EFFECT", ())},
        sign_offs=tuple(kinds.get("SIGNOFF", ())),
        facts=state.facts,
        fold_position=state.position,
        audit_sequence=sequence,
        audit_hash=known_by,
        imported=source_of(state, names),
    )


def source_of(state: ModelVersion, names: Names) -> dict[str, Any] | None:
    """The version that it was copied from."""
    known = state.imported
    if known is None:
        return None
    person = names.shown(known.approved_by.id) if known.approved_by else ""
    created = iso(known.source.created_at)
    return {"source": known.source.arn, "created_at": created, "approved_by": person, "left_out": list(known.left_out)}


def hold_of(state: ModelVersion, names: Names) -> dict[str, Any] | None:
    """The last word on the legal hold, and how far it was followed at the sealed objects."""
    order, kept = state.hold_order, latest(state.keepings, HOLD)
    if order is None:
        return None
    is_of_it = kept and kept.cause.partition("/")[0] == order.fingerprint  # of what was sealed later, with its name
    outcome = (kept.outcome or "open") if kept and is_of_it else ""
    who = names.shown(order.person.id)
    return {"held": order.held, "person": who, "at": iso(order.at), "why": order.why, "outcome": outcome}


def quarantine_of(state: ModelVersion, names: Names) -> dict[str, Any] | None:
    """The last order that it run nowhere, and what became of it."""
    known = state.quarantine
    if known is None:
        return None
    return {
        "holds": known.is_open,
        "person": names.shown(known.person.id),
        "at": iso(known.at),
        "why": known.why,
        "safe_at": iso(known.safe_at) if known.safe_at else "",
        "seconds_to_safe": known.seconds_to_safe,
        "released_by": names.shown(known.released_by.id) if known.released_by else "",
        "released_at": iso(known.released_at) if known.released_at else "",
        "release_why": known.release_why,
    }


def retirement_of(state: ModelVersion, names: Names) -> dict[str, Any] | None:
    """The order that retired it, and what became of it."""
    known = state.retirement
    if known is None:
        return None
    return {
        "person": names.shown(known.person.id),
        "proposed_by": names.shown(known.proposed_by.id) if known.proposed_by else "",
        "at": iso(known.at),
        "why": known.why,
        "successor": known.successor,
        "use_case": known.use_case,
        "completed_at": iso(known.completed_at) if known.completed_at else "",
    }


def bar_of(bar: Bar, names: Names) -> dict[str, Any]:
    """An order to take it back in a stage."""
    told = {"person": names.shown(bar.person.id), "at": iso(bar.at), "why": bar.why}
    return {**told, "deployment_id": bar.deployment_id}


def chain_at(record: Record, moment: datetime | None) -> tuple[int, str]:
    """The last audit entry that was written by a moment."""
    last = (0, "")
    for sk, row in sorted(record.rows.items()):
        if sk.startswith("AUDIT#") and (moment is None or written_at(row) <= iso(moment)):
            last = (int(sk.removeprefix("AUDIT#")), str(row.get("hash")))
    return last


def written_at(row: Mapping[str, Any]) -> str:
    """When an audit entry was written; an unreadable one at no time that anybody asks about."""
    return str(content_of(row).get("at", "9"))


def in_order(listed: tuple[ModelPackageArn, Mapping[str, Any]]) -> tuple[str, int, str]:
    """By group, then version, then ARN."""
    arn, record = listed
    return str(record["model_group"]), int(record["model_version"]), arn
