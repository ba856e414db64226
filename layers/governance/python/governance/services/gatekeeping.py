"""The last gate, inside the pipeline: claim the deployment, then see that everything it rests on still holds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zipfile import BadZipFile

from governance.domain.artifacts import Container
from governance.domain.bundle import TEMPLATE, Templates, contents, contradictions, key_of, returned_to, unpack
from governance.domain.deployment import UNDER_WAY, Deployment
from governance.domain.deployment_facts import DeploymentClaimed
from governance.domain.environment import Environment, stack_name
from governance.domain.errors import AccountUnreadable, ClaimHeld, DeploymentRefused
from governance.domain.facts import AnyFact, VerdictGiven
from governance.domain.identifiers import group_arn_of
from governance.domain.model_group import ModelGroup
from governance.domain.model_resource import unservable_by
from governance.domain.model_version import ModelVersion
from governance.domain.published import BEFORE, PublishedPolicy
from governance.domain.removing import may_be_removed
from governance.domain.sealed_places import strays
from governance.domain.still_holding import approvals_of, in_words, no_longer_met
from governance.domain.terms import Terms
from governance.domain.told_of_deployments import Passage
from governance.domain.trying_out import may_stay
from governance.ports.delivery import Bundles, Stacks
from governance.ports.ledger import Ledger, Page
from governance.ports.policies import Policies
from governance.ports.profiles import Profiles
from governance.ports.vault import Vault
from governance.services.arranging import problems_beside
from governance.services.bundling import Bundling
from governance.services.looking_up_images import LookingUpImages
from governance.services.profiles import pinned
from governance.services.recording import Recording

SERVING_STILL = frozenset({"UPDATE_ROLLBACK_FAILED"})
"""Statuses in which REPLACE_ON_FAILURE deletes a stack that may serve (AWS CodePipeline: CloudFormation action)."""


@dataclass(frozen=True, slots=True)
class Gatekeeping:
    """Let one execution through, if what it deploys is what was approved and sealed."""

    ledger: Ledger
    recording: Recording
    bundles: Bundles
    vault: Vault
    images: LookingUpImages
    profiles: Profiles
    policies: Policies
    install: str
    templates: Templates
    """The stack templates, as text: of what they make, a bundle that the record does not name yet is known."""
    bucket: str
    """The hub's, where everything that was sealed lies."""
    stacks: Stacks
    environments: Mapping[str, Environment]

    def verify(self, wanted: Passage, correlation_id: str) -> None:
        """Claim the deployment for an execution and check it. The same execution may do this again.

        Raises `ClaimHeld` when another execution has claimed it, and `DeploymentRefused` listing everything that no
        longer holds: the approval and each gate that it passed, the bundle and the pipeline's copy of it, its manifest,
        each sealed artifact, each image in its registry. Raises what AWS said where a registry does not answer: that is
        to be tried again.
        """
        self.recording.learn(wanted.version, lambda page, now: self.claim(page, wanted, now), correlation_id)
        page = self.ledger.open(wanted.version)
        state = page.state_of(wanted.version)
        deployment = state.deployment(wanted.deployment_id)
        if deployment.removes:
            problems = self.problems_of_removal(state, deployment, wanted, page.group)
        else:
            problems = [*self.problems(state, deployment, wanted), *self.approval_problems(page, state, deployment)]
            problems += of_its_use_case(page.group)
        if problems:
            raise DeploymentRefused("; ".join(problems))

    def claim(self, page: Page, wanted: Passage, now: datetime) -> Sequence[AnyFact]:
        """The claim as a fact, unless this execution holds it already."""
        state = page.state_of(wanted.version)
        deployment = state.deployment(wanted.deployment_id)
        if deployment.claimed_by == wanted.execution_id:
            return []
        if deployment.claimed_by:
            raise ClaimHeld(f"{deployment.id} belongs to execution {deployment.claimed_by}")
        return [
            DeploymentClaimed(
                model=state.model,
                effective_at=max(now, deployment.requested_at),
                recorded_at=now,
                deployment_id=deployment.id,
                execution_id=wanted.execution_id,
            )
        ]

    def problems(self, state: ModelVersion, deployment: Deployment, wanted: Passage) -> list[str]:
        """Everything about a deployment that does not hold."""
        found = problems_of_the_way(deployment, wanted)
        if not may_stay(state, deployment):
            found.append("the version is not approved, sealed and unblocked any more")
        else:
            found.extend(self.bundle_problems(state, deployment, wanted))
            found.extend(self.serving_problems(state, deployment))
            found.extend(self.image_problems(state.sealing.pinned(state.containers)))
        beside = deployment.beside
        if beside is not None:
            other = self.ledger.open(beside.version).state_of(beside.version)
            found.extend(problems_beside(other, deployment.where, beside))
            found.extend(self.image_problems(beside.containers))
        found.extend(self.stack_problems(state, deployment))
        found.extend(
            f"sealed artifact {artifact.uri} is not what was sealed"
            for artifact in (*state.sealing.artifacts, *(beside.artifacts if beside else ()))
            if not self.vault.holds(artifact)
        )
        return found

    def problems_of_removal(
        self, state: ModelVersion, deployment: Deployment, wanted: Passage, group: ModelGroup | None
    ) -> list[str]:
        """Everything about a removal that does not hold: who is retired, what serves there, and its bundle."""
        found = problems_of_the_way(deployment, wanted)
        if not may_be_removed(state, deployment, group):
            return [*found, "the version is not retired, or nothing of it is there any more"]
        return found + self.bundle_problems(state, deployment, wanted)

    def approval_problems(self, page: Page, state: ModelVersion, deployment: Deployment) -> list[str]:
        """Which gates of the policies that approved it let it pass no more, as things are on record now.

        What was built in before policies were data asked for nothing that may change without voiding the approval.
        """
        if not may_stay(state, deployment):
            return []
        found: list[str] = []
        terms = self.recording.terms(page, state.model.arn)
        for given in approvals_of(state, deployment):
            if state.stage(given.stage).is_disputed(given.decision):
                found.append(f"registry and CloudTrail name different people for the approval in {given.stage}")
            policy = self.policy_of(given, terms)
            if policy:
                unmet = no_longer_met(state, given, policy, terms, self.recording.now())
                found.extend(in_words(given.stage, check) for check in unmet)
            elif given.policy not in BEFORE:
                found.append(f"{given.policy}, by which {given.stage} was approved, is not on record as it was")
        return found

    def policy_of(self, given: VerdictGiven, terms: Terms) -> PublishedPolicy | None:
        """The version of a policy that an approval is pinned to; None where it is not on record as it was."""
        if terms.policy_hash == given.policy_hash:
            return terms.policy
        name, _, number = given.policy.partition("@")
        kept = self.policies.version(name, int(number))
        return kept if isinstance(kept, PublishedPolicy) and kept.hash == given.policy_hash else None

    def stack_problems(self, state: ModelVersion, deployment: Deployment) -> list[str]:
        """Whether the pipeline would delete what serves: a stack whose update could not be rolled back is replaced.

        An account that does not let the hub look has an older stack of its roles, and nothing is said of it.
        """
        environment = self.environments.get(deployment.place)
        name = stack_name(self.install, state.model.group or "", deployment.place)
        try:
            status = self.stacks.status(environment, name) if environment else ""
        except AccountUnreadable:
            return []
        if status not in SERVING_STILL:
            return []
        return [f"stack {name} is in {status}: the pipeline would delete it with the endpoint that may serve still"]

    def image_problems(self, containers: Sequence[Container]) -> list[str]:
        """Which images are not there to be loaded. One that nobody can look up is no problem: SageMaker will see."""
        _, refusals = self.images.look(containers)
        return [one.detail for one in refusals]

    def serving_problems(self, state: ModelVersion, deployment: Deployment) -> list[str]:
        """Whether the endpoint that its profile asks for can serve what the version consists of."""
        if len(state.containers) == 1:
            return []
        profile = pinned(self.profiles, group_arn_of(state.model.arn) or "", deployment)
        why = unservable_by(profile.of(deployment.stage), state.containers)
        return [why] if why else []

    def rightful(self, state: ModelVersion, deployment: Deployment) -> str:
        """The bundle of a deployment whose start is not on record yet, made or found again to see what it is called."""
        profile = partial(pinned, self.profiles, group_arn_of(state.model.arn) or "", deployment)
        return Bundling(self.bundles, self.install, self.templates).key(state, deployment, profile)

    def bundle_problems(self, state: ModelVersion, deployment: Deployment, wanted: Passage) -> list[str]:
        """Whether the bundle is this deployment's, whole, what the pipeline deploys, and says what the record says."""
        key = wanted.bundle_key
        if not wanted.artifact_key:
            return ["the pipeline hands over no bundle"]
        rightful = deployment.bundle_key or self.rightful(state, deployment)
        if key != rightful:
            return [f"{key} is not the bundle of {deployment.id}, which is {rightful}"]
        content = self.bundles.get(key)
        if key_of(content) != key:
            return [f"bundle {key} does not have the hash it is named by"]
        beside = deployment.beside.artifacts if deployment.beside else ()
        sealed = (*state.sealing.artifacts, *beside)
        try:
            told, copied = unpack(content), contents(self.bundles.get(wanted.artifact_key))
            template = contents(content)[TEMPLATE].decode()
            stray = [] if deployment.removes else strays(template, self.bucket, sealed)
        except (BadZipFile, KeyError, UnicodeDecodeError, json.JSONDecodeError) as damaged:
            return [f"bundle {key} cannot be read: {damaged}"]
        if copied != contents(content):
            return [f"what the pipeline would deploy is not bundle {key}: it was altered on the way"]
        return stray + contradictions(state, deployment, told, returned_to(state, deployment, key))


def problems_of_the_way(deployment: Deployment, wanted: Passage) -> list[str]:
    """Whether an execution is in the pipeline that its deployment is for, and that is still under way."""
    found = []
    if deployment.stage is not wanted.stage:
        found.append(f"the deployment is for {deployment.stage}, this pipeline deploys to {wanted.stage}")
    elif deployment.environment != wanted.environment:
        there = wanted.environment or wanted.stage
        found.append(f"the deployment is for {deployment.place}, this pipeline deploys to {there}")
    if deployment.is_withdrawn:
        found.append("the deployment was withdrawn, and its turn given to the next, before this execution was known")
    elif deployment.status not in UNDER_WAY:
        found.append(f"the deployment is {deployment.status}")
    return found


def of_its_use_case(group: ModelGroup | None) -> list[str]:
    """What stands against a deployment because of the use case that its group belongs to."""
    known = group.use_case if group else None
    if known is None:
        return []
    banned = [f"the EU AI Act prohibits its use case {known.id}"] if known.is_unacceptable else []
    return banned + ([f"its use case {known.id} is retired"] if known.is_retired else [])
