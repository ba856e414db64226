"""What a decision is judged by beside the version's own record: the policy, people's roles, what is in production."""

from governance.domain.authority import Authority, Delegation, Standing
from governance.domain.deployment_profile import BUILT_IN, PublishedProfile
from governance.domain.environment import SIMPLE, Landscape
from governance.domain.gates import Reading
from governance.domain.identifiers import Person
from governance.domain.published import DEFAULT, PublishedPolicy
from governance.domain.use_cases import Membership
from governance.domain.values import Instant, Value


class Terms(Value):
    """The terms on which a group's versions are judged, as they were when the record was opened."""

    policy: PublishedPolicy = DEFAULT
    deployment_profile: PublishedProfile = BUILT_IN
    """By what a deployment that is requested now is deployed."""
    landscape: Landscape = SIMPLE
    """The environments that there are: where an approval that is given now leads to."""
    authority: Authority = Authority()
    delegations: tuple[Delegation, ...] = ()
    production: tuple[Reading, ...] | None = None
    """What was measured of the version in production; None where none is, or where it is this very version."""
    use_case: Membership | None = None
    """The use case that the group belongs to, if it belongs to one."""
    writer: str = ""
    """ARN of the role that writes to the registry; empty where nothing is written there."""

    @property
    def policy_hash(self) -> str:
        """Hash of the policy under which a word has to have been given to count."""
        return self.policy.hash

    def standing(self, person: Person, at: Instant) -> Standing:
        """As what somebody may act at a moment. Steward's own role never decides."""
        if self.is_writer(person):
            return Standing()
        return self.authority.standing(person, self.delegations, at)

    def is_writer(self, person: Person) -> bool:
        """Whether it is Steward's own role, and so nobody."""
        return bool(self.writer) and person.arn == self.writer
