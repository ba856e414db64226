"""What is wrong with a version as it stands: every concern, read off its state and nothing else."""

from collections.abc import Callable, Iterator

from governance.domain.concerns_of_decisions import (
    about_authors,
    about_bypasses,
    about_disputes,
    about_emergencies,
    about_evidence,
    about_overwritten_decisions,
    about_quarantines,
    about_rejections,
    about_reviews,
    about_sign_offs,
    about_write_backs,
)
from governance.domain.concerns_of_deployments import about_deployments
from governance.domain.concerns_of_endpoints import about_endpoints
from governance.domain.concerns_of_images import about_images, remedy
from governance.domain.concerns_of_imports import about_imports
from governance.domain.concerns_of_retirements import about_retirements
from governance.domain.concerns_of_sources import about_sources
from governance.domain.concerns_of_trials import about_trials
from governance.domain.findings import Concern, Severity
from governance.domain.lifecycle import (
    UNDECIDED_STAGES,
    ApprovalStatus,
    ModelStatus,
    Stage,
    plain,
    stage_named,
    status_named,
)
from governance.domain.model_resource import unservable
from governance.domain.model_version import ModelVersion
from governance.domain.policy import Check, Mode
from governance.domain.rejecting import about_confirmations
from governance.domain.sealing import SealingStatus

GROWING = {"findings": 500, "deployments": 800, "sign_offs": 600, "identified": 300, "earlier_sealings": 900,
           "rollbacks": 350, "keepings": 400, "gaps": 200, "odd_times": 150, "illegal_moves": 60,
           "pieces": 700, "write_backs": 900, "reviews": 600,
           "refused_commands": 120, "specification_changed_by": 150, "unknown_changes": 30, "reused": 40}  # fmt: skip
"""What of a state grows with its history, and about how many bytes each adds to the head."""

NEAR_LIMIT = 300_000
"""Bytes of a head, by that estimate, from which on somebody should know."""


def concerns(state: ModelVersion) -> list[Concern]:
    """Every concern that a state gives rise to."""
    return [concern for look in LOOKS for concern in look(state)]


def about_the_package(state: ModelVersion) -> Iterator[Concern]:
    """Packages that can never be deployed, and names that mean two packages."""
    if not state.is_versioned:
        yield Concern(
            code="unversioned-package", severity=Severity.MEDIUM,
            detail="the package belongs to no model group, so it has no life cycle to govern",
            remedy="register the model as a version of a model group",
        )  # fmt: skip
    if state.package_status == "Failed":
        yield Concern(
            code="package-failed", severity=Severity.HIGH,
            detail="SageMaker says that the package failed", remedy="register a new version",
        )  # fmt: skip
    if state.registration == "Logged":
        yield Concern(
            code="merely-logged", severity=Severity.LOW,
            detail="the package was logged but not registered", remedy="register it in its model group",
        )  # fmt: skip
    if state.missing and state.deleted:
        yield Concern(
            code="package-deleted", severity=Severity.HIGH,
            detail="the registry had this package and has lost it", remedy="find out who deleted it and why",
        )  # fmt: skip
    elif state.missing:
        yield Concern(
            code="package-missing", severity=Severity.HIGH,
            detail="the registry no longer has this package", remedy="find out who deleted it, and register it again",
        )  # fmt: skip
    for other in state.reused:
        yield Concern(
            code="identity-reused", severity=Severity.CRITICAL, subject=other.isoformat(),
            detail=f"another package was created under this ARN at {other.isoformat()}; it is not governed",
            remedy="delete it and register it as a new version",
        )  # fmt: skip


def about_the_registration(state: ModelVersion) -> Iterator[Concern]:
    """Decisions that came with the registration, or that a later change made void."""
    development = state.stage(Stage.DEVELOPMENT)
    if state.born_deciding and development.decision is None:
        yield Concern(
            code="registered-with-decision", severity=Severity.HIGH,
            detail="the version was registered with a decision already in it; it was recorded as pending",
            remedy="let the model owner decide on it in the registry",
        )  # fmt: skip
    if state.specification_changed:
        yield Concern(
            code="specification-changed", severity=Severity.CRITICAL,
            detail="the inference specification was changed after registration; what was decided on it is void",
            remedy="find out who changed it, then approve it again or register a new version",
        )  # fmt: skip
    for container in state.sealing.pinned(state.containers):
        if not container.image_digest and "@" not in container.image:
            yield Concern(
                code="image-not-pinned", severity=Severity.MEDIUM, subject=str(container.index),
                detail=f"image {container.image} is named by tag, so its content can change",
                remedy="register the version with an ImageDigest",
            )  # fmt: skip


