"""Who asks: proven by themselves, and taken from nobody's word."""

from collections.abc import Mapping
from typing import Any, Protocol

from governance.domain.identifiers import Person
from governance.domain.values import Instant, Value


class Caller(Value):
    """Somebody who asks for something, and when they signed for it."""

    person: Person
    at: Instant
    """The moment of the proof: the same for each repetition of one request, so that it is one deed."""


class Identity(Protocol):
    """Tells who gives a command."""

    def who(self, payload: Mapping[str, Any], proof: str) -> Caller:
        """Return who signed for exactly this payload. Raises `IdentityNotProven`, saying what is wrong.

        A payload names the function that is asked (`function`, its ARN) and the request (`request_id`), so that a
        proof is of no use to another function, another installation, or for another command.
        """
