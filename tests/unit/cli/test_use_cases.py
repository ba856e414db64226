"""Use cases from the command line: checked offline, put on record, assessed, moved and shown."""

from pathlib import Path
from typing import Any

import pytest

from tests.aws.cloud import Cloud
from tests.aws.life import tell
from tests.aws.officers import DOROTHY
from tests.aws.resources import table_items
from tests.builders import ADA, KATHERINE, MARY, approved, change, package_arn, rejected
from tests.unit.cli.conftest import Steward
from tests.unit.cli.test_publishing import WHY, comes, functions, hub, told

__all__ = ["functions", "hub"]

EXAMPLES = Path(__file__).parents[3] / "examples/credit_risk"
USE_CASE, ASSESSMENT = str(EXAMPLES / "use-case.yaml"), str(EXAMPLES / "assessment.yaml")


def test_files_are_checked_without_any_cloud(steward: Steward, tmp_path: Path):
    assert told(steward, "use-case", "validate", USE_CASE)["id"] == "credit-risk"
    known = told(steward, "use-case", "validate", ASSESSMENT)
    assert (known["valid"], known["ai_act_class"], known["grounds"]) == (True, "high", ["Annex III, 5"])
    assert (
        "high by eu-ai-act@1, by Annex III, 5; medium materiality" in steward("use-case", "validate", ASSESSMENT).stdout
    )


def test_what_is_wrong_is_said_with_line_and_field(steward: Steward, tmp_path: Path):
    wrong = tmp_path / "wrong.yaml"
    text = (EXAMPLES / "use-case.yaml").read_text().replace("[DE, FR, EU]", "[DE, UK]").replace("purpose:", "purpos:")
    wrong.write_text(text.replace("id: credit-risk", "id: Credit_Risk"))
    problems = told(steward, "use-case", "validate", str(wrong), code=1)["problems"]
    assert problems == [
        "line 2: id: “Credit_Risk” is no name: lower case letters, digits and single dashes between them, "
        "2 to 63 characters",
        "line 2: purpose: it is missing",
        "line 4: purpos: there is no such field; did you mean purpose?",
        "line 9: jurisdictions[1]: “UK” is no jurisdiction: two letters of ISO 3166-1, or EU; did you mean GB?",
    ]
    assert "is no use case" in steward("use-case", "validate", str(wrong)).stdout
    refused: Any = told(steward, "use-case", "create", str(wrong), *WHY, code=3)
    assert "line 9" in refused["error"]["message"]


def test_an_answer_that_is_missing_or_made_up_is_said_with_its_line(steward: Steward, tmp_path: Path):
    wrong = tmp_path / "wrong.yaml"
    text = (EXAMPLES / "assessment.yaml").read_text().replace("  education: no\n", "  eduction: no\n")
    wrong.write_text(text.replace("only-prepares: no", "only-prepares: yes").replace("medium", "middling"))
    problems = told(steward, "use-case", "validate", str(wrong), code=1)["problems"]
    assert problems == ["line 26: materiality: “middling” is none of high, medium or low"]
    wrong.write_text(wrong.read_text().replace("middling", "low").replace("migration: no", "migration:"))
    (problem,) = told(steward, "use-case", "validate", str(wrong), code=1)["problems"]
    assert problem == "line 18: answers.migration: it is not answered: yes or no"
    wrong.write_text(wrong.read_text().replace("migration:", "migration: no"))
    assert told(steward, "use-case", "validate", str(wrong), code=1)["problems"] == [
        "line 2: answers.education: it is not answered (Annex III, 3)",
        "line 14: answers.eduction: there is no such question; did you mean education?",
        "line 20: answers.only-prepares: an exemption needs its reason: say why (Art. 6(4) asks for it to be "
        "documented)",
    ]


def test_the_questions_are_printed_as_a_file_to_fill_in(steward: Steward, tmp_path: Path):
    filled = tmp_path / "filled.yaml"
    printed = steward("use-case", "questions").stdout
    lines = [f"{line} no" if line.endswith(":") and line.startswith("  ") else line for line in printed.splitlines()]
    told_so = "\n".join(lines).replace("materiality: #", "materiality: low #")
    filled.write_text(told_so.replace("materiality_why:", "materiality_why: nothing depends on it"))
    assert told(steward, "use-case", "validate", str(filled))["ai_act_class"] == "minimal"
    assert len(told(steward, "use-case", "questions")) == printed.count("  # ")


