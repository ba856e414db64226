"""Where people are told something, outside of the record."""

from typing import Protocol

from governance.domain.notices import Notice


class Notices(Protocol):
    """A topic that people, or systems of theirs, have subscribed to."""

    def tell(self, notice: Notice) -> None:
        """Tell whoever subscribed, with the id that it is the same by however often it is told.

        Whether anybody listens is theirs to see to; that nobody could be told is raised.
        """
