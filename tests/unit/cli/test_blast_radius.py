"""What is affected by a version, an image or a piece of data is told from the command line, by whoever may read."""

import hashlib
import json
from typing import Any

import pytest

from steward import reaching
from tests.aws.cloud import Cloud
from tests.aws.life import EIGHT, ROWS, SEVEN
from tests.aws.resources import SOURCES, TABLE, client, table_items
from tests.template.translation import PROD, TEST
from tests.unit.cli.conftest import Steward, answer

NAME = "credit-risk-pd/7"
DIGEST = f"sha256:{'4d' * 32}"
IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn"


def told(steward: Steward, what: str, code: int = 0) -> Any:
    result = steward("blast-radius", what, "--json")
    assert result.exit_code == code, result.output
    return answer(result)


@pytest.mark.parametrize("name", [NAME, SEVEN])
def test_a_version_reaches_its_use_case_accounts_environments_and_endpoints(steward, name):
    found = told(steward, name)
    assert (found["looked_at"], found["use_cases"], found["model_groups"]) == (1, ["credit-risk"], ["credit-risk-pd"])
    assert (found["accounts"], found["environments"]) == ([TEST, PROD], ["production", "test"])
    assert [one.rpartition("/")[2] for one in found["endpoints"]] == [
        "steward-credit-risk-pd-test",
        "steward-credit-risk-pd-production",
    ]
    (version,) = found["versions"]
    assert (version["owner"], version["risk"], version["stages"]["test"]) == ("mary.jackson", "medium", "approved")
    assert version["reach"][1]["why_none"] == "no earlier version is known to have served in production"


def test_an_image_affects_every_version_that_runs_it_and_progress_is_told_beside_it(steward, monkeypatch):
    monkeypatch.setattr(reaching, "STEP", 2)
    before = json.dumps(table_items(), sort_keys=True)
    result = steward("blast-radius", DIGEST, "--json")
    assert (result.exit_code, result.stderr) == (0, "2 of 4 versions\n")
    found = answer(result)
    assert [one["version"].rpartition("/")[2] for one in found["versions"]] == ["7", "8", "9", "10"]
    assert (found["sought"], found["versions"][0]["namings"][0]["named"]) == (DIGEST, f"{IMAGE}@{DIGEST}")
    assert json.dumps(table_items(), sort_keys=True) == before, "looking changes nothing"


def test_data_is_found_by_its_hash(steward):
    (version,) = told(steward, hashlib.sha256(ROWS).hexdigest())["versions"]
    assert (version["version"], version["namings"][0]["what"]) == (SEVEN, "validated on (test)")


def test_people_see_where_it_runs_and_what_may_name_it_unseen(steward, hub: Cloud):
    before, key = hub.snapshot(), {"pk": {"S": f"MODEL#{EIGHT}"}, "sk": {"S": "AUDIT#00000002"}}
    client("dynamodb").delete_item(TableName=TABLE, Key=key)
    shown = steward("blast-radius", f"s3://{SOURCES}/credit/").stdout
    hub.restore(before)
    assert "steward-credit-risk-pd-production" in shown
    assert "may name it unseen (steward rebuild --check): credit-risk-pd/8" in shown
    assert shown.splitlines()[-1].startswith(
        "Affected: 4 versions of 4 on record; 1 model group, 1 use case, 2 accounts"
    )


def test_what_nothing_names_affects_nothing(steward):
    elsewhere = SEVEN.replace("444455556666", "111122223333")
    shown = steward("blast-radius", elsewhere)
    assert (shown.exit_code, shown.stdout) == (0, f"Nothing on record names {elsewhere}: 4 versions looked through.\n")


def test_a_version_that_is_not_on_record_and_a_name_that_is_none_are_told_apart(steward):
    assert steward("blast-radius", "nobody/1").exit_code == 4
    wrong = told(steward, "what is this", code=2)["error"]
    assert "names no version, image or data" in wrong["message"]
