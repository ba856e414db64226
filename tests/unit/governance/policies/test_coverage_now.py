"""What of a policy is evidenced for a version now: by whoever approved it, if anybody did."""

import pytest

from governance.adapters.policy_files import shipped_policies
from governance.domain.coverage import answers_now
from governance.domain.gates import Standing
from governance.domain.lifecycle import Stage
from governance.domain.policy_document import PolicyDocument
from governance.domain.published import DEFAULT
from governance.domain.terms import Terms
from tests.builders import after, approved
from tests.unit.governance.decisions.test_cases import told
from tests.unit.governance.policies.made import a_policy
from tests.unit.governance.policies.office import house, sign_offs
from tests.world import World

NOW = after(3600)


@pytest.fixture
def world() -> World:
    made = World()
    made.register()
    return made


def stands(world: World, policy: PolicyDocument = DEFAULT.document) -> dict[str, Standing]:
    answers = answers_now(policy, world.state(), Stage.DEVELOPMENT, Terms(policy=DEFAULT), NOW)
    return {one.gate: one.standing for one in answers}


def test_as_long_as_nobody_approved_nothing_is_said_of_the_approver(world):
    found = stands(world)
    assert not {"approver-entitled", "not-by-the-author"} & set(found)
    assert found["preceding-stage-approved"] is Standing.HOLDS


def test_an_approval_and_its_sign_off_count_for_the_stage_that_they_approved(world):
    world.tell(approved(60))
    document = PolicyDocument.model_validate(house({**sign_offs(1), "stages": ["development"], "roles": ["owner"]}))
    found = stands(world, document)
    assert {found[name] for name in ("approver-entitled", "not-by-the-author", "sign-offs")} == {Standing.HOLDS}


def test_who_signed_off_before_an_approval_is_one_of_the_two_that_let_it_pass():
    board = told(
        "the policy is two people", "vera signs it off in development", "olive approves it in development in Studio"
    )
    document = a_policy({"kind": "check", "name": "approved-by-two"})
    answers = answers_now(document, board.state(), Stage.DEVELOPMENT, Terms(policy=DEFAULT), NOW)
    assert [one.standing for one in answers if one.gate == "approved-by-two"] == [Standing.HOLDS]


def test_what_is_not_there_is_missing(world):
    assert stands(world, shipped_policies()["sr-26-2"])["model-card"] is Standing.MISSING
