"""boto3 clients of the local cloud, never of a real one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from local_cloud.accounts import REGION


@dataclass(frozen=True)
class Clients:
    """Makes clients that act as the root of an account."""

    endpoint_url: str

    def root(self, service: str, account: str) -> Any:
        """A client of the account's root user."""
        make: Callable[..., Any] = boto3.session.Session().client
        return make(
            service,
            endpoint_url=self.endpoint_url,
            region_name=REGION,
            aws_access_key_id=account,
            aws_secret_access_key="test",
            config=Config(proxies={}, retries={"max_attempts": 3}, read_timeout=180, s3={"addressing_style": "path"}),
        )
