"""What is wrong with trials: those that nobody has decided on, though their stage looks decided."""

from collections.abc import Iterator

from governance.domain.findings import Concern, Severity
from governance.domain.lifecycle import DeploymentStatus, ModelStatus
from governance.domain.model_version import ModelVersion
from governance.domain.trying_out import everywhere, is_since, trial_in
from governance.domain.values import iso


def about_trials(state: ModelVersion) -> Iterator[Concern]:
    """Of each trial that stands beside what serves: an approval of its stage from before it came there.

    That one is not about the trial, so it rolls nothing out; and nobody approves what is shown as approved.
    """
    for latest in everywhere(state):
        stage = latest.stage
        trial, known = trial_in(state, stage, latest.environment), state.stage(stage)
        if trial is None or trial.status is not DeploymentStatus.DEPLOYED or known.status is not ModelStatus.APPROVED:
            continue
        if state.rollback_of(trial.id) or known.basis_at is None or is_since(known.basis_at, trial.finished_at):
            continue
        yield Concern(
            code="trial-not-decided", severity=Severity.MEDIUM, subject=trial.id,
            owner=known.decided_by.id if known.decided_by else "",
            detail=f"{stage} was approved at {iso(known.basis_at)}, before the version came to {trial.where} to be "
            "tried: that approval is not about the trial, which goes on beside what serves",
            remedy=f"look at what was measured of it, then approve it in {stage} again for all traffic, or reject it",
        )  # fmt: skip
