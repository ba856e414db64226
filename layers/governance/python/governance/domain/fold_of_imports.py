"""The part of the fold that is about versions which were imported: their source, its author, and what became of it."""

from collections.abc import Callable, Mapping
from typing import Any

from governance.domain.imported import Imported, SourceObserved, VersionImported, strictness
from governance.domain.model_version import ModelVersion


def version_imported(state: ModelVersion, fact: VersionImported) -> ModelVersion:
    """Know the source, and for the author whoever registered that: the registry names Steward's own role."""
    imported = Imported(
        **fact.model_dump(include={"effect_id", "specification", "why", "left_out"}),
        source=fact.source,
        approved_by=fact.approved_by,
        seen_at=fact.source_changed_at,
        seen_specification=fact.specification,
    )
    return state.model_copy(update={"imported": imported, "registered_by": fact.registered_by or state.registered_by})


def source_observed(state: ModelVersion, fact: SourceObserved) -> ModelVersion:
    """Follow the source. What it was before it was copied, or before what is known of it, is no news."""
    known = state.imported
    if known is None:
        return state
    told = fact.specification or known.seen_specification
    news = (fact.source_changed_at, strictness(fact.approval), told != known.specification)
    if news <= (known.seen_at, strictness(known.seen_approval), known.seen_specification != known.specification):
        return state
    seen = {"seen_at": fact.source_changed_at, "seen_approval": fact.approval, "seen_specification": told}
    return state.model_copy(update={"imported": known.model_copy(update=seen)})


OF_IMPORTS: Mapping[type[Any], Callable[[ModelVersion, Any], ModelVersion]] = {
    VersionImported: version_imported,
    SourceObserved: source_observed,
}
"""What each of these facts does to the state."""
