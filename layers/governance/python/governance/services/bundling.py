"""Make the bundle of a deployment, or find the one that a return deploys again as it was.

A return gets the very bundle by which its version served, byte for byte, as long as that is there and still says what
the record says. Else it is packed anew, from the same sealed bytes, images and profile, with the present template.
"""

from collections.abc import Callable
from dataclasses import dataclass
from zipfile import BadZipFile

from governance.domain.bundle import Templates, contradictions, first_made_for, key_of, pack, unpack
from governance.domain.deployment import Deployment
from governance.domain.deployment_profile import DeploymentProfile
from governance.domain.errors import DeploymentRefused
from governance.domain.model_version import ModelVersion
from governance.ports.delivery import Bundles


@dataclass(frozen=True, slots=True)
class Bundling:
    """What deployments are made of."""

    bundles: Bundles
    install: str
    templates: Templates

    def key(self, state: ModelVersion, deployment: Deployment, profile: Callable[[], DeploymentProfile]) -> str:
        """What the bundle of a deployment is called, whether it is kept yet or not."""
        return self.earlier(state, deployment) or key_of(self.packed(state, deployment, profile()))

    def keep(self, state: ModelVersion, deployment: Deployment, profile: DeploymentProfile) -> str:
        """See that a deployment's bundle is kept, and return its key. Doing it again changes nothing."""
        return self.earlier(state, deployment) or self.bundles.put(self.packed(state, deployment, profile))

    def packed(self, state: ModelVersion, deployment: Deployment, profile: DeploymentProfile) -> bytes:
        """A bundle of its own."""
        return pack(self.templates, state, deployment, self.install, profile)

    def earlier(self, state: ModelVersion, deployment: Deployment) -> str:
        """The key of the bundle that a return deploys again; empty where there is none that may be.

        A batch model is named by its deployment, so it is always packed for it. So is what comes without the rollout
        of its profile, and what returns after that, or under another profile.
        """
        before = state.deployments.get(deployment.returns)
        if before is None or not before.bundle_key or deployment.is_batch:
            return ""
        if deployment.no_rollout or before.no_rollout or deployment.profile != before.profile:
            return ""
        try:
            content = self.bundles.get(before.bundle_key)
            told = unpack(content)
        except (DeploymentRefused, BadZipFile, KeyError, ValueError):
            return ""
        stale = contradictions(state, deployment, told, first_made_for(state, before))
        return "" if stale or key_of(content) != before.bundle_key else before.bundle_key
