"""Whether an approval still holds when what it let through is about to be deployed: its own policy is asked again.

The policy is the very version that let it pass, the words are those that it rested on, and everything else is what is
on record by now: evidence that has grown old, findings that were raised, approvals before it that were taken back.
"""

from collections.abc import Iterator

from governance.domain.deployment import Deployment
from governance.domain.facts import VerdictGiven
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.matters import answers_to, as_it_stands
from governance.domain.model_version import ModelVersion
from governance.domain.policy import OF_ITS_USE_CASE, Check, Mode
from governance.domain.published import PublishedPolicy
from governance.domain.terms import Terms
from governance.domain.values import Instant

OF_THE_PAST = OF_ITS_USE_CASE | {"deployed-and-validated"}
"""Checks that are not asked again: what ran in a stage ran there, whatever took its place; and what every deployment
is asked about beside its approval."""


def approvals_of(state: ModelVersion, deployment: Deployment) -> Iterator[VerdictGiven]:
    """The approvals that a deployment rests on: of its basis, and of its own stage where it completes a trial.

    None of a return: what it takes back may not wait until a document is renewed.
    """
    if deployment.is_return:
        return
    for stage in (deployment.basis, *([deployment.stage] if deployment.completes else [])):
        known = state.stage(stage)
        if known.status is ModelStatus.APPROVED and known.verdict and known.verdict.passed:
            yield known.verdict


def no_longer_met(
    state: ModelVersion, given: VerdictGiven, policy: PublishedPolicy, terms: Terms, at: Instant
) -> tuple[Check, ...]:
    """The enforced checks that an approval would not pass any more. One in an emergency is judged as one still."""
    pinned = terms.model_copy(update={"policy": policy})
    matter = as_it_stands(state, given.stage, given, at, pinned)
    answers = answers_to(policy.document, matter, is_emergency=bool(given.glass))
    checks = (each.check for each in answers if each.gate not in OF_THE_PAST)
    return tuple(check for check in checks if check.mode is Mode.ENFORCE and not check.passed)


def in_words(stage: Stage, check: Check) -> str:
    """What holds no longer, what was found instead, and what would help."""
    said = f"{check.name} does not hold any more for the approval in {stage}"
    return f"{said}: required is {check.required}, found {check.found} ({check.remedy})"
