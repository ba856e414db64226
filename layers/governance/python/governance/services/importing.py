"""Import what was approved in the registry of a dev account: once, whatever is told how often and in which order.

The import is on the hub's chain before anything is registered, under a name that follows from the source. What an
earlier try registered is found again by the source that it names; the registry's own token sees to tries at one time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.domain.audit import Deed
from governance.domain.errors import GroupNotFound, PackageNotFound, RegistrationRefused, StaleVersion
from governance.domain.facts import AnyFact
from governance.domain.findings import Severity
from governance.domain.identifiers import (
    STEWARD,
    VersionIdentity,
    account_of,
    group_name_of,
    is_importer,
    version_name_of,
)
from governance.domain.imported import SourceObserved, VersionImported
from governance.domain.importing import (
    Import,
    ImportTerms,
    SourcePackage,
    accounts_in,
    import_id,
    is_copy_of,
    is_local_approval,
    named,
    registration,
    unfit,
)
from governance.domain.inspection import HubFinding
from governance.domain.lifecycle import ApprovalStatus
from governance.domain.model_version import ModelVersion
from governance.domain.registry import PackageChange, PackageDescription
from governance.domain.values import canonical
from governance.ports.importing import ImportRegistry, Sources
from governance.ports.journal import Journal
from governance.ports.ledger import Page
from governance.services.recording import Recording, fact_key
from governance.services.tally import HubFindings

CLOCKS_APART = timedelta(minutes=15)
"""By how much the registry's clock may be behind Steward's, when what was registered since an intent is looked for."""


@dataclass(frozen=True, slots=True)
class Importing:
    """Copy versions of other registries into the hub's, each once."""

    sources: Sources
    registry: ImportRegistry
    recording: Recording
    journal: Journal
    hub: HubFindings
    terms: ImportTerms

    def take(self, change: PackageChange, account: str, correlation_id: str) -> ModelVersion | None:
        """Act on an event of a dev account's registry. One call where there is nothing to do; none for the hub's own.

        Raises `ImportNotAllowed` for an event that is none of that account's, `AccountUnreadable`, `StaleVersion`,
        and what a registry answers when it may answer otherwise another time: the event is then to be told again.
        """
        if account_of(change.model_package_arn) == self.terms.hub:
            return None  # registered from there in a shared group
        self.terms.check(change, account)
        key = f"EFFECT#{import_id(change.identity)}"
        text = self.journal.document(self.hub.subject, key)
        kept = Import.model_validate_json(text) if text else None
        if kept is not None and kept.status == "done":
            return self.noted(kept, change, correlation_id)
        if kept is None and not is_local_approval(change):
            return None
        return Attempt(self, key, text, kept, change, correlation_id).made()

    def noted(self, kept: Import, change: PackageChange, correlation_id: str) -> ModelVersion | None:
        """Put on the record of what was imported how its source is since. Nothing for what was so when it was."""
        version, stands = kept.version, change.model_approval_status is ApprovalStatus.APPROVED
        if version is None or change.changed_at < kept.seen_at or (change.changed_at == kept.seen_at and stands):
            return None
        made = version

        def learned(page: Page, now: datetime) -> Sequence[AnyFact]:
            is_another = page.state is not None and page.state.model != made
            return [] if is_another else [source_said(made, change, now)]

        key = fact_key(source_said(made, change, self.recording.now()))
        return self.recording.learn(made.arn, learned, correlation_id, key=key)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of an import that is not done."""

    by: Importing
    key: str
    text: str | None
    """The import as it lies on the hub's chain; None where nobody has begun it."""
    kept: Import | None
    change: PackageChange
    correlation_id: str

    def made(self) -> ModelVersion | None:
        """Go on with it, or begin it, or see that there is nothing to import any more."""
        source = self.source()
        found = self.found(self.kept) if self.kept else None
        if self.kept and self.text and found:
            if self.present() != self.text:
                raise StaleVersion(self.kept.source.arn)  # whoever made it is about to say so
            return self.finished(self.kept, self.text, source, found)
        if source is None or source.described.model_approval_status is not ApprovalStatus.APPROVED:
            self.withdrawn()
            return None
        if refusal := self.refusal(source):
            self.refused(source, refusal, self.kept, self.text)
            return None
        intent, text = self.intended(source)
        try:
            arn = self.by.registry.register(registration(source, intent.group))
        except GroupNotFound:
            self.refused(source, no_such_group(intent.group), intent, text)
            return None
        except RegistrationRefused as refused:
            self.refused(source, ("not-taken", f"the hub's registry does not take it: {refused}"), intent, text)
            return None
        return self.finished(intent, text, source, self.by.registry.describe(arn))

    def present(self) -> str | None:
        """The import as it lies on the hub's chain now."""
        return self.by.journal.document(self.by.hub.subject, self.key)

    def source(self) -> SourcePackage | None:
        """The source as it is now; None where it is gone, or another package goes by its name."""
        try:
            source = self.by.sources.describe(self.change.model_package_arn)
        except PackageNotFound:
            return None
        return source if source.described.identity == self.change.identity else None

    def found(self, kept: Import) -> PackageDescription | None:
        """What an earlier try registered and did not live to tell. Only what Steward's own role registered counts."""
        if not kept.group:
            return None
        try:
            for one in self.by.registry.made_since(kept.group, kept.since - CLOCKS_APART):
                person = one.created_by.person()
                if is_copy_of(kept.source, one) and person and is_importer(person, one.model_package_arn):
                    return one
        except GroupNotFound:
            return None
        return None

    def refusal(self, source: SourcePackage) -> tuple[str, str] | None:
        """What stands against importing it: what it is itself, or that no group of the hub takes it."""
        if reason := unfit(source, self.by.terms.region):
            return reason
        group, account = self.by.terms.hub_group(source), account_of(source.described.model_package_arn)
        try:
            taken = accounts_in(self.by.registry.tags(group))
        except GroupNotFound:
            return no_such_group(group)
        if account not in taken:
            name = group_name_of(group)
            return "group-not-onboarded", f"the hub's model group {name} takes no imports from account {account}"
        return None

    def intended(self, source: SourcePackage) -> tuple[Import, str]:
        """The intent, on the hub's chain before anything is registered, and its text there."""
        intent = self.about(source, "open")
        if self.text and intent == self.kept:
            return intent, self.text
        return intent, self.keep(intent, self.text, f"{named(intent.source.arn)} was approved there")

    def refused(
        self, source: SourcePackage, refusal: tuple[str, str], present: Import | None, text: str | None
    ) -> None:
        """Say on the hub's chain, and as a finding, why it is not imported. Said again, it is said once."""
        code, reason = refusal
        refused = self.about(source, "refused", code=code, reason=reason)
        if refused != present:
            self.keep(refused, text, reason)
        self.by.hub.flag(import_refused(refused), self.correlation_id)

    def withdrawn(self) -> None:
        """Nothing is to be imported any more: the source is not approved by now, or not there."""
        if self.kept is None or self.kept.status == "withdrawn":
            return
        reason = "the source is not approved any more"
        ended = self.kept.model_copy(update={"status": "withdrawn", "code": "", "reason": reason})
        self.keep(ended, self.text, reason)

    def finished(
        self, intent: Import, text: str, source: SourcePackage | None, made: PackageDescription
    ) -> ModelVersion | None:
        """Put the source on the record of what was registered, close the import, and tell what came of the source."""
        fact = imported(intent, source, made, self.by.recording.now())
        state = self.by.recording.learn(
            made.model_package_arn,
            lambda page, _: [] if page.state and page.state.model != made.identity else [fact],
            self.correlation_id,
            key=fact_key(fact),
        )
        done = intent.model_copy(update={"status": "done", "version": made.identity, "code": "", "reason": ""})
        why = f"{named(intent.source.arn)} is {version_name_of(made.model_package_arn)} here"
        written = self.by.journal.replace(self.by.hub.subject, self.key, text, done, self.deed(done, why))
        if not written and '"status":"done"' not in (self.present() or ""):
            raise StaleVersion(intent.source.arn)
        now = source.described if source else self.change
        return self.by.noted(done, now, self.correlation_id) or state

    def about(self, source: SourcePackage, status: str, code: str = "", reason: str = "") -> Import:
        """The import of what the source is now. When it was first intended stays."""
        told = source.described
        return Import.model_validate(
            {
                "effect_id": import_id(told.identity),
                "source": told.identity,
                "group": self.by.terms.hub_group(source),
                "status": status,
                "since": self.kept.since if self.kept else self.by.recording.now(),
                "seen_at": told.changed_at,
                "code": code,
                "reason": reason,
            }
        )

    def keep(self, wanted: Import, seen: str | None, why: str) -> str:
        """Keep an import with its deed, and return its text. Raises `StaleVersion` if somebody else was faster."""
        if not self.by.journal.replace(self.by.hub.subject, self.key, seen, wanted, self.deed(wanted, why)):
            raise StaleVersion(wanted.source.arn)
        return canonical(wanted.model_dump(mode="json"))

    def deed(self, wanted: Import, why: str) -> Deed:
        """What is done, for the hub's chain."""
        told = wanted.model_dump(mode="json", include={"effect_id", "group", "status", "code"})
        version = wanted.version.arn if wanted.version else ""
        return Deed(
            action=DEEDS[wanted.status],
            who=STEWARD,
            why=why,
            at=self.by.recording.now(),
            correlation_id=self.correlation_id,
            new={**told, "source": wanted.source.arn, "version": version},
        )


