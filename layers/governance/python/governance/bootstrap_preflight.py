"""The part of the attic for looking around before a first promotion."""

from governance.adapters.clients import client
from governance.adapters.surroundings import AwsSurroundings
from governance.domain.preflight_statements import Installation
from governance.services.preflight import Preflight

__all__ = ["preflight"]


def preflight(of: Installation) -> Preflight:
    """Compare what a promotion needs with what is there."""
    return Preflight(AwsSurroundings(client("sts"), of))
