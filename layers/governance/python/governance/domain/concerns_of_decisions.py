"""What is wrong with how a version is judged: findings to answer, emergencies to review, evidence, write-backs."""

from collections.abc import Iterator

from governance.domain.entitlement import answerable, is_author
from governance.domain.evidence import evidence_digest, is_outdone
from governance.domain.findings import Concern, Severity
from governance.domain.lifecycle import ModelStatus
from governance.domain.model_version import ModelVersion
from governance.domain.policy import AUTHOR_CHECK, ENTITLED_CHECK, OWN_HAND_CHECK
from governance.domain.reports import READERS
from governance.domain.values import iso

BYPASSED = frozenset({ENTITLED_CHECK, OWN_HAND_CHECK})
"""Checks that tell whether an approval came from somebody who may decide."""


def about_bypasses(state: ModelVersion) -> Iterator[Concern]:
    """Approvals by those who may not decide: from elsewhere, by an administrator, or by Steward's role of itself."""
    for stage, known in state.stages.items():
        given = {one.decision: one for one in (known.refused, known.verdict) if one}
        for verdict in given.values():
            strange = [check for check in verdict.checks if check.name in BYPASSED and not check.passed]
            for check in strange[-1:]:
                counts = verdict.passed
                yield Concern(
                    code="decision-bypassed", severity=Severity.CRITICAL if counts else Severity.HIGH,
                    subject=verdict.decision,
                    detail=f"{stage} was {check.found}; "
                    f"{'it counts, for the policy only advises' if counts else 'it does not count'}",
                    remedy="find out who could, and take the right from them (CloudTrail: UpdateModelPackage)",
                )  # fmt: skip


def about_authors(state: ModelVersion) -> Iterator[Concern]:
    """Approvals that count, by somebody of whom it turned out since that they made what it runs."""
    for stage, known in state.stages.items():
        given = known.verdict
        if given is None or not given.passed or not is_author(state, given.approver):
            continue
        answers = [check.passed for check in given.checks if check.name == AUTHOR_CHECK]
        if answers and all(answers):
            yield Concern(
                code="approved-by-its-author", severity=Severity.CRITICAL, subject=given.decision,
                detail=f"{given.approver.id} approved it in {stage}, and made what it runs, as turned out since",
                remedy="take the approval back, and have somebody else approve it",
            )  # fmt: skip


def about_disputes(state: ModelVersion) -> Iterator[Concern]:
    """Approvals for which different people are named: by the registry and CloudTrail, or by two looks at it."""
    for stage, known in state.stages.items():
        decision = known.decision
        if decision is None or decision.wanted is not ModelStatus.APPROVED:
            continue
        if not known.is_disputed(decision.fingerprint):
            continue
        counts, named = known.status is ModelStatus.APPROVED, decision.person.id if decision.person else "nobody"
        yield Concern(
            code="approver-disputed", severity=Severity.CRITICAL if counts else Severity.HIGH,
            subject=decision.fingerprint,
            detail=f"different people are named for the approval in {stage} at {iso(decision.at)}, {named} by the "
            f"registry; it {'counts' if counts else 'does not count'}",
            remedy="have it taken back, and approved again by whoever may",
        )  # fmt: skip


def about_reviews(state: ModelVersion) -> Iterator[Concern]:
    """What reviewers want put right, and what nobody answered in time."""
    for known in state.reviews.values():
        owner = answerable(state, known)
        about = f" ({known.check})" if known.check else ""
        yield Concern(
            code="review", severity=known.severity, subject=known.id, owner=owner, due=known.due,
            detail=f"{known.id}, {known.stage}{about}: {known.text}",
            remedy="put it right and say how (steward findings answer)",
        )  # fmt: skip
        if known.overdue and known.due:
            yield Concern(
                code="review-overdue", severity=Severity.HIGH, subject=known.id, owner=owner, due=known.due,
                detail=f"{known.id} was to be answered by {iso(known.due)}",
                remedy="answer it, or agree on another date (steward findings)",
            )  # fmt: skip


def about_sign_offs(state: ModelVersion) -> Iterator[Concern]:
    """Words that were given for other evidence than there is now, before they had counted: nobody else tells."""
    for signed in state.sign_offs:
        known = state.stage(signed.stage)
        waited = signed.void and not signed.decision and signed.round == known.rounds + 1
        if not waited or signed.specification != state.specification or known.status is not ModelStatus.PENDING:
            continue
        if signed.evidence and signed.evidence != evidence_digest(state.pieces, state.specification):
            yield Concern(
                code="sign-off-void", severity=Severity.LOW, subject=signed.id, owner=signed.person.id,
                detail=f"what {signed.person.id} said in {signed.stage} counts no longer: the evidence is another now",
                remedy="look at the evidence (steward evidence list), then sign off or approve again",
            )  # fmt: skip


