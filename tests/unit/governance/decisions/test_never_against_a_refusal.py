"""Whatever happens, in whatever order: nothing is deployed whose approval the policy pinned to it refused.

Lives are told in the sentences of the cases, so that one that fails can be read. After each sentence the record is
held against what the policies themselves say, counted anew from the facts; and put to the gates once more in the end,
it gives every verdict again.
"""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from governance.domain.authority import Role
from governance.domain.deciding import SAME_CHANGE
from governance.domain.deployment import RUNNING
from governance.domain.deployment_facts import DeploymentStarted
from governance.domain.evidence_facts import EvidenceCollected
from governance.domain.facts import DeploymentRequested, RegistryObserved, VerdictGiven
from governance.domain.lifecycle import PRECEDING, DeploymentStatus, ModelStatus, Stage
from governance.domain.loosening import loosens
from governance.domain.model_version import ModelVersion
from governance.domain.policy import Mode
from governance.domain.policy_document import EvidenceGate, MetricGate, PolicyDocument, SignOffGate
from governance.domain.reviewing import GlassBroken, SignOffGiven
from governance.domain.use_case import ModelRisk
from governance.domain.what_if import Turn
from tests.unit.governance.decisions.board import ARN, Board
from tests.unit.governance.decisions.retried import nothing_changes, now
from tests.unit.governance.decisions.test_cases import KNOWN, TABLE, happens

HOW_MANY = int(os.environ.get("STEWARD_LIVES", "120"))
"""More of them than a build has time for are tried with `STEWARD_LIVES=5000`."""

