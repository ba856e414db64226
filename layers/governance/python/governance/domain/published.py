"""A policy that is in force: a document with a number. `default` is built in, so that no group is without a gate."""

from governance.domain.lifecycle import Stage
from governance.domain.policy import Mode
from governance.domain.policy_document import AnyGate, CheckGate, PolicyDocument
from governance.domain.use_case import ModelRisk
from governance.domain.values import Value


class PublishedPolicy(Value):
    """A published policy: immutable, numbered, and known by the hash of its content."""

    document: PolicyDocument
    version: int

    @property
    def id(self) -> str:
        """Name and number, as decisions pin it: `default@2`."""
        return f"{self.document.name}@{self.version}"

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical text of the document."""
        return self.document.hash


BUILT_IN: tuple[AnyGate, ...] = (
    CheckGate(
        kind="check",
        name="approver-entitled",
        controls=("sr-26-2/effective-challenge", "eu-ai-act/Art. 17", "nist-ai-rmf/GOVERN 2.1", "iso-42001/A.3.2"),
    ),
    CheckGate(
        kind="check",
        name="not-by-the-author",
        controls=("sr-26-2/effective-challenge", "eu-ai-act/Art. 17", "nist-ai-rmf/MEASURE 1.3", "iso-42001/A.3.2"),
    ),
    CheckGate(
        kind="check",
        name="preceding-stage-approved",
        controls=("sr-26-2/validation", "eu-ai-act/Art. 17", "nist-ai-rmf/MANAGE 1.1", "iso-42001/A.6.2.5"),
    ),
    CheckGate(
        kind="check",
        name="approved-by-two",
        stages=(Stage.TEST, Stage.PRE_PRODUCTION, Stage.PRODUCTION),
        risks=(ModelRisk.HIGH,),
        controls=("sr-26-2/effective-challenge", "eu-ai-act/Art. 17", "nist-ai-rmf/GOVERN 2.1", "iso-42001/A.3.2"),
    ),
    CheckGate(
        kind="check",
        name="findings-answered",
        controls=("sr-26-2/effective-challenge", "eu-ai-act/Art. 17", "nist-ai-rmf/MANAGE 1.1", "iso-42001/A.3.2"),
    ),
    CheckGate(
        kind="check",
        name="deployed-and-validated",
        mode=Mode.ADVISE,
        controls=("sr-26-2/validation", "eu-ai-act/Art. 15", "nist-ai-rmf/MEASURE 2.3", "iso-42001/A.6.2.4"),
    ),
)
"""What is asked of every model where nobody chose another policy."""

DEFAULT = PublishedPolicy(
    version=2,
    document=PolicyDocument(
        name="default",
        title="Who may decide, never the author, no stage skipped, no high risk by one person, no finding left open",
        description="Five checks that stop an approval, one of them for high risk only, and one that only advises.",
        gates=BUILT_IN,
    ),
)
"""The policy in force where nobody published another. `default@1`, before it, knew neither roles, findings nor risk."""

BEFORE = frozenset({"default@1"})
"""What earlier releases had built in, in the place of which the present one comes by itself."""


def current(under: PublishedPolicy, active: PublishedPolicy) -> PublishedPolicy:
    """What a group is under by now: the later version of its policy; of any other policy, it stays where it is."""
    same = under.document.name == active.document.name
    return active if same and active.version > under.version else under
