"""Where a policy of use cases asks less than another: what takes a second officer to publish.

What is not listed here is not looser: whoever passes every check of the new policy would have passed those of the old.
"""

from collections.abc import Iterator

from governance.domain.ai_act import Materiality
from governance.domain.authority import Role
from governance.domain.use_case_policy_document import CLASSES, EVERYWHERE, UseCasePolicyDocument
from governance.domain.values import Value


class UseCaseLoosening(Value):
    """One check that asks less: which, for what, and how."""

    gate: str
    """The check, by its name."""
    place: str
    """The stage in which it asks less, or the class or tier for which it does."""
    how: str


def loosens_use_cases(new: UseCasePolicyDocument, old: UseCasePolicyDocument) -> tuple[UseCaseLoosening, ...]:
    """Where the new policy asks less than the old one. Empty where it nowhere does."""
    found = (*by_roles(new, old), *by_checks(new, old), *by_people(new, old), *by_time(new, old), *by_class(new, old))
    return tuple(UseCaseLoosening(gate=gate, place=place, how=how) for gate, place, how in found)


Found = Iterator[tuple[str, str, str]]


def by_roles(new: UseCasePolicyDocument, old: UseCasePolicyDocument) -> Found:
    """More roles that may approve a stage."""
    for stage in EVERYWHERE:
        if added := [role for role in Role if role in new.roles[stage] and role not in old.roles[stage]]:
            yield "entitled", stage, f"lets {' and '.join(added)} approve too"


def by_checks(new: UseCasePolicyDocument, old: UseCasePolicyDocument) -> Found:
    """A check less, or in a stage less."""
    for name, stages in old.enforced.items():
        for stage in EVERYWHERE:
            if stage in stages and stage not in new.enforced.get(name, ()):
                yield name, stage, "is no longer made"


def by_people(new: UseCasePolicyDocument, old: UseCasePolicyDocument) -> Found:
    """Fewer people for a class or a tier, also where the greater number of the other one may still count."""
    classes = [(f"class {one}", new.people_by_class[one], old.people_by_class[one]) for one in CLASSES]
    tiers = [(f"tier {one}", new.people_by_tier[one], old.people_by_tier[one]) for one in Materiality]
    for place, now, before in (*classes, *tiers):
        if now < before:
            yield "enough-people", place, f"needed {before} people and needs {now}"


def by_time(new: UseCasePolicyDocument, old: UseCasePolicyDocument) -> Found:
    """Two different people from a later stage on. That the check is not made at all any more is told elsewhere."""
    before, now = old.nobody_alone_from, new.nobody_alone_from
    if before is None or now is None:
        return
    for stage in EVERYWHERE[EVERYWHERE.index(before) : EVERYWHERE.index(now)]:
        yield "nobody-alone", stage, f"asks from {now} on and no longer from {before} on"


def by_class(new: UseCasePolicyDocument, old: UseCasePolicyDocument) -> Found:
    """Oversight for fewer classes."""
    for one in CLASSES:
        if one in old.oversight_for and one not in new.oversight_for:
            yield "human-oversight", f"class {one}", "no longer asks who oversees it"