def about_rejections(state: ModelVersion) -> Iterator[Concern]:
    """Rejections in the registry itself, where nobody has to say what is to be put right."""
    for stage, known in state.stages.items():
        decision = known.decision
        of_steward = decision is not None and decision.write_back and not decision.reverts
        if known.status is not ModelStatus.REJECTED or known.is_explained or of_steward or state.is_dormant:
            continue
        said = f": {known.why}" if known.why else ""
        yield Concern(
            code="rejected-without-findings", severity=Severity.MEDIUM, subject=stage,
            owner=known.decided_by.id if known.decided_by else "",
            detail=f"{stage} was rejected in the registry{said}; nobody said on record what is to be put right",
            remedy="say it (steward findings raise), so that whoever comes back with it can answer",
        )  # fmt: skip


def about_emergencies(state: ModelVersion) -> Iterator[Concern]:
    """Approvals that no policy let pass, until somebody else has looked at them."""
    for stage, known in state.stages.items():
        glass = known.glass
        if glass is None or glass.reviewed_by:
            continue
        overdue = " and overdue" if glass.overdue else ""
        over = "; it has ended" if glass.ended else ""
        yield Concern(
            code="emergency-overdue" if glass.overdue else "emergency-approval",
            severity=Severity.CRITICAL if glass.overdue else Severity.HIGH,
            subject=glass.fingerprint, due=glass.review_by,
            detail=f"{glass.person.id} approved it in {stage} in an emergency{over}; its review is due{overdue}: "
            f"{glass.why}",
            remedy=f"have somebody else review it by {iso(glass.review_by)} (steward break-glass --review)",
        )  # fmt: skip


def about_quarantines(state: ModelVersion) -> Iterator[Concern]:
    """A version that somebody ordered to run nowhere."""
    known = state.quarantine
    if known is None or not known.is_open:
        return
    where = "nothing of it runs" if known.safe_at else "it is being taken back"
    yield Concern(
        code="quarantined", severity=Severity.CRITICAL, subject=known.fingerprint,
        detail=f"{known.person.id} quarantined it: {known.why}; {where}",
        remedy="register a version that puts it right; or have another officer release it (steward release)",
    )  # fmt: skip


def about_evidence(state: ModelVersion) -> Iterator[Concern]:
    """Evidence that does not count, or soon will not, until younger evidence of its kind counts."""
    for piece in state.pieces:
        if is_outdone(piece, state.pieces):
            continue
        if piece.problem:
            yield Concern(
                code="evidence-refused" if piece.status == "refused" else "evidence-unreadable",
                severity=Severity.MEDIUM, subject=piece.effect_id,
                detail=f"{piece.kind} evidence from {piece.uri} does not count: {piece.problem}",
                remedy="attach it anew, as it is meant to be (steward evidence attach)",
            )  # fmt: skip
            continue
        if piece.seen_before and piece.kind in READERS:
            yield Concern(
                code="evidence-seen-before", severity=Severity.LOW, subject=piece.effect_id,
                detail=f"{piece.kind} evidence from {piece.uri}: {piece.seen_before}",
                remedy="see that it was made of this version; else attach what was (steward evidence attach)",
            )  # fmt: skip
        if piece.status == "expired" or piece.warned:
            is_over = piece.status == "expired"
            when = iso(piece.expires_at) if piece.expires_at else ""
            yield Concern(
                code="evidence-expired" if is_over else "evidence-expiring",
                severity=Severity.HIGH if is_over else Severity.LOW,
                subject=piece.effect_id, owner=state.profile.owner, due=piece.expires_at,
                detail=f"{piece.kind} evidence {'expired' if is_over else 'expires'} at {when}",
                remedy="attach a newer one (steward evidence attach)",
            )  # fmt: skip


def about_write_backs(state: ModelVersion) -> Iterator[Concern]:
    """What should stand in the registry and does not."""
    for written in state.write_backs:
        if written.outcome == "failed" and written.echoed_at is None:
            yield Concern(
                code="write-back-failed", severity=Severity.HIGH, subject=written.effect_id,
                detail=f"{written.wanted} in {written.stage} could not be written to the registry: {written.reason}",
                remedy="put it right, then redrive; or decide in the registry itself",
            )  # fmt: skip
        decided = state.stage(written.stage).decision
        is_newer = decided is not None and decided.at > written.requested_at
        if written.outcome == "overtaken" and written.purpose == "decide" and not is_newer:
            yield Concern(
                code="write-back-overtaken", severity=Severity.MEDIUM, subject=written.effect_id,
                owner=written.person.id,
                detail=f"{written.wanted} in {written.stage} was not written to the registry: {written.reason}",
                remedy="look at what the registry says now, then decide again: in Studio, or through Steward as before",
            )  # fmt: skip


def about_overwritten_decisions(state: ModelVersion) -> Iterator[Concern]:
    """Whose word Steward's own write came over, because they decided in the very moment of it."""
    for stage, known in state.stages.items():
        unseen, echo = known.overwritten, known.decision
        if unseen is None or echo is None:
            continue
        owner = unseen.person.id if unseen.person else ""
        yield Concern(
            code="decision-overwritten", severity=Severity.HIGH, subject=unseen.fingerprint, owner=owner,
            detail=f"{owner or 'somebody'} decided {unseen.wanted} in {stage} at {iso(unseen.at)}, and Steward, which "
            f"had not seen it, wrote {echo.wanted} over it",
            remedy="decide again, in Studio or through Steward",
        )  # fmt: skip
