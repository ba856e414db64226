"""Policies as files are looked at offline: no installation is asked for, and nothing is put in force."""

from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from governance.domain.use_case_policy import BUILT_IN
from steward.main import app
from tests.template.translation import ROOT
from tests.unit.cli.conftest import answer
from tests.unit.governance.policies.test_files import GOOD

WHOLE = (
    GOOD
    + """\
  - {name: approver-entitled, kind: check}
  - {name: not-by-the-author, kind: check}
  - {name: preceding-stage-approved, kind: check}
"""
)


def policy(*words: str) -> Result:
    return CliRunner().invoke(app, ["policy", *words], env={"COLUMNS": "200"})


@pytest.fixture
def file(tmp_path):
    def written(content: str) -> str:
        (tmp_path / "house.yaml").write_text(content)
        return str(tmp_path / "house.yaml")

    return written


def test_a_good_file_is_said_to_be_a_policy_with_its_hash(file):
    told = policy("validate", file(WHOLE), "--json")
    assert told.exit_code == 0
    assert (answer(told)["valid"], answer(told)["publishable"], len(answer(told)["hash"])) == (True, True, 64)
    assert "is a policy: house, 6 gates" in policy("validate", file(WHOLE)).stdout


def test_a_policy_that_could_never_be_published_is_said_to_lack_what(file):
    told = policy("validate", file(GOOD))
    assert told.exit_code == 1
    assert "it cannot be published: it does not enforce not-by-the-author anywhere" in told.stdout
    assert answer(policy("validate", file(GOOD), "--json"))["publishable"] is False


def test_everything_wrong_with_a_file_is_said_with_line_and_field(file):
    told = policy("validate", file(GOOD.replace("evidence: bias", "evidence: vibes")))
    assert told.exit_code == 1
    assert "line 6: gates[0].evidence: " in told.stdout
    again = policy("validate", file(GOOD.replace("evidence: bias", "evidence: vibes")), "--json")
    assert (answer(again)["valid"], len(answer(again)["problems"])) == (False, 1)


def test_a_control_that_nobody_knows_is_said(file):
    told = policy("validate", file(GOOD.replace("max_age_days: 90", "controls: [eu-ai-act/Art. 99]")))
    assert told.exit_code == 1
    assert "line 7: gates[0].controls[0]: the catalogue has no control eu-ai-act/Art. 99" in told.stdout


def test_what_is_looser_than_another_policy_is_said(file):
    told = policy("validate", file(GOOD), "--against", "sr-26-2", "--json")
    assert told.exit_code == 1
    assert {"not-by-the-author", "model-card"} <= {one["gate"] for one in answer(told)["looser"]}
    assert policy("validate", file(WHOLE), "--against", file(WHOLE)).exit_code == 0


@pytest.mark.parametrize("name", ["default", "sr-26-2", "eu-ai-act-high-risk"])
def test_a_shipped_policy_is_shown_gate_by_gate_and_said_not_to_be_in_force(name):
    told = policy("show", name)
    assert told.exit_code == 0
    assert "not-by-the-author" in told.stdout
    assert "as it is written" in told.stderr
    assert answer(policy("show", name, "--json"))["name"] == name


def test_a_policy_that_is_not_there_is_named_with_those_that_are():
    told = policy("show", "sr-11-7")
    assert told.exit_code == 4
    assert "sr-26-2" in told.stderr


def test_coverage_says_for_every_control_which_gates_ask_for_it():
    told = policy("coverage", "eu-ai-act-high-risk", "--stage", "production", "--json")
    controls = {(one["framework"], one["control"]): one for one in answer(told)["controls"]}
    assert controls["eu-ai-act", "Art. 14"]["gates"] == ["human-oversight-plan"]
    assert not controls["sr-26-2", "vendor-models"]["asked"]
    shown = policy("coverage", "eu-ai-act-high-risk").stdout
    assert "applies from 2027-12-02" in shown
    assert "not that the control is met" in shown


def test_a_stage_that_there_is_not_is_a_wrong_command_line():
    assert policy("coverage", "default", "--stage", "staging").exit_code == 2


EXAMPLE = str(ROOT / "examples/credit_risk/use-case-policy.yaml")


def test_the_policy_of_use_cases_is_shown_with_the_hash_that_deeds_pin():
    told = policy("show", "use-cases")
    for words in (
        "pre-production",
        "validator or officer",
        "nobody-alone",
        "high 2, limited 1, minimal 1",
        BUILT_IN.hash,
    ):
        assert words in told.stdout
    assert answer(policy("show", "use-cases", "--json"))["people_by_class"] == {"minimal": 1, "limited": 1, "high": 2}


def test_one_of_use_cases_is_validated_as_any_other_and_compared_with_its_kind(tmp_path):
    told = policy("validate", EXAMPLE, "--against", "use-cases")
    assert (told.exit_code, "is a policy: use-cases, 10 checks" in told.stdout) == (0, True)
    looser = Path(EXAMPLE).read_text().replace("production: [officer]", "production: [owner, officer]", 1)
    (tmp_path / "looser.yaml").write_text(looser)
    told = policy("validate", str(tmp_path / "looser.yaml"), "--against", "use-cases", "--json")
    assert told.exit_code == 1
    assert all({"gate", "place", "how"} == set(one) for one in answer(told)["looser"])
    told = policy("validate", EXAMPLE, "--against", "sr-26-2")
    assert (told.exit_code, "cannot be compared" in told.stderr) == (2, True)


def test_everything_wrong_with_one_of_use_cases_is_said_with_its_lines(tmp_path):
    wrong = Path(EXAMPLE).read_text().replace("high: 2", "high: 0").replace("  production: [officer]\n", "", 1)
    (tmp_path / "wrong.yaml").write_text(wrong.replace("acceptable:", "aceptable:"))
    told = policy("validate", str(tmp_path / "wrong.yaml"))
    assert told.exit_code == 1
    for words in ("people_by_class.high: “0” is out of bounds", "roles.production: nobody may approve this stage",
                  "enforced.aceptable: “aceptable” is none of", "did you mean acceptable?",
                  "enforced.acceptable: it is made in every stage"):  # fmt: skip
        assert words in told.stdout, words


def test_coverage_is_about_models_and_does_not_take_one_of_use_cases():
    told = policy("coverage", EXAMPLE)
    assert (told.exit_code, "is the policy of use cases" in told.stderr) == (2, True)
