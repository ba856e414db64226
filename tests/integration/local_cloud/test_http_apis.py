"""An HTTP API with IAM authorization lets its own account's signed callers in, and nobody else."""

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .conftest import DEV, REGION, TEST

pytestmark = pytest.mark.cloud


@pytest.fixture(scope="module")
def url(client: Callable[..., Any], bare_cloud: str) -> str:
    gateway = client("apigatewayv2", TEST)
    api = gateway.create_api(Name="guarded", ProtocolType="HTTP")["ApiId"]
    gateway.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    integration = gateway.create_integration(
        ApiId=api,
        IntegrationType="HTTP_PROXY",
        IntegrationMethod="GET",
        IntegrationUri=f"{bare_cloud}/_ministack",
    )["IntegrationId"]
    gateway.create_route(
        ApiId=api, RouteKey="GET /health", AuthorizationType="AWS_IAM", Target=f"integrations/{integration}"
    )
    return f"{bare_cloud}/_aws/execute-api/{api}/health"


def asked(url: str, account: str | None, token: str = "") -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if account:
        request = AWSRequest("GET", url)
        SigV4Auth(Credentials(account, "test"), "execute-api", REGION).add_auth(request)
        headers = dict(request.headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        return int(opener.open(urllib.request.Request(url, headers=headers)).status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_unsigned_and_foreign_callers_are_forbidden(url: str):
    assert asked(url, None) == 403
    assert asked(url, DEV) == 403
    assert asked(url, None, token="a.b.c") == 403
    assert asked(url, TEST) == 200
