"""What people are told, word by word: in Studio's field, by a check, by a finding."""

from typing import Any

import pytest

from governance.domain.authority import Role
from governance.domain.evidence import EvidenceKind, Piece
from governance.domain.facts import VerdictGiven
from governance.domain.gates import SignedOff, judge, rounding
from governance.domain.identifiers import Person
from governance.domain.lifecycle import Stage
from governance.domain.loosening import loosens, summary
from governance.domain.matters import flaw
from governance.domain.policy import Check
from governance.domain.policy_document import PolicyDocument
from governance.domain.published import BUILT_IN, PublishedPolicy
from tests.unit.governance.decisions.board import ARN, OTHER, Board
from tests.unit.governance.decisions.test_cases import told
from tests.unit.governance.policies.made import NOON, a_gate, a_matter, a_policy, a_reading

DEVELOPMENT = Stage.DEVELOPMENT


def studio(board: Board) -> str:
    """What Studio shows as the reason."""
    return board.registry.packages[ARN].approval_description


def check(board: Board, name: str) -> Check:
    """The last verdict's check of that name."""
    known = board.state().stage(DEVELOPMENT)
    verdict = known.verdict or known.refused
    assert verdict
    return next(one for one in verdict.checks if one.name == name)


@pytest.mark.parametrize(
    ("ends", "how"),
    [
        ("the emergency ends", "has ended without a review"),
        ("vera overrules the emergency in development", "was overruled"),
    ],
)
def test_studio_tells_how_an_emergency_ended_and_what_to_do(ends: str, how: str) -> None:
    board = told("the policy is two people", "olive breaks the glass in development for 4 hours", ends)
    assert studio(board) == (
        f"Steward: not approved by house@1. The emergency approval {how}. "
        "To do: put right what the policy asked for, then approve again."
    )


def test_studio_tells_of_an_approval_that_nobody_on_record_gave() -> None:
    assert studio(told("it was registered approved already")) == (
        "Steward: not approved by default@2. No decision on record explains this approval: it came with the "
        "registration, was given for other contents, or before the version was governed. "
        "To do: have an owner, validator or officer approve it in the hub."
    )


def test_studio_tells_all_of_a_refusal() -> None:
    board = told("the policy is two people", "ada as an owner approves it in development in Studio")
    ada = check(board, "not-by-the-author").found.removeprefix("approved by ")
    assert studio(board) == (
        "Steward: not approved by house@1. "
        f"[not-by-the-author] required: approved by somebody other than {ada}; found: approved by {ada}. "
        "To do: ask a colleague with the right to approve. "
        "[signed-off] required: sign-offs of 2 different people as owner or validator (every role by somebody of its "
        "own), none an author; found: nobody. To do: ask somebody else to sign off as owner and validator."
    )


def test_steward_s_own_role_is_told_apart_from_a_person() -> None:
    board = told("Steward's own role approves it in development in Studio")
    found = check(board, "decided-by-a-person")
    assert (found.mode, found.passed, found.required) == ("enforce", False, "approved by a person")
    assert found.found.startswith("approved through arn:aws:sts::")
    assert found.remedy == "find out who used that role, then have an owner, validator or officer approve it"


def test_a_check_tells_that_nobody_knows_who_changed_it() -> None:
    board = told("somebody unknown changes what it runs", "olive approves it in development in Studio")
    found = check(board, "not-by-the-author")
    assert found.found.endswith("; nobody knows who changed what it runs")
    told_to_do = "wait for CloudTrail to tell who changed it, then approve again, or register it as a new version"
    assert found.remedy == told_to_do


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (["vera attaches validation run evidence that is still to be fetched"], "it is still being fetched"),
        (
            ["vera attaches validation run evidence", "grace changes what it runs"],
            "it speaks for an earlier inference specification",
        ),
    ],
)
def test_a_check_tells_why_a_document_does_not_count(before: list[str], why: str) -> None:
    board = told("the policy is a validation run", *before, "olive approves it in development in Studio")
    found = {one.found for fact in board.facts(VerdictGiven) for one in fact.checks if one.name == "validated"}
    assert found <= {f"none that counts: {why}", "none"}
    assert any(why in one for one in found) or not board.state().pieces


