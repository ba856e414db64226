"""A world in which people give their orders to Steward, and Steward writes to the registry on their behalf."""

from typing import Any

from pydantic import TypeAdapter

from governance.domain.authority import Authority, Delegation, Role
from governance.domain.identifiers import Person, group_arn_of
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.model_version import ModelVersion
from governance.domain.orders import AnyOrder
from governance.domain.people import Pseudonyms
from governance.domain.policy_document import PolicyDocument
from governance.domain.published import BUILT_IN, PublishedPolicy
from governance.ports.identity import Caller
from governance.services.judging import Judging
from governance.services.recording import Recording
from governance.services.synchronisation import Synchronisation
from tests.builders import ADA, HUB, PERSON_KEY, after, change, moved, package_arn
from tests.world import World

WRITER = f"arn:aws:sts::{HUB}:assumed-role/steward-write-back"


def person(name: str, role: str) -> Person:
    return Person(id=name, arn=f"arn:aws:sts::{HUB}:assumed-role/steward-{role}/{name}")


OLIVE, OTTO = person("olive.owner", "model-owner"), person("otto.owner", "model-owner")
VERA, OSKAR = person("vera.validator", "validator"), person("oskar.officer", "officer")
NINA = person("nina.nobody", "ml-engineer")
AUTHOR = Person(id=ADA.id, arn=f"arn:aws:sts::{HUB}:assumed-role/steward-model-owner/{ADA.id}")
"""The author, who came to the hub as an owner."""

AUTHORITY = Authority(
    hub=HUB,
    holders={
        Role.OWNER: ("steward-model-owner",),
        Role.VALIDATOR: ("steward-validator",),
        Role.OFFICER: ("steward-officer",),
    },
)
SHAPE: TypeAdapter[Any] = TypeAdapter(AnyOrder)


class Desk(World):
    """Everything, and people who ask for something at so many seconds after registration."""

    def __init__(self, authority: Authority = AUTHORITY, writer: str = WRITER) -> None:
        super().__init__()
        self.recording = Recording(self.ledger, self.now, authority, writer)
        self.synchronisation = Synchronisation(self.registry, self.recording)
        self.judging = Judging(self.ledger, self.recording)
        self.requests = 0

    def ask(self, who: Person, command: str, at: float = 60, **more: Any) -> dict[str, Any]:
        """Somebody asks, and is answered a moment later."""
        self.now.moment = max(self.now.moment, after(at + 0.4))
        self.requests += 1
        asked = {"command": command, "function": "arn:decide", "request_id": f"request-{self.requests:06d}"}
        asked |= {"version": package_arn(), "why": "as discussed", **more}
        return self.judging.carry_out(SHAPE.validate_python(asked), Caller(person=who, at=after(at)))

    def in_force(self, policy: PolicyDocument) -> None:
        """From now on the group stands under a policy."""
        self.changed(lambda group: group.under(PublishedPolicy(document=policy, version=1)))

    def delegated(self, role: Role, by: Person, to: Person, since: float, until: float) -> None:
        """Somebody gave their role to somebody else for a while."""
        known = Pseudonyms(PERSON_KEY)
        one = Delegation(
            role=role, by=known.id_of(by.id), to=known.id_of(to.id), since=after(since), until=after(until), why="leave"
        )
        self.changed(lambda group: group.model_copy(update={"delegations": (*group.delegations, one)}))

    def changed(self, change: Any) -> None:
        arn = group_arn_of(package_arn())
        assert arn
        group = change(self.groups.kept.get(arn) or ModelGroup(arn=arn))
        self.groups.kept[arn] = group.model_copy(update={"revision": group.revision + 1})

    def written(self, at: float) -> ModelVersion:
        """What Steward intended to write last is in the registry, and its event arrives."""
        intent = self.state().write_backs[-1]
        by = Person(id="steward-write-back", arn=f"{WRITER}/steward-write-back")
        self.now.moment = max(self.now.moment, after(at))
        if intent.field == "ModelApprovalStatus":
            words = {"approved": "Approved", "rejected": "Rejected", "pending": "PendingManualApproval"}
            fields: dict[str, Any] = {"UpdatedModelPackageFields": ["ModelApprovalStatus"]}
            self.tell(change(at, words[intent.wanted], ApprovalDescription=intent.description, **fields), by=by)
        else:
            self.tell(moved(at, intent.stage.title(), intent.wanted.title()), by=by)
        return self.state()

    def names(self, person: str) -> str:
        """The name that the version's record keeps for an id."""
        return self.ledger.names[package_arn()].shown(person)

    def status(self, stage: Stage = Stage.DEVELOPMENT) -> str:
        return self.state().stage(stage).status.value


def registered(**told: Any) -> Desk:
    """A desk with a version that somebody in dev registered."""
    desk = Desk(**told)
    desk.register()
    return desk


def policy_with(*gates: dict[str, Any]) -> PolicyDocument:
    """What is built in, and some gates more."""
    built_in = [gate.model_dump(mode="json") for gate in BUILT_IN]
    return PolicyDocument.model_validate({"name": "house", "title": "The house's own", "gates": [*built_in, *gates]})


def sign_offs(needed: int = 2, roles: tuple[str, ...] = ("owner", "validator"), **told: Any) -> dict[str, Any]:
    """A gate that wants people's word in development."""
    shape = {"kind": "sign-offs", "name": "signed-off", "stages": ["development"]}
    return {**shape, "needed": needed, "roles": roles, **told}


def refused_checks(answer: dict[str, Any]) -> set[str]:
    """The checks that stop an approval."""
    return {check["name"] for check in answer["checks"] if check["stops"]}
