"""Random lives of one version, as facts: what the registry, people, accounts and Steward itself may say of it.

Moments are few and whole seconds, so that many facts fall into one.
"""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from governance.domain import facts as f
from governance.domain import upkeep as u
from governance.domain.artifacts import ObjectVersion, Refusal, RefusalCode
from governance.domain.deciding import fingerprint_of
from governance.domain.decision import Source
from governance.domain.evidence import EvidenceKind
from governance.domain.findings import Severity
from governance.domain.identifiers import Person, effect_id
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.metrics import Metric
from governance.domain.model_version import ModelVersion
from governance.domain.published import DEFAULT
from governance.domain.reviewing import RaisedFinding, review_id
from governance.domain.rolling_out import Phase, RolloutObserved
from governance.domain.trial_plans import TrialKind
from governance.domain.trials import DeploymentArranged, Incumbent
from governance.domain.use_case import Profile
from tests.builders import (
    ADA,
    KATHERINE,
    MARY,
    WRITER,
    after,
    container,
    identity,
    life_cycle,
    observed,
    sealed_artifact,
)

SECONDS = st.sampled_from([0, 10, 10, 20, 20, 30, 40])
PEOPLE = st.sampled_from([ADA, MARY, KATHERINE])
STAGES = st.sampled_from([Stage.DEVELOPMENT, Stage.TEST, Stage.PRODUCTION])
APPROVALS = st.sampled_from(["Approved", "Rejected", "PendingManualApproval"])
SCRIBE = Person(id="steward-write-back", arn=WRITER)
ALARM = st.sampled_from(["OK", "ALARM", "INSUFFICIENT_DATA"])
ENDPOINT = ["IN_SERVICE", "UPDATING", "DELETED"]
SOURCES = ["package", "attached"]
POLICIES = [DEFAULT.hash, DEFAULT.hash, "f" * 64]
SEALING = effect_id("seal", identity(), "a" * 64)
"""The sealing that a version of this specification has."""

BESIDE = Incumbent(
    version="arn:aws:sagemaker:eu-west-1:444455556666:model-package/credit-risk-pd/6",
    deployment_id="deploy-0",
    specification="b" * 64,
    sealing="seal-0",
    containers=(container(),),
    artifacts=(sealed_artifact(),),
)
"""What serves while it is tried."""


def common(at: int, late: int = 1) -> dict[str, Any]:
    return {"model": identity(), "effective_at": after(at), "recorded_at": after(at) + timedelta(seconds=late)}


@st.composite
def registry_facts(draw: st.DrawFn, specifications: str = "aaaab") -> f.AnyFact:
    """A change in the registry: a decision, a move of the life cycle, or noise; by somebody or by nobody knows whom.

    Now and then the inference specification itself is changed, unless there is only one.
    """
    at = draw(SECONDS.filter(bool))
    moved = draw(st.none() | st.builds(life_cycle, st.sampled_from(["Test", "Production", "Mars"]), APPROVALS))
    fields = ["ModelApprovalStatus", "ModelLifeCycle", "CustomerMetadataProperties"]
    return observed(
        at,
        draw(APPROVALS),
        life_cycle=moved,
        updated=draw(st.none() | st.sets(st.sampled_from(fields), min_size=1).map(lambda one: tuple(sorted(one)))),
        changed_by=draw(st.none() | PEOPLE),
        settled_at=draw(st.none() | st.just(after(at + 1))),
        specification=draw(st.sampled_from(specifications)) * 64,
        containers=(container(),),
    )


@st.composite
def outside_facts(draw: st.DrawFn) -> f.AnyFact:
    """What people and other accounts bring about."""
    told, stage = common(draw(SECONDS)), draw(STAGES)
    metrics = (Metric(name="auc", value=draw(st.sampled_from([0.7, 0.8]))),)
    arn = "arn:aws:sagemaker:eu-west-1:555566667777:endpoint/pd"
    return draw(
        st.sampled_from(
            [
                f.PackageMissing(**told),
                f.IdentityReused(**told, other_created_at=after(1000)),
                f.ApproverIdentified(**told, person=draw(PEOPLE), approval=draw(APPROVALS)),
                f.ApproverIdentified(**told, person=draw(PEOPLE), changed_specification=True),
                f.GroupObserved(**told, group=Profile(owner=draw(st.sampled_from(["mary", "ada"])))),
                f.EndpointObserved(
                    **told, stage=stage, endpoint_arn=arn, status=draw(st.sampled_from(ENDPOINT)), configuration="c-1"
                ),
                f.MetricsReported(**told, stage=stage, purpose="validation", metrics=metrics, producer="555566667777"),
                f.AlarmObserved(
                    **told, stage=stage, endpoint_arn=arn, alarm="pd-5xx", state=draw(ALARM), reason="7 > 1"
                ),
                f.CommandRefused(**told, command="ModelMetricsReported", stage=stage, producer="999900001111"),
            ]
        )
    )