def test_a_check_tells_whose_bytes_the_document_was_before() -> None:
    board = told("the policy is a validation run")
    board.documents.keep(b"a document", "s3://elsewhere/run.pdf", OTHER)
    told("vera attaches validation run evidence", "olive approves it in development in Studio", on=board)
    (verdict,) = board.facts(VerdictGiven)
    (check,) = [one for one in verdict.checks if one.name == "validated"]
    assert check.passed
    assert f"Z; the same bytes speak for {OTHER} since " in check.found


def test_a_check_tells_that_nothing_is_in_production() -> None:
    board = told(
        "the policy is AUC not lower than in production by more than 0.01",
        "vera attaches a model quality report with AUC 0.5",
        "olive approves it in development in Studio",
    )
    assert check(board, "auc").found.endswith("; no other version is in production")


def test_a_check_tells_what_helps_where_production_was_not_measured() -> None:
    board = told(
        "the policy is AUC not lower than in production",
        "vera attaches a model quality report with AUC 0.5",
        "production serves a version whose AUC nobody measured",
        "olive approves it in development in Studio",
    )
    found = check(board, "auc")
    assert found.found.endswith("; the version in production has no usable auc: missing")
    assert found.remedy == (
        "attach a report on model quality of the version in production that gives auc, then approve again"
    )
    told("production serves a version with AUC 0.9", "olive approves it in development in Studio", on=board)
    found = check(board, "auc")
    assert found.found.endswith("; 0.9 in production")
    assert found.remedy == "measure auc again or improve the model, then approve again"


@pytest.mark.parametrize(("mode", "is_put_back"), [("enforce", True), ("advise", False)])
def test_what_no_decision_explains_is_put_back_where_the_policy_insists_on_who_decides(
    mode: str, is_put_back: bool
) -> None:
    gates = [one.model_dump(mode="json") for one in BUILT_IN if one.name != "approver-entitled"]
    entitled = {"kind": "check", "name": "approver-entitled", "mode": mode}
    document = PolicyDocument.model_validate({"name": "house", "title": "lax", "gates": [*gates, entitled]})
    board = told("olive approves it in development in Studio")
    board.under(PublishedPolicy(document=document, version=1))
    told("grace changes what it runs", on=board)
    assert bool(board.registry.updates) is is_put_back


def test_what_an_approval_takes_back_saw_of_the_life_cycle_is_only_told_where_it_is_written() -> None:
    board = told("olive approves it in development in Studio", "oskar approves it in test in Studio")
    told("olive puts it back to pending in development in Studio", on=board)
    told("ada as an owner approves it in development in Studio", on=board)
    assert board.state().write_backs[-1].seen_life_cycle is None
    told("ada as an owner approves it in production in Studio", on=board)
    assert board.state().write_backs[-1].seen_life_cycle is not None


def test_three_people_stand_for_two_roles_and_two_of_one_role_do_not() -> None:
    gate = a_gate("sign-offs", needed=2, roles=["owner", "validator"], each_role=True)
    people = [Person(id=name) for name in ("mary", "grace", "joan")]

    def stands(*roles: str) -> bool:
        words = tuple(SignedOff(person=who, role=Role(role)) for who, role in zip(people, roles, strict=True))
        return judge(a_policy(gate), a_matter(sign_offs=words))[0].check.passed

    assert stands("owner", "owner", "validator")
    assert stands("validator", "owner", "owner")
    assert not stands("owner", "owner", "owner")


def test_the_tolerance_for_rounding_grows_with_the_number() -> None:
    assert rounding(0.5) == 1e-12
    assert rounding(-1e6) == 1e-12 * 1e6


def test_a_loosening_is_told_by_gate_and_manner_with_its_places() -> None:
    strict = a_policy(a_gate("evidence", evidence="bias", max_age_days=30, risks=["high", "low"]))
    lax = a_policy(a_gate("evidence", evidence="bias", risks=["high", "low"]))
    how = "a-evidence-gate: the greatest age was 30 days and is any"
    assert summary(loosens(lax, strict)) == {how: ("test/high", "test/low")}


SIGNED = {"needed": 2, "roles": ["owner", "validator"], "each_role": True}


