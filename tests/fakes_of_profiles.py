"""Deployment profiles in memory, held to the same contract test as the table."""

from dataclasses import dataclass, field

from governance.domain.audit import Deed
from governance.domain.deployment_profile import BUILT_IN, PublishedProfile
from governance.domain.errors import StaleVersion
from governance.domain.model_group import ModelGroup
from tests.fakes import InMemoryGroups
from tests.fakes_of_the_hub import InMemoryJournal


@dataclass
class InMemoryProfiles:
    """`ports.Profiles`."""

    groups: InMemoryGroups
    journal: InMemoryJournal = field(default_factory=InMemoryJournal)
    versions: dict[tuple[str, int], PublishedProfile] = field(default_factory=dict)

    def version(self, group: str, number: int) -> PublishedProfile | None:
        return BUILT_IN if number == 0 else self.versions.get((group, number))

    def keep(self, group: ModelGroup, deed: Deed) -> None:
        profile = group.deployment_profile
        if (group.arn, profile.version) in self.versions:
            raise StaleVersion(group.arn)
        self.groups.save(group, group.revision - 1)
        self.versions[group.arn, profile.version] = profile
        self.journal.write(f"PROFILE#{group.arn}", deed, {})
