"""For how long what was sealed of a version must be kept, what is still to be done about it, and what was promised."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from governance.domain.artifacts import ObjectVersion, SealedArtifact
from governance.domain.deployment import Deployment
from governance.domain.facts import AnyFact, ArtifactsSealed
from governance.domain.fold import fold_all
from governance.domain.identifiers import effect_id
from governance.domain.keeping import HOLD, RETAIN, Keeping, Terms, latest
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.upkeep import RetentionExtended, RetentionRequested
from governance.domain.values import Instant, Value, whole_second


class Promise(Value):
    """How the record says that a sealed object is kept."""

    artifact: SealedArtifact
    until: Instant
    held: bool


class Due(Value):
    """Since when and until when something must be kept, and why."""

    since: Instant
    until: Instant
    reason: str
    cause: str


def due_of(state: ModelVersion, terms: Terms, now: datetime) -> Due | None:
    """The lock that is due and that nobody intended yet; None where all is locked for as long, or nothing is sealed."""
    objects = state.sealed_objects
    due = max(dues(state, terms), key=lambda one: (one.until, one.cause), default=None)
    if due is None or not objects or due.until <= now:
        return None
    for known in state.keepings:
        covers = known.until is not None and known.until >= due.until and set(objects) <= set(known.objects)
        if known.effect_id == effect_of(state, due) or covers:
            return None
    return due


def effect_of(state: ModelVersion, due: Due) -> str:
    """The name of the effect: one for each cause, and for what was sealed by then."""
    return effect_id("retain", state.model, due.cause, state.sealing.effect_id)


def requested(state: ModelVersion, terms: Terms, now: datetime) -> RetentionRequested | None:
    """The intent of what is due, or None."""
    due = due_of(state, terms, now)
    if due is None:
        return None
    return RetentionRequested.model_validate(
        {
            "model": state.model,
            "effective_at": now,
            "recorded_at": now,
            "effect_id": effect_of(state, due),
            "until": due.until,
            "reason": due.reason,
            "cause": due.cause,
        }
    )


def dues(state: ModelVersion, terms: Terms) -> Iterator[Due]:
    """Everything that asks for the version to be kept."""
    for deployment in state.deployments.values():
        if deployment.stage is Stage.PRODUCTION and was_there(deployment) and deployment.finished_at:
            until = whole_second(deployment.finished_at + terms.production)
            yield Due(since=deployment.finished_at, until=until, reason="production", cause=deployment.id)
    if retired := state.retirement:
        until = whole_second(retired.at + max(terms.retired, timedelta(days=retired.keep_days)))
        yield Due(since=retired.at, until=until, reason="retired", cause=retired.fingerprint)
    for known in state.stages.values():
        decision = known.decision
        if known.status is ModelStatus.RETIRED and decision and decision.wanted is ModelStatus.RETIRED:
            until = whole_second(decision.at + terms.retired)
            yield Due(since=decision.at, until=until, reason="retired", cause=decision.fingerprint)


def was_there(deployment: Deployment) -> bool:
    """Whether a version had come to its stage by a deployment, whatever became of it there."""
    return deployment.has_served or (bool(deployment.removed_by) and not deployment.removes)


def promised(facts: Iterable[AnyFact]) -> list[Promise]:
    """What the facts of a version say of every object that was ever sealed of it: only what was done, not intended."""
    every = list(facts)
    artifacts = [one for fact in every if isinstance(fact, ArtifactsSealed) for one in fact.artifacts]
    if not artifacts:
        return []
    hold = latest(fold_all(every).state.keepings, HOLD)
    held = hold.objects if hold and hold.what == "hold" and hold.outcome == "done" else ()
    found: dict[ObjectVersion, Promise] = {}
    for one in artifacts:
        untils = [one.locked_until]
        untils += [f.until for f in every if isinstance(f, RetentionExtended) and one.stored in f.objects]
        untils += [found[one.stored].until] if one.stored in found else []
        found[one.stored] = Promise(artifact=one, until=max(untils), held=one.stored in held)
    return list(found.values())


def still_open(state: ModelVersion) -> list[Keeping]:
    """Locks that were intended and are not on record as done."""
    return [one for one in state.keepings if one.what in RETAIN and not one.is_over]
