"""A world in which Steward writes to the registry: its role, who writes, and the events of what was written."""

from typing import Any

from governance.domain.authority import Authority, Role
from governance.domain.decision import Decision
from governance.domain.evidence import evidence_digest
from governance.domain.facts import SignOffGiven
from governance.domain.findings import Finding
from governance.domain.identifiers import Person
from governance.domain.lifecycle import Stage
from governance.domain.model_version import StageState
from governance.domain.published import DEFAULT
from governance.domain.registry import PackageChange
from governance.domain.registry_updates import RegistryUpdate
from governance.domain.writing_back import WriteBack
from governance.services.writing_back import WritingBack
from tests.builders import ADA, HUB, WRITER, after, package_arn
from tests.reconciling import ReconciledWorld

ARN = package_arn()
SCRIBE = Person(id="steward-write-back", arn=f"{WRITER}/steward-write-back")
ADA_IN_THE_HUB = Person(id=ADA.id, arn=f"arn:aws:sts::{HUB}:assumed-role/steward-model-owner/{ADA.id}")
ADMIN = Person(id="root.admin", arn=f"arn:aws:sts::{HUB}:assumed-role/Admin/root.admin")
AUTHORITY = Authority(
    hub=HUB,
    holders={
        Role.OWNER: ("steward-model-owner",),
        Role.VALIDATOR: ("steward-validator",),
        Role.OFFICER: ("steward-officer",),
    },
)


class Office(ReconciledWorld):
    """Everything, a writer, and a reconciler."""

    def __init__(self) -> None:
        super().__init__(authority=AUTHORITY, writer=WRITER)
        self.registry.now = self.now
        self.writing_back = WritingBack(self.registry, self.recording, self.now.wait)

    def intents(self) -> list[WriteBack]:
        """Everything that the record knows of what was to be written."""
        return list(self.state(ARN).write_backs)

    def write(self, at: float, effect: str = "") -> WriteBack:
        """The announcement of the last intent arrives, or that of another one."""
        self.now.moment = max(self.now.moment, after(at))
        effect = effect or self.intents()[-1].effect_id
        self.writing_back.write(ARN, effect, "event-5")
        return next(one for one in self.intents() if one.effect_id == effect)

    @property
    def written(self) -> list[RegistryUpdate]:
        """What the registry was told, in order."""
        return [update for _, update in self.registry.updates.values()]

    def echo(self) -> PackageChange:
        """The registry's own event of what was written last arrives, a moment later."""
        shown = self.registry.packages[ARN]
        fields = {"ModelApprovalStatus"} if self.written[-1].approval else {"ModelLifeCycle"}
        if self.written[-1].description:
            fields.add("ApprovalDescription")
        told = shown.model_dump(mode="json", by_alias=True, exclude={"created_by", "last_modified_by"})
        change = PackageChange.model_validate({**told, "UpdatedModelPackageFields": sorted(fields)})
        self.now.wait(1)
        self.deliver(change)
        return change

    def stage(self, stage: Stage = Stage.DEVELOPMENT) -> StageState:
        return self.state(ARN).stage(stage)

    def decision(self, stage: Stage = Stage.DEVELOPMENT) -> Decision:
        decision = self.stage(stage).decision
        assert decision is not None
        return decision

    def findings(self, code: str) -> list[Finding]:
        """The open findings of a code."""
        return [finding for finding in self.state(ARN).findings.values() if finding.code == code]

    def asks_to_approve(self, who: Person, at: float, stage: Stage = Stage.DEVELOPMENT, why: str = "sound") -> None:
        """Somebody signs a version off through Steward, and asks for its approval."""
        self.now.moment = max(self.now.moment, after(at))
        state = self.state(ARN)
        told: dict[str, Any] = {
            "model": state.model,
            "effective_at": after(at),
            "stage": stage,
            "person": who,
            "roles": ("owner",),
            "why": why,
            "specification": state.specification,
            "evidence": evidence_digest(state.pieces, state.specification),
            "policy": DEFAULT.id,
            "policy_hash": DEFAULT.hash,
            "decides": True,
        }
        self.recording.learn(ARN, lambda _, now: [SignOffGiven(recorded_at=now, **told)], "command-1")


def office() -> Office:
    """A registered version, and its artifacts sealed."""
    made = Office()
    made.register()
    made.seal()
    return made
