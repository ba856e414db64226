"""What a draft of the policy of use cases would say now, and would have said then: asked of the checks that judge."""

import pytest
from hypothesis import given, settings

from governance.domain.audit import GENESIS, AuditEntry, Deed
from governance.domain.errors import Refused
from governance.domain.identifiers import STEWARD
from governance.domain.use_case_past import judged
from governance.domain.use_case_policy import Matter, came_as, judge, words_under
from governance.domain.use_case_what_if import NO_REFUSALS, UNKNOWN, UseCaseTurn, word_of
from governance.domain.values import canonical, iso, sha256_of
from governance.domain.what_if import NOT_AS_JUDGED
from governance.services.trying_policies import DAMAGED
from governance.services.trying_use_case_policies import APPROVED, RETIRED, UseCaseScope
from tests.builders import after
from tests.unit.governance.decisions.sentences import person
from tests.unit.governance.use_cases.board import ID, Board, carry_out, id_of
from tests.unit.governance.use_cases.policies_made import STAGES, as_written, matters, use_case_policies, with_checks
from tests.unit.governance.use_cases.test_cases import ORDER, TABLE
from tests.unit.governance.use_cases.test_under_the_policy_in_force import publish
from tests.unit.governance.use_cases.trials import draft, lived, told, tried, trying, watched

WRITTEN = "olive wrote it down, and it is limited of low materiality"
HIGH = "olive wrote it down, and it is high of low materiality"
ROLES = as_written()["roles"]
THREE = draft(people_by_class={"high": 3, "limited": 3, "minimal": 3})
ALONE = {"people_by_class": {"high": 1, "limited": 1, "minimal": 1}}
BY_OFFICERS = draft(roles={**ROLES, "proof-of-concept": ["officer"], "development": ["officer"]})

LIFE = (
    "there is an environment for pre-production", "olive creates it",
    "vera assesses it as high of low materiality", "olive approves proof-of-concept", "vera approves proof-of-concept",
    "oskar approves proof-of-concept", "vera approves proof-of-concept", "olive says who oversees it",
    "oskar approves proof-of-concept", "vera approves proof-of-concept", "pd is approved in development",
    "olive attaches pd", "vera approves development", "oskar approves development", "otto approves development",
    "nothing of pd was decided on in test", "viktor approves quality-assurance", "oskar rejects quality-assurance",
    "vera approves development", "otto changes its purpose", "olive answers the finding", "vera approves development",
    "viktor approves development", "pd is approved in test", "vera approves quality-assurance",
    "olga approves quality-assurance", "viktor assesses it as limited of low materiality",
    "olga assesses it as limited of low materiality", "pd is approved in pre-production",
    "oskar approves pre-production", "olga approves pre-production", "pd is approved in production", "olive has left",
    "oskar approves production", "olga approves production", "viktor makes viktor its owner",
    "otto makes otto its owner", "vera assesses it as high of high materiality", "oskar approves production",
    "olga approves production", "olga approves production",
)  # fmt: skip
"""A life in which much is asked that a policy may refuse; whatever is, leaves no deed."""


def test_the_life_that_drafts_are_tried_on_has_approvals_and_words_in_every_stage():
    board = lived(Board(), *LIFE)
    assert {(one["action"], one["stage"]) for one in board.chain} >= {
        *(("stage-approved", stage) for stage in STAGES[:4]),
        ("stage-signed-off", "production"),
    }


# The policy in force changes nothing.


@pytest.mark.parametrize("case", [pytest.param(one, id=one["case"]) for one in TABLE["cases"]])
def test_the_policy_in_force_changes_nothing_whatever_happened(case):
    board = Board()
    for sentence in (one for part in ORDER for one in case.get(part, ())):
        carry_out(board, sentence)
    found = tried(board, board.policies.of_use_cases().document)
    assert (found.found, found.void, found.left_out.get(DAMAGED)) == ((), 0, None)
    assert (found.compared[0].less, found.compared[0].more) == ({}, {})
    assert set(found.now) == set(found.decided) == set(UseCaseTurn)


@settings(max_examples=20, deadline=None)
@given(use_case_policies())
def test_no_policy_in_force_changes_anything_that_was_judged_by_it(policy):
    board = Board()
    publish(board, policy.content())
    assert tried(lived(board, *LIFE), policy).found == ()


# What was judged is put together again as it was.