@pytest.mark.parametrize(
    ("strict", "lax", "how"),
    [
        (
            a_gate("evidence", evidence="bias"),
            a_gate("evidence", evidence="bias", mode="advise"),
            "a-evidence-gate: no longer stops an approval",
        ),
        (
            a_gate("sign-offs", needed=1, roles=["owner"]),
            a_gate("sign-offs", needed=1, roles=["owner", "validator", "officer"]),
            "a-sign-offs-gate: lets validator and officer sign off too",
        ),
        (
            a_gate("sign-offs", **SIGNED),
            a_gate("sign-offs", **{**SIGNED, "each_role": False}),
            "a-sign-offs-gate: no longer needs every role",
        ),
        (
            a_gate("metric", metric="auc", at_least=0.8, max_age_days=30),
            a_gate("metric", metric="auc", at_least=0.8, max_age_days=31),
            "a-metric-gate: the greatest age was 30 days and is 31",
        ),
        (
            a_gate("metric", metric="auc", at_least=0.8),
            a_gate("metric", metric="auc", at_least=0.7),
            "a-metric-gate: the limit on auc was 0.8 and is 0.7",
        ),
        (
            a_gate("metric", metric="rmse", at_most=2),
            a_gate("metric", metric="rmse", at_most=3),
            "a-metric-gate: the limit on rmse was 2 and is 3",
        ),
    ],
)
def test_a_loosening_is_told_in_words(strict: dict[str, Any], lax: dict[str, Any], how: str) -> None:
    risks = {"risks": ["high"]}
    assert summary(loosens(a_policy({**lax, **risks}), a_policy({**strict, **risks}))) == {how: ("test/high",)}
    assert loosens(a_policy({**strict, **risks}), a_policy({**lax, **risks})) == ()


def test_every_gate_that_is_gone_is_told_whatever_comes_after_it() -> None:
    first, second = a_gate("evidence", evidence="bias"), a_gate("evidence", evidence="lineage")
    strict = a_policy(*({**one, "name": one["evidence"], "risks": ["high"]} for one in (first, second)))
    kept = a_policy({**a_gate("evidence", evidence="model-card"), "risks": ["high"]})
    assert list(summary(loosens(kept, strict))) == [
        "bias: no longer asks for bias evidence",
        "lineage: no longer asks for lineage evidence",
    ]


@pytest.mark.parametrize(
    ("gate", "value", "passes"),
    [
        ({"metric": "rmse", "at_most": 2}, 2.0, True),
        ({"metric": "rmse", "at_most": 2}, 2.01, False),
        ({"metric": "auc", "at_least": 0.8}, 0.8, True),
        ({"metric": "auc", "at_least": 0.8}, 0.79, False),
        ({"metric": "post-training.DPPL", "within": 0.1}, -0.1, True),
        ({"metric": "post-training.DPPL", "within": 0.1}, -0.11, False),
    ],
)
def test_a_limit_is_kept_by_the_limit_itself(gate: dict[str, Any], value: float, passes: bool) -> None:
    readings = (a_reading({gate["metric"]: value}),)
    (found,) = judge(a_policy(a_gate("metric", **gate)), a_matter(readings=readings))
    assert found.check.passed is passes


def test_what_speaks_for_an_earlier_specification_has_a_flaw_whatever_else_it_has() -> None:
    told_of = {"effect_id": "collect-1", "kind": EvidenceKind.BIAS, "uri": "s3://b/k", "source": "package"}
    piece = Piece(**told_of, specification="a" * 64, requested_at=NOON, problem="unreadable")
    assert flaw(piece, "b" * 64) == "it speaks for an earlier inference specification"
    assert flaw(piece, "a" * 64) == "it is still being fetched"
    assert flaw(piece.model_copy(update={"status": "collected"}), "a" * 64) == "unreadable"


def test_a_comparison_that_is_too_old_is_to_be_made_again_where_nothing_is_in_production() -> None:
    gate = a_gate("metric", metric="auc", worse_by_at_most=0.01, max_age_days=3)
    (found,) = judge(a_policy(gate), a_matter(readings=(a_reading({"auc": 0.9}, days=4),)))
    assert (found.standing, found.check.passed) == ("stale", False)
    assert found.check.remedy == "measure auc again or improve the model, then approve again"