@st.composite
def upkeep_facts(draw: st.DrawFn) -> f.AnyFact:
    """What the reconciler, the officers and Steward's own corrections add to a record."""
    told, stage, person = common(draw(SECONDS)), draw(STAGES), draw(PEOPLE)
    arn = "arn:aws:sagemaker:eu-west-1:555566667777:endpoint/pd"
    deployed = {**told, "deployment_id": draw(st.sampled_from(["deploy-1", "deploy-2"]))}
    since, effect = draw(st.none() | st.just(after(10))), draw(st.sampled_from(["roll-back-1", "roll-back-2"]))
    outcome = draw(st.sampled_from(["stopped", "rolled-back", "nothing-to-return-to", "overtaken"]))
    how = draw(st.sampled_from(["stop", "roll-back"]))
    until = after(draw(st.integers(0, 9)) * 1000)
    return draw(
        st.sampled_from(
            [
                u.VersionBackfilled(**common(0)),
                u.VersionAdopted(**told, person=person, why="it is ours"),
                u.GapNoticed(**told, since=since, until=told["effective_at"], accounted=draw(st.booleans())),
                u.DeploymentCompared(**deployed, difference=draw(st.sampled_from(["", "no execution"]))),
                u.EndpointCompared(**told, stage=stage, endpoint_arn=arn, difference=draw(st.sampled_from(["", "x"]))),
                u.EndpointCompared(**told, stage=stage, endpoint_arn=arn, difference="it is not there", gone=True),
                DeploymentArranged(**deployed, why="nothing serves there"),
                DeploymentArranged(**deployed, trial=TrialKind.SHADOW, percent=20, beside=BESIDE),
                f.DeploymentStalled(**deployed, execution_id="execution-1", since=told["effective_at"]),
                RolloutObserved(
                    **deployed,
                    stage=stage,
                    endpoint_arn=arn,
                    leaves="c-1",
                    arrives=draw(st.sampled_from(["c-2", "c-3"])),
                    phase=draw(st.sampled_from(Phase)),
                    words="told",
                ),
                u.RollbackRequested(**deployed, effect_id=effect, stage=stage, cause="c", how=how),
                u.RollbackFinished(**deployed, effect_id=effect, outcome=outcome),
                u.RetentionRequested(**told, effect_id=effect, until=until, reason="retired", cause="c"),
                u.RetentionExtended(**told, effect_id=effect, until=until, reason="retired"),
                u.KeepingFailed(**told, effect_id=effect, reason="gone"),
                u.LegalHoldApplied(**told, effect_id=effect, held=draw(st.booleans())),
                u.LegalHoldPlaced(**told, person=person, why="a court"),
                u.LegalHoldLifted(**told, person=person, why="the court"),
            ]
        )
    )


@st.composite
def recalls(draw: st.DrawFn) -> f.AnyFact:
    """What people take back, and release."""
    told = {**common(draw(SECONDS)), "person": draw(PEOPLE), "why": "it discriminates"}
    stage = draw(st.sampled_from([Stage.TEST, Stage.PRODUCTION]))
    deployment = draw(st.sampled_from(["deploy-1", "deploy-2"]))
    source = draw(st.sampled_from(Source))
    about = fingerprint_of(ModelVersion(model=identity()), stage, source, ModelStatus.REJECTED, after(draw(SECONDS)))
    judged = {
        "stage": stage,
        "decision": about,
        "words": {"test": "roll-back", "production": "confirm"},
        "policy": "p@1",
        "policy_hash": "0",
    }
    completed = {"quarantine": QUARANTINE.fingerprint, "since": QUARANTINE.effective_at}
    return draw(
        st.sampled_from(
            [
                f.RollbackOrdered(**told, stage=stage, deployment_id=deployment),
                f.VersionQuarantined(**told),
                QUARANTINE,
                f.VersionReleased(**told),
                f.QuarantineCompleted(**common(draw(SECONDS)), **completed),
                f.RejectionJudged(**common(draw(SECONDS)), **judged),
            ]
        )
    )