def about_what_was_missed(state: ModelVersion) -> Iterator[Concern]:
    """Changes that nobody told of, approvals that nothing explains, moments that cannot be, versions nobody adopted."""
    if state.is_dormant:
        yield Concern(
            code="not-adopted", severity=Severity.LOW,
            detail="it was registered before its registry was governed; nothing is sealed or deployed of it",
            remedy="have an officer adopt it (steward adopt), or register a new version of it",
        )  # fmt: skip
    unexplained = state.stage(Stage.DEVELOPMENT).decision is None and not state.born_deciding
    if state.approval is ApprovalStatus.APPROVED and unexplained and not state.specification_changed:
        yield Concern(
            code="out-of-band-approval", severity=Severity.HIGH,
            detail="the registry says that it is approved, and no decision on record explains that; it does not count",
            remedy="let the model owner approve it again",
        )  # fmt: skip
    for gap in state.gaps:
        since = gap.since.isoformat() if gap.since else "its registration"
        between = f"between {since} and {gap.until.isoformat()}"
        if not gap.accounted:
            yield Concern(
                code="history-gap", severity=Severity.MEDIUM, subject=between,
                detail=f"no event told what the registry did {between}; the outcome is known, the way there is not",
                remedy="see whether CloudTrail still knows, and why the events were lost",
            )  # fmt: skip
        elif not gap.told_after_all:
            yield Concern(
                code="missed-event", severity=Severity.LOW, subject=between,
                detail=f"no event told of the change at {gap.until.isoformat()}; the reconciler found it",
                remedy="see why the event was lost",
            )  # fmt: skip
    for odd in state.odd_times:
        yield Concern(
            code="time-impossible", severity=Severity.MEDIUM, subject=odd,
            detail=f"something was told of a moment that cannot be: {odd}",
            remedy="see whose clock is wrong",
        )  # fmt: skip


def about_its_owners(state: ModelVersion) -> Iterator[Concern]:
    """A group for which nobody answers. Nothing is said before its tags have been read."""
    if state.group is not None and not state.profile.use_case_id:
        yield Concern(
            code="group-without-use-case", severity=Severity.MEDIUM,
            detail="the model group belongs to no use case", remedy="tag the group with steward:use-case-id",
        )  # fmt: skip
    if state.group is not None and not state.profile.risk:
        yield Concern(
            code="risk-not-classified", severity=Severity.MEDIUM,
            detail="nobody classified the risk; it is treated as high", remedy="tag the group with steward:risk",
        )  # fmt: skip


def about_the_life_cycle(state: ModelVersion) -> Iterator[Concern]:
    """Life-cycle words nobody told us, fields that disagree, moves that are not allowed."""
    life_cycle = state.life_cycle
    if life_cycle and plain(life_cycle.stage) not in UNDECIDED_STAGES:
        stage, status = stage_named(life_cycle.stage), status_named(life_cycle.status)
        if stage is None:
            yield Concern(
                code="unknown-life-cycle-stage", severity=Severity.MEDIUM,
                detail=f"life-cycle stage {life_cycle.stage!r} means no stage here; nothing was decided by it",
                remedy="use Development, Test, PreProduction or Production",
            )  # fmt: skip
        elif status is None:
            yield Concern(
                code="unknown-life-cycle-status", severity=Severity.MEDIUM,
                detail=f"life-cycle status {life_cycle.status!r} decides nothing here",
                remedy="use Approved, Rejected, PendingApproval or Retired",
            )  # fmt: skip
        elif status is ModelStatus.APPROVED and (
            state.is_blocked or (state.approval is not ApprovalStatus.APPROVED and stage is not Stage.DEVELOPMENT)
        ):
            yield Concern(
                code="fields-disagree", severity=Severity.HIGH,
                detail=f"the life cycle says {life_cycle.stage} is approved, the approval status says "
                f"{state.approval or 'nothing'}; the stricter holds",
                remedy="make ModelApprovalStatus and ModelLifeCycle say the same",
            )  # fmt: skip
    for noted in state.illegal_moves:
        yield Concern(
            code="illegal-move", severity=Severity.HIGH, subject=noted,
            detail=f"the registry moved it from {noted}, which is not allowed",
            remedy="register a new version",
        )  # fmt: skip


