"""What every command of people's says: to whom, which request it is, whether it is in earnest, and why."""

from typing import Annotated

from pydantic import Field, StringConstraints

from governance.domain.values import Value

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
"""Why somebody does something. It stays on the record for good, so it should name nobody."""


class Order(Value):
    """What every command says."""

    function: str
    """ARN of the function that is asked: a signature for one is none for another."""
    request_id: str = Field(pattern=r"^[A-Za-z0-9-]{8,64}$")
    """The same for each repetition of one request."""
    dry_run: bool = False
    """Whether only to tell what would be done."""
    why: Reason
