"""Imports that did not come to their end, as the hub's chain has them: what the reconciler says of each."""

from collections.abc import Iterator
from datetime import datetime

from governance.domain.findings import Severity
from governance.domain.importing import Import, named
from governance.domain.inspection import HubFinding
from governance.ports.journal import Journal
from governance.services.importing import import_refused

LASTING = frozenset({"unversioned", "not-completed", "merely-logged", "other-region"})
"""Refusals that nobody in the hub can do anything about: they are said when they happen, and not for ever."""


def pending_imports(journal: Journal, subject: str, limit: datetime) -> Iterator[HubFinding]:
    """What was refused and could be put right, and what was begun before a limit and is not done. One Query."""
    for text in journal.documents(subject, "EFFECT#import-").values():
        kept = Import.model_validate_json(text)
        if kept.status == "refused" and kept.code not in LASTING:
            yield import_refused(kept)
        if kept.status == "open" and kept.since <= limit:
            yield HubFinding(
                code="import-unfinished",
                severity=Severity.HIGH,
                subject=kept.source.arn,
                detail=f"the import of {named(kept.source.arn)} was begun and has no end",
                remedy="redrive its event (steward redrive), or have it approved in its account again",
            )
