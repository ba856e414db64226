"""Find what supersedes a deployment whose turn has come, and say so on its record in the place of starting it.

What serves in the environment or waits for its turn there, was asked for later, is of another version and is still
justified, supersedes it. A version that is only to be tried does not supersede one that is to serve: what serves goes
on beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from governance.domain.deployment import Deployment, Successor
from governance.domain.deployment_facts import DeploymentSkipped
from governance.domain.facts import AnyFact
from governance.domain.identifiers import group_arn_of
from governance.domain.lifecycle import DeploymentStatus
from governance.domain.model_group import ModelGroup
from governance.domain.model_version import ModelVersion
from governance.domain.superseding import is_untouched, may_be_skipped, was_asked_for_after
from governance.domain.trying_out import may_stay
from governance.ports.delivery import Leases, Waiting
from governance.ports.ledger import Ledger, Page
from governance.ports.profiles import Profiles
from governance.services.arranging import Arranging
from governance.services.profiles import pinned
from governance.services.recording import Recording

LOOKED_AT = 10
"""How many of those who wait are looked at, the latest first: so that no turn costs more because many wait."""

Known = tuple[ModelVersion, Deployment]
"""A deployment, with the version it is of."""


@dataclass(frozen=True, slots=True)
class Superseding:
    """Let deployments give way to later ones."""

    ledger: Ledger
    recording: Recording
    leases: Leases
    profiles: Profiles
    arranging: Arranging

    def successor(self, page: Page, state: ModelVersion, deployment: Deployment, is_tried: bool) -> Successor | None:
        """What supersedes a deployment whose turn has come, or None. `is_tried`: whether it is to be a trial."""
        if not may_be_skipped(state, deployment, page.group):
            return None
        there, queued = self.there(page.group, state, deployment, is_tried), self.queued(state, deployment)
        for other, later in chain(there, queued):
            if not was_asked_for_after(later, deployment) or not may_stay(other, later):
                continue
            if later.status is DeploymentStatus.DEPLOYED or self.takes_over(other, later, is_tried, page.group):
                return Successor(version=other.model.arn, deployment_id=later.id)
        return None

    def there(
        self, group: ModelGroup | None, state: ModelVersion, deployment: Deployment, is_tried: bool
    ) -> Iterator[Known]:
        """What came to the environment since it was asked for: another version that serves, or of a trial is tried."""
        place = deployment.place
        serving = group.serving.get(place) if group else None
        tried = group.tried.get(place, ()) if group and is_tried else ()
        for one in (*([serving] if serving else []), *tried):
            if one.version == state.model.arn or one.since < deployment.requested_at:
                continue
            other = self.ledger.open(one.version).state
            later = other.deployments.get(one.deployment_id) if other else None
            if other and later and later.status is DeploymentStatus.DEPLOYED:
                yield other, later

    def queued(self, state: ModelVersion, deployment: Deployment) -> Iterator[Known]:
        """Other versions that wait behind it, the latest first, as far as anybody looks."""
        arn, group = state.model.arn, group_arn_of(state.model.arn) or ""
        own = Waiting(model_package_arn=arn, deployment_id=deployment.id, since=deployment.requested_at)
        for waiting in self.leases.later(deployment.place, group, own, LOOKED_AT):
            version = waiting.model_package_arn
            other = self.ledger.open(version).state if version != arn else None
            later = other.deployments.get(waiting.deployment_id) if other else None
            if other and later and is_untouched(later):
                yield other, later

    def takes_over(self, other: ModelVersion, later: Deployment, is_tried: bool, group: ModelGroup | None) -> bool:
        """Whether what waits will stand where the earlier one would: it serves, or both are only tried."""
        profile = pinned(self.profiles, group_arn_of(other.model.arn) or "", later)
        is_trial = later.is_trial if later.arrangement else profile.of(later.stage).trial and not later.completes
        if is_trial and not is_tried:
            return False
        arranged = self.arranging.plan(other, later, profile, group)
        return not (arranged and arranged.impossible)

    def record(
        self, state: ModelVersion, deployment: Deployment, by: Successor, correlation_id: str
    ) -> ModelVersion | None:
        """Put on record that a deployment gave way, unless something has begun of it meanwhile."""

        def facts(page: Page, now: datetime) -> Sequence[AnyFact]:
            known = page.state_of(state.model.arn).deployment(deployment.id)
            if not is_untouched(known):
                return []
            return [
                DeploymentSkipped(
                    model=state.model,
                    effective_at=max(now, known.requested_at),
                    recorded_at=now,
                    deployment_id=known.id,
                    by=by.version,
                    by_deployment=by.deployment_id,
                )
            ]

        return self.recording.learn(state.model.arn, facts, correlation_id)
