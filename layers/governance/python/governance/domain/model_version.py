"""A model version as Steward knows it: what the registry said, what was decided, sealed, deployed and measured.

This is the state that `domain.fold` makes of facts, and nothing else. It holds everything that the next decision
needs, so that handling an event reads one item whatever the history.
"""

from collections.abc import Mapping

from pydantic import Field

from governance.domain.artifacts import Container, ObjectVersion
from governance.domain.decision import Decision
from governance.domain.deployment import RUNNING, UNDER_WAY, Deployment
from governance.domain.errors import UnknownDeployment, UnknownRollback
from governance.domain.evidence import Evidence, Piece
from governance.domain.facts import VerdictGiven
from governance.domain.findings import Finding
from governance.domain.identifiers import ModelPackageArn, Person, VersionIdentity, is_importer
from governance.domain.imported import Imported
from governance.domain.keeping import HoldOrder, Keeping
from governance.domain.lifecycle import (
    ORDER,
    PRECEDING,
    WORST_FIRST,
    ApprovalStatus,
    DeploymentStatus,
    LifeCycle,
    ModelStatus,
    Stage,
)
from governance.domain.model_resource import unservable
from governance.domain.noticed import Gap, IdentifiedChange, Rollback
from governance.domain.recalls import Quarantine, Void
from governance.domain.rejections import JudgedRejection, is_taken_away
from governance.domain.retirement import ProposedRetirement, Retirement
from governance.domain.reviewing import Glass, ReviewFinding, Wish
from governance.domain.sealing import Sealing, SealingStatus
from governance.domain.signing import SignOff
from governance.domain.use_case import Profile, profile_from
from governance.domain.values import Instant, Value
from governance.domain.whereabouts import Whereabouts
from governance.domain.writing_back import WriteBack


class StageState(Whereabouts):
    """What is known of a version in one stage, and of it in the stage's own environment."""

    status: ModelStatus = ModelStatus.PENDING
    decision: Decision | None = None
    outdone: tuple[Decision, ...] = ()
    """Decisions of the same second, of which it took the place."""
    verdict: VerdictGiven | None = None
    refused: VerdictGiven | None = None
    """The last refusal, until an approval counts or somebody decides otherwise."""
    renewed_by: str = ""
    """Fingerprint of the latest approval that repeated the one in force: how a person asks for a retry."""
    renewed_at: Instant | None = None
    decided_by: Person | None = None
    decided_at: Instant | None = None
    why: str = ""
    rounds: int = 0
    """How often it was signed off."""
    elsewhere: Mapping[str, Whereabouts] = Field(default_factory=dict)
    """The same of the stage's other environments, by their names."""
    wish: Wish | None = None
    """What somebody asked Steward to write to the registry, until it is intended or overtaken."""
    overwritten: Decision | None = None
    """What somebody decided just before Steward's own write came over it unseen, until the stage is decided anew."""
    glass: Glass | None = None
    """The last emergency approval."""
    void: Void | None = None
    """Why the last approval that counted does so no longer, where somebody took back what rested on it."""
    judged: JudgedRejection | None = None
    """What the policy said of its rejection."""
    is_explained: bool = False
    """Of a rejection: whether a reviewer said on record what is to be put right."""

    @property
    def of_its_second(self) -> tuple[Decision, ...]:
        """The decision in force, and those of its second."""
        return (self.decision, *self.outdone) if self.decision else ()

    def is_disputed(self, fingerprint: str) -> bool:
        """Whether different people are named for a decision of this second: also since it was judged."""
        given, alike = self.verdict, [one for one in self.of_its_second if one.fingerprint == fingerprint]
        judged = given.approver if given and given.passed and given.decision == fingerprint else None
        return any(one.disputed or (judged and one.person and not judged.is_same_as(one.person)) for one in alike)

    @property
    def awaits_verdict(self) -> bool:
        """Whether somebody approved and no policy has been asked yet."""
        return self.decision is not None and self.decision.wanted is ModelStatus.APPROVED and self.verdict is None

    @property
    def basis(self) -> str:
        """The fingerprint that a deployment resting on this stage's approval names as its cause."""
        return self.renewed_by or (self.decision.fingerprint if self.decision else "")

    @property
    def basis_at(self) -> Instant | None:
        """When that decision, or its renewal, was made."""
        return self.renewed_at if self.renewed_by else (self.decision.at if self.decision else None)


