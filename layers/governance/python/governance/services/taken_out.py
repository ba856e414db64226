"""Which model groups were taken out of a use case, and came to belong to no other since.

Their versions were registered under it, and nobody but it answers for them: they end with it.
"""

from collections.abc import Mapping
from datetime import datetime

from governance.domain.identifiers import ModelGroupArn
from governance.domain.use_case_retiring import taken_out
from governance.ports.ledger import Groups
from governance.ports.use_cases import UseCases


def still_left(name: str, use_cases: UseCases, groups: Groups) -> Mapping[ModelGroupArn, datetime]:
    """Those groups, and when each was taken out. Reads the use case's chain, and the item of each group.

    What was attached to another since, and taken out of that, is that one's.
    """
    found = taken_out(use_cases.trail(name))
    known = {group: groups.get(group) for group in found}
    return {group: found[group] for group, one in known.items() if one and one.use_case is None and one.left == name}
