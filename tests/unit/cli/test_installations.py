"""An installation is found by its stack or its cloud.json; what is missing is said with what to do next."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from typer.testing import CliRunner

from governance.domain.errors import StaleVersion
from steward.failures import Exit, failure_of
from steward.install import Wanted, find
from steward.main import app
from tests.unit.cli.conftest import answer

CLOUD = {
    "endpoint_url": "http://127.0.0.1:1",
    "region": "eu-west-1",
    "stack": "hub",
    "outputs": {"GovernanceTable": "t", "GovernanceTableArn": "arn:aws:dynamodb:eu-west-1:444455556666:table/t"},
    "credentials": {"hub": {"access_key_id": "444455556666", "secret_access_key": "s"}},
    "personas": {"auditor": {"access_key_id": "a", "secret_access_key": "s", "session_token": "t"}},
}


@pytest.fixture
def contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    path = tmp_path / "cloud.json"
    path.write_text(json.dumps(CLOUD))
    return path


def test_a_persona_of_a_local_cloud_acts_with_its_own_keys_at_its_endpoint(contract):
    found = find(Wanted(cloud=contract, persona="auditor"))
    keys = found.session.get_credentials()
    assert (keys.access_key, keys.token) == ("a", "t")
    assert found.session.client("dynamodb").meta.endpoint_url == "http://127.0.0.1:1"
    assert found.packages == "arn:aws:sagemaker:eu-west-1:444455556666:model-package/"


def test_a_persona_that_is_none_is_not_found(contract):
    ended = CliRunner().invoke(app, ["--cloud", str(contract), "--as", "stranger", "list", "--json"])
    assert ended.exit_code == 4
    assert "auditor" in answer(ended)["error"]["remedy"]


def test_a_contract_that_is_not_there_says_how_to_get_one(tmp_path):
    ended = CliRunner().invoke(app, ["--cloud", str(tmp_path / "none.json"), "list"])
    assert ended.exit_code == 4
    assert "make up" in ended.stderr


def test_a_stack_that_is_not_there_is_not_found(steward):
    ended = steward("--stack", "nowhere", "list", "--json")
    assert ended.exit_code == 4
    assert "--stack" in answer(ended)["error"]["remedy"]


def test_a_stack_without_an_output_says_which(steward):
    assert steward("restore", "--to-table", "drill", "--from-archive").exit_code == 3


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException"])
def test_a_missing_permission_is_named(code):
    message = (
        "User: arn:aws:sts::444455556666:assumed-role/r/ada is not authorized to perform: dynamodb:Query on resource: "
        "arn:aws:dynamodb:eu-west-1:444455556666:table/t because no identity-based policy allows it"
    )
    failure = failure_of(ClientError({"Error": {"Code": code, "Message": message}}, "Query"))
    assert failure and failure.code is Exit.REFUSED
    assert "dynamodb:Query on arn:aws:dynamodb:eu-west-1:444455556666:table/t" in failure.message


def test_no_credentials_says_how_to_sign_in():
    failure = failure_of(NoCredentialsError())
    assert failure and failure.code is Exit.FAILED
    assert "sso login" in failure.remedy


def test_an_error_of_aws_within_another_is_found():
    outer = RuntimeError("pynamodb's own")
    outer.__cause__ = ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no table"}}, "Query")
    failure = failure_of(outer)
    assert failure and failure.code is Exit.NOT_FOUND


def test_what_somebody_else_wrote_first_is_refused():
    failure = failure_of(StaleVersion("x"))
    assert failure and (failure.code, failure.remedy) == (Exit.REFUSED, "try again")


def test_what_nobody_expects_keeps_its_traceback():
    assert failure_of(ZeroDivisionError()) is None


def test_help_tells_the_exit_codes():
    for words in (["--help"], ["show", "--help"]):
        ended = CliRunner().invoke(app, words)
        assert ended.exit_code == 0
        assert "Exit codes" in ended.stdout
