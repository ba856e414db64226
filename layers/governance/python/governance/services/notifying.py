"""Tell people what they are to do next, once what was announced is still so."""

from dataclasses import dataclass

from governance.domain.notices import may_be_onboarded
from governance.ports.notices import Notices
from governance.ports.use_cases import UseCases


@dataclass(frozen=True, slots=True)
class Notifying:
    """Tell the ML engineer that a use case may have model groups."""

    use_cases: UseCases
    notices: Notices

    def notify(self, use_case: str, event_id: str) -> bool:
        """Tell it, and whether there was anything to tell: sent back or prohibited meanwhile, it takes no groups.

        Nothing is kept of it: the same announcement told again is told again, as the same one.
        """
        seen = self.use_cases.open(use_case).use_case
        if seen is None or not seen.takes_groups or seen.is_unacceptable:
            return False
        self.notices.tell(may_be_onboarded(seen, event_id))
        return True
