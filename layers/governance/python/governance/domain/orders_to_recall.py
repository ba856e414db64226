"""What people may ask to be taken back: a version in one stage, or everywhere; and the end of that."""

from typing import Literal

from governance.domain.environment import EnvironmentName
from governance.domain.lifecycle import Stage
from governance.domain.orders_on_models import OnModel


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


AnyRecall = RollBack | Quarantine | Release
"""Everything that may be asked about what runs."""
