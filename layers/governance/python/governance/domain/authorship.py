"""Who made what a version runs: whoever registered it, and whoever changed it since. None of them may approve it.

Where nobody can tell who changed it, anybody may have: then nobody can be known not to be its author.
"""

from governance.domain.deciding import SAME_CHANGE
from governance.domain.facts import ApproverIdentified, RegistryObserved
from governance.domain.identifiers import Person
from governance.domain.model_version import ModelVersion
from governance.domain.values import Instant


def with_author(state: ModelVersion, fact: RegistryObserved) -> ModelVersion:
    """Know who changed what it runs, if this change says that it did; else remember when somebody unknown did."""
    if "InferenceSpecification" not in (fact.updated or ()):
        return state
    person = fact.changed_by or told_by_a_call(state, fact.effective_at)
    if person:
        return with_one_more(state, person)
    return state.model_copy(update={"unknown_changes": (*state.unknown_changes, fact.effective_at)})


def identified(state: ModelVersion, fact: ApproverIdentified) -> ModelVersion:
    """Know from CloudTrail who changed what it runs."""
    if not fact.changed_specification:
        return state
    left = tuple(at for at in state.unknown_changes if abs(at - fact.effective_at) > SAME_CHANGE)
    return with_one_more(state.model_copy(update={"unknown_changes": left}), fact.person)


def told_by_a_call(state: ModelVersion, at: Instant) -> Person | None:
    """Whoever CloudTrail named already for a change of that moment."""
    calls = (call for call in reversed(state.identified) if call.changed_specification)
    return next((call.person for call in calls if abs(call.at - at) <= SAME_CHANGE), None)


def with_one_more(state: ModelVersion, person: Person) -> ModelVersion:
    """The state with somebody among those who changed what it runs, once."""
    known = state.specification_changed_by
    return state if person in known else state.model_copy(update={"specification_changed_by": (*known, person)})
