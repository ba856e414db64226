"""What is wrong with a version that was imported: what its source lacks, or what became of that since."""

from collections.abc import Iterator

from governance.domain.findings import Concern, Severity
from governance.domain.lifecycle import ApprovalStatus
from governance.domain.model_version import ModelVersion


def about_imports(state: ModelVersion) -> Iterator[Concern]:
    """What could not be copied, whom nobody knows, and a source that is not what was copied any more."""
    imported = state.imported
    if imported is None:
        return
    if imported.left_out:
        yield Concern(
            code="import-incomplete", severity=Severity.MEDIUM,
            detail=f"not everything of {imported.source.arn} was copied: {', '.join(imported.left_out)}",
            remedy="look at the source for what is missing, and see whether it matters here",
        )  # fmt: skip
    if state.author is None:
        yield Concern(
            code="source-author-unknown", severity=Severity.HIGH,
            detail="the registry of the source does not say who registered it, so nobody can approve it here",
            remedy="register the model in the hub's group itself",
        )  # fmt: skip
    if imported.approved_by is None:
        yield Concern(
            code="source-approver-unknown", severity=Severity.LOW,
            detail="nobody can tell who approved the source: it was written to since",
            remedy="ask its owner, if it matters; the approval here is another",
        )  # fmt: skip
    elif state.author is not None and imported.approved_by.is_same_as(state.author):
        yield Concern(
            code="source-approved-by-its-author", severity=Severity.MEDIUM,
            detail=f"{imported.approved_by.id} registered the source and approved it there",
            remedy="take it for not looked at by anybody else; have the account keep the two apart",
        )  # fmt: skip
    if imported.seen_approval is not ApprovalStatus.APPROVED:
        yield Concern(
            code="source-not-approved", severity=Severity.HIGH,
            detail=f"the source was imported as approved and says {imported.seen_approval or 'nothing'} since "
            f"{imported.seen_at.isoformat()}; what was decided here stands",
            remedy="ask why, and reject the version here if that holds for it too",
        )  # fmt: skip
    if imported.seen_specification != imported.specification:
        yield Concern(
            code="source-changed", severity=Severity.HIGH,
            detail=f"the inference specification of the source was changed by {imported.seen_at.isoformat()}; "
            "this version is what it was before",
            remedy="have the change registered as a version of its own, and that one approved there",
        )  # fmt: skip
