"""Remember of a model group what spans its versions: what serves, what served before, what is being taken back.

It is written before a turn is given to the next deployment, so that whatever is deployed after a version finds it
remembered; and again by whoever learns of it, for the same servings in any order give the same memory.
"""

from collections.abc import Callable
from dataclasses import dataclass

from governance.domain.deployment import Deployment
from governance.domain.errors import StaleVersion
from governance.domain.identifiers import ModelGroupArn, group_arn_of
from governance.domain.matters import readings_of
from governance.domain.model_group import ModelGroup, Return, Serving
from governance.domain.model_version import ModelVersion
from governance.ports.ledger import Groups
from governance.services.recording import ATTEMPTS


@dataclass(frozen=True, slots=True)
class Remembering:
    """Change what is known of groups: each change is made on what is there, and made twice it changes nothing."""

    groups: Groups

    def keep(
        self, group: ModelGroupArn, change: Callable[[ModelGroup], ModelGroup], read: ModelGroup | None = None
    ) -> ModelGroup:
        """Change what is known of a group, and return it. `read` is what was just read of it, if anything was.

        Raises `StaleVersion` when it would not hold still.
        """
        known = read or self.groups.get(group)
        for _ in range(ATTEMPTS):
            before = known or ModelGroup(arn=group)
            after = change(before)
            if known is not None and after == before:
                return before
            kept = after.model_copy(update={"revision": before.revision + 1})
            try:
                self.groups.save(kept, before.revision)
            except StaleVersion:
                known = self.groups.get(group)
                continue
            return kept
        raise StaleVersion(group)

    def served(self, state: ModelVersion, deployment: Deployment, read: ModelGroup | None) -> ModelGroup | None:
        """Remember that a deployment serves or has served, and return the group; None for one that never did.

        A trial that failed and was left at the endpoint stands there too. One that something else took the place of
        was remembered before that came, and is not when its end is told once more.
        """
        group = group_arn_of(state.model.arn)
        stands = deployment.stands if deployment.is_trial else deployment.has_served
        if group is None or not stands or deployment.finished_at is None:
            return None
        current, known = state.is_latest(deployment), state.at(deployment.stage, deployment.environment)
        serving = Serving(
            version=state.model.arn,
            deployment_id=deployment.id,
            since=deployment.finished_at,
            metrics=known.metrics if current else (),
            readings=readings_of(state, deployment.stage) if current else (),
            stage=deployment.stage if deployment.environment else None,
        )
        if deployment.is_trial:
            return self.keep(group, lambda known: known.tries(deployment.place, serving), read)
        return self.keep(group, lambda known: known.serves(deployment.place, serving), read)

    def ended(self, state: ModelVersion, deployment: Deployment, read: ModelGroup | None) -> ModelGroup | None:
        """Remember what serves after a deployment's end, or that nothing does since it removed what did."""
        group = group_arn_of(state.model.arn)
        if not deployment.removes or group is None:
            return self.served(state, deployment, read)
        gone_at = deployment.finished_at
        if not deployment.has_removed or gone_at is None:
            return None
        return self.keep(group, lambda known: known.was_emptied(deployment.place, gone_at), read)

    def forget_trial(self, group: ModelGroupArn, place: str, deployment_id: str) -> None:
        """Forget a trial that is over."""
        self.keep(group, lambda known: known.has_tried(place, deployment_id))

    def begin(self, group: ModelGroupArn, effect: str, taken: Return, read: ModelGroup | None) -> ModelGroup:
        """Remember that a deployment is being taken back."""
        return self.keep(group, lambda known: known.takes_back(effect, taken), read)

    def end(self, group: ModelGroupArn, effect: str, read: ModelGroup | None) -> ModelGroup:
        """Forget a rollback that is over."""
        return self.keep(group, lambda known: known.has_taken_back(effect), read)
