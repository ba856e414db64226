"""What every command of people's says: to whom, which request it is, whether it is in earnest, and why."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from governance.domain.values import Value

UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What nobody sees and a screen obeys: control characters, and those that turn the direction of a text."""


def seen(text: str) -> str:
    """A text that reads for everybody as it is. Raises `ValueError` for one that holds what cannot be seen."""
    if found := UNSEEN.search(text):
        raise ValueError(f"it holds a character that cannot be seen (U+{ord(found[0]):04X}): leave it out")
    return text


Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000), AfterValidator(seen)]
"""Why somebody does something. It stays on the record for good, so it should name nobody."""


Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=256), AfterValidator(seen)]
"""Somebody's name, as their session has it, or the id that stands for it."""


class Order(Value):
    """What every command says."""

    function: str
    """ARN of the function that is asked: a signature for one is none for another."""
    request_id: str = Field(pattern=r"^[A-Za-z0-9-]{8,64}$")
    """The same for each repetition of one request."""
    dry_run: bool = False
    """Whether only to tell what would be done."""
    why: Reason
