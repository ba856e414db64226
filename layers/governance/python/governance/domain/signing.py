"""Sign-offs: one person's word for a version in a stage, and for what exactly it was given."""

from governance.domain.identifiers import Person
from governance.domain.lifecycle import Stage
from governance.domain.values import Instant, Value


class SignOff(Value):
    """One person's word for a version in a stage. Void once what it was given for has changed."""

    stage: Stage
    round: int
    """Which time of asking it was, from 1."""
    person: Person
    at: Instant
    why: str
    decision: str
    """Fingerprint of the approval that it counted for; empty while it waits for one."""
    policy: str
    policy_hash: str
    specification: str
    """Digest of the inference specification that was approved."""
    roles: tuple[str, ...] = ()
    delegated_by: str = ""
    evidence: str = ""
    """Digest of the evidence that counted then."""
    void: bool = False

    @property
    def id(self) -> str:
        """Stage, round and person: a person signs once each round."""
        return f"{self.stage}#{self.round}#{self.person.id}"
