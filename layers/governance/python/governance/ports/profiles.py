"""Where the deployment profiles of model groups are kept, each version for good."""

from typing import Protocol

from governance.domain.audit import Deed
from governance.domain.deployment_profile import PublishedProfile
from governance.domain.identifiers import ModelGroupArn
from governance.domain.model_group import ModelGroup


class Profiles(Protocol):
    """Every deployment profile that a group ever had, with the group's own chain of deeds."""

    def version(self, group: ModelGroupArn, number: int) -> PublishedProfile | None:
        """Return one version of a group's profile, strongly consistent; None where there is none of that number.

        Version 0 is the built-in one, of every group.
        """

    def keep(self, group: ModelGroup, deed: Deed) -> None:
        """Keep a group with a new version of its profile, and the deed on its chain: all of it or nothing.

        Its `revision` is one more than read. Raises `StaleVersion` when the group, its profile or its chain has moved
        on: then nothing was written.
        """
