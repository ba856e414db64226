"""What people may ask to be taken back: a version in one stage, or everywhere; the end of that; and for good."""

from typing import Literal

from pydantic import Field

from governance.domain.environment import EnvironmentName
from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import Stage
from governance.domain.orders_on_models import OnModel

LONGEST_RETENTION = 36_500
"""Days for which artifacts may be locked at most: a hundred years."""


class RollBack(OnModel):
    """Take a version back in a stage: the last good one serves again, and this one may not until it is approved anew.

    It names the version, and not only the stage: who asks twice does not take back what came in its place.
    """

    command: Literal["roll-back"]
    stage: Stage
    environment: EnvironmentName = ""
    """The environment in which it is taken back, where it stays in the stage's others; empty for all of them."""
    even_if_nothing_returns: bool = False
    """Whether to bar it from the stage also where no earlier version can take its place."""


class Quarantine(OnModel):
    """Have a version run nowhere and be approved nowhere."""

    command: Literal["quarantine"]


class Release(OnModel):
    """End a quarantine that somebody else ordered."""

    command: Literal["release"]


class Retire(OnModel):
    """Retire a version for good: what serves of it is removed, and nothing of it is approved or deployed again."""

    command: Literal["retire"]
    successor: ModelPackageArn | Literal[""] = ""
    """The version that takes its place; empty where none does."""
    keep_days: int = Field(0, ge=0, le=LONGEST_RETENTION)
    """For how many days its artifacts are locked from now on, where that is longer than the installation says."""


AnyRecall = RollBack | Quarantine | Release | Retire
"""Everything that may be asked about what runs."""
