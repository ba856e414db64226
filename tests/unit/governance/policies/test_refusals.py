"""A refused approval says in Studio's own field what to do, and the field takes it."""

from hypothesis import given
from hypothesis import strategies as st

from governance.adapters.policy_files import shipped_policies
from governance.domain.gates import judge
from governance.domain.lifecycle import ORDER, Stage
from governance.domain.policy import Check, Mode
from governance.domain.refusals import AGAIN, ELSEWHERE, LONGEST, refusal, size
from tests.unit.governance.policies.answers import lets_pass
from tests.unit.governance.policies.made import a_case, a_gate, a_matter, a_policy

TEXTS = st.text(max_size=300)
CHECKS = st.builds(
    Check, name=st.text("abc-", min_size=1, max_size=63), mode=st.sampled_from(list(Mode)), passed=st.booleans(),
    required=TEXTS, found=TEXTS, remedy=TEXTS,
)  # fmt: skip


def test_a_short_refusal_says_what_was_required_what_was_found_and_what_to_do():
    answers = judge(a_policy(a_gate("evidence", evidence="bias", max_age_days=30)), a_matter())
    assert refusal("house@3", [answer.check for answer in answers]) == (
        "Steward: not approved by house@3. [a-evidence-gate] required: bias evidence no older than 30 days; "
        "found: none. To do: attach bias evidence of this version from the last 30 days, then approve again."
    )


def test_a_refusal_beyond_development_names_the_stage():
    answers = judge(a_policy(a_gate("evidence", evidence="bias")), a_matter())
    told = refusal("house@3", [answer.check for answer in answers], Stage.TEST)
    assert told.startswith("Steward: not approved in test by house@3. ")


def test_a_refusal_by_any_shipped_policy_names_every_check_that_refused():
    for policy in shipped_policies().values():
        for stage in ORDER:
            answers = judge(policy, a_matter(case=a_case(stage, deployed=False)))
            text = refusal(f"{policy.name}@1", [answer.check for answer in answers])
            refused = [one.check for one in answers if one.check.mode is Mode.ENFORCE and not one.check.passed]
            assert bool(text) is not lets_pass(answers)
            assert all(f"[{check.name}]" in text for check in refused)
            told = [check for check in refused if check.remedy.removesuffix(AGAIN) in text]
            assert told == refused or (len(told) >= 8 and ELSEWHERE in text), "what to do, for most at once"


@given(st.lists(CHECKS, max_size=60), st.from_regex(r"[a-z][a-z0-9-]{0,62}@[0-9]{1,6}", fullmatch=True))
def test_whatever_is_refused_fits_on_one_line_of_the_field(checks, policy):
    text = refusal(policy, checks)
    assert len(text) <= size(text) <= LONGEST
    assert text == " ".join(text.split())
    assert bool(text) is any(check.mode is Mode.ENFORCE and not check.passed for check in checks)


@given(st.integers(1, 200))
def test_a_check_that_has_no_room_is_counted(many):
    checks = [
        Check(name=f"gate-{number:03}", mode=Mode.ENFORCE, passed=False, required="x" * 99, found="y", remedy="z" * 99)
        for number in range(many)
    ]
    text = refusal("house@1", checks)
    named = text.count("[gate-")
    assert named == many or f"and {many - named} more" in text
    assert named >= min(many, 40)
    assert "z" * 99 in text


def test_a_remedy_that_has_no_room_takes_none_from_the_others():
    made = {"mode": Mode.ENFORCE, "passed": False, "required": "x" * 990, "found": "y"}
    checks = [Check(name=name, remedy=remedy, **made) for name, remedy in (("a", "z" * 990), ("b", "do" + AGAIN))]
    assert refusal("house@1", checks) == (
        f"Steward: not approved by house@1. To do before it is approved again: [b] do. {ELSEWHERE} [a]"
    )


def test_forty_checks_in_a_script_of_many_bytes_fit_and_tell_what_to_do():
    made = {"mode": Mode.ENFORCE, "passed": False, "required": "模型" * 60, "found": "数据" * 60}
    checks = [Check(name=f"gate-{number}", remedy="𝒂附上证据" * 20, **made) for number in range(40)]
    text = refusal("house@1", checks)
    assert size(text) <= LONGEST
    assert "𝒂附上证据" in text
    assert all(f"[{check.name}]" in text for check in checks)


def test_what_is_only_advised_is_no_refusal():
    answers = judge(a_policy(a_gate("evidence", evidence="bias", mode="advise")), a_matter())
    assert refusal("house@3", [answer.check for answer in answers]) == ""
