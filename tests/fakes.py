"""In-memory stand-ins for the ports. Each answers to the same contract test as the real adapter."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from awscrt import checksums

from governance.domain.artifacts import Container, ObjectVersion, RefusalCode, SealedArtifact, SourceForm
from governance.domain.audit import Link
from governance.domain.checksums import Checksum, agrees, check_of
from governance.domain.copying import GIB
from governance.domain.environment import Environment
from governance.domain.errors import (
    AccountUnreadable,
    ArtifactRefused,
    DeploymentRefused,
    FactKnown,
    GroupNotFound,
    PackageNotFound,
    QuotaUsedUp,
    SealedObjectMissing,
    StaleVersion,
    UpdateRefused,
)
from governance.domain.facts import AnyFact
from governance.domain.identifiers import group_arn_of
from governance.domain.keeping import Lock
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.model_version import ModelVersion
from governance.domain.people import Names
from governance.domain.projection import beside_endpoint
from governance.domain.published import DEFAULT, PublishedPolicy
from governance.domain.registry import PackageDescription
from governance.domain.registry_updates import RegistryUpdate
from governance.domain.upcasting import as_written
from governance.domain.values import Instant, whole_second
from governance.ports.delivery import Execution, Waiting
from governance.ports.ledger import Change, Page
from governance.services.recording import fact_key
from tests.builders import PERSON_KEY, WRITER, Clock, sealed_artifact


@dataclass
class InMemoryLedger:
    """`ports.Ledger` and `ports.Endpoints`. States go through JSON, as they do in a table."""

    groups: "InMemoryGroups"
    states: dict[str, str] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    known: dict[str, dict[str, AnyFact]] = field(default_factory=dict)
    entries: dict[str, list[Any]] = field(default_factory=dict)
    names: dict[str, Names] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def open(self, version: str, fact_key: str = "") -> Page:
        self.calls.append("open")
        state = self.states.get(version)
        group = group_arn_of(version)
        return Page(
            state=ModelVersion.model_validate_json(state) if state else None,
            link=self.links.get(version, Link()),
            group=self.groups.kept.get(group) if group else None,
            known=fact_key in self.known.get(version, {}),
            names=self.names.get(version, Names()),
            names_kept=self.names.get(version, Names()),
            person_key=PERSON_KEY,
        )

    def facts(self, version: str) -> Sequence[AnyFact]:
        self.calls.append("facts")
        return [as_written(fact.model_dump_json()) for fact in self.known.get(version, {}).values()]

    def save(self, change: Change) -> None:
        self.calls.append("save")
        arn = change.after.model.arn
        if self.links.get(arn, Link()).sequence != change.revision:
            raise StaleVersion(arn)
        if self.names.get(arn, Names()) != change.names_kept:
            raise StaleVersion(arn)
        known = self.known.setdefault(arn, {})
        if any(fact_key(fact) in known for fact in change.facts):
            raise FactKnown(arn)
        known.update({fact_key(fact): fact for fact in change.facts})
        self.states[arn] = change.after.model_dump_json()
        self.names[arn] = change.names
        last = change.entries[-1]
        self.links[arn] = Link(sequence=last.sequence, hash=last.hash)
        self.entries.setdefault(arn, []).extend(change.entries)

    def serving(self, endpoint_arn: str) -> tuple[str, Stage] | None:
        return self.newest_at(endpoint_arn, "")

    def tried(self, endpoint_arn: str) -> Sequence[tuple[str, Stage]]:
        return [one for one in (self.newest_at(endpoint_arn, "TRIED"), self.failed(endpoint_arn)) if one]

    def failed(self, endpoint_arn: str) -> tuple[str, Stage] | None:
        return self.newest_at(endpoint_arn, "FAILED")

    def newest_at(self, endpoint_arn: str, side: str) -> tuple[str, Stage] | None:
        states = {arn: ModelVersion.model_validate_json(text) for arn, text in self.states.items()}
        found = [
            (deployment.requested_at, arn, deployment.stage)
            for arn, state in states.items()
            for deployment in state.deployments.values()
            if deployment.endpoint_arn.lower() == endpoint_arn.lower()
            and state.is_latest(deployment)
            and beside_endpoint(deployment) == side
        ]
        return max(found)[1:] if found else None

    def events(self, version: str) -> list[str]:
        """The names of everything that was announced of a version, in order."""
        return [event["detail_type"] for entry in self.entries.get(version, []) for event in entry.content["events"]]


@dataclass
class InMemoryGroups:
    """`ports.Groups`."""

    kept: dict[str, ModelGroup] = field(default_factory=dict)
    active: dict[str, PublishedPolicy] = field(default_factory=lambda: {"default": DEFAULT})
    members: dict[str, set[str]] = field(default_factory=dict)
    use_cases: dict[str, set[str]] = field(default_factory=dict)

    def get(self, group: str) -> ModelGroup | None:
        return self.kept.get(group)

    def save(self, group: ModelGroup, revision: int) -> None:
        present = self.kept.get(group.arn)
        if (present.revision if present else 0) != revision:
            raise StaleVersion(group.arn)
        self.kept[group.arn] = group

    def join(self, use_case: str, group: str) -> None:
        self.use_cases.setdefault(use_case, set()).add(group)

    def list_under(self, policy: str, group: str) -> None:
        self.members.setdefault(policy, set()).add(group)

    def in_force(self, policy: str, at: Instant) -> PublishedPolicy:
        return self.active[policy]


@dataclass
class InMemoryRegistry:
    """`ports.Registry` and `ports.RegistryWriter`: what is written is written by one role, when its clock says."""

    packages: dict[str, PackageDescription] = field(default_factory=dict)
    group_tags: dict[str, dict[str, str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """Groups that were deleted."""
    calls: list[str] = field(default_factory=list)
    updates: dict[str, tuple[str, RegistryUpdate]] = field(default_factory=dict)
    """By token: what was written, to which package."""
    now: Callable[[], Instant] = field(default_factory=Clock)
    writer: str = WRITER
    refuses: str = ""
    """What is said of an update that is not taken."""

    def describe(self, package: str) -> PackageDescription:
        self.calls.append("describe")
        if package not in self.packages:
            raise PackageNotFound(package)
        return self.packages[package]

    def tags(self, group: str) -> Mapping[str, str]:
        if group in self.gone:
            raise GroupNotFound(group)
        return self.group_tags.get(group, {})

    def update(self, package: str, update: RegistryUpdate) -> None:
        self.calls.append("update")
        if package not in self.packages:
            raise PackageNotFound(package)
        if self.refuses:
            raise UpdateRefused(self.refuses)
        if update.token in self.updates:
            return
        self.updates[update.token] = package, update
        shown = self.packages[package].model_dump(mode="json", by_alias=True)
        shown["LastModifiedTime"] = whole_second(self.now()).isoformat()
        shown["LastModifiedBy"] = {"IamIdentity": {"Arn": f"{self.writer}/steward-write-back"}}
        if update.approval:
            shown["ModelApprovalStatus"] = update.approval.value
        if cycle := update.life_cycle:
            said = {"Stage": cycle.stage, "StageStatus": cycle.status, "StageDescription": cycle.description}
            shown["ModelLifeCycle"] = said
        if update.description:
            shown["ApprovalDescription"] = update.description
        self.packages[package] = PackageDescription.model_validate(shown)


@dataclass
class InMemoryVault:
    """`ports.Vault`: objects by URI, each with an ETag and bytes. What is above `single` is not copied at once."""

    objects: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    sealed: dict[str, bytes] = field(default_factory=dict)
    single: int = 5 * GIB
    checksums: dict[str, Checksum | None] = field(default_factory=dict)
    """What the store keeps of an object, by URI; of one that is not among them its CRC-64/NVME, as S3 does."""

    def checksum(self, uri: str) -> Checksum | None:
        return self.checksums.get(uri, Checksum(algorithm="CRC64NVME", value=crc64nvme(self.objects[uri][1])))

    def seal(self, container: Container, registered_at: Instant) -> SealedArtifact | None:
        if container.form is SourceForm.PREFIX:
            return None
        if container.source_uri not in self.objects:
            raise ArtifactRefused(RefusalCode.MISSING, f"{container.source_uri} is not there")
        etag, content = self.objects[container.source_uri]
        if container.source_etag and etag != container.source_etag:
            raise ArtifactRefused(RefusalCode.CHANGED, f"{container.source_uri} is not the object that was registered")
        if len(content) > self.single:
            return None
        sha256, told = hashlib.sha256(content).hexdigest(), self.checksum(container.source_uri)
        held = agrees(told, crc64nvme(content) if told and told.algorithm == "CRC64NVME" else "", "")
        if held is False:
            raise ArtifactRefused(RefusalCode.CORRUPT, f"{container.source_uri} does not have its checksum")
        key = f"sealed/{sha256}/{container.source_uri.rsplit('/', 1)[-1]}"
        self.sealed.setdefault(key, content)
        return sealed_artifact(
            index=container.index,
            source_uri=container.source_uri,
            key=key,
            sha256=sha256,
            size=len(content),
            source_check=check_of([(container.source_uri, told, held)]),
        )

    def holds(self, artifact: SealedArtifact) -> bool:
        if artifact.manifest:
            text = self.sealed.get(artifact.manifest.key, b"")
            entries = json.loads(text)["objects"] if text else []
            lying = {key: len(content) for key, content in self.sealed.items() if key.startswith(artifact.key)}
            listed = {artifact.key + one["name"]: one["size"] for one in entries}
            return hashlib.sha256(text).hexdigest() == artifact.manifest.sha256 and listed == lying
        content = self.sealed.get(artifact.key)
        if artifact.parts:
            return content is not None and len(content) == artifact.size and artifact.sha256 in artifact.key
        return content is not None and hashlib.sha256(content).hexdigest() == artifact.sha256


def crc64nvme(content: bytes) -> str:
    """As S3 writes it."""
    return base64.b64encode(checksums.crc64nvme(content).to_bytes(8, "big")).decode()


@dataclass
class InMemoryLocks:
    """`ports.Locks`: how each object version is locked; one that is not among them is not there."""

    kept: dict[ObjectVersion, Lock] = field(default_factory=dict)
    mode: str = "GOVERNANCE"
    lists: dict[ObjectVersion, Sequence[ObjectVersion]] = field(default_factory=dict)
    """What each list names."""

    def extend(self, stored: ObjectVersion, until: Instant) -> None:
        lock = self.look(stored)
        if lock.until is None or lock.until < until:
            self.kept[stored] = lock.model_copy(update={"until": until, "mode": lock.mode or self.mode})

    def hold(self, stored: ObjectVersion, held: bool) -> None:
        self.kept[stored] = self.look(stored).model_copy(update={"held": held})

    def look(self, stored: ObjectVersion) -> Lock:
        if stored not in self.kept:
            raise SealedObjectMissing(stored.name)
        return self.kept[stored]

    def within(self, stored: ObjectVersion) -> Sequence[ObjectVersion]:
        return self.lists.get(stored, ())

    def look_at(self, objects: Sequence[ObjectVersion]) -> Sequence[Lock | None]:
        return [self.kept.get(stored) for stored in objects]


@dataclass
class InMemoryLeases:
    """`ports.Leases` and `ports.Turns`."""

    holders: dict[tuple[Stage, str], Waiting] = field(default_factory=dict)
    queues: dict[tuple[Stage, str], list[Waiting]] = field(default_factory=dict)

    def acquire(self, stage: Stage, group: str, waiting: Waiting) -> bool:
        if self.holders.setdefault((stage, group), waiting).deployment_id == waiting.deployment_id:
            return True
        self.leave(stage, group, waiting.deployment_id)
        queue = [*self.queues[(stage, group)], waiting]
        self.queues[(stage, group)] = sorted(queue, key=lambda one: (one.since, one.deployment_id))
        return False

    def leave(self, stage: Stage, group: str, deployment_id: str, since: Instant | None = None) -> None:
        queue = self.queues.get((stage, group), [])
        gone = [one for one in queue if one.deployment_id == deployment_id and since in (None, one.since)]
        self.queues[(stage, group)] = [one for one in queue if one not in gone]

    def release(self, stage: Stage, group: str, deployment_id: str, since: Instant | None = None) -> None:
        self.leave(stage, group, deployment_id, since)
        holding = self.holder(stage, group)
        if holding and holding.deployment_id == deployment_id:
            del self.holders[(stage, group)]

    def next(self, stage: Stage, group: str) -> Waiting | None:
        return next(iter(self.queues.get((stage, group), [])), None)

    def later(self, stage: Stage, group: str, than: Waiting, at_most: int) -> tuple[Waiting, ...]:
        behind = [
            one for one in self.queue(stage, group) if (one.since, one.deployment_id) > (than.since, than.deployment_id)
        ]
        return tuple(reversed(behind))[:at_most]

    def holder(self, stage: Stage, group: str) -> Waiting | None:
        return self.holders.get((stage, group))

    def queue(self, stage: Stage, group: str) -> tuple[Waiting, ...]:
        return tuple(self.queues.get((stage, group), ()))

    def waits(self, stage: Stage, group: str, deployment_id: str) -> bool:
        return any(one.deployment_id == deployment_id for one in self.queues.get((stage, group), []))


@dataclass
class InMemoryBundles:
    """`ports.Bundles`."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, content: bytes) -> str:
        key = f"bundles/{hashlib.sha256(content).hexdigest()}.zip"
        self.kept.setdefault(key, content)
        return key

    def get(self, key: str) -> bytes:
        if key not in self.kept:
            raise DeploymentRefused(f"there is no bundle {key}")
        return self.kept[key]