class ModelVersion(Value):
    """Everything known of one version: the fold of its facts."""

    model: VersionIdentity
    position: str = ""
    """Position of the last fact folded; a fact that sorts before it is late."""
    facts: int = 0
    package_status: str = ""
    registration: str = ""
    registered_by: Person | None = None
    approval: ApprovalStatus | None = None
    was_approved: bool = False
    """Whether an approval by the approval status ever counted."""
    life_cycle: LifeCycle | None = None
    changed_at: Instant | None = None
    description: str = ""
    specification: str = ""
    specification_changed: bool = False
    specification_changed_by: tuple[Person, ...] = ()
    """Who is known to have changed it after the registration: they are its authors as well."""
    unknown_changes: tuple[Instant, ...] = ()
    """When somebody changed it of whom nobody knows who it was."""
    born: bool = False
    """Whether the registration itself has been seen."""
    born_deciding: bool = False
    """Whether it was registered with a decision already in it."""
    missing: bool = False
    deleted: bool = False
    """Whether the registry had the package and has lost it."""
    told_at: Instant | None = None
    """The last change that an event told of."""
    gaps: tuple[Gap, ...] = ()
    odd_times: tuple[str, ...] = ()
    """Facts whose moment cannot be, and from when they count instead."""
    backfilled: bool = False
    adopted_by: Person | None = None
    reused: tuple[Instant, ...] = ()
    containers: tuple[Container, ...] = ()
    properties: Mapping[str, str] = Field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    group: Profile | None = None
    identified: tuple[IdentifiedChange, ...] = ()
    """Of the calls that asked for the same, the latest."""
    stages: Mapping[Stage, StageState] = Field(default_factory=lambda: {Stage.DEVELOPMENT: StageState()})
    sign_offs: tuple[SignOff, ...] = ()
    illegal_moves: tuple[str, ...] = ()
    refused_commands: tuple[str, ...] = ()
    sealing: Sealing = Sealing()
    earlier_sealings: tuple[Sealing, ...] = ()
    """Sealings that were followed by another, and that a deployment rests on."""
    deployments: Mapping[str, Deployment] = Field(default_factory=dict)
    rollbacks: tuple[Rollback, ...] = ()
    quarantine: Quarantine | None = None
    retiring: ProposedRetirement | None = None
    retirement: Retirement | None = None
    """The order that retired it, for good; before that, `retiring`, that somebody wants it."""
    pieces: tuple[Piece, ...] = ()
    """Evidence: of each kind what is still to be fetched, and the youngest of what was."""
    write_backs: tuple[WriteBack, ...] = ()
    """What was intended to be written to the registry: what is not over, and the last of each stage."""
    reviews: Mapping[str, ReviewFinding] = Field(default_factory=dict)
    """Findings of reviewers that nobody has answered."""
    resubmits: ModelPackageArn | None = None
    """The rejected version whose findings it answers."""
    replaced_by: ModelPackageArn | None = None
    """The version that took its place: findings on this one were answered there, and not here."""
    retained_until: Instant | None = None
    legal_hold: bool | None = None
    """None where nobody ever ordered one."""
    hold_order: HoldOrder | None = None
    keepings: tuple[Keeping, ...] = ()
    """What was intended about the locks of sealed objects: what is not over, and the last of each family."""
    findings: Mapping[str, Finding] = Field(default_factory=dict)
    """What is wrong with it now. Closed findings have left the state."""
    imported: Imported | None = None
    """Where it came from, if Steward copied it from another registry."""

    @property
    def author(self) -> Person | None:
        """Who registered it; of one that Steward copied, who registered the source: nobody, until that is known."""
        person = self.registered_by
        return None if person and is_importer(person, self.model.arn) else person

    @property
    def profile(self) -> Profile:
        """Who answers for it: the group's word first, then the package's own properties, but not for the risk.

        Whoever registers a version writes its properties, and the lower the risk, the less a policy asks.
        """
        own = profile_from(self.properties).model_copy(update={"risk": ""})
        return (self.group or Profile()).over(own)

    @property
    def is_dormant(self) -> bool:
        """Whether it was brought in from before governance and nobody adopted it: nothing follows from its record."""
        return self.backfilled and self.adopted_by is None

    @property
    def is_versioned(self) -> bool:
        """Whether it belongs to a model group."""
        return self.model.group is not None

    @property
    def is_eligible(self) -> bool:
        """Whether it may be sealed and deployed at all: a completed, registered version of a group."""
        return (
            self.is_versioned
            and self.package_status == "Completed"
            and self.registration != "Logged"
            and not self.missing
            and not self.reused
        )

    @property
    def is_sealed(self) -> bool:
        """Whether every artifact lies locked in the hub."""
        return self.sealing.status is SealingStatus.SEALED

    @property
    def sealed_objects(self) -> tuple[ObjectVersion, ...]:
        """What its present sealing, and every one that a deployment rests on, put into the hub; each once."""
        sealings = (*self.earlier_sealings, self.sealing)
        return tuple(dict.fromkeys(artifact.stored for one in sealings for artifact in one.artifacts))

    @property
    def is_blocked(self) -> bool:
        """Whether the approval status, having left `Approved` or being `Rejected`, blocks every stage."""
        left = self.was_approved and self.approval is not ApprovalStatus.APPROVED
        return left or self.approval is ApprovalStatus.REJECTED

    @property
    def is_quarantined(self) -> bool:
        """Whether somebody ordered that it run nowhere, and nobody has released it."""
        return self.quarantine is not None and self.quarantine.is_open

    @property
    def is_retired(self) -> bool:
        """Whether somebody retired it: nothing of it is approved or deployed again."""
        return self.retirement is not None

    @property
    def furthest_stage(self) -> Stage:
        """The last stage it has reached."""
        return max(self.stages, key=ORDER.index)

    def stage(self, stage: Stage) -> StageState:
        """What is known of it in a stage; nothing yet is an empty state."""
        return self.stages.get(stage, StageState())

    def with_stage(self, stage: Stage, **changes: object) -> "ModelVersion":
        """The same version with something changed in one stage."""
        changed = self.stage(stage).model_copy(update=changes)
        return self.model_copy(update={"stages": {**self.stages, stage: changed}})

    def at(self, stage: Stage, environment: str = "") -> Whereabouts:
        """What is known of it in one environment of a stage; nothing yet is an empty one."""
        known = self.stage(stage)
        return known.elsewhere.get(environment, Whereabouts()) if environment else known

    def with_at(self, stage: Stage, environment: str, **changes: object) -> "ModelVersion":
        """The same version with something changed in one environment of a stage."""
        if not environment:
            return self.with_stage(stage, **changes)
        changed = self.at(stage, environment).model_copy(update=changes)
        return self.with_stage(stage, elsewhere={**self.stage(stage).elsewhere, environment: changed})

    def deployment(self, deployment_id: str) -> Deployment:
        """The deployment of that name. Raises `UnknownDeployment`."""
        if deployment_id not in self.deployments:
            raise UnknownDeployment(deployment_id)
        return self.deployments[deployment_id]

    def latest_in(self, stage: Stage) -> dict[str, Deployment]:
        """The latest deployment in each environment of a stage that there was one in, the stage's own first."""
        places = ("", *sorted(self.stage(stage).elsewhere))
        known = {place: self.deployments.get(self.at(stage, place).deployment_id) for place in places}
        return {place: deployment for place, deployment in known.items() if deployment}

    def is_latest(self, deployment: Deployment) -> bool:
        """Whether a deployment is the latest of its environment."""
        return self.at(deployment.stage, deployment.environment).deployment_id == deployment.id

    def present_in(self, stage: Stage) -> dict[str, Deployment]:
        """The same, without environments that the last approval did not go to any more and where nothing of it runs."""
        latest = self.latest_in(stage)
        newest = max(latest.values(), key=lambda one: one.requested_at, default=None)
        route = (newest.goes_to or ("",)) if newest else ()
        return {place: one for place, one in latest.items() if place in route or one.status in UNDER_WAY | RUNNING}

    def deployment_in(self, stage: Stage) -> Deployment | None:
        """Of the present deployments of a stage the one that went least well, or None if there was none."""
        return min(self.present_in(stage).values(), key=lambda one: WORST_FIRST.index(one.status), default=None)

    def deployment_status(self, stage: Stage) -> DeploymentStatus:
        """Where the deployment of a stage stands."""
        deployment = self.deployment_in(stage)
        return deployment.status if deployment else DeploymentStatus.NONE

    def rollback(self, effect_id: str) -> Rollback:
        """The rollback of that name. Raises `UnknownRollback`."""
        found = next((one for one in self.rollbacks if one.effect_id == effect_id), None)
        if found is None:
            raise UnknownRollback(effect_id)
        return found

    def rollback_of(self, deployment_id: str) -> Rollback | None:
        """The latest rollback of a deployment, or None if there was none."""
        return next((one for one in reversed(self.rollbacks) if one.deployment_id == deployment_id), None)

    def write_back(self, effect_id: str) -> WriteBack | None:
        """The write-back of that name, or None if it is remembered no more."""
        return next((one for one in self.write_backs if one.effect_id == effect_id), None)

    def may_run(self, deployment: Deployment) -> bool:
        """Whether a deployment is justified."""
        return self.may_run_in(deployment.stage, deployment.rests_on, deployment.environment)

    def may_run_in(self, stage: Stage, rests_on: Stage | None = None, environment: str = "") -> bool:
        """Whether a deployment to a stage is justified: eligible, sealed, not blocked, approved where it rests on."""
        before = rests_on or PRECEDING.get(stage)
        return (
            before is not None
            and self.is_eligible
            and self.is_sealed
            and not unservable(self.containers, self.sealing.artifacts)
            and not self.is_blocked
            and not self.is_quarantined
            and not self.is_retired
            and self.stage(before).status is ModelStatus.APPROVED
            and not self.at(stage, environment).is_barred(self.stage(before).basis)
            and not is_taken_away(self.stage(stage), stage, self.stage(before).basis_at)
        )
