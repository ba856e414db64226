"""Random lives of one version, as facts: what the registry, people, accounts and Steward itself may say of it.

Moments are few and whole seconds, so that many facts fall into one.
"""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from governance.domain import facts as f
from governance.domain import upkeep as u
from governance.domain.artifacts import Refusal, RefusalCode
from governance.domain.identifiers import effect_id
from governance.domain.lifecycle import Stage
from governance.domain.metrics import Metric
from governance.domain.published import DEFAULT
from governance.domain.use_case import Profile
from tests.builders import ADA, KATHERINE, MARY, after, container, identity, life_cycle, observed, sealed_artifact

SECONDS = st.sampled_from([0, 10, 10, 20, 20, 30, 40])
PEOPLE = st.sampled_from([ADA, MARY, KATHERINE])
STAGES = st.sampled_from([Stage.DEVELOPMENT, Stage.TEST, Stage.PRODUCTION])
APPROVALS = st.sampled_from(["Approved", "Rejected", "PendingManualApproval"])
SEALING = effect_id("seal", identity(), "a" * 64)
"""The sealing that a version of this specification has."""


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
                f.GroupObserved(**told, group=Profile(owner=draw(st.sampled_from(["mary", "ada"])))),
                f.EndpointObserved(**told, stage=stage, endpoint_arn=arn, status=draw(st.sampled_from(["A", "B"]))),
                f.MetricsReported(**told, stage=stage, purpose="validation", metrics=metrics, producer="555566667777"),
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
                f.DeploymentSuperseded(**deployed, by="another"),
            ]
        )
    )


def distinct(facts: list[f.AnyFact]) -> list[f.AnyFact]:
    """Each fact once: those that would be the same on record are one."""
    return list({fact.fingerprint: fact for fact in facts}.values())


def lives(most: int, least: int = 1) -> st.SearchStrategy[list[f.AnyFact]]:
    """Anything at all, in any combination, possible or not."""
    anything = registry_facts() | outside_facts() | inside_facts() | upkeep_facts() | st.just(observed(0))
    return st.lists(anything.flatmap(oddly_timed), min_size=least, max_size=most).map(distinct)


def outside_lives(most: int, specifications: str = "aaaab") -> st.SearchStrategy[list[f.AnyFact]]:
    """What happens to a version from outside, its registration first."""
    facts = st.lists(registry_facts(specifications) | outside_facts(), min_size=1, max_size=most - 1)
    return facts.map(lambda told: distinct([observed(0), *told]))
