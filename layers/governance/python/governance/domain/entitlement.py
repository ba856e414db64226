"""Who may ask for what: each command, and the roles of which one is enough for it."""

from collections.abc import Mapping

from governance.domain.authority import Authority, Role, Standing
from governance.domain.errors import Refused
from governance.domain.identifiers import Person
from governance.domain.model_version import ModelVersion
from governance.domain.reviewing import ReviewFinding

EVERY_ROLE = frozenset(Role)

MAY: Mapping[str, frozenset[Role]] = {
    "approve": EVERY_ROLE,
    "sign-off": EVERY_ROLE,
    "reject": EVERY_ROLE,
    "raise-findings": EVERY_ROLE,
    "answer-finding": EVERY_ROLE,
    "resubmit": EVERY_ROLE,
    "attach-evidence": EVERY_ROLE,
    "break-glass": EVERY_ROLE,
    "review-emergency": frozenset({Role.VALIDATOR, Role.OFFICER}),
    "roll-back": frozenset({Role.OWNER, Role.OFFICER}),
    "quarantine": frozenset({Role.OFFICER}),
    "release": frozenset({Role.OFFICER}),
    "retire": frozenset({Role.OWNER, Role.OFFICER}),
    "adopt": frozenset({Role.OFFICER}),
    "hold": frozenset({Role.OFFICER}),
    "release-hold": frozenset({Role.OFFICER}),
    "repair": frozenset({Role.OFFICER}),
    "forget-person": frozenset({Role.OFFICER}),
    "publish-policy": frozenset({Role.OFFICER}),
    "assign-policy": frozenset({Role.OFFICER}),
    "set-deployment-profile": frozenset({Role.OFFICER}),
    "create-use-case": frozenset({Role.OWNER, Role.OFFICER}),
    "change-use-case": frozenset({Role.OWNER, Role.OFFICER}),
    "assess-use-case": EVERY_ROLE,
    "advance-use-case": EVERY_ROLE,
    "reject-use-case": EVERY_ROLE,
    "answer-use-case-finding": EVERY_ROLE,
    "attach-group": frozenset({Role.OWNER, Role.OFFICER}),
    "detach-group": frozenset({Role.OWNER, Role.OFFICER}),
    "name-successor": frozenset({Role.OWNER, Role.OFFICER}),
    "retire-use-case": frozenset({Role.OWNER, Role.OFFICER}),
}
"""The roles of which one is needed. In which stage a role counts for an approval, the policy says."""

BY_DELEGATION = frozenset({"advance-use-case", "reject-use-case", "assess-use-case", "answer-use-case-finding"})
"""What may be done about a use case in a role that was delegated in every group that belongs to it."""

OF_AUTHORS = frozenset({"answer-finding", "resubmit", "attach-evidence"})
"""What whoever made a version may do for it without any role."""


def check_role(command: str, standing: Standing, authority: Authority) -> None:
    """Refuse who has none of the roles for a command. Where nobody said who holds which, IAM alone decides who asks."""
    enough = MAY[command]
    if enough & set(standing.roles) or (not authority.is_told and (standing.roles or enough < EVERY_ROLE)):
        return
    roles = " or ".join(role for role in Role if role in enough)
    has = " and ".join(standing.roles) or "nobody with a role"
    one = f"an {roles}" if roles[0] in "aeiou" else f"a {roles}"
    raise Refused("not-entitled", f"{command} is for {one}; you came as {has}: come through that role of the hub")


def answerable(state: ModelVersion, finding: ReviewFinding) -> str:
    """Id of whoever is to answer a finding: whom it was given to, else whoever owns the model."""
    return finding.owner or state.profile.owner


def authors_of(state: ModelVersion) -> tuple[Person, ...]:
    """Who registered a version, and who is known to have changed what it runs."""
    return tuple(one for one in (state.author, *state.specification_changed_by) if one is not None)


def is_author(state: ModelVersion, person: Person) -> bool:
    """Whether somebody made a version, whatever role they come through."""
    return any(person.is_same_as(author) for author in authors_of(state))