DEEDS = {
    "open": "import-intended",
    "done": "imported",
    "refused": "import-refused",
    "withdrawn": "import-withdrawn",
}
"""What the hub's chain calls each step of an import."""


def imported(intent: Import, source: SourcePackage | None, made: PackageDescription, now: datetime) -> VersionImported:
    """That a version of the hub is a copy. Who approved the source is known as long as nobody wrote to it since."""
    told = source.described if source else None
    still = told if told and told.changed_at == intent.seen_at else None
    return VersionImported(
        model=made.identity,
        effective_at=made.identity.created_at,
        recorded_at=now,
        effect_id=intent.effect_id,
        source=intent.source,
        source_changed_at=intent.seen_at,
        specification=made.specification,
        registered_by=told.created_by.person() if told else None,
        approved_by=still.last_modified_by.person() if still else None,
        why=still.approval_description if still else "",
        left_out=registration(source, intent.group).left_out if source else (),
    )


def source_said(version: VersionIdentity, change: PackageChange, now: datetime) -> SourceObserved:
    """How the source of a version is, as an event tells."""
    return SourceObserved(
        model=version,
        effective_at=max(change.changed_at, version.created_at),
        recorded_at=now,
        source_changed_at=change.changed_at,
        approval=change.model_approval_status,
        specification=change.specification if change.containers else "",
    )


def no_such_group(group: str) -> tuple[str, str]:
    """The hub makes no group for what is imported."""
    return "group-unknown", f"the hub has no model group {group_name_of(group)}"


def import_refused(refused: Import) -> HubFinding:
    """A version that was approved in its account and is not imported."""
    return HubFinding(
        code="import-refused",
        severity=Severity.MEDIUM,
        subject=refused.source.arn,
        detail=f"{named(refused.source.arn)} was approved and is not imported: {refused.reason}",
        remedy="put that right (docs/importing.md), then have it approved there again; or have it rejected there",
    )
