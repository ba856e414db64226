"""What the reconciler says of groups and use cases, and what belongs to a prohibited one."""

from typing import Any

import pytest

from governance.domain.ai_act import AiActClass
from governance.domain.approvals import as_judged, learned
from governance.domain.errors import DeploymentRefused, Refused
from governance.domain.facts import VerdictGiven
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.model_group import ModelGroup
from governance.domain.onboarded import LOGICAL_ID, STACK, too_much
from governance.domain.orders_on_models import Approve, BreakGlass
from governance.domain.published import DEFAULT
from governance.domain.use_case import LINE_OF_BUSINESS, PROJECT, USE_CASE
from governance.domain.use_cases import Membership, UseCaseStage
from governance.domain.what_if import Turn, Word, is_as_judged, tried_then, what_if
from governance.ports.identity import Caller
from governance.services.judging import Judging
from governance.services.spreading import Spreading, informed
from tests.builders import DEV, HUB, KATHERINE, MARY, WRITER, after, approved, group_arn, package_arn
from tests.reconciling import ReconciledWorld
from tests.template.translation import model_group
from tests.unit.governance.use_cases import sentences
from tests.unit.governance.use_cases.board import Board, carry_out
from tests.world import World, deployed_to_test

assert sentences  # what is said of a use case
GROUP = group_arn()


def with_a_use_case(world: ReconciledWorld, name: str = "credit-scoring", *deeds: str) -> None:
    """One use case is on record; of its groups nobody knows yet."""
    board = Board()
    for deed in (f"olive creates {name}", *deeds):
        carry_out(board, deed)
    world.use_cases.kept.update(board.use_cases.kept)
    world.use_cases.journal.entries.update(board.use_cases.journal.entries)


APPROVED = ("vera assesses it as limited of low materiality", "vera approves proof-of-concept")
STACKED = {STACK: "model-group-credit-risk-pd", LOGICAL_ID: "ModelGroup"}
AS_ITS_USE_CASE = {LINE_OF_BUSINESS: "retail", PROJECT: "loans"}


def tagged(use_case: str, **tags: str) -> ReconciledWorld:
    """A version of a group whose tags name a use case, and its registration was followed."""
    world = ReconciledWorld()
    world.registry.group_tags[GROUP] = {USE_CASE: use_case, **tags}
    world.grouping.onboard(world.register(), "e")
    return world


def member(**told: Any) -> Membership:
    common = {"id": "credit-scoring", "name": "Credit scoring", "stage": "development", "sequence": 1}
    return Membership.model_validate({**common, **told})


def attach(world: World, **told: Any) -> None:
    """The group belongs to the use case."""
    known = world.groups.get(GROUP) or ModelGroup(arn=GROUP)
    kept = known.model_copy(update={"use_case": member(**told), "revision": known.revision + 1})
    world.groups.save(kept, known.revision)


def test_nothing_is_asked_of_groups_where_no_use_case_is_on_record():
    world = tagged("credit-scoring")
    world.reconcile()
    assert not world.codes() & {"use-case-unknown", "group-not-onboarded", "use-case-differs"}


def test_a_group_that_is_not_attached_is_a_finding_until_it_is():
    world = tagged("credit-scoring")
    with_a_use_case(world, "credit-scoring", *APPROVED)
    world.reconcile()
    assert "group-not-onboarded" in world.codes()
    attach(world)
    world.reconcile()
    assert "group-not-onboarded" not in world.codes()


def test_a_group_whose_tags_name_a_use_case_that_is_not_on_record_is_a_finding():
    world = tagged("churn")
    with_a_use_case(world)
    world.reconcile()
    assert "use-case-unknown" in world.codes()
    assert "group-not-onboarded" not in world.codes(), "one finding is enough"


def test_a_group_whose_tags_name_another_use_case_than_it_belongs_to_is_a_finding():
    world = tagged("fraud")
    with_a_use_case(world)
    with_a_use_case(world, "fraud")
    attach(world)
    world.reconcile()
    assert "use-case-differs" in world.codes()


