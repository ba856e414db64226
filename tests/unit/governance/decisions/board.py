"""The room in which decisions are made: people, a registry, Steward that writes to it, evidence, and time that passes.

Everything runs on the real domain: what happens becomes facts through `services.Recording`, and is folded, concluded
and saved in the ledger in memory. What Steward intends to write is written at once, unless a case holds it back.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from governance.domain.authority import Authority, Delegation, Role
from governance.domain.commands import EvidenceAttached
from governance.domain.errors import Refused
from governance.domain.facts import AnyFact, DeadlinePassed, EvidenceAged, GroupObserved, MetricsReported
from governance.domain.fold import fold
from governance.domain.gates import Reading
from governance.domain.identifiers import Person
from governance.domain.lifecycle import Stage
from governance.domain.metrics import Metric
from governance.domain.model_group import ModelGroup, Serving
from governance.domain.orders import AnyOrder
from governance.domain.orders_to_recall import AnyRecall
from governance.domain.people import Pseudonyms
from governance.domain.policy_document import Measurement
from governance.domain.published import PublishedPolicy
from governance.domain.registry import PackageChange
from governance.domain.use_case import Profile
from governance.ports.identity import Caller
from governance.services.attaching_evidence import AttachingEvidence
from governance.services.collecting_evidence import CollectingEvidence
from governance.services.judging import Judging
from governance.services.recalling import Recalling
from governance.services.writing_back import WritingBack
from tests.builders import DEV, HUB, PERSON_KEY, TEST, WRITER, after, change, described, group_arn, package_arn
from tests.fakes_of_evidence import InMemoryEvidenceVault
from tests.world import World

ARN, OTHER = package_arn(), package_arn(version=8)
SCRIBE = Person(id="steward-write-back", arn=f"{WRITER}/steward-write-back")
ROLES = {Role.OWNER: "steward-model-owner", Role.VALIDATOR: "steward-validator", Role.OFFICER: "steward-officer"}
AUTHORITY = Authority(hub=HUB, holders={role: (name,) for role, name in ROLES.items()})
"""Which IAM role of the hub holds which role."""

AUTHOR = Person(id="ada", arn=f"arn:aws:sts::{DEV}:assumed-role/steward-data-scientist/ada")

STEP = 60.0
"""Seconds that pass with everything that happens, unless it is said to happen at once."""

ORDERS: TypeAdapter[Any] = TypeAdapter(AnyOrder)
CYCLES = {Stage.DEVELOPMENT: "Development", Stage.TEST: "Test", Stage.PRODUCTION: "Production"}
REPORT = "s3://dev-bucket/reports/report.json"


def through(name: str, role: str, account: str = HUB) -> Person:
    """Somebody who came through an IAM role."""
    return Person(id=name, arn=f"arn:aws:sts::{account}:assumed-role/{role}/{name}")


class Board(World):
    """One version that ada registered in the development account, and everybody who has a say in it."""

    def __init__(self, approval: str = "PendingManualApproval", writer: str = WRITER) -> None:
        super().__init__(authority=AUTHORITY, writer=writer)
        self.registry.now = self.now
        self.writing_back = WritingBack(self.registry, self.recording, lambda _seconds: None)
        self.judging = Judging(self.ledger, self.recording)
        self.recalling = Recalling(self.ledger, self.recording)
        self.documents = InMemoryEvidenceVault()
        self.collecting = CollectingEvidence(self.ledger, self.recording, self.documents, self.registry)
        accounts = frozenset({TEST, HUB})
        self.attaching = AttachingEvidence(self.recording, dict.fromkeys((Stage.TEST, Stage.PRODUCTION), accounts))
        self.second, self.requests, self.policies = 0.0, 0, 1
        self.pace = STEP
        """Seconds that pass with everything that happens; none where all of it happens at once."""
        self.changed_at = 0.0
        """When what it runs was changed last."""
        self.is_written_at_once = True
        self.answer: dict[str, Any] = {}
        self.refused = ""
        self.held: list[PackageChange] | None = None
        """Events that are on their way, where they are held back."""
        self.tell(change(0, approval), by=AUTHOR, registered_by=AUTHOR)
        self.seal()
        self.settle()

    def later(self, seconds: float | None = None) -> float:
        """Time passes; returns the second it is now."""
        self.second += self.pace if seconds is None else seconds
        self.now.moment = max(self.now.moment, after(self.second + 0.4))
        return self.second

    def learn(self, kind: type, at: float | None = None, **told: Any) -> None:
        """Something becomes known of the version."""
        moment = after(self.second if at is None else at)

        def facts(page: Any, now: datetime) -> Sequence[AnyFact]:
            return [kind(model=page.state.model, effective_at=moment, recorded_at=now, **told)]

        self.recording.learn(ARN, facts, "event")

    # In the registry

    def changes(self, who: Person | None, **fields: Any) -> None:
        """Somebody changes the package, and its event arrives unless events are held back."""
        at = self.later()
        shown = self.registry.packages[ARN].model_dump(
            mode="json", by_alias=True, exclude={"created_by", "last_modified_by"}
        )
        moment = {"LastModifiedTime": after(at).isoformat(), "UpdatedModelPackageFields": sorted(fields)}
        event = PackageChange.model_validate({**shown, **fields, **moment})
        self.registry.packages[ARN] = described(event, who or Person(id=""), AUTHOR)
        self.arrives(event)

    def arrives(self, event: PackageChange) -> None:
        """An event is delivered, or held back."""
        if self.held is not None:
            self.held.append(event)
            return
        self.deliver(event)
        self.settle()

    def lets_go(self) -> None:
        """What was held back arrives, the last first."""
        held, self.held = self.held or [], None
        for event in reversed(held):
            self.arrives(event)

    def decides(self, who: Person | None, stage: Stage, word: str) -> None:
        """Somebody decides in Studio, or by a call of their own: in the field that is about the stage."""
        if stage is Stage.DEVELOPMENT:
            self.changes(who, ModelApprovalStatus=word)
        else:
            self.moves(who, stage, word)

    def moves(self, who: Person | None, stage: Stage, word: str) -> None:
        """Somebody decides by the life cycle of the package."""
        self.changes(who, ModelLifeCycle={"Stage": CYCLES[stage], "StageStatus": word, "StageDescription": ""})

    def writes(self) -> None:
        """Steward carries out what it intends to write, and the registry tells of it."""
        for intent in self.state().write_backs:
            if intent.outcome or intent.is_over:
                continue
            self.later(2)
            updates = len(self.registry.updates)
            self.writing_back.write(ARN, intent.effect_id, "event")
            if len(self.registry.updates) > updates:
                self.echo()

    def echo(self) -> None:
        """The registry's own event of what was written last arrives."""
        _, update = list(self.registry.updates.values())[-1]
        fields = {"ModelApprovalStatus"} if update.approval else {"ModelLifeCycle"}
        fields |= {"ApprovalDescription"} if update.description else set()
        told = self.registry.packages[ARN].model_dump(
            mode="json", by_alias=True, exclude={"created_by", "last_modified_by"}
        )
        event = PackageChange.model_validate({**told, "UpdatedModelPackageFields": sorted(fields)})
        if self.held is not None:
            self.held.append(event)
        else:
            self.deliver(event)

    def settle(self) -> None:
        """Steward writes as long as there is something to write; the record is what its facts say."""
        for _ in range(5):
            if not self.is_written_at_once or all(one.outcome or one.is_over for one in self.state().write_backs):
                break
            self.writes()

    # Through Steward

    def ask(self, who: Person, command: str, version: str = ARN, **more: Any) -> None:
        """Somebody asks Steward for something, and is answered or refused."""
        at = self.later()
        self.requests += 1
        asked = {"command": command, "function": "arn:decide", "request_id": f"request-{self.requests:06d}"}
        asked |= {"version": version, "why": "as discussed", **more}
        self.answer, self.refused = {}, ""
        try:
            order, caller = ORDERS.validate_python(asked), Caller(person=who, at=after(at))
            does = self.recalling if isinstance(order, AnyRecall) else self.judging
            self.answer = does.carry_out(order, caller)
        except Refused as refused:
            self.refused = refused.code
        self.settle()

    def under(self, policy: PublishedPolicy) -> None:
        """From now on the group stands under a policy."""
        self.changed(lambda group: group.under(policy))

    def delegated(self, role: Role, by: Person, to: Person, days: int) -> None:
        """Somebody gives their role to somebody else for a while."""
        known, since = Pseudonyms(PERSON_KEY), after(self.second)
        people = {"by": known.id_of(by.id), "to": known.id_of(to.id)}
        one = Delegation(role=role, **people, since=since, until=since + timedelta(days=days), why="leave")
        self.changed(lambda group: group.model_copy(update={"delegations": (*group.delegations, one)}))

    def changed(self, make: Any) -> None:
        group = make(self.groups.kept.get(group_arn()) or ModelGroup(arn=group_arn()))
        self.groups.kept[group_arn()] = group.model_copy(update={"revision": group.revision + 1})

    def resubmits(self, who: Person, anew: bool) -> None:
        """The version is put forward again, or another in its place, with an answer to every open finding."""
        answers = dict.fromkeys(self.state().reviews, "put right")
        if anew:
            told = change(self.later(), arn=OTHER, CreationTime=after(self.second).isoformat())
            self.tell(told, by=who, registered_by=who)
        self.ask(who, "resubmit", version=OTHER if anew else ARN, of=ARN, answers=answers)

    # Evidence, measurements, and what else becomes known

    def attaches(self, who: Person, kind: str, content: bytes, days: float = 0, **claims: str) -> None:
        """Somebody leaves a document and names it as evidence; it is collected."""
        uri = f"{REPORT}-{self.requests}"
        self.documents.put(uri, content, after(self.second) - timedelta(days=days))
        self.ask(who, "attach-evidence", kind=kind, uri=uri, **claims)
        self.collect()

    def collect(self) -> None:
        """What is to be fetched is fetched."""
        for piece in self.state().pieces:
            if piece.status == "requested":
                self.collecting.collect(ARN, piece.effect_id, "event")
        self.settle()

    def sends_evidence(self, account: str, kind: str, content: bytes) -> None:
        """An account's own system attaches evidence by command."""
        uri = f"{REPORT}-of-{account}"
        sha256 = self.documents.put(uri, content, after(self.second))
        told = {"model_package_arn": ARN, "stage": "test", "kind": kind, "uri": uri, "sha256": sha256}
        self.attaching.attach(
            EvidenceAttached.model_validate({**told, "attached_at": after(self.later())}), account, "command"
        )
        self.collect()

    def expires(self) -> None:
        """Every piece of evidence is found to be too old."""
        moment = after(self.later())
        for piece in self.state().pieces:
            if piece.counts:
                told = {"effect_id": piece.effect_id, "standing": "expired", "expires_at": moment, "policy": "house@1"}
                self.learn(EvidenceAged, **told)
        self.settle()

    def measured(self, stage: Stage, purpose: str = "validation", **values: float) -> None:
        """The version was measured in a stage."""
        self.later()
        metrics = tuple(Metric(name=name, value=value) for name, value in values.items())
        self.learn(MetricsReported, stage=stage, purpose=purpose, metrics=metrics, producer=DEV)
        self.settle()

    def risk(self, risk: str) -> None:
        """How much depends on the model is known."""
        profile = Profile(risk=risk)
        self.changed(lambda group: group.model_copy(update={"profile": profile}))
        self.learn(GroupObserved, group=profile)

    def serving(self, **values: float) -> None:
        """Another version is in production."""
        at = after(self.second)
        readings = tuple(Reading(by=by, at=at, values=values) for by in Measurement)
        serving = Serving(version=package_arn(version=6), deployment_id="deploy-6", since=at, readings=readings)
        self.changed(lambda group: group.model_copy(update={"serving": {Stage.PRODUCTION: serving}}))

    def runs_in(self, stage: Stage) -> None:
        """What was requested is deployed."""
        self.later()
        self.start(stage)
        self.verify(stage)
        self.end(stage)
        self.promotion.give_way(ARN, stage, self.deployment(stage).id, "event")
        self.later()

    def passes_by(self, what: str, stage: Stage = Stage.DEVELOPMENT) -> None:
        """A date goes by: the end of an emergency, or of the time for its review, or for an answer."""
        if what == "finding":
            finding = next(iter(self.state().reviews.values()))
            subject, due = finding.id, finding.due
        else:
            glass = self.state().stage(stage).glass
            assert glass, "no glass was broken"
            subject, due = glass.fingerprint, glass.until if what == "emergency" else glass.review_by
        assert due
        seconds = (due - after(self.second)).total_seconds()
        self.later(max(seconds, 0) + STEP)
        at = (due - after(0)).total_seconds()
        self.learn(DeadlinePassed, at=at, what=what, subject=subject, due=due)
        self.settle()

    # What is known of it

    def facts(self, kind: type) -> list[Any]:
        return [fact for fact in self.ledger.known.get(ARN, {}).values() if isinstance(fact, kind)]

    def open_findings(self, arn: str = ARN) -> set[str]:
        return {finding.code for finding in self.state(arn).findings.values() if finding.is_open}

    def is_what_its_facts_say(self) -> bool:
        return self.state() == fold(self.ledger.facts(ARN))


def quality(auc: str, version: str = "") -> bytes:
    """A model quality report as SageMaker writes them, with whatever stands where the number should."""
    about = {"model_package_arn": version} if version else {}
    return (
        json.dumps({**about, "binary_classification_metrics": {"auc": {"value": "AUC"}}}).replace('"AUC"', auc).encode()
    )
