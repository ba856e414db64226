"""Which accounts' systems may report on a version: those of the stage, and of them those that its group names."""

from collections.abc import Mapping

from governance.domain.identifiers import ModelPackageArn, account_of
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup

PRODUCERS = "steward:producers"
"""The tag of a group that names the accounts, with spaces between them."""


def producers_from(tags: Mapping[str, str]) -> tuple[str, ...]:
    """The accounts that a group's tags name, each once; none where nobody named any."""
    return tuple(sorted(set(tags.get(PRODUCERS, "").replace(",", " ").split())))


def may_report(
    account: str,
    stage: Stage,
    version: ModelPackageArn,
    group: ModelGroup | None,
    producers: Mapping[Stage, frozenset[str]],
) -> bool:
    """Whether an account may report on a version in a stage.

    The account that the version itself lies in, which is the hub, need not be named by the group.
    """
    if account not in producers.get(stage, frozenset()):
        return False
    named = group.producers if group else ()
    return not named or account in named or account == account_of(version)