def test_a_group_whose_use_case_may_have_none_yet_is_a_finding_and_is_not_taken_in():
    world = tagged("credit-scoring", **STACKED)
    with_a_use_case(world)
    world.reconcile()
    assert "use-case-not-approved" in world.codes()
    known = world.groups.get(GROUP)
    assert known is not None and known.use_case is None


def test_a_group_that_a_stack_made_is_taken_in_by_the_reconciler_once():
    world = tagged("credit-scoring", **STACKED, **AS_ITS_USE_CASE)
    with_a_use_case(world, "credit-scoring", *APPROVED)
    assert world.reconcile(dry_run=True).counts.get("groups-attached") is None
    assert world.reconcile().counts["groups-attached"] == 1
    assert world.use_cases.groups("credit-scoring") == [GROUP]
    deeds = len(world.use_cases.trail("credit-scoring"))
    world.reconcile()
    assert len(world.use_cases.trail("credit-scoring")) == deeds
    assert not world.codes() & OF_GROUPS


def test_and_with_its_first_version_so_that_its_record_knows_the_use_case():
    world = ReconciledWorld()
    with_a_use_case(world, "credit-scoring", *APPROVED)
    world.registry.group_tags[GROUP] = {USE_CASE: "credit-scoring", **STACKED}
    world.grouping.onboard(world.register(), "e")
    assert world.state().profile.use_case_name == "Credit scoring"
    (*_, deed) = world.use_cases.trail("credit-scoring")
    assert (deed.content["action"], deed.content["who"]) == ("group-attached", "steward")
    assert "model-group-credit-risk-pd" in deed.content["why"]


def test_what_somebody_took_out_does_not_come_back_by_its_tags():
    world = tagged("credit-scoring", **STACKED)
    with_a_use_case(world, "credit-scoring", *APPROVED)
    world.reconcile()
    known = world.groups.get(GROUP)
    assert known is not None
    gone = {"use_case": None, "left": "credit-scoring", "revision": known.revision + 1}
    world.groups.save(known.model_copy(update=gone), known.revision)
    world.reconcile()
    after_that = world.groups.get(GROUP)
    assert after_that is not None and after_that.use_case is None
    assert "group-not-onboarded" in world.codes()


OF_GROUPS = {
    "group-made-otherwise",
    "group-not-onboarded",
    "group-shares-too-much",
    "group-tags-differ",
    "use-case-differs",
    "use-case-not-approved",
    "use-case-unknown",
}


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({}, {"group-made-otherwise", "group-tags-differ"}),
        (AS_ITS_USE_CASE, {"group-made-otherwise"}),
        (STACKED, {"group-tags-differ"}),
        ({**STACKED, **AS_ITS_USE_CASE, LOGICAL_ID: "Mine"}, {"group-made-otherwise"}),
        ({**STACKED, **AS_ITS_USE_CASE}, set()),
        ({**STACKED, **AS_ITS_USE_CASE, PROJECT: "other"}, {"group-tags-differ"}),
    ],
)
def test_what_is_otherwise_about_a_group_of_a_use_case_is_a_finding(tags: dict[str, str], found: set[str]):
    world = tagged("credit-scoring", **tags)
    with_a_use_case(world, "credit-scoring", *APPROVED)
    attach(world)
    world.reconcile()
    assert world.codes() & OF_GROUPS == found


THEIRS = {"AWS": [f"arn:aws:iam::{DEV}:root", HUB]}


