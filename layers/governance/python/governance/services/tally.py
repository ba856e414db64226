"""What a run of the reconciler has found so far, and the hub's own findings that come of it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from governance.domain.audit import Deed
from governance.domain.findings import Severity
from governance.domain.identifiers import STEWARD, account_of
from governance.domain.inspection import MOST_TOLD, Difference, HubFinding, Order
from governance.domain.model_version import ModelVersion
from governance.domain.values import Instant, Value
from governance.ports.delivery import Execution
from governance.ports.journal import Journal

TOLD_BY_RECORD = frozenset({"out-of-band-approval", "identity-reused", "specification-changed", "endpoint-drifted"})
"""Findings of a version that a run speaks of when a comparison opened them."""


class KeptFinding(Value):
    """A finding about the hub as it is kept: `HUB#<install>` / `FINDING#<id>`."""

    id: str
    code: str
    severity: Severity
    subject: str
    detail: str
    remedy: str
    status: Literal["open", "closed"]
    opened_at: Instant
    closed_at: Instant | None = None


@dataclass
class Tally:
    """Counts, differences and present findings of a run. Kept by no one else; counts go into the checkpoint."""

    order: Order
    run_id: str
    counts: Counter[str] = field(default_factory=Counter)
    present: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    left_off: int = 0
    hub: list[HubFinding] = field(default_factory=list)
    taken_up: bool = False
    """Whether the present page may have been begun by a call of this run that broke."""
    fresh: dict[str, ModelVersion] = field(default_factory=dict)
    """Versions of the present page whose records were brought up to date."""
    use_cases: frozenset[str] | None = None
    """Names of the use cases on record when this call first needed them; None until it did."""

    @property
    def correlation_id(self) -> str:
        """What everything that this run writes is known by."""
        return f"reconcile-{self.run_id}"

    def note(self, code: str, subject: str, detail: str, repaired: bool = False) -> None:
        """Something was not as it should be. A run that only looks repairs nothing."""
        self.counts[code] += 1
        if len(self.differences) >= MOST_TOLD:
            self.left_off += 1
            return
        repaired = repaired and not self.order.dry_run
        self.differences.append(Difference(code=code, subject=subject, detail=detail, repaired=repaired))

    def found(self, finding: HubFinding) -> None:
        """Something is wrong that belongs to no version; to be kept with the hub. Seen twice, it is one."""
        if finding.id in self.present:
            return
        self.present.append(finding.id)
        self.hub.append(finding)
        self.note(finding.code, finding.subject, finding.detail)

    def compared(self, before: ModelVersion | None, after: ModelVersion) -> None:
        """Speak of the findings that a comparison opened on a version."""
        was = before.findings if before else {}
        for key, finding in after.findings.items():
            if finding.code in TOLD_BY_RECORD and key not in was:
                self.note(finding.code, after.model.arn, finding.detail)


@dataclass(frozen=True, slots=True)
class HubFindings:
    """The hub's own findings: opened when they are found, closed when a whole run has not found them any more."""

    journal: Journal
    subject: str
    now: Callable[[], datetime]

    def open(self, finding: HubFinding, tally: Tally) -> None:
        """Keep a finding of a run, unless it is open with these very words already."""
        self.flag(finding, tally.correlation_id)

    def flag(self, finding: HubFinding, correlation_id: str) -> None:
        """Keep a finding, unless it is open with these very words already. The next run looks whether it still is."""
        text = self.journal.document(self.subject, f"FINDING#{finding.id}")
        kept = KeptFinding.model_validate_json(text) if text else None
        if kept and kept.status == "open" and kept.detail == finding.detail:
            return
        since = kept.opened_at if kept and kept.status == "open" else self.now()
        told = KeptFinding(**finding.model_dump(), id=finding.id, status="open", opened_at=since)
        self.write("finding-opened", text, told, correlation_id)

    def listed(self) -> list[KeptFinding]:
        """Those that are open."""
        return [kept for _, kept in self.texts()]

    def texts(self) -> list[tuple[str, KeptFinding]]:
        """Those that are open, each after its text."""
        texts = self.journal.documents(self.subject, "FINDING#").values()
        found = [(text, KeptFinding.model_validate_json(text)) for text in texts]
        return [(text, kept) for text, kept in found if kept.status == "open"]

    def close_others(self, tally: Tally) -> None:
        """Close what this run has not found, unless it could not look."""
        for text, kept in self.texts():
            if kept.id not in tally.present and not any(account in kept.subject for account in tally.unread):
                closed = kept.model_copy(update={"status": "closed", "closed_at": self.now()})
                self.write("finding-closed", text, closed, tally.correlation_id)

    def write(self, action: str, seen: str | None, kept: KeptFinding, correlation_id: str) -> None:
        """One deed with its document, unless another run was faster: then it is that one's deed."""
        deed = Deed(
            action=action,
            who=STEWARD,
            why=kept.detail,
            at=self.now(),
            correlation_id=correlation_id,
            new={"code": kept.code, "subject": kept.subject, "status": kept.status},
        )
        self.journal.replace(self.subject, f"FINDING#{kept.id}", seen, kept, deed)


def ungoverned_endpoint(arn: str) -> HubFinding:
    """An endpoint that no record names."""
    return HubFinding(
        code="ungoverned-endpoint",
        severity=Severity.CRITICAL,
        subject=arn,
        detail=f"no record says that anything is deployed at {arn.rpartition('/')[2]} of {account_of(arn)}",
        remedy="find out who made it; delete it, or deploy a governed version in its place",
    )


def without_record(execution: Execution, why: str) -> HubFinding:
    """An execution that deploys, or tried to, without a record."""
    return HubFinding(
        code="execution-without-record",
        severity=Severity.HIGH,
        subject=f"{execution.pipeline}/{execution.id}",
        detail=f"{why}; it is {execution.status}",
        remedy="find out who started it; what it deployed is no governed version",
    )
