"""The part of the attic for what people ask functions to do: who they are, and what they decide about the record."""

from governance.adapters.clients import unsigned_client
from governance.adapters.sts_identity import StsIdentity
from governance.bootstrap import Clock, utc_now
from governance.settings import Settings


def identity(settings: Settings | None = None, now: Clock = utc_now) -> StsIdentity:
    """Who gives a command to this function: somebody of its own account, who signed for it."""
    asked = (settings or Settings.from_env()).function_arn
    return StsIdentity(unsigned_client("sts"), asked.split(":")[4], asked, now)
