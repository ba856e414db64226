"""What goes wrong, as its user reads it: one sentence, what to do next, and an exit code for scripts."""

import re
from collections.abc import Iterator
from enum import IntEnum

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)

from governance.domain.errors import (
    GovernanceError,
    GroupNotFound,
    PackageNotFound,
    RecordDamaged,
    Refused,
    StaleVersion,
    UnknownDeployment,
    UnknownModelVersion,
)


class Exit(IntEnum):
    """What `steward` ends with. Scripts rely on it."""

    FINE = 0
    DIFFERENCES = 1
    USAGE = 2
    REFUSED = 3
    NOT_FOUND = 4
    FAILED = 5
    WAITS = 6


class Failure(Exception):
    """Something that is said to the user, with what to do next."""

    def __init__(self, code: Exit, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.remedy = code, message, remedy


EXPECTED = (GovernanceError, BotoCoreError, ClientError)
"""What is told in a sentence. Anything else is a fault of ours and keeps its traceback."""

DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"})
GONE = frozenset({"ResourceNotFoundException", "NoSuchBucket", "TableNotFoundException"})
PERMISSION = re.compile(r"not authorized to perform:? (?P<action>[\w-]+:\w+)(?: on resource:? (?P<resource>[^\s\"]+))?")
"""How AWS says which permission is missing (IAM User Guide: "Troubleshoot access denied error messages")."""

SIGN_IN = "sign in (aws sso login, or --profile), or name a local cloud: --cloud .local/cloud.json --as auditor"
COME = "owners, validators and officers decide, in the hub, each through their role there; or ask for that permission"

NOTHING_THERE = {
    "nothing-rejected": "say what it is to be compared with: --against production, or --against GROUP/NUMBER",
    "nothing-of-the-group": "steward list shows which groups there are",
    "nothing-of-the-use-case": "steward use-case list shows which use cases there are",
    "nothing-in-production": "say what it is to be compared with: --against rejected, or --against GROUP/NUMBER",
}
"""What is asked for and is not there, and what to do then."""

NOT_FOUND = (UnknownModelVersion, UnknownDeployment, PackageNotFound, GroupNotFound)


def failure_of(error: Exception) -> Failure | None:
    """What to say of an error, or None for one that nobody expects."""
    if isinstance(error, Failure):
        return error
    for one in causes(error):
        if isinstance(one, ClientError):
            return of_aws(one)
        if isinstance(one, GovernanceError):
            return of_the_record(one)
        if isinstance(one, BotoCoreError):
            return of_the_way_there(one)
    return None


def is_denied(failure: Failure) -> bool:
    """Whether it is only that somebody else has to do it: AWS does not allow it, or their role is not enough."""
    return failure.message.startswith(("Not allowed:", "Refused (not-entitled)"))


def causes(error: BaseException) -> Iterator[BaseException]:
    """An error, and what it came of: PynamoDB keeps AWS's own in `cause`."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        inner = getattr(following, "cause", None)
        following = inner if isinstance(inner, BaseException) else following.__cause__


def of_the_record(error: GovernanceError) -> Failure:
    """What Steward itself refuses, or cannot do."""
    if isinstance(error, NOT_FOUND):
        remedy = "steward list shows what is on record; a version from before governance comes in by steward backfill"
        return Failure(Exit.NOT_FOUND, f"There is no record of {error}", remedy)
    if isinstance(error, StaleVersion):
        return Failure(Exit.REFUSED, f"Somebody wrote the record first: {error}", "try again")
    if isinstance(error, RecordDamaged):
        return Failure(Exit.DIFFERENCES, f"The record is damaged: {error}", "steward rebuild --check names every place")
    if isinstance(error, Refused):
        code = Exit.NOT_FOUND if error.code in NOTHING_THERE else Exit.REFUSED
        return Failure(code, f"Refused ({error.code}): {error.detail}", NOTHING_THERE.get(error.code, ""))
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", type(error).__name__).lower()
    return Failure(Exit.REFUSED, f"{words.capitalize()}: {error}")


def of_aws(error: ClientError) -> Failure:
    """What AWS refused."""
    told = error.response.get("Error", {})
    code, message = str(told.get("Code", "")), str(told.get("Message", ""))
    if code in DENIED:
        asked = PERMISSION.search(message)
        remedy = COME if asked and asked["action"] == "lambda:InvokeFunction" else "ask for that permission"
        return Failure(Exit.REFUSED, f"Not allowed: {missing_permission(error, message)}", remedy)
    if code in EXPIRED:
        return Failure(Exit.FAILED, f"AWS does not accept the credentials: {code}", SIGN_IN)
    if code == "ValidationError" and "does not exist" in message:
        return Failure(Exit.NOT_FOUND, message, "name the hub's stack: --stack, or STEWARD_STACK; and its --region")
    code_of_exit = Exit.NOT_FOUND if code in GONE else Exit.FAILED
    return Failure(code_of_exit, f"AWS answered {code} to {error.operation_name}: {message}")


def missing_permission(error: ClientError, message: str) -> str:
    """The action and resource that nobody allowed, as far as AWS says them."""
    if found := PERMISSION.search(message):
        return f"{found['action']} on {found['resource'] or 'a resource that AWS does not name'}"
    return f"{error.operation_name} ({message or 'AWS gives no reason'})"


def of_the_way_there(error: BotoCoreError) -> Failure:
    """What kept AWS from being asked at all."""
    if isinstance(error, NoCredentialsError | PartialCredentialsError | ProfileNotFound):
        return Failure(Exit.FAILED, str(error).rstrip("."), SIGN_IN)
    if isinstance(error, NoRegionError):
        return Failure(Exit.FAILED, "No region is set", "say --region, or set AWS_REGION")
    if isinstance(error, EndpointConnectionError | ConnectionError):
        return Failure(Exit.FAILED, str(error), "is the network there, or the local cloud up (make up)?")
    return Failure(Exit.FAILED, str(error))