@pytest.mark.parametrize(
    ("statement", "more"),
    [
        ({"Principal": THEIRS, "Action": ["sagemaker:CreateModelPackage", "sagemaker:ListModelPackages"]}, ()),
        ({"Principal": THEIRS, "Action": "sagemaker:UpdateModelPackage"}, ("sagemaker:UpdateModelPackage",)),
        ({"Principal": {"AWS": DEV}, "Action": "sagemaker:*"}, ("sagemaker:*",)),
        ({"Principal": "*", "Action": "sagemaker:deletemodelpackage"}, ("sagemaker:deletemodelpackage",)),
        ({"Principal": {"AWS": HUB}, "Action": "sagemaker:UpdateModelPackage"}, ()),
        ({"NotPrincipal": {"AWS": HUB}, "Action": "sagemaker:AddTags"}, ("sagemaker:AddTags",)),
        ({"Principal": {"Service": "x.amazonaws.com"}, "Action": "sagemaker:AddTags"}, ("sagemaker:AddTags",)),
        ({"Principal": THEIRS, "NotAction": "sagemaker:UpdateModelPackage"}, ("*",)),
        ({"Principal": "*", "Action": "sagemaker:*", "Effect": "Deny"}, ()),
    ],
)
def test_what_a_policy_allows_others_beyond_registering_is_told(statement: dict[str, Any], more: tuple[str, ...]):
    assert too_much([{"Effect": "Allow", **statement}], HUB) == more


def test_a_policy_that_lets_others_decide_is_a_finding():
    world = tagged("credit-scoring")
    with_a_use_case(world)
    world.catalogue.policies[GROUP] = [
        {"Effect": "Allow", "Principal": THEIRS, "Action": "sagemaker:UpdateModelPackage"}
    ]
    world.reconcile()
    assert "group-shares-too-much" in world.codes()


def test_the_templates_own_policy_lets_nobody_do_more_than_register():
    (group,) = model_group().of_type("AWS::SageMaker::ModelPackageGroup").values()
    assert too_much(group["ModelPackageGroupPolicy"]["Statement"], HUB) == ()


def test_a_group_that_nobody_told_of_its_use_case_learns_of_it_from_the_reconciler():
    world = tagged("credit-scoring")
    with_a_use_case(world)
    attach(world, name="As before", sequence=0)
    assert world.reconcile(dry_run=True).counts.get("use-cases") is None
    assert world.reconcile().counts["use-cases"] == 1
    known = world.groups.get(GROUP)
    assert known is not None and known.use_case is not None
    assert (known.use_case.name, known.use_case.stage) == ("Credit scoring", "proof-of-concept")
    assert world.reconcile().counts.get("use-cases") is None


def test_what_of_a_use_case_was_never_announced_is_announced_again():
    world = tagged("credit-scoring")
    with_a_use_case(world)
    world.relay()
    world.now.moment = after(600)

    def announced() -> list[str]:
        return [name for name, about in world.outbox.announced if about == "USECASE#credit-scoring"]

    assert world.reconcile(dry_run=True).counts["announcement-overdue"] == 1
    assert announced() == []
    world.reconcile()
    assert announced() == ["UseCaseCreated"]
    world.use_cases.acknowledgements.acknowledge("USECASE#credit-scoring", 1, 1)
    world.reconcile()
    assert announced() == ["UseCaseCreated"]


def test_what_was_done_a_moment_ago_is_left_to_the_relay():
    world = tagged("credit-scoring")
    with_a_use_case(world)
    world.relay()
    world.now.moment = after(120)
    assert world.reconcile(grace_seconds=900).counts.get("announcement-overdue") is None


def test_a_group_never_goes_back_to_what_it_was_told_before():
    newer = ModelGroup(arn=GROUP, use_case=member(sequence=7))
    assert informed(newer, member(sequence=6, name="Old")) == newer
    assert informed(newer, member(id="fraud", sequence=9)) == newer
    assert informed(ModelGroup(arn=GROUP), member()) == ModelGroup(arn=GROUP)
    assert informed(newer, member(sequence=8, name="New")).use_case == member(sequence=8, name="New")


def test_a_use_case_that_is_not_on_record_tells_nobody_anything():
    board = Board()
    assert Spreading(board.use_cases, board.groups).spread("churn") == 0