def test_a_use_case_lives_from_the_command_line(steward: Steward, hub: Cloud):
    assert "No use case is on record" in steward("use-case", "list").stdout
    comes(hub, MARY)
    made = steward("use-case", "create", USE_CASE, *WHY)
    assert made.stdout == "credit-risk: on record; it is pending in proof-of-concept\n"
    comes(hub, DOROTHY)
    said = steward("use-case", "assess", "credit-risk", ASSESSMENT, *WHY).stdout
    assert said == "credit-risk: assessed; it is pending in proof-of-concept, high, medium materiality\n"
    early = told(steward, "use-case", "attach", "credit-risk", "credit-risk-pd", *WHY, code=3)
    assert "not-entitled" in early["error"]["message"]
    waits = steward("use-case", "advance", "credit-risk", "--stage", "proof-of-concept", *WHY)
    assert (waits.exit_code, "your word is kept" in waits.stdout, "enough-people" in waits.stdout) == (1, True, True)
    comes(hub, KATHERINE)
    done = told(steward, "use-case", "advance", "credit-risk", "--stage", "proof-of-concept", *WHY)
    assert (done["stage"], done["outcome"]) == ("development", "done")
    attached = steward("use-case", "attach", "credit-risk", "credit-risk-pd", *WHY).stdout
    assert "attached" in attached
    refused = told(steward, "use-case", "advance", "credit-risk", "--stage", "development", *WHY, code=3)
    assert "has no version that was decided on in development" in refused["error"]["message"]
    words = ("--finding", "high: nobody says how it is explained")
    sent = steward("use-case", "reject", "credit-risk", "--stage", "development", *words, *WHY).stdout
    assert "sent back; it is pending in proof-of-concept" in sent
    told(steward, "use-case", "successor", "credit-risk", "--by", "churn", *WHY, code=4)


def test_a_word_that_was_given_under_another_policy_is_shown_as_void(steward: Steward, hub: Cloud):
    comes(hub, MARY)
    told(steward, "use-case", "create", USE_CASE, *WHY)
    comes(hub, DOROTHY)
    told(steward, "use-case", "assess", "credit-risk", ASSESSMENT, *WHY)
    steward("use-case", "advance", "credit-risk", "--stage", "proof-of-concept", *WHY)
    assert told(steward, "use-case", "show", "credit-risk")["void_words"] == []
    assert f"approved so far by {DOROTHY.id}" in steward("use-case", "show", "credit-risk").stdout
    comes(hub, KATHERINE)
    told(steward, "policy", "publish", str(EXAMPLES / "use-case-policy.yaml"), *WHY)
    assert told(steward, "use-case", "show", "credit-risk")["void_words"] == [DOROTHY.id]
    assert f"void, to be said again: {DOROTHY.id}" in steward("use-case", "show", "credit-risk").stdout


def sent_back(steward: Steward, hub: Cloud) -> None:
    """A use case with a model, which came to development and was sent back."""
    comes(hub, MARY)
    told(steward, "use-case", "create", USE_CASE, *WHY)
    for who in (DOROTHY, KATHERINE):
        comes(hub, who)
        told(steward, "use-case", "assess", "credit-risk", ASSESSMENT, *WHY)
        steward("use-case", "advance", "credit-risk", "--stage", "proof-of-concept", *WHY)
    told(steward, "use-case", "attach", "credit-risk", "credit-risk-pd", *WHY)
    words = ("--finding", "high: nobody says how it is explained")
    told(steward, "use-case", "reject", "credit-risk", "--stage", "development", *words, *WHY)


def test_it_is_shown_with_its_class_its_models_its_findings_and_its_deeds(steward: Steward, hub: Cloud):
    sent_back(steward, hub)
    document = told(steward, "use-case", "show", "credit-risk", "--audit")
    assert document["assessed"]["ai_act_class"] == "high"
    assert [one.rpartition("/")[2] for one in document["models"]] == ["credit-risk-pd"]
    actions = [one["action"] for one in document["audit"]]
    assert actions == ["use-case-created", "use-case-assessed", "stage-signed-off", "stage-approved", "group-attached",
                       "stage-rejected"]  # fmt: skip
    assert document["audit_sequence"] == len(actions)
    text = steward("use-case", "show", "credit-risk", "--audit").stdout
    for words in ("Annex III, 5", "creditworthiness", "nobody says how it is explained", "stage-rejected", "overrule"):
        assert words in text, words
    (finding,) = document["findings"]
    how = ("--how", "the letter names the reasons")
    assert told(steward, "use-case", "answer", "credit-risk", finding["id"], *how)["findings"] == []
    (listed,) = told(steward, "use-case", "list")
    assert (listed["id"], listed["stage"], listed["groups"]) == ("credit-risk", "proof-of-concept", 1)
    assert told(steward, "use-case", "list", "--stage", "production") == []
    assert "credit-risk" in steward("use-case", "list").stdout
    told(steward, "use-case", "show", "churn", code=4)