def about_decisions(state: ModelVersion) -> Iterator[Concern]:
    """Approvals that do not count, and what their policy would have liked to see."""
    for stage, known in state.stages.items():
        if known.awaits_verdict and known.decision and known.decision.person is None:
            yield Concern(
                code="approver-unknown", severity=Severity.HIGH, subject=known.decision.fingerprint,
                detail=f"nobody can tell who approved it in {stage}, so the approval does not count yet",
                remedy="CloudTrail will tell; otherwise approve it again",
            )  # fmt: skip
        given = {one.decision: one for one in (known.refused, known.verdict) if one}
        for verdict in given.values():
            for check in verdict.checks:
                if not check.passed:
                    yield of_a_check(stage, check, verdict.decision)


def of_a_check(stage: Stage, check: Check, decision: str) -> Concern:
    """What a gate did not find."""
    refused = check.mode is Mode.ENFORCE
    return Concern(
        code="gate-refused" if refused else "gate-advised",
        severity=Severity.HIGH if refused else Severity.LOW,
        subject=f"{stage}/{check.name}/{decision}",
        detail=f"{stage}, {check.name}: required {check.required}; found {check.found}",
        remedy=check.remedy,
    )


def about_sealing(state: ModelVersion) -> Iterator[Concern]:
    """Artifacts that are not safe in the hub."""
    if state.sealing.status is SealingStatus.REFUSED:
        for refusal in state.sealing.refusals:
            yield Concern(
                code=refusal.code, severity=Severity.HIGH, subject=state.sealing.effect_id,
                detail=refusal.detail, remedy=remedy(refusal.code),
            )  # fmt: skip
    if state.is_sealed and (why := unservable(state.containers, state.sealing.artifacts)):
        yield Concern(
            code="artifacts-not-servable", severity=Severity.HIGH, subject=state.sealing.effect_id,
            detail=f"everything is sealed, and not deployed: {why}",
            remedy="register a version that has all of a container's model data in one archive or below one prefix",
        )  # fmt: skip


def about_keeping(state: ModelVersion) -> Iterator[Concern]:
    """Sealed objects that could not be locked, held or released as they should be."""
    for keeping in state.keepings:
        if keeping.outcome == "failed":
            yield Concern(
                code="artifacts-not-kept", severity=Severity.CRITICAL, subject=keeping.effect_id,
                detail=f"what was to be done to keep its artifacts ({keeping.what}) failed: {keeping.reason}",
                remedy="find out from CloudTrail who removed the object, and register the version again",
            )  # fmt: skip


def about_its_size(state: ModelVersion) -> Iterator[Concern]:
    """A head that will one day be larger than an item may be (AWS API: DynamoDB items are 400 KB at most)."""
    weight = sum(bytes_each * len(getattr(state, name)) for name, bytes_each in GROWING.items())
    if weight >= NEAR_LIMIT:
        yield Concern(
            code="record-near-limit", severity=Severity.HIGH,
            detail="its state nears the largest item that the table takes; beyond that nothing more is learned",
            remedy="register a new version, and retire this one",
        )  # fmt: skip


def about_commands(state: ModelVersion) -> Iterator[Concern]:
    """Reports from accounts that may not report."""
    for noted in state.refused_commands:
        yield Concern(
            code="producer-not-registered", severity=Severity.HIGH, subject=noted,
            detail=f"{noted} was not used: that account may not report on this version there",
            remedy="report from the account that runs the stage",
        )  # fmt: skip


LOOKS: tuple[Callable[[ModelVersion], Iterator[Concern]], ...] = (
    about_the_package,
    about_the_registration,
    about_imports,
    about_what_was_missed,
    about_its_owners,
    about_the_life_cycle,
    about_decisions,
    about_authors,
    about_bypasses,
    about_disputes,
    about_reviews,
    about_rejections,
    about_sign_offs,
    about_emergencies,
    about_quarantines,
    about_retirements,
    about_evidence,
    about_write_backs,
    about_overwritten_decisions,
    about_sealing,
    about_sources,
    about_images,
    about_keeping,
    about_deployments,
    about_endpoints,
    about_trials,
    about_confirmations,
    about_commands,
    about_its_size,
)
"""Everything that is looked at, in the order of a version's life."""
