"""Tell what a call of the reconciler put on record and did not live to tell, when another takes its run up.

A page is counted with its checkpoint; a call that breaks within a page has changed records that the next call finds
in order. What it changed is known by the run's correlation id, so that the run's summary still names it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.domain.identifiers import ModelPackageArn
from governance.domain.model_version import ModelVersion
from governance.domain.values import iso
from governance.ports.inspection import Known, Records
from governance.services.tally import Tally

LATEST = 20
"""How many of a version's last audit entries are looked at: more than one comparison writes."""

CODES = {"version-backfilled": "backfilled", "identity-reused": "identity-reused", "package-missing": "package-deleted"}
"""What a fact of the reconciler is called in a run's summary."""


@dataclass(frozen=True, slots=True)
class TakingUp:
    """Go on where a call broke off, with nothing left out of what the run says of itself."""

    records: Records

    def tell(self, looked: Mapping[ModelPackageArn, Known], tally: Tally) -> None:
        """Note what this run did to these versions before it was taken up. One Query each, on the first page only."""
        if not tally.taken_up:
            return
        for version, known in looked.items():
            if known.state is not None:
                self.look_back(version, known.state, known.sequence, tally)

    def look_back(self, version: ModelPackageArn, state: ModelVersion, sequence: int, tally: Tally) -> None:
        """Note what this run did to one version, as its audit entries tell."""
        for entry in self.records.after(version, max(0, sequence - LATEST)):
            content = entry.content
            if entry.sequence > sequence or content.get("correlation_id") != tally.correlation_id:
                continue
            if content.get("fact") == "group-observed":
                tally.counts["tags"] += 1
            elif code := code_of(content, state):
                detail = f"put on record at {content['at']} by a call of this run that broke off"
                tally.note(code, version, detail, repaired=code not in UNREPAIRED)


UNREPAIRED = frozenset({"package-deleted", "identity-reused"})
"""What is said and cannot be put right by adding a fact."""


def code_of(content: Mapping[str, Any], state: ModelVersion) -> str:
    """What the summary calls an entry; empty for what follows from another."""
    if content.get("fact") == "gap-noticed":
        accounted = [gap.accounted for gap in state.gaps if iso(gap.until) == content["effective_at"]]
        return "missed-event" if all(accounted) else "history-gap"
    return CODES.get(str(content.get("fact")), "")
