"""What makes a model group: one document that says whose it is, who may register, how it is measured and deployed.

Of it follow the parameters of the group's stack, and the steps that are left to be done, with who may do them.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from governance.domain.problems import Contradiction, Dialect, Problem
from governance.domain.use_case import VALIDATION_SET, VALIDATION_SHA256, VALIDATION_TARGET, ModelRisk, ValidationSet
from governance.domain.use_cases import About, UseCaseId
from governance.domain.values import Value

GroupName = Annotated[str, StringConstraints(max_length=63, pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")]
"""How SageMaker lets a group be called (API: CreateModelPackageGroup)."""
AccountId = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
UnitArn = Annotated[
    str,
    StringConstraints(pattern=r"^arn:aws[a-z-]*:organizations::[0-9]{12}:ou/o-[a-z0-9]{10,32}/ou-[a-z0-9-]{10,68}$"),
]
"""An organisational unit, as RAM takes it for a principal."""
Tagged = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256, pattern=r"^[\w .:/=+@-]+$")
]
"""What a tag may say (SageMaker API: Tag)."""
Told = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1024)]


class Shared(Value):
    """Whose people may look at the group and register in it."""

    accounts: tuple[AccountId, ...] = ()
    organizational_units: tuple[UnitArn, ...] = ()

    @model_validator(mode="after")
    def somebody(self) -> Self:
        """A group in which nobody may register is a slip."""
        if not self.accounts and not self.organizational_units:
            raise Contradiction((Problem(path=("accounts",), said="name an account, or an organisational unit"),))
        return self


class HeldOut(Value):
    """The rows that versions are measured with: a file that is uploaded, or an object that is there, by its hash."""

    file: str = ""
    uri: Annotated[str, StringConstraints(pattern=r"^(s3://[a-z0-9.-]{3,63}/validation/\S+)?$")] = ""
    sha256: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] = ""
    target: Tagged

    @model_validator(mode="after")
    def either(self) -> Self:
        """A file is hashed when it is read; of an object that lies there already somebody says what it holds."""
        if bool(self.file) == bool(self.uri):
            raise Contradiction((Problem(path=("file",), said="say either file, or uri with sha256"),))
        if self.uri and not self.sha256:
            raise Contradiction((Problem(path=("sha256",), said="an object is pinned by the SHA-256 of its bytes"),))
        return self


class Onboarding(Value):
    """A model group of a use case, as the ML engineer writes it down."""

    use_case: UseCaseId
    group: GroupName
    description: Told = "Registered, governed and deployed by Steward."
    owner: Tagged
    risk: ModelRisk
    shared_with: Shared
    workload_accounts: tuple[AccountId, ...] = ()
    producers: tuple[AccountId, ...] = ()
    imports_from: tuple[AccountId, ...] = ()
    organization: Annotated[str, StringConstraints(pattern=r"^(o-[a-z0-9]{10,32})?$")] = ""
    outside_the_organization: bool = False
    line_of_business: Tagged | None = None
    """As the use case has it, unless it is said here; then it has to be the same."""
    project: Tagged | None = None
    validation_set: HeldOut | None = None
    deployment_profile: Annotated[str, Field(min_length=1)] | None = None
    """A file, beside this one."""

    @property
    def stack(self) -> str:
        """The stack that makes it: by this name the ML engineer may deploy it."""
        return f"model-group-{self.group}"

    def contradicts(self, about: About) -> tuple[str, ...]:
        """What it says otherwise than its use case does."""
        pairs = (
            ("line_of_business", self.line_of_business, about.line_of_business),
            ("project", self.project, about.project),
        )
        return tuple(f"{name}: {about.id} says {meant}" for name, said, meant in pairs if said not in (None, meant))

    def parameters(self, about: About, bound: ValidationSet | None, description: str | None) -> dict[str, str]:
        """The parameters of `stacks/model-group.yaml`.

        What is bound to the group stays so, since the stack owns its tags. A group that is there keeps its description,
        which cannot be changed (SageMaker API: there is no UpdateModelPackageGroup).
        """
        units = self.shared_with.organizational_units
        return {
            "ModelGroupName": self.group,
            "Description": self.description if description is None else description,
            "Owner": self.owner,
            "LineOfBusiness": about.line_of_business,
            "Project": about.project,
            "UseCaseId": self.use_case,
            "Risk": self.risk.value,
            "DevAccountIds": ",".join(self.shared_with.accounts),
            "OrganizationalUnitArns": ",".join(units),
            "OrganizationalUnitPaths": ",".join(map(path_of, units)),
            "WorkloadAccountIds": ",".join(self.workload_accounts),
            "Producers": " ".join(self.producers),
            "ImportsFrom": " ".join(self.imports_from),
            "OrganizationId": self.organization,
            "AllowExternalPrincipals": str(self.outside_the_organization).lower(),
            "ValidationSet": bound.uri if bound else "",
            "ValidationSetSha256": bound.sha256 if bound else "",
            "ValidationTarget": bound.target if bound else "",
        }


def path_of(unit: str) -> str:
    """An organisational unit and all below it, as `aws:PrincipalOrgPaths` has them, whatever root they lie under."""
    organization, name = unit.split("/")[1:3]
    return f"{organization}/*/{name}/*"


def tags_of(bound: ValidationSet) -> Mapping[str, str]:
    """The tags that bind a set."""
    return {VALIDATION_SET: bound.uri, VALIDATION_SHA256: bound.sha256, VALIDATION_TARGET: bound.target}


ONBOARDINGS = Dialect(
    shape=Onboarding,
    forms={
        "use_case": "lower case letters, digits and single dashes between them, 2 to 63 characters",
        "group": "letters, digits and dashes between them, at most 63 characters",
        "accounts": "an account has 12 digits, between quotes",
        "workload_accounts": "an account has 12 digits, between quotes",
        "producers": "an account has 12 digits, between quotes",
        "imports_from": "an account has 12 digits, between quotes",
        "organizational_units": "the unit's ARN, arn:aws:organizations::…:ou/o-…/ou-…",
        "organization": "o- and 10 to 32 letters and digits",
        "uri": "an object below validation/ of a bucket, s3://<bucket>/validation/…",
        "sha256": "64 digits and letters a to f",
        "owner": "up to 256 letters, digits, spaces and _.:/=+-@",
    },
)
"""How the problems of such documents are told."""


class StepState(StrEnum):
    """How far a step is."""

    DONE = "done"
    TO_DO = "to-do"
    WAITS = "waits"


class Step(Value):
    """One step of making a model group: what it is, how far, and where it waits for whom to do what."""

    name: str
    state: StepState
    detail: str
    who: str = ""
    """Who may do it."""
    how: str = ""
    """What they run."""