LIVES = settings(max_examples=HOW_MANY, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

ANYBODY = ["olive", "otto", "vera", "oskar", "nina", "ada", "grace", "ada as an owner", "grace as a validator"]
ANYBODY += ["olive as a validator", "an admin of the hub", "somebody of another account", "Steward's own role"]
IN_THE_HUB = ANYBODY[:10]
THE_RIGHT_ONES = ["olive", "vera", "oskar"] * 4
WHO = st.sampled_from([*THE_RIGHT_ONES, *ANYBODY])
ASKS = st.sampled_from([*THE_RIGHT_ONES, *IN_THE_HUB])
OFFICERS = st.sampled_from(["oskar", "olga", "oskar", "olga", "olive", "nina"])
STAGE = st.sampled_from([*["development"] * 5, "test", "test", "production"])
POLICY = st.sampled_from(sorted(TABLE["policies"]))
ROLE = st.sampled_from(list(Role))
REVIEW = st.sampled_from(["upholds", "overrules"])
AT_ONCE = "what follows happens within one second"
AUC = st.sampled_from(["0.7", "0.9", "NaN"])


def saying(text: str, **words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A sentence with these words in it."""
    return st.fixed_dictionaries(words).map(lambda chosen: text.format(**chosen))


DEEDS = st.one_of(
    saying("{who} approves it in {stage} in Studio", who=WHO, stage=STAGE),
    saying("{who} approves it in {stage} in Studio", who=WHO, stage=STAGE),
    saying("{who} asks Steward to approve it in {stage}", who=ASKS, stage=STAGE),
    saying("{who} asks Steward to approve it in {stage}", who=ASKS, stage=STAGE),
    saying("{who} signs it off in {stage}", who=ASKS, stage=STAGE),
    saying("{who} breaks the glass in {stage} for 4 hours", who=ASKS, stage=STAGE),
    saying("the policy is {policy}", policy=POLICY),
    saying("{who} attaches validation run evidence", who=ASKS),
    saying("{who} attaches validation run evidence that is 40 days old", who=ASKS),
    saying("{who} attaches a model quality report with AUC {auc}", who=ASKS, auc=AUC),
    saying("{who} rejects it in {stage} in Studio", who=WHO, stage=STAGE),
    saying("{who} puts it back to pending in {stage} in Studio", who=WHO, stage=STAGE),
    saying("{who} changes what it runs", who=st.sampled_from(["grace", "ada", "somebody unknown"])),
    saying("{who} approves it in development by its life cycle", who=WHO),
    saying("CloudTrail tells that {who} changed what it runs", who=st.sampled_from(["grace", "ada"])),
    saying("{who} rejects it in development for “no card”", who=ASKS),
    saying("{who} answers the finding", who=ASKS),
    saying("{who} puts it forward again, answering every finding", who=ASKS),
    saying("{who} {word} the emergency in {stage}", who=ASKS, stage=STAGE, word=REVIEW),
    saying("{who} writes a note on it in Studio", who=WHO),
    saying("{who} registers version 8 in its place, answering every finding", who=st.sampled_from(["ada", "grace"])),
    st.sampled_from([AT_ONCE, AT_ONCE, "time goes on"]),
    saying("{who} quarantines it", who=OFFICERS),
    saying("{who} releases it", who=OFFICERS),
    saying("{who} bars it from {stage}", who=ASKS, stage=STAGE),
    saying("vera delegates the role of {role} to {to} for 3 days", to=st.sampled_from(["nina", "ada"]), role=ROLE),
    saying("CloudTrail tells that {who} approved it", who=st.sampled_from(["olive", "ada as an owner", "nina"])),
    st.sampled_from([
        "somebody unknown approves it in development in Studio", "the emergency ends", "the evidence grows too old",
        "Steward's writing is delayed", "Steward writes now", "events are held back",
        "what was held back arrives, the last first", "it runs in test", "it is validated in test with AUC 0.9",
        "it is being deployed to test", "production serves a version with AUC 0.91", "4 days later", "its seal comes",
        "the registry's event is delivered again", "the time for its review is over",
    ]),
)  # fmt: skip
"""Everything that may happen, possible or not."""

POSSIBLE: dict[str, Callable[[Board], bool]] = {
    "the emergency ends": lambda board: board.state().stage(Stage.DEVELOPMENT).glass is not None,
    "the time for its review is over": lambda board: board.state().stage(Stage.DEVELOPMENT).glass is not None,
    "answers the finding": lambda board: bool(board.state().reviews),
    "it runs in test": lambda board: (
        board.state().deployment_status(Stage.TEST) is DeploymentStatus.QUEUED and board.state().may_run_in(Stage.TEST)
    ),
    "it is being deployed to test": lambda board: (
        board.state().deployment_status(Stage.TEST) is DeploymentStatus.QUEUED
    ),
    "delivered again": lambda board: bool(board.registry.updates),
}
"""What some sentences need to make sense."""


class Watch:
    """Looks at the record after each sentence, and at every deployment when it is first requested."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.seen: set[str] = set()
        self.started: set[str] = set()
        self.in_force: dict[str, PolicyDocument] = {}
        self.look()

    def look(self) -> None:
        board, state = self.board, self.board.state()
        policy = board.recording.terms(board.ledger.open(state.model.arn), state.model.arn).policy
        self.in_force[policy.hash] = policy.document
        for stage, known in state.stages.items():
            if known.status is ModelStatus.APPROVED:
                self.check(state, stage)
        for fact in board.facts(DeploymentRequested):
            if fact.deployment_id not in self.seen:
                self.seen.add(fact.deployment_id)
                self.check(state, PRECEDING[fact.stage])
                assert not state.is_quarantined, "requested in quarantine"
        for fact in board.facts(DeploymentStarted):
            if fact.fingerprint not in self.started:
                self.started.add(fact.fingerprint)
                assert not state.is_quarantined, "started in quarantine"
        self.check_quarantine(state)
        for stage in (Stage.TEST, Stage.PRODUCTION):
            deployment = state.deployment_in(stage)
            if deployment and deployment.status in RUNNING - {DeploymentStatus.DEPLOYED}:
                known_rollback = state.rollback_of(deployment.id)
                assert state.may_run_in(stage) or known_rollback, "it goes on although nothing justifies it"

    def check_quarantine(self, state: ModelVersion) -> None:
        """What is quarantined is approved nowhere, waits nowhere, and runs nowhere without being taken back."""
        if not state.is_quarantined:
            return
        for stage, known in state.stages.items():
            assert known.status is not ModelStatus.APPROVED, "approved in quarantine"
            assert not state.may_run_in(stage)
        for deployment in state.deployments.values():
            assert deployment.status is not DeploymentStatus.QUEUED, "it waits for its turn in quarantine"
            if deployment.status in RUNNING:
                assert state.rollback_of(deployment.id), "it runs in quarantine and nobody takes it back"

    def check(self, state: ModelVersion, stage: Stage) -> None:
        """What an approval rests on: a verdict that passed, and what the policy asks for, counted anew."""
        known = state.stage(stage)
        verdict, decision = known.verdict, known.decision
        assert verdict is not None
        assert decision is not None
        assert verdict.passed, "the pinned verdict was a refusal"
        assert verdict.decision == decision.fingerprint
        assert verdict.policy_hash in self.in_force, "it was given under a policy that was never in force"
        names = self.board.ledger.names[state.model.arn]
        who = names.shown(verdict.approver.id)
        assert who not in {"ada", *self.others_who_changed_it(state)}, "its author approved it"
        assert verdict.roles, "nobody with a role approved it"
        assert not state.unknown_changes or verdict.effective_at < max(state.unknown_changes)
        if verdict.glass:
            self.check_emergency(verdict)
            return
        assert all(check.passed for check in verdict.checks if check.mode is Mode.ENFORCE)
        for gate in self.in_force[verdict.policy_hash].gates_in(stage, ModelRisk.HIGH):
            if gate.mode is Mode.ENFORCE and isinstance(gate, SignOffGate):
                self.check_people(state, verdict, gate)
            if gate.mode is Mode.ENFORCE and isinstance(gate, EvidenceGate):
                assert any(one.stored.key for one in self.collected(state)), "there was no evidence at all"
            if gate.mode is Mode.ENFORCE and isinstance(gate, MetricGate) and gate.at_least is not None:
                values = [one.values.get(gate.metric) for one in self.collected(state)]
                assert any(isinstance(value, float) and value >= gate.at_least for value in values)

    def check_emergency(self, verdict: VerdictGiven) -> None:
        """Somebody broke the glass: the approver, before, and not so long ago that it was over."""
        (glass,) = [fact for fact in self.board.facts(GlassBroken) if fact.fingerprint == verdict.glass]
        assert glass.person.is_same_as(verdict.approver)
        assert glass.stage is verdict.stage
        assert glass.effective_at <= verdict.effective_at + SAME_CHANGE
        assert verdict.effective_at < glass.until
        between = [
            fact for fact in self.board.facts(RegistryObserved) if glass.position < fact.position < verdict.position
        ]
        assert len({fact.specification for fact in between}) <= 1, "what was approved then is not what it runs now"

    def check_people(self, state: ModelVersion, verdict: VerdictGiven, gate: SignOffGate) -> None:
        """So many different people gave their word in a role that counts, under this policy and for these contents."""
        words = {(verdict.approver.id, role) for role in verdict.roles}
        for signed in self.board.facts(SignOffGiven):
            same = (signed.stage, signed.policy_hash) == (verdict.stage, verdict.policy_hash)
            if same and signed.specification == state.specification and signed.evidence == verdict.evidence:
                words |= {(signed.person.id, role) for role in signed.roles}
        for judged in self.board.facts(VerdictGiven):
            same = (judged.stage, judged.policy_hash) == (verdict.stage, verdict.policy_hash)
            if same and judged.evidence == verdict.evidence:
                words |= {(judged.approver.id, role) for role in judged.roles}
        names = self.board.ledger.names[state.model.arn]
        counting = {(who, role) for who, role in words if role in gate.roles and names.shown(who) != "ada"}
        assert len({who for who, _ in counting}) >= gate.needed, "too few people"
        assert not gate.each_role or {role for _, role in counting} >= set(gate.roles), "not every role"

    def others_who_changed_it(self, state: ModelVersion) -> set[str]:
        """Who is known to have changed what it runs."""
        names = self.board.ledger.names[state.model.arn]
        changes = [
            fact for fact in self.board.facts(RegistryObserved) if "InferenceSpecification" in (fact.updated or ())
        ]
        return {names.shown(fact.changed_by.id) for fact in changes if fact.changed_by}

    def collected(self, state: ModelVersion) -> list[EvidenceCollected]:
        """Evidence that was fetched and speaks for what the version is now."""
        now = {piece.effect_id for piece in state.pieces if piece.specification == state.specification}
        every = {fact.effect_id: fact for fact in self.board.facts(EvidenceCollected)}
        return [fact for key, fact in every.items() if key in now or not fact.problem]


def live(board: Board, sentence: str) -> None:
    """Let something happen, if it can."""
    for end, is_possible in POSSIBLE.items():
        if sentence.endswith(end) and not is_possible(board):
            return
    if sentence == "its seal comes":
        if board.state().sealing.status == "requested":
            board.later()
            board.seal()
    else:
        happens(board, sentence)


def lived(sentences: list[str]) -> Board:
    """All of that happens, and is watched."""
    board = Board()
    watch = Watch(board)
    for sentence in sentences:
        live(board, sentence)
        watch.look()
    return board


@LIVES
@given(st.lists(DEEDS, min_size=3, max_size=14))
def test_nothing_is_ever_approved_or_deployed_against_a_refusal(sentences: list[str]) -> None:
    board = lived(sentences)
    nothing_changes(board, KNOWN)
    event("deployed" if board.facts(DeploymentRequested) else "not deployed")
    event(f"emergency: {any(fact.glass for fact in board.facts(VerdictGiven))}")
    verdicts: list[Any] = board.facts(VerdictGiven)
    event(f"refused: {any(not fact.passed for fact in verdicts)}, passed: {any(fact.passed for fact in verdicts)}")


@LIVES
@given(st.lists(DEEDS, min_size=3, max_size=14), st.sampled_from(sorted(KNOWN)))
def test_only_where_a_draft_asks_more_does_anything_fail_and_only_where_it_asks_less_does_anything_pass(
    sentences: list[str], chosen: str
) -> None:
    board, draft = lived(sentences), KNOWN[chosen]
    in_force = board.recording.terms(board.ledger.open(ARN), ARN).policy.document
    for one in now(board, draft).values():
        place = (one.stage, one.risk)
        asks_less = {(found.stage, found.risk) for found in loosens(draft, in_force)}
        asks_more = {(found.stage, found.risk) for found in loosens(in_force, draft)}
        assert one.turn is not Turn.NEWLY_PASSES or place in asks_less
        assert one.turn is not Turn.NEWLY_FAILS or place in asks_more
        assert one.turn is not Turn.CANNOT_TELL