# What the Act prohibits


def prohibited(world: World) -> None:
    attach(world, ai_act_class=AiActClass.UNACCEPTABLE)


def test_nothing_of_a_prohibited_use_case_is_approved(world: World):
    world.register()
    world.seal()
    prohibited(world)
    world.tell(approved(60))
    state = world.state()
    assert state.stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    assert not state.deployments
    refused = state.stage(Stage.DEVELOPMENT).verdict
    assert refused is not None and not refused.passed
    assert [one.name for one in refused.checks if not one.passed] == ["use-case-acceptable"]


def test_whoever_asks_for_an_approval_is_told_so_and_nothing_is_written():
    world = World(writer=WRITER)
    world.register()
    world.seal()
    prohibited(world)
    told = {"function": "f", "request_id": "request-0001", "why": "good enough", "version": package_arn()}
    order = Approve.model_validate({**told, "command": "approve", "stage": "development"})
    answer = Judging(world.ledger, world.recording).carry_out(order, Caller(person=MARY, at=after(60)))
    assert answer["outcome"] == "waits"
    assert [one["name"] for one in answer["checks"] if one["stops"]] == ["use-case-acceptable"]
    assert not world.state().write_backs


def test_not_even_in_an_emergency(world: World):
    world.register()
    world.seal()
    prohibited(world)
    told = {"function": "f", "request_id": "request-0001", "why": "a storm", "version": package_arn()}
    order = BreakGlass.model_validate({**told, "command": "break-glass", "stage": "development"})
    with pytest.raises(Refused, match=r"not-even-in-an-emergency: .* use-case-acceptable"):
        Judging(world.ledger, world.recording).carry_out(order, Caller(person=KATHERINE, at=after(60)))


AGAINST_IT = {
    "use-case-acceptable": {"ai_act_class": AiActClass.UNACCEPTABLE},
    "use-case-not-retired": {"stage": UseCaseStage.RETIRED},
}
"""How a use case stands that keeps everything of it from passing, by the check that says so."""


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("use-case-acceptable", "the EU AI Act prohibits its use case credit-scoring"),
        ("use-case-not-retired", "its use case credit-scoring is retired"),
    ],
)
def test_the_last_gate_lets_nothing_of_a_prohibited_or_retired_use_case_through(world: World, check: str, said: str):
    world.register()
    world.seal()
    world.tell(approved(60))
    world.now.moment = after(61)
    world.start(Stage.TEST)
    attach(world, **AGAINST_IT[check])
    with pytest.raises(DeploymentRefused, match=said) as refused:
        world.verify(Stage.TEST)
    assert check not in str(refused.value), "it is said once, and of the deployment rather than of its approval"


def test_what_belongs_to_any_other_use_case_is_judged_as_ever(world: World):
    attach(world, ai_act_class=AiActClass.HIGH, stage=UseCaseStage.DEVELOPMENT)
    assert deployed_to_test(world).state().stage(Stage.DEVELOPMENT).status is ModelStatus.APPROVED


@pytest.mark.parametrize("check", AGAINST_IT)
def test_what_was_refused_for_its_use_case_is_refused_under_any_other_policy_too(world: World, check: str):
    world.register()
    world.seal()
    attach(world, **AGAINST_IT[check])
    world.tell(approved(60))
    facts = world.ledger.facts(package_arn())
    (given,) = [one for one in facts if isinstance(one, VerdictGiven)]
    assert [one.name for one in given.checks if not one.passed] == [check]
    (before,) = [state for state, fact in learned(facts) if fact is given]
    case = as_judged(before, given, DEFAULT.document)
    assert case is not None
    assert is_as_judged(case, given, DEFAULT.document), "check by check"
    assert what_if(DEFAULT.document, case).word is Word.FAILS
    draft = DEFAULT.document.model_copy(update={"title": "told in other words"})
    assert tried_then(draft, before, given, DEFAULT.document).turn is Turn.SAME