QUARANTINE = f.VersionQuarantined(**common(20), person=KATHERINE, why="it discriminates")
FINDINGS = f.FindingsRaised(
    **common(20), stage=Stage.DEVELOPMENT, person=KATHERINE, why="looked at", rejects=True,
    findings=tuple(RaisedFinding(severity=Severity.HIGH, text=text, due=after(500)) for text in ("no card", "biased")),
)  # fmt: skip
EMERGENCY = f.GlassBroken(
    **common(20), stage=Stage.DEVELOPMENT, person=MARY, roles=("owner",), why="payments are down",
    until=after(3600), review_by=after(7200),
)  # fmt: skip
"""What others refer to, whether it is in the life or not."""


@st.composite
def evidence_facts(draw: st.DrawFn) -> f.AnyFact:
    """Evidence: named, fetched, refused, grown old; of this specification or another."""
    told = {**common(draw(SECONDS)), "effect_id": draw(st.sampled_from(["collect-1", "collect-2"]))}
    kind = draw(st.sampled_from([EvidenceKind.BIAS, EvidenceKind.MODEL_CARD]))
    where = {"evidence": kind, "uri": "s3://dev-bucket/report.json", "source": draw(st.sampled_from(SOURCES))}
    stored = ObjectVersion(bucket="hub", key="evidence/1", version_id="v1")
    found = {"sha256": draw(st.sampled_from("cd")) * 64, "size": 10, "stored": stored, "dated_at": after(draw(SECONDS))}
    aged = {"standing": draw(st.sampled_from(["expiring", "expired", "current"])), "expires_at": after(900)}
    return draw(
        st.sampled_from(
            [
                f.EvidenceRequested(**told, **where, specification=draw(st.sampled_from("aab")) * 64),
                f.EvidenceCollected(**told, **found, problem=draw(st.sampled_from(["", "", "unreadable"]))),
                f.EvidenceRefused(**told, reason="it is not there"),
                f.EvidenceAged(**told, **aged, policy=DEFAULT.id),
            ]
        )
    )


@st.composite
def words_of_people(draw: st.DrawFn) -> f.AnyFact:
    """Sign-offs, findings and their answers, emergencies and their reviews, dates that go by."""
    told, stage, person = common(draw(SECONDS)), draw(STAGES), draw(PEOPLE)
    word = {"stage": stage, "person": person, "roles": draw(st.sampled_from([("owner",), ("validator",), ()]))}
    signed = {"why": "sound", "evidence": "", "policy": DEFAULT.id, "policy_hash": draw(st.sampled_from(POLICIES))}
    signed["specification"] = draw(st.sampled_from("aab")) * 64
    finding = review_id(FINDINGS, draw(st.integers(0, 1)))
    answered = {"finding_id": finding, "person": person, "how": "done", "closes": draw(st.booleans())}
    late = draw(st.sampled_from([("finding", finding), ("emergency", EMERGENCY.fingerprint)]))
    return draw(
        st.sampled_from(
            [
                f.SignOffGiven(**told, **word, **signed, decides=draw(st.booleans())),
                FINDINGS,
                f.FindingAnswered(**told, **answered, due=draw(st.none() | st.just(after(800)))),
                f.Resubmitted(**told, of=identity().arn, answers={finding: "done"}, person=person, why="put right"),
                EMERGENCY,
                f.GlassReviewed(
                    **told, stage=Stage.DEVELOPMENT, glass=EMERGENCY.fingerprint, person=KATHERINE, why="looked at",
                    upheld=draw(st.booleans()),
                ),
                f.DeadlinePassed(**told, what=late[0], subject=late[1], due=after(500)),
                f.DeadlinePassed(**told, what="review", subject=EMERGENCY.fingerprint, due=after(7200)),
            ]
        )
    )  # fmt: skip


