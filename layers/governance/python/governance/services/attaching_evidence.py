"""Take evidence that other systems attach, if whoever attaches it is entitled to: it is then fetched like any other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.domain.commands import EvidenceAttached
from governance.domain.errors import MalformedEvent, TooMuchUnderWay
from governance.domain.evidence import MOST_WAITED_FOR
from governance.domain.evidence_facts import EvidenceRequested
from governance.domain.facts import AnyFact, CommandRefused
from governance.domain.identifiers import effect_id
from governance.domain.lifecycle import Stage
from governance.domain.model_version import ModelVersion
from governance.domain.producers import may_report
from governance.domain.values import iso
from governance.ports.ledger import Page
from governance.services.recording import Recording

AHEAD = timedelta(minutes=5)
"""How far a sender's clock may be ahead of ours. A fact of the future would come after all that is yet to happen."""


@dataclass(frozen=True, slots=True)
class AttachingEvidence:
    """Record that evidence is to be fetched because an account's system says that it speaks for a version."""

    recording: Recording
    producers: Mapping[Stage, frozenset[str]]
    """The accounts that may report on a stage; a group may name which of them may report on its versions."""

    def attach(self, command: EvidenceAttached, account: str, correlation_id: str) -> ModelVersion | None:
        """Record it, once. From an account that is not registered it becomes a finding, and nothing is fetched.

        Raises `UnknownModelVersion` while the version has no record and `TooMuchUnderWay` while other evidence is being
        fetched for it: the command is delivered again later; `MalformedEvent` for a time that is still to come.
        """

        def learned(page: Page, now: datetime) -> Sequence[AnyFact]:
            if command.attached_at > now + AHEAD:
                raise MalformedEvent(f"attached_at: {iso(command.attached_at)} is still to come")
            state = page.state_of(command.model_package_arn)
            fact = self.fact(page, state, command, account, now)
            if isinstance(fact, EvidenceRequested):
                check_room(state, fact)
            return [fact]

        return self.recording.learn(command.model_package_arn, learned, correlation_id)

    def fact(self, page: Page, state: ModelVersion, command: EvidenceAttached, account: str, now: datetime) -> AnyFact:
        """What a command teaches: that something is to be fetched, or that somebody was not entitled to say so."""
        common = {"model": state.model, "effective_at": command.attached_at, "recorded_at": now, "producer": account}
        if not may_report(account, command.stage, state.model.arn, page.group, self.producers):
            about = {"stage": command.stage, "command": type(command).__name__}
            return CommandRefused.model_validate({**common, **about})
        causes = (command.kind, command.uri, command.sha256, state.specification, iso(command.attached_at))
        return EvidenceRequested(
            **common,
            effect_id=effect_id("collect", state.model, *causes),
            evidence=command.kind,
            uri=command.uri,
            claimed=command.sha256,
            source="attached",
            specification=state.specification,
            why=command.why,
        )


def check_room(state: ModelVersion, fact: EvidenceRequested) -> None:
    """Refuse more than can be fetched at once, unless it is being fetched already."""
    waiting = {piece.effect_id for piece in state.pieces if piece.status == "requested"}
    if len(waiting) >= MOST_WAITED_FOR and fact.effect_id not in waiting:
        raise TooMuchUnderWay(f"{len(waiting)} pieces of evidence are being fetched for {state.model.arn}")
