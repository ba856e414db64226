"""Dead letters: what could not be delivered or handled, put aside with its cause until somebody redrives it."""

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from governance.domain.identifiers import ModelPackageArn
from governance.domain.values import Instant, Value, sha256_of

Box = Literal["undelivered", "failed", "stream"]
"""What EventBridge could not hand over, what functions gave up on, what the readers of the stream gave up on."""

VERSION = re.compile(r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package/[A-Za-z0-9-]{1,63}(?:/[0-9]+)?")
NAMED = 500
"""How many versions an audit entry or an answer names at most."""


class Letter(Value):
    """One dead letter."""

    id: str
    """Stable for as long as the letter lies there: the box, and a part of the hash of AWS's own name for it."""
    box: Box
    at: Instant
    """When it was put aside."""
    target: str
    """ARN of the function, state machine or bus it was for; empty where the letter does not say."""
    source: str
    """ARN of the rule, schedule or stream that it came from, where the letter says so."""
    cause: str
    attempts: int
    """How often AWS tried, as far as it says."""
    versions: tuple[ModelPackageArn, ...]
    """The versions that it names."""
    payload: str = Field(repr=False)
    """The very text that the target is to get."""
    obstacle: str = ""
    """Why it cannot be handed over at all."""


class Request(Value):
    """What `redrive_events` is asked for. Each field is signed for by who asks."""

    function: str
    request_id: str = Field(pattern=r"^[A-Za-z0-9-]{8,64}$")
    """The same for each repetition of one request, which is one deed."""
    action: Literal["list", "redrive"]
    queue: Box | Literal["all"] = "all"
    ids: tuple[str, ...] | Literal["all"] = "all"
    why: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""
    """Why it is redriven. It stays on the record for good."""
    dry_run: bool = False


class Redrive(Value):
    """What is kept beside the hub's chain of one redrive, so that its repetition takes no other letters."""

    letters: tuple[str, ...]


def letter_id(box: Box, native: str) -> str:
    """The id of the letter that AWS knows by this name."""
    return f"{box}-{sha256_of(native)[:12]}"


def versions_in(text: str) -> tuple[ModelPackageArn, ...]:
    """Every version that a payload names, in whichever field."""
    return tuple(sorted(set(VERSION.findall(text))))


def versions_of(letters: Iterable[Letter]) -> tuple[ModelPackageArn, ...]:
    """The versions that letters are about, each once; the first of very many."""
    return tuple(sorted({version for letter in letters for version in letter.versions}))[:NAMED]