@st.composite
def written_back(draw: st.DrawFn) -> f.AnyFact:
    """What Steward means to write, how that ends, and the registry's own event of it."""
    at, effect = draw(SECONDS), draw(st.sampled_from(["write-back-1", "write-back-2"]))
    told = {**common(at), "effect_id": effect}
    purpose, wanted = draw(st.sampled_from([("revert", "pending"), ("decide", "approved"), ("decide", "rejected")]))
    asked = {"purpose": purpose, "wanted": wanted, "field": "ModelApprovalStatus", "seen": "Approved"}
    cause = draw(st.sampled_from([FINDINGS.fingerprint, EMERGENCY.fingerprint, "c"]))
    by = {"person": draw(PEOPLE), "writer": WRITER, "description": "as decided", "cause": cause}
    ended = draw(st.sampled_from(["written", "overtaken", "failed"]))
    echo = observed(
        max(at, 10), draw(APPROVALS), changed_by=draw(st.none() | st.just(SCRIBE)), why="as decided",
        containers=(container(),),
    )  # fmt: skip
    return draw(
        st.sampled_from(
            [
                f.WriteBackRequested(**told, **asked, **by, stage=Stage.DEVELOPMENT, seen_at=after(10)),
                f.WriteBackFinished(**told, outcome=ended, reason=draw(st.sampled_from(["", "told"]))),
                echo,
            ]
        )
    )


def oddly_timed(fact: f.AnyFact) -> st.SearchStrategy[f.AnyFact]:
    """A fact as it is, or of a moment that cannot be: before its version was created, or still to come."""
    shifts = st.sampled_from([0, 0, 0, 0, -86400, 86400])
    return shifts.map(
        lambda seconds: fact.model_copy(update={"effective_at": fact.effective_at + timedelta(seconds=seconds)})
    )


@st.composite
def inside_facts(draw: st.DrawFn) -> f.AnyFact:
    """What Steward concludes and does, whether or not anything else in the life called for it."""
    told, stage = common(draw(SECONDS)), draw(STAGES)
    deployed = {**told, "deployment_id": draw(st.sampled_from(["deploy-1", "deploy-2"]))}
    run = {**deployed, "execution_id": draw(st.sampled_from(["e1", "e2"]))}
    attempt, outcome = draw(st.integers(1, 2)), draw(st.sampled_from(["succeeded", "failed", "stopped"]))
    refusal = Refusal(code=RefusalCode.MISSING, detail="gone")
    decision = draw(registry_facts()).fingerprint
    verdict = {"stage": stage, "policy": DEFAULT.id, "policy_hash": DEFAULT.hash, "checks": (), "approver": MARY}
    return draw(
        st.sampled_from(
            [
                f.VerdictGiven(**told, **verdict, decision=decision, passed=draw(st.booleans())),
                f.SealingRequested(**told, effect_id=SEALING, cause="a" * 64),
                f.ArtifactsSealed(**told, effect_id=SEALING, artifacts=(sealed_artifact(),)),
                f.SealingRefused(**told, effect_id=SEALING, refusals=(refusal,)),
                f.DeploymentRequested(**deployed, stage=stage, cause="c", sealing=SEALING),
                f.DeploymentStarted(**run, attempt=attempt),
                f.DeploymentClaimed(**run),
                f.DeploymentFinished(**run, attempt=attempt, outcome=outcome),
                f.DeploymentWithdrawn(**deployed, reason="gone"),
                f.DeploymentSkipped(**deployed, by="another", by_deployment="deploy-9"),
                f.DeploymentSuperseded(**deployed, by="another"),
            ]
        )
    )


def distinct(facts: list[f.AnyFact]) -> list[f.AnyFact]:
    """Each fact once: those that would be the same on record are one."""
    return list({fact.fingerprint: fact for fact in facts}.values())


def lives(most: int, least: int = 1) -> st.SearchStrategy[list[f.AnyFact]]:
    """Anything at all, in any combination, possible or not."""
    judged = evidence_facts() | words_of_people() | written_back() | recalls()
    anything = registry_facts() | outside_facts() | inside_facts() | upkeep_facts() | judged | st.just(observed(0))
    return st.lists(anything.flatmap(oddly_timed), min_size=least, max_size=most).map(distinct)


def outside_lives(most: int, specifications: str = "aaaab") -> st.SearchStrategy[list[f.AnyFact]]:
    """What happens to a version from outside, its registration first."""
    facts = st.lists(registry_facts(specifications) | outside_facts(), min_size=1, max_size=most - 1)
    return facts.map(lambda told: distinct([observed(0), *told]))
