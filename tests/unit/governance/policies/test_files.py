"""A policy file that is none is refused with the line and the field of everything that is wrong, and without harm."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.adapters.policy_files import LARGEST, SHIPPED, read_policy
from governance.domain.errors import DocumentRefused

GOOD = """\
name: house
title: The house's own
gates:
  - name: bias-report
    kind: evidence
    evidence: bias
    max_age_days: 90
  - name: auc
    kind: metric
    stages: [test]
    metric: auc
    at_least: 0.8
  - name: two-people
    kind: sign-offs
    needed: 2
    roles:
      - validator
      - officer
"""


def refusal(content: str | bytes) -> tuple[str, ...]:
    with pytest.raises(DocumentRefused) as refused:
        read_policy(content if isinstance(content, bytes) else content.encode())
    return refused.value.lines


def test_a_good_file_is_a_policy():
    assert [gate.name for gate in read_policy(GOOD.encode()).gates] == ["bias-report", "auc", "two-people"]


WRONG = [
    # what of the good file is written otherwise -> line, field, and what is said
    ("evidence: bias", "evidence: vibes", 6, "gates[0].evidence", "“vibes” is none of model-quality"),
    ("max_age_days: 90", "max_age_days: ninety", 7, "gates[0].max_age_days", "“ninety” is no whole number"),
    ("max_age_days: 90", "max_age_days: .nan", 7, "gates[0].max_age_days", "“nan” is no whole number"),
    ("max_age_days: 90", "maximum_age: 90", 7, "gates[0].maximum_age", "no such field"),
    ("    kind: evidence\n", "", 4, "gates[0]", "its kind is missing"),
    ("stages: [test]", "stages: [staging]", 10, "gates[1].stages[0]", "“staging” is none of development"),
    ("metric: auc", "metric: uplift", 11, "gates[1].metric", "uplift is not known"),
    ("at_least: 0.8", "at_least: 8", 12, "gates[1].at_least", "never at least 8"),
    ("at_least: 0.8", "at_least: .inf", 12, "gates[1].at_least", "finite"),
    ("at_least: 0.8", "at_least: yes", 12, "gates[1].at_least", "“True” is no number"),
    ("at_least: 0.8", "at_most: 0.8", 12, "gates[1].at_most", "give at_least"),
    ("name: auc", "name: bias-report", 8, "gates[1].name", "called so too"),
    ("      - officer", "      - intern", 18, "gates[2].roles[1]", "“intern” is none of owner, validator or officer"),
    ("      - officer", "      - validator", 16, "gates[2].roles", "twice"),
    ("title: The house's own\n", "", 1, "title", "it is missing"),
    ("name: house", "name: The House", 1, "name", "“The House” is no name"),
]


@pytest.mark.parametrize(("there", "instead", "line", "field", "said"), WRONG)
def test_what_is_wrong_is_told_with_its_line_and_field(there, instead, line, field, said):
    assert there in GOOD
    told = refusal(GOOD.replace(there, instead, 1))
    assert any(one.startswith(f"line {line}: {field}: ") and said in one for one in told), told


def test_everything_that_is_wrong_is_told_in_the_order_of_the_file():
    told = refusal(GOOD.replace("evidence: bias", "evidence: vibes").replace("- officer", "- intern"))
    assert [one.split(":")[0] for one in told] == ["line 6", "line 18"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: the file is empty"),
        ("name: [", "line 1"),
        ("name: house\n\ttitle: x", "line 2"),
        ("name: house\nname: home\n", "line 2: name is given in line 1 already"),
        (GOOD + "\n---\n" + GOOD, "another document"),
        ("a: &x [1]\nb: *x\n", "line 2: aliases"),
        ("[" * 50 + "]" * 50, "nested more than"),
        ("name: !!python/object/apply:os.system [ls]", "line 1"),
        ("name: 2026-13-45", "no YAML"),
        ("- just\n- a list", "line 1: the whole of it"),
        ("just words", "line 1: the whole of it"),
        (b"name: \xff\n", "line 1: not UTF-8"),
        (b"name: x\n" + b"#" * LARGEST, "are the most"),
        ("name: x\x00y", "no YAML"),
    ],
)
def test_what_is_no_policy_at_all_is_refused(content, said):
    assert any(said in one for one in refusal(content)), refusal(content)


@given(st.binary(max_size=200) | st.text(string.printable, max_size=200).map(str.encode))
def test_whatever_is_in_a_file_is_read_or_refused(content):
    try:
        read_policy(content)
    except DocumentRefused as refused:
        assert refused.lines


@given(st.integers(0, 400), st.sampled_from(["", "x", ": ", "\n", "- ", "[", "&a ", "*a ", "{", "é", "\t"]))
def test_a_good_file_with_something_typed_into_it_is_read_or_refused(place, typed):
    place %= len(GOOD)
    try:
        read_policy((GOOD[:place] + typed + GOOD[place:]).encode())
    except DocumentRefused as refused:
        assert refused.lines


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.name)
def test_a_shipped_file_says_where_it_comes_from_in_its_first_lines(path):
    assert path.read_text(encoding="utf-8").startswith("# ")
