"""What lies around Steward: policies, rules and pipelines of the hub and of the accounts that it works with."""

from typing import Protocol

from governance.domain.preflight import Place, Seen


class Surroundings(Protocol):
    """Places of this and other accounts, looked at and never changed."""

    def look(self, place: Place) -> Seen:
        """What is there. Whatever stands in the way, a missing right or a service that cannot tell, is an answer too:
        `UNREADABLE` with the reason."""
