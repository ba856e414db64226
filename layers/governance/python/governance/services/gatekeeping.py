"""The last gate, inside the pipeline: claim the deployment, then see that everything it rests on still holds."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zipfile import BadZipFile

from governance.domain.bundle import manifest, unpack
from governance.domain.deployment import UNDER_WAY, Deployment
from governance.domain.deployment_facts import DeploymentClaimed
from governance.domain.errors import ClaimHeld, DeploymentRefused
from governance.domain.facts import AnyFact
from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import Stage
from governance.domain.model_version import ModelVersion
from governance.ports.delivery import Bundles
from governance.ports.ledger import Ledger, Page
from governance.ports.vault import Vault
from governance.services.recording import Recording


@dataclass(frozen=True, slots=True)
class Gatekeeping:
    """Let one execution through, if what it deploys is what was approved and sealed."""

    ledger: Ledger
    recording: Recording
    bundles: Bundles
    vault: Vault

    def verify(
        self,
        version: ModelPackageArn,
        stage: Stage,
        deployment_id: str,
        execution_id: str,
        bundle_key: str,
        correlation_id: str,
    ) -> None:
        """Claim the deployment for an execution and check it. The same execution may do this again.

        Raises `ClaimHeld` when another execution has claimed it, and `DeploymentRefused` listing everything that no
        longer holds: the approval, the bundle's hash, its manifest, each sealed artifact.
        """
        self.recording.learn(
            version, lambda page, now: self.claim(page, version, deployment_id, execution_id, now), correlation_id
        )
        state = self.ledger.open(version).state_of(version)
        problems = self.problems(state, state.deployment(deployment_id), stage, bundle_key)
        if problems:
            raise DeploymentRefused("; ".join(problems))

    def claim(
        self, page: Page, version: ModelPackageArn, deployment_id: str, execution_id: str, now: datetime
    ) -> Sequence[AnyFact]:
        """The claim as a fact, unless this execution holds it already."""
        state = page.state_of(version)
        deployment = state.deployment(deployment_id)
        if deployment.claimed_by == execution_id:
            return []
        if deployment.claimed_by:
            raise ClaimHeld(f"{deployment_id} belongs to execution {deployment.claimed_by}")
        return [
            DeploymentClaimed(
                model=state.model,
                effective_at=max(now, deployment.requested_at),
                recorded_at=now,
                deployment_id=deployment_id,
                execution_id=execution_id,
            )
        ]

    def problems(self, state: ModelVersion, deployment: Deployment, stage: Stage, bundle_key: str) -> list[str]:
        """Everything about a deployment that does not hold."""
        found = []
        if deployment.stage is not stage:
            found.append(f"the deployment is for {deployment.stage}, this pipeline deploys to {stage}")
        if deployment.status not in UNDER_WAY:
            found.append(f"the deployment is {deployment.status}")
        if not state.may_run_in(deployment.stage):
            found.append("the version is not approved, sealed and unblocked any more")
        found.extend(self.bundle_problems(state, deployment, bundle_key))
        found.extend(
            f"sealed artifact {artifact.uri} is not what was sealed"
            for artifact in state.sealing.artifacts
            if not self.vault.holds(artifact)
        )
        return found

    def bundle_problems(self, state: ModelVersion, deployment: Deployment, key: str) -> list[str]:
        """Whether the bundle is the one its key promises, and says what the record says."""
        content = self.bundles.get(key)
        if hashlib.sha256(content).hexdigest() not in key:
            return [f"bundle {key} does not have the hash it is named by"]
        try:
            told = unpack(content)
        except (BadZipFile, KeyError, json.JSONDecodeError) as damaged:
            return [f"bundle {key} cannot be read: {damaged}"]
        expected: dict[str, Any] = json.loads(json.dumps(manifest(state, deployment)))
        return [
            f"the manifest says {name} {told.get(name)!r}, the record {expected[name]!r}"
            for name in expected
            if told.get(name) != expected[name]
        ]
