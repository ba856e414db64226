"""How versions, groups, people and effects are called, and how one name tells another."""

import re
from typing import Annotated

from pydantic import StringConstraints

from governance.domain.values import Instant, Value, digest, iso

ModelPackageArn = Annotated[
    str,
    StringConstraints(
        pattern=r"^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package/[A-Za-z0-9-]{1,63}(/[0-9]+)?$"
    ),
]
"""ARN of one model package: `…:model-package/GROUP/VERSION`, or `…/NAME` for one outside any group."""

ModelGroupArn = Annotated[
    str,
    StringConstraints(
        pattern=r"^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package-group/[A-Za-z0-9-]{1,63}$"
    ),
]
"""ARN of a model package group."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in lower-case hexadecimal."""


class VersionIdentity(Value):
    """Which model version is meant: an ARN alone is not enough, since a deleted version's ARN can be reused."""

    arn: ModelPackageArn
    created_at: Instant

    @property
    def group(self) -> str | None:
        """Name of the model group, or None for an unversioned package."""
        parts = self.arn.split("/")
        return parts[1] if len(parts) == 3 else None

    @property
    def number(self) -> int | None:
        """The version's number in its group, or None for an unversioned package."""
        parts = self.arn.split("/")
        return int(parts[2]) if len(parts) == 3 else None


def group_arn_of(package: ModelPackageArn) -> ModelGroupArn | None:
    """ARN of the group that a versioned package belongs to, or None for an unversioned one."""
    prefix, _, rest = package.partition(":model-package/")
    group, slash, _ = rest.partition("/")
    return f"{prefix}:model-package-group/{group}" if slash else None


def version_arn_of(group: ModelGroupArn, number: int) -> ModelPackageArn:
    """ARN of the version of a number in a group: SageMaker counts them, from 1 on."""
    return f"{group.replace(':model-package-group/', ':model-package/', 1)}/{number}"


def number_of(package: ModelPackageArn) -> int:
    """The number of a version in its group; 0 for an unversioned package."""
    return int(package.rpartition("/")[2]) if group_arn_of(package) else 0


def group_name_of(group: ModelGroupArn) -> str:
    """What people call a group, and those operations of SageMaker that take no ARN (SageMaker API: `EntityName`)."""
    return group.rpartition("/")[2]


def version_name_of(package: ModelPackageArn) -> str:
    """What people call a version: `GROUP/VERSION`, or `NAME` for one outside any group."""
    return package.rpartition(":model-package/")[2]


def account_of(arn: str) -> str:
    """The account that a resource or a principal is of, by its ARN (IAM user guide: ARN format)."""
    return arn.split(":")[4]


def effect_id(kind: str, identity: VersionIdentity, *causes: str) -> str:
    """The name of an effect, derived from what caused it, so that one cause never has two effects.

    It is at most 128 characters of `[a-zA-Z0-9-]`: what CodePipeline accepts as a request token.
    """
    hashed = digest({"arn": identity.arn, "causes": list(causes), "created_at": iso(identity.created_at), "kind": kind})
    return f"{kind}-{hashed[:32]}"


class Person(Value):
    """Somebody who acted. `id` is the person, the same through every role they assume; `arn` is how they came."""

    id: str
    arn: str = ""

    def is_same_as(self, other: "Person") -> bool:
        """Whether both are one person, whatever roles they used. Case does not matter."""
        return self.id.casefold() == other.id.casefold()


STEWARD = Person(id="steward")
"""Steward itself, as the author of what it concludes or does on its own."""

IMPORTER = "import-model-version"
"""How the name of the role ends by which Steward registers copies of versions of other registries."""

RESERVED = re.compile(r"^~*(person-[0-9a-f]{20}|unknown|steward|account \d{12})$", re.IGNORECASE)
"""What ids on the record look like that are no names: people's, and those that stand for nobody in particular."""

ASSUMED_ROLE = re.compile(r"^arn:aws[a-z-]*:sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/(?P<session>.+)$")
IAM_USER = re.compile(r"^arn:aws[a-z-]*:iam::(?P<account>\d{12}):user/(?:.*/)?(?P<user>[^/]+)$")
IAM_ROOT = re.compile(r"^arn:aws[a-z-]*:iam::(?P<account>\d{12}):root$")


def person_behind(arn: str, source_identity: str = "", user_profile: str = "") -> Person:
    """The person behind a principal: source identity, else Studio profile, else session, else user name.

    IAM Identity Center and SageMaker Studio put the person's name into the role session name; `SourceIdentity`,
    where an administrator requires it, cannot be chosen by the caller and so comes first (AWS: "Monitor and
    control actions taken with assumed roles").
    """
    name = source_identity or user_profile
    if not name and (assumed := ASSUMED_ROLE.match(arn)):
        name = assumed["session"]
    if not name and (user := IAM_USER.match(arn)):
        name = user["user"]
    if not name and (root := IAM_ROOT.match(arn)):
        name = f"root@{root['account']}"
    return Person(id=disarmed(name or arn), arn=arn)


def disarmed(name: str) -> str:
    """A name that no id of Steward's own can be taken for: session names are whatever their caller likes."""
    return f"~{name}" if RESERVED.match(name) else name


def is_importer(person: Person, package: ModelPackageArn) -> bool:
    """Whether somebody is the role by which Steward registers copies, in the account that the package lies in.

    It is nobody's author: a version that carries its name has an author only once the source's is known.
    """
    account = account_of(package)
    pattern = rf"^arn:aws[a-z-]*:sts::{account}:assumed-role/[^/]*-{IMPORTER}(/|$)"
    return re.match(pattern, person.arn) is not None
