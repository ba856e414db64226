"""The accounts of the local cloud and the people in them."""

from dataclasses import dataclass

REGION = "eu-west-1"
INSTALL = "steward"
HUB_STACK = "steward"

ACCOUNTS = {"hub": "444455556666", "dev": "111122223333", "test": "555566667777", "prod": "777788889999"}
"""Any twelve digits are an account; these are in every example."""


@dataclass(frozen=True)
class Further:
    """An environment beside those of test and prod, in an account of its own."""

    account: str
    """What the account is called here."""
    number: str
    name: str
    stage: str


FURTHER = (
    Further("preprod", "666677778888", "pre-production", "pre-production"),
    Further("prod-eu", "888899990000", "production-eu", "production"),
)
"""What there is besides where somebody asks for it: for everybody else a cloud is up sooner without."""


@dataclass(frozen=True)
class Persona:
    """A person with just that person's rights."""

    name: str
    person: str
    account: str
    policy_output: str
    beside: tuple[str, ...] = ()
    """Outputs that name further policies of theirs."""

    @property
    def role(self) -> str:
        """The IAM role of their account through which they come."""
        return f"{INSTALL}-{self.name}"


PERSONAS = (
    Persona("data-scientist", "ada.lovelace", "dev", "DataScientistPolicyArn"),
    Persona("second-data-scientist", "grace.hopper", "dev", "DataScientistPolicyArn"),
    Persona("model-owner", "mary.jackson", "hub", "ModelOwnerPolicyArn"),
    Persona("validator", "dorothy.vaughan", "hub", "ValidatorPolicyArn"),
    Persona("officer", "katherine.johnson", "hub", "OfficerPolicyArn"),
    Persona("second-officer", "annie.easley", "hub", "OfficerPolicyArn"),
    Persona("ml-engineer", "margaret.hamilton", "hub", "MlEngineerPolicyArn", ("MlEngineerPreflightPolicyArn",)),
    Persona("auditor", "joan.clarke", "hub", "AuditorPolicyArn"),
)
"""Who acts in the demo and the tests. The person is the session's name, so it shows up in `CreatedBy`."""
