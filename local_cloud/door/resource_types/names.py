"""Physical names as CloudFormation makes them up: logical id and a random end, so that a replacement has its own."""

import secrets
import string

_LETTERS = string.ascii_letters + string.digits


def new_name(stack: str, logical_id: str, longest: int) -> str:
    """A new name for a resource that the template does not name."""
    end = "".join(secrets.choice(_LETTERS) for _ in range(12))
    return f"{stack}-{logical_id}"[: longest - 13] + f"-{end}"