@dataclass
class InMemoryStacks:
    """`ports.Stacks`. An account that is `closed` does not let the hub look."""

    statuses: dict[tuple[str, str], str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)

    def status(self, environment: Environment, name: str) -> str:
        if environment.account in self.closed:
            raise AccountUnreadable(environment.account)
        return self.statuses.get((environment.account, name), "")


@dataclass
class InMemoryPipelines:
    """`ports.Pipelines`. `forgetful` forgets tokens at once, as CodePipeline may after an unknown time."""

    executions: dict[str, Execution] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    deployed: set[str] = field(default_factory=set)
    """Executions whose deploying action is done."""
    forgetful: bool = False
    full: str = ""
    """What is said of a quota that is used up; empty while there is room."""

    def start(self, environment: Environment, token: str, bundle_key: str, variables: Mapping[str, str]) -> str:
        if self.full and token not in self.tokens:
            raise QuotaUsedUp(self.full)
        if token in self.tokens and not self.forgetful:
            return self.tokens[token]
        execution = f"execution-{len(self.executions) + 1}"
        self.tokens[token] = execution
        self.executions[execution] = Execution(
            id=execution, pipeline=environment.pipeline, status="InProgress", variables=variables
        )
        return execution

    def get(self, pipeline: str, execution_id: str) -> Execution:
        return self.executions[execution_id]

    def stop(self, pipeline: str, execution_id: str, why: str) -> None:
        if self.executions[execution_id].status == "InProgress":
            self.end(execution_id, "Stopping", why)

    def has_deployed(self, pipeline: str, execution_id: str) -> bool:
        return execution_id in self.deployed

    def failure(self, pipeline: str, execution_id: str) -> str:
        return self.reasons.get(execution_id, "")

    def end(self, execution_id: str, status: str, reason: str = "") -> None:
        self.executions[execution_id] = self.executions[execution_id].model_copy(update={"status": status})
        self.reasons[execution_id] = reason
