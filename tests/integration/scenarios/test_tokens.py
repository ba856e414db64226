"""An API that takes tokens: whoever has one of the issuer, for the audience, is answered, and nobody else is."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.integration.scenarios import models
from tests.integration.scenarios.access import unique
from tests.integration.scenarios.commanding import Steward
from tests.integration.scenarios.driver import Driver, told

pytestmark = pytest.mark.cloud

MODEL = models.formula(195)
PASSWORD = "Loan-desk-2026!"
PROFILE = """\
title: Called with tokens
stages:
  test:
    api: {{auth: jwt, issuer: "{issuer}", audience: ["{audience}"]}}
"""


@dataclass(frozen=True)
class Pool:
    """A user pool of the test account with one user, and the two applications that know them."""

    issuer: str
    audience: str
    token: str
    """For the application that the API is for."""
    other: str
    """For another one."""


@pytest.fixture(scope="module")
def pool(driver: Driver) -> Pool:
    cognito: Any = driver.client("cognito-idp", "test")
    made = cognito.create_user_pool(PoolName=unique("loan-officers"))["UserPool"]["Id"]
    cognito.admin_create_user(UserPoolId=made, Username="grace", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=made, Username="grace", Password=PASSWORD, Permanent=True)
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    desk, other = (
        cognito.create_user_pool_client(UserPoolId=made, ClientName=name, ExplicitAuthFlows=flows)["UserPoolClient"][
            "ClientId"
        ]
        for name in ("loan-desk", "another")
    )
    known = {"USERNAME": "grace", "PASSWORD": PASSWORD}
    tokens = [
        cognito.admin_initiate_auth(
            UserPoolId=made, ClientId=one, AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters=known
        )["AuthenticationResult"]["IdToken"]
        for one in (desk, other)
    ]
    return Pool(f"https://cognito-idp.{driver.region}.amazonaws.com/{made}", desk, *tokens)


@pytest.fixture(scope="module")
def url(driver: Driver, steward: Steward, pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The API of a version in test whose profile takes the pool's tokens."""
    name = unique("token")
    group, profile = driver.group(name, model=MODEL), Path(tmp_path_factory.mktemp("tokens")) / "profile.yaml"
    profile.write_text(PROFILE.format(issuer=pool.issuer, audience=pool.audience))
    told(steward("officer", "profile", "set", name, str(profile), "--why", "callers have no AWS account", "--json"))
    arn = driver.register(group, MODEL)
    driver.wait_sealed(arn)
    driver.approve(arn)
    return driver.api("test", driver.wait_deployed(arn)["endpoint_name"])


def status(url: str, token: str = "") -> tuple[int, str]:
    """What comes of posting the held-out rows with a token."""
    headers = {"content-type": "text/csv", "accept": "text/csv"}
    headers |= {"authorization": f"Bearer {token}"} if token else {}
    try:
        with urlopen(Request(url, MODEL.features.encode(), headers, method="POST")) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()


def forged(token: str) -> str:
    """The same token for somebody else, whose signature is of the first."""
    head, _, signature = token.split(".")
    body = {"sub": "mallory", "aud": "loan-desk", "token_use": "id"}
    return f"{head}.{urlsafe_b64encode(json.dumps(body).encode()).decode().rstrip('=')}.{signature}"


def test_who_has_a_token_of_the_issuer_for_the_audience_is_answered(url: str, pool: Pool) -> None:
    code, body = status(url, pool.token)
    assert code == 200, body
    assert [float(line) for line in body.split()] == list(MODEL.answers)


def test_nobody_else_is(url: str, pool: Pool) -> None:
    assert status(url)[0] == 401
    assert status(url, "nonsense")[0] == 401
    assert status(url, forged(pool.token))[0] == 401
    assert status(url, pool.other)[0] in {401, 403}, "a token for another audience"