@pytest.mark.parametrize("half", [4, 7, 13, 26, 34])
def test_before_each_deed_the_use_case_is_put_together_as_it_was(half):
    board, really = Board(), list[Matter]()
    with watched(really):
        lived(board, *LIFE[:half])
        publish(board, as_written(title="the same, so that words are void"))
        lived(board, *LIFE[half:])
    again = list(judged(ID, board.use_cases.trail(ID)))
    assert [one.roles for one in again] == [matter.roles for matter in really]
    known = {"about", "stage", "status", "stages", "words", "assessed", "findings", "authors", "groups"}
    for one, matter in zip(again, really, strict=True):
        then = matter.use_case.model_copy(update={"words": matter.standing})
        kept = one.use_case.model_copy(update={"words": words_under(one.use_case, one.policy_hash)})
        assert kept.model_dump(include=known) == then.model_dump(include=known)


@settings(max_examples=40, deadline=None)
@given(use_case_policies(), use_case_policies(), use_case_policies())
def test_a_draft_says_of_the_past_what_it_would_have_said_then_or_that_nobody_can_tell(first, second, other):
    board, really = Board(), list[Matter]()
    with watched(really):
        publish(board, first.content())
        lived(board, *LIFE[: len(LIFE) // 2])
        publish(board, second.content())
        lived(board, *LIFE[len(LIFE) // 2 :])
    found = tried(board, other)
    assert sum(found.decided.values()) == len(really)
    turned = {one.deed: one for one in found.found if one.status == "decided"}
    deeds = [one for one in board.chain if one["action"] in {"stage-approved", "stage-signed-off"}]
    for deed, matter in zip(deeds, really, strict=True):
        one, then = turned.get(deed["sequence"]), "passes" if deed["action"] == "stage-approved" else "waits"
        would = word_of(judge(other, matter))
        if one is None:
            assert would == then
        elif one.would != "cannot-tell":
            assert (one.was, one.would) == (then, would)
            assert would != then
        else:
            assert {check.name for check in one.because} <= set(UNKNOWN), one.why
            assert one.because, one.why


@given(matters())
def test_as_what_somebody_came_is_read_off_what_their_deed_says(matter):
    policy = draft()
    assert came_as(judge(policy, matter)) == tuple(role for role in ROLES["development"] if role in matter.roles)


# What could be approved now.


def now(board: Board, policy) -> list[tuple[str, str, tuple[str, ...], set[str]]]:
    found = tried(board, policy, UseCaseScope(decisions=False)).found
    return [(one.was, one.would, one.by, {check.name for check in one.because}) for one in found]


NEW = ("owner", "validator", "officer")


def test_what_takes_more_people_waits_where_it_passed():
    assert now(told(WRITTEN), THREE) == [("passes", "waits", NEW, {"enough-people"})]


def test_what_takes_fewer_people_passes_where_it_waited():
    assert now(told(HIGH), draft(**ALONE)) == [("waits", "passes", NEW, {"enough-people"})]


def test_who_may_no_longer_approve_a_stage_is_refused_and_others_are_not():
    assert now(told(WRITTEN), BY_OFFICERS) == [("passes", "fails", ("owner", "validator"), {"entitled"})]


def test_a_check_that_is_made_no_longer_lets_pass_whom_it_stopped():
    loose = draft(enforced=with_checks("not-by-its-authors"))
    owners = tuple(f"{role} who owns it" for role in NEW)
    assert now(told(WRITTEN), loose) == [("fails", "passes", owners, {"not-by-its-authors"})]


def test_words_that_wait_count_as_if_they_were_given_again_and_those_that_would_be_void_are_counted():
    board = told(HIGH, "vera approves proof-of-concept")
    assert now(board, draft(title="the same, in other words")) == []
    assert tried(board, draft(title="the same, in other words")).void == 1
    assert tried(board, board.policies.of_use_cases().document).void == 0


def test_models_and_owners_count_as_they_stand_now():
    lax = draft(enforced=with_checks("models-approved", "owner-known"))
    board = told(WRITTEN, "it is in development with pd", "olive attaches pd")
    assert now(board, lax) == []
    told("pd is rejected in development", on=board)
    ((was, would, _, names),) = now(board, lax)
    assert (was, would, names) == ("fails", "passes", {"models-approved"})
    told("pd is approved in development", "olive has left", on=board)
    assert [names for *_, names in now(board, lax)] == [{"owner-known"}]


def test_what_cannot_be_approved_any_more_is_left_out_and_said_to_be():
    board = told(WRITTEN, "it is in production with pd", "oskar approves production", "otto creates fraud")
    found = tried(board, THREE)
    assert (found.use_cases, found.open, found.left_out) == (2, 1, {APPROVED: 1})
    board.ask(person("otto"), "retire-use-case", use_case="fraud")
    found = tried(board, THREE, UseCaseScope(use_cases=frozenset({"fraud"})))
    assert (found.use_cases, found.open, found.left_out) == (1, 0, {RETIRED: 1})


def test_a_use_case_counts_once_for_a_check_whoever_hears_of_it():
    found = tried(told(WRITTEN), THREE)
    assert found.now[UseCaseTurn.NEWLY_WAITS] == 1
    assert [(one.when, one.gate, one.approvals) for one in found.gates] == [("now", "enough-people", 1)]


# What was judged before.


def then(board: Board, policy) -> list[tuple[str, str, str, set[str]]]:
    found = [one for one in tried(board, policy).found if one.status == "decided"]
    return [(one.was, one.would, one.turn, {check.name for check in one.because}) for one in found]


def test_an_approval_would_have_waited_where_the_draft_asks_more_people():
    board = told(WRITTEN, "vera approves proof-of-concept")
    assert then(board, THREE) == [("passes", "waits", "newly-waits", {"enough-people"})]
    (one,) = [one for one in tried(board, THREE).found if one.status == "decided"]
    assert (one.by, one.policy, one.deed) == ((id_of("vera"),), "use-cases@1", 3)


def test_a_word_that_was_kept_would_have_been_enough_and_so_would_those_it_waited_for():
    board = told(HIGH, "vera approves proof-of-concept", "oskar approves proof-of-concept")
    assert then(board, draft(**ALONE)) == [("waits", "passes", "newly-passes", {"enough-people"})]


def test_whoever_may_no_longer_approve_would_have_been_refused():
    board = told(WRITTEN, "vera approves proof-of-concept")
    assert then(board, BY_OFFICERS) == [("passes", "fails", "newly-fails", {"entitled"})]


def test_it_is_judged_on_what_the_use_case_was_then():
    board = told(WRITTEN, "vera approves proof-of-concept")
    told("viktor assesses it as high of low materiality", "olive says who oversees it", on=board)
    overseen = draft(enforced=with_checks(human_oversight=STAGES), oversight_for=["limited", "high"])
    assert then(board, overseen) == [("passes", "fails", "newly-fails", {"human-oversight"})]
    two = draft(people_by_class={"minimal": 1, "limited": 1, "high": 3})
    assert then(board, two) == []


def given_to(board: Board, name: str, until: float) -> None:
    """A role is delegated to somebody, as the hub's chain tells it."""
    new = {
        "group": "pd",
        "role": "officer",
        "by": "o",
        "to": id_of(name),
        "since": iso(after(0)),
        "until": iso(after(until)),
    }
    told = {"action": "role-delegated", "who": STEWARD, "why": "on leave", "at": after(0), "correlation_id": "c"}
    board.policies.journal.write("HUB#steward", Deed.model_validate({**told, "new": new}), {})


@pytest.mark.parametrize(("name", "until"), [("viktor", 86_400), ("vera", 1)])
def test_what_was_delegated_to_nobody_or_was_over_made_nobody_entitled(name, until):
    board = told(WRITTEN, "it is in development with pd", "olive attaches pd", "vera approves development")
    given_to(board, name, until)
    assert [would for _, would, *_ in then(board, BY_OFFICERS)] == ["fails", "fails"]


def test_a_hub_whose_chain_does_not_hold_tells_nothing_of_delegations():
    board = told(WRITTEN, "it is in development with pd", "olive attaches pd", "vera approves development")
    given_to(board, "viktor", 1)
    given_to(board, "viktor", 1)
    del board.policies.journal.entries["HUB#steward"][0]
    assert [would for _, would, *_ in then(board, BY_OFFICERS)] == ["fails", "cannot-tell"]


def test_a_role_that_may_have_been_delegated_and_was_not_looked_at_is_not_guessed():
    board = told(WRITTEN, "it is in development with pd", "olive attaches pd", "vera approves development")
    given_to(board, "vera", 86_400)
    first, second = then(board, BY_OFFICERS)
    assert first == ("passes", "fails", "newly-fails", {"entitled"}), "without a group nothing delegated counts"
    assert second == ("passes", "cannot-tell", "cannot-tell", {"entitled"})


def test_how_models_stood_is_not_guessed_where_the_policy_of_then_did_not_ask():
    board = Board()
    publish(board, as_written(enforced=with_checks("models-approved", "owner-known")))
    told(WRITTEN, "it is in development with pd", "olive attaches pd", "oskar approves development", on=board)
    assert then(board, draft()) == [("passes", "cannot-tell", "cannot-tell", {"models-approved"})]
    told("olive has left", on=board)
    assert [names for *_, names in then(board, draft())] == [{"owner-known"}, {"models-approved", "owner-known"}]


def test_without_any_model_it_is_known_that_none_was_approved():
    board = Board()
    publish(board, as_written(enforced=with_checks("models-approved")))
    told(WRITTEN, "vera approves proof-of-concept", "oskar approves development", on=board)
    assert then(board, draft()) == [("passes", "fails", "newly-fails", {"models-approved"})]


def test_what_no_policy_judges_is_counted_and_what_left_no_deed_is_said():
    board = told(WRITTEN, "vera rejects proof-of-concept", "olive answers the finding")
    found = tried(board, THREE)
    assert found.unjudged == {
        "stage-rejected": 1,
        "use-case-assessed": 1,
        "use-case-created": 1,
        "use-case-finding-answered": 1,
    }
    assert found.untold == (NO_REFUSALS,)
    assert tried(board, THREE, UseCaseScope(decisions=False)).untold == ()


def test_a_chain_that_does_not_hold_is_said_to_be_damaged_and_nothing_is_told_of_it():
    board = told(WRITTEN, "vera approves proof-of-concept")
    chain = board.use_cases.journal.entries[f"USECASE#{ID}"]
    del chain[1]
    found = tried(board, THREE)
    assert (found.left_out, sum(found.decided.values()), found.open) == ({DAMAGED: 1}, 0, 1)


def test_a_deed_that_its_chain_does_not_explain_is_not_tried():
    board = told(WRITTEN, "vera approves proof-of-concept")
    forged(board, "use-case-assessed")
    (one,) = [one for one in tried(board, THREE).found if one.status == "decided"]
    assert (one.turn, one.why) == (UseCaseTurn.CANNOT_TELL, NOT_AS_JUDGED)


def forged(board: Board, action: str) -> None:
    """The chain, tied anew, with one kind of deed under a name that nobody knows."""
    entries, before = board.use_cases.journal.entries[f"USECASE#{ID}"], GENESIS
    for place, one in enumerate(entries):
        said = one.content
        name = "unheard-of" if said["action"] == action else said["action"]
        text = canonical({**said, "action": name, "previous_hash": before})
        before = sha256_of(text)
        entries[place] = AuditEntry(sequence=one.sequence, entry=text, hash=before)


def test_a_draft_is_compared_with_the_policy_in_force_both_ways():
    (beside,) = tried(told(WRITTEN), draft(**ALONE, nobody_alone_from="development")).compared
    assert beside.policy == "use-cases@1"
    assert beside.less == {"enough-people: needed 2 people and needs 1": ("class high",)}
    assert beside.more == {"nobody-alone": ("development", "quality-assurance")}


def test_a_name_that_is_mistyped_is_refused_and_not_told_as_if_nothing_changed():
    with pytest.raises(Refused, match="no use case credit-scorng is on record"):
        tried(told(WRITTEN), THREE, UseCaseScope(use_cases=frozenset({"credit-scorng", ID})))


def test_hundreds_of_use_cases_are_told_of_at_once_in_the_order_of_their_names():
    board = told(WRITTEN, "vera approves proof-of-concept")
    text, chain = board.use_cases.kept[ID], board.use_cases.journal.entries[f"USECASE#{ID}"]
    for number in range(250):
        name = f"case-{number:04d}"
        board.use_cases.kept[name] = text.replace(f'"{ID}"', f'"{name}"')
        board.use_cases.journal.entries[f"USECASE#{name}"] = chain
    seen: list[int] = []
    found = trying(board).what_if(THREE, progress=lambda done, _: seen.append(done))
    assert seen == list(range(1, 252))
    assert (found.use_cases, found.decided[UseCaseTurn.NEWLY_WAITS]) == (251, 251)
    assert [one.use_case for one in found.found] == sorted(one.use_case for one in found.found)
