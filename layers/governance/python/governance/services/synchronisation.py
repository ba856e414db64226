"""Keep the record in step with the registry: one event in, at most one decision out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.domain.deciding import belongs
from governance.domain.errors import PackageNotFound, UnknownModelVersion
from governance.domain.facts import AnyFact, ApproverIdentified, IdentityReused, PackageMissing, RegistryObserved
from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import ApprovalStatus
from governance.domain.model_version import ModelVersion
from governance.domain.noticed import IdentifiedChange
from governance.domain.registry import PackageChange, PackageDescription, RegistryCall
from governance.domain.use_case import Profile
from governance.domain.values import whole_second
from governance.ports.ledger import Page
from governance.ports.registry import Registry
from governance.services.recording import Recording, fact_key

ON_ITS_WAY = timedelta(minutes=15)
"""For how long after a version was made its first event may still be on its way."""


@dataclass(frozen=True, slots=True)
class Synchronisation:
    """Learn what the registry did, from its events and from CloudTrail's.

    Told again, or told by several events, a change is recorded once.
    """

    registry: Registry
    recording: Recording

    def observe(self, change: PackageChange, correlation_id: str) -> ModelVersion | None:
        """Record one change of a package. Three calls when it is new, one when it is known."""
        told = observation(change, None, change.changed_at)
        return self.recording.learn(
            change.model_package_arn,
            lambda page, now: self.learned(page, change, now),
            correlation_id,
            key=fact_key(told),
        )

    def learned(self, page: Page, change: PackageChange, now: datetime) -> Sequence[AnyFact]:
        """The facts in a change, with what Describe can say of who made it and how the registry is now."""
        if page.state and page.state.model != change.identity:
            return self.reused(page.state, change, now)
        try:
            described = self.registry.describe(change.model_package_arn)
        except PackageNotFound:
            missing = PackageMissing(model=change.identity, effective_at=change.changed_at, recorded_at=now)
            return [with_group(observation(change, None, now), page), missing]
        if described.identity != change.identity:
            return [with_group(observation(change, None, now), page)]
        observed = with_group(observation(change, described, now), page)
        settled = settlement(change, described, page.state, now)
        return [observed, settled] if settled else [observed]

    def reused(self, state: ModelVersion, change: PackageChange, now: datetime) -> Sequence[AnyFact]:
        """Another package goes by this ARN: say so on the old record, once, and fold nothing into it."""
        other = change.identity.created_at
        if other in state.reused:
            return []
        return [IdentityReused(model=state.model, effective_at=other, recorded_at=now, other_created_at=other)]

    def identify(self, call: RegistryCall, correlation_id: str) -> ModelVersion | None:
        """Record who made a decision, if nobody knew yet.

        A version without a record is new, or from before governance. While the first event of a new one may be on
        its way, `UnknownModelVersion` is raised, so that the call is delivered again. Else there is nothing to learn:
        the reconciler brings such a version on record, and asks CloudTrail itself who decided.
        """
        arn = call.request_parameters.model_package_arn
        try:
            return self.recording.learn(arn, lambda page, now: self.identified(page, call, now), correlation_id)
        except UnknownModelVersion:
            if self.is_new(arn):
                raise
            return None

    def is_new(self, arn: ModelPackageArn) -> bool:
        """Whether the registry has the package, and made it so lately that its event may be on its way. One call."""
        try:
            described = self.registry.describe(arn)
        except PackageNotFound:
            return False
        return self.recording.now() - described.identity.created_at < ON_ITS_WAY

    def identified(self, page: Page, call: RegistryCall, now: datetime) -> Sequence[AnyFact]:
        """The person behind a call, unless nobody is named, it decided nothing, or all it could tell is known."""
        asked, person = call.request_parameters, call.user_identity.person()
        changed = bool(asked.inference_specification)
        decides = asked.model_approval_status is not None or asked.life_cycle is not None or changed
        if person is None or not decides:
            return []
        state = page.state_of(asked.model_package_arn)
        fact = ApproverIdentified(
            model=state.model,
            effective_at=whole_second(call.event_time),
            recorded_at=now,
            person=person,
            approval=asked.model_approval_status,
            life_cycle=asked.life_cycle,
            changed_specification=changed,
        )
        as_kept = fact.model_copy(update={"person": page.known_as(fact.person)})
        return [] if is_told_already(state, as_kept) and not tells_of_an_author(state, as_kept) else [fact]


def observation(change: PackageChange, described: PackageDescription | None, now: datetime) -> RegistryObserved:
    """One change as a fact. Describe speaks of it only as long as nothing was changed after it.

    Of the containers it knows more, the ETags, unless they are not those of this change any more; of the evidence too,
    for the model card is in no event.
    """
    current = described if described and is_same_change(change, described) else None
    serving = described if described and described.serves_like(change) else change
    return RegistryObserved(
        model=change.identity,
        effective_at=change.changed_at,
        recorded_at=now,
        approval=change.model_approval_status,
        life_cycle=change.life_cycle,
        description=change.approval_description,
        specification=change.specification,
        package_status=change.model_package_status,
        why=change.approval_description or (current.approval_description if current else ""),
        updated=change.updated_model_package_fields,
        changed_by=current.last_modified_by.person() if current else None,
        registered_by=described.created_by.person() if described else None,
        registration=(described or change).model_package_registration_type,
        containers=serving.containers,
        properties=(described or change).customer_metadata_properties,
        evidence=(described.evidence if described else ()) or change.evidence,
    )


def seen(described: PackageDescription, group: Profile | None, now: datetime) -> RegistryObserved:
    """What the registry says of a package when it is asked and no event told of the change that it shows.

    Who made that change, and what came before it, is not known: `LastModifiedBy` is whoever wrote last.
    """
    return observation(described, described, now).model_copy(
        update={"settled_at": now, "updated": (), "changed_by": None, "group": group}
    )


def lost(page: Page, now: datetime) -> Sequence[AnyFact]:
    """That a package was deleted, unless the record says so."""
    if page.state is None or page.state.missing:
        return []
    return [PackageMissing(model=page.state.model, effective_at=now, recorded_at=now, deleted=True)]


def is_same_change(change: PackageChange, described: PackageDescription) -> bool:
    """Whether Describe still shows just this change: same second, same decision fields, same containers."""
    return described.changed_at == change.changed_at and is_alike(change, described)


def is_alike(change: PackageChange, described: PackageDescription) -> bool:
    """Whether Describe shows what a change told, whenever it was."""
    return described.decides_like(change) and described.serves_like(change)


def settlement(
    change: PackageChange, described: PackageDescription, state: ModelVersion | None, now: datetime
) -> RegistryObserved | None:
    """What the registry really says, as one more fact, when several changes fell into one second.

    Whoever wrote last made this change, if it is the one that Describe shows. Of the others Describe tells that they
    were made and not by whom: their own events will, or CloudTrail.
    """
    if described.changed_at != change.changed_at:
        return None
    decided = [known.decision for known in state.stages.values() if known.decision] if state else []
    others = any(decision.at == change.changed_at for decision in decided) or shares_its_second(change, state)
    shown = is_alike(change, described)
    if shown and not others:
        return None
    serving = change if described.serves_like(change) else described
    settled = change.model_copy(
        update={
            "model_approval_status": described.model_approval_status,
            "model_life_cycle": described.model_life_cycle,
            "inference_specification": serving.inference_specification,
            "updated_model_package_fields": change.updated_model_package_fields if shown else None,
        }
    )
    seen_now = observation(settled, described, now)
    is_its_own = shown and bool(change.updated_model_package_fields)
    return seen_now.model_copy(update={"settled_at": now, "changed_by": seen_now.changed_by if is_its_own else None})


def shares_its_second(change: PackageChange, state: ModelVersion | None) -> bool:
    """Whether the record has another change of the very second, so that their order is not known.

    The registration is before all others.
    """
    if state is None or state.changed_at != change.changed_at:
        return False
    undecided = state.life_cycle is None and state.approval in {None, ApprovalStatus.PENDING}
    is_birth = state.born and state.changed_at == state.model.created_at and undecided
    return not is_birth and (state.approval, state.life_cycle) != (change.model_approval_status, change.life_cycle)


def with_group(fact: RegistryObserved, page: Page) -> RegistryObserved:
    """The fact with what is known of the group pinned in it."""
    return fact.model_copy(update={"group": page.group.described if page.group else None})


def is_told_already(state: ModelVersion, fact: ApproverIdentified) -> bool:
    """Whether the record credits what was asked for to this person, undisputed, or knows it for our own echo."""
    change = IdentifiedChange(
        at=fact.effective_at, person=fact.person, approval=fact.approval, life_cycle=fact.life_cycle
    )
    by_us = {written.effect_id for written in state.write_backs if written.writer == fact.person.arn}
    return any(
        (decision := known.decision) is not None
        and decision.person is not None
        and not decision.disputed
        and (decision.person.is_same_as(fact.person) or decision.write_back in by_us)
        and whole_second(decision.at) == fact.effective_at
        and belongs(change, stage, decision)
        for stage, known in state.stages.items()
    ) or any(
        known.at == change.at and known.person == change.person and known.asked == change.asked
        for known in state.identified
    )


def tells_of_an_author(state: ModelVersion, fact: ApproverIdentified) -> bool:
    """Whether a call changed what the version runs, and the record does not know by whom."""
    known = any(one.is_same_as(fact.person) for one in state.specification_changed_by)
    return fact.changed_specification and (bool(state.unknown_changes) or not known)