def test_what_its_models_come_to_is_shown_and_listed(steward: Steward, hub: Cloud):
    comes(hub, MARY)
    told(steward, "use-case", "create", USE_CASE, *WHY)
    for who in (DOROTHY, KATHERINE):
        comes(hub, who)
        told(steward, "use-case", "assess", "credit-risk", ASSESSMENT, *WHY)
        steward("use-case", "advance", "credit-risk", "--stage", "proof-of-concept", *WHY)
    told(steward, "use-case", "attach", "credit-risk", "credit-risk-pd", *WHY)
    for what, who in ((change, ADA), (approved, KATHERINE), (rejected, KATHERINE)):
        at = 60 * (what is not change) + 60 * (what is rejected)
        tell(hub, what(at, arn=package_arn()), at, who)
        hub.follow()
        hub.settle()
        document = told(steward, "use-case", "show", "credit-risk")
        (listed,) = told(steward, "use-case", "list")
        assert document["comes_to"]["totals"]["groups"] == 1
        if what is approved:
            assert (listed["offered_stage"], document["lacking"]) == ("development", [])
            words = steward("use-case", "show", "credit-risk").stdout
            assert "every model is approved in development" in words
    assert (listed["offered_stage"], listed["troubles"], listed["risk"]) == ("", {"rejected": 1}, "high")
    assert document["lacking"] == ["credit-risk-pd/7 is rejected in development"]
    text = steward("use-case", "show", "credit-risk").stdout
    assert "To be seen to" in text
    assert "credit-risk-pd/7" in text
    assert "1 rejected" in steward("use-case", "list").stdout


@pytest.mark.parametrize("what", ["change", "detach", "successor"])
def test_a_dry_run_says_what_would_be(steward: Steward, hub: Cloud, what: str, tmp_path: Path):
    sent_back(steward, hub)
    other = tmp_path / "other.yaml"
    other.write_text((EXAMPLES / "use-case.yaml").read_text().replace("Credit risk", "Risk"))
    words = {"change": [str(other)], "detach": ["credit-risk", "credit-risk-pd"], "successor": ["credit-risk"]}[what]
    before = table_items()
    result = steward("use-case", what, *words, *WHY, "--dry-run")
    assert result.exit_code == 0, result.output
    assert "would be" in result.stdout or "so already" in result.stdout
    assert table_items() == before


def test_its_people_are_shown_by_their_names_until_these_are_erased(steward: Steward, hub: Cloud):
    sent_back(steward, hub)
    document = told(steward, "use-case", "show", "credit-risk", "--audit")
    assert [one["who"] for one in document["audit"]] == [
        MARY.id, DOROTHY.id, DOROTHY.id, KATHERINE.id, KATHERINE.id, KATHERINE.id,
    ]  # fmt: skip
    owner, who = document["about"]["owner"], document["stages"]["development"]["by"]
    assert (owner, document["authors"], who) == (MARY.id, [MARY.id], [KATHERINE.id])
    (listed,) = told(steward, "use-case", "list")
    assert listed["owner"] == owner
    text = steward("use-case", "show", "credit-risk", "--audit").stdout
    assert all(name in text for name in (MARY.id, DOROTHY.id, KATHERINE.id))
    assert "person-" not in text
    comes(hub, KATHERINE)
    dry = told(steward, "forget-person", DOROTHY.id, *WHY, "--dry-run")
    assert (dry["use_cases"], dry["changed"]) == (["credit-risk"], False)
    assert "Erased the name of" in steward("forget-person", DOROTHY.id, *WHY).stdout
    again = told(steward, "use-case", "show", "credit-risk", "--audit")
    assert [one["who"] for one in again["audit"]][1:3] == [dry["person"]] * 2
    assert DOROTHY.id not in str(table_items())
    assert steward("verify").exit_code == 0
