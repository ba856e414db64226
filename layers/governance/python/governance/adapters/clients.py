"""AWS clients as every adapter wants them: standard retries with backoff, and time limits well below a function's."""

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=5, read_timeout=60)
"""Throttling and passing faults are retried by the SDK; what remains is for the event's own retries."""


def client(service: str, **options: Any) -> Any:
    """A client of an AWS service, in the region and with the credentials that the function runs with."""
    make: Any = boto3.client
    return make(service, config=CONFIG, **options)


def code_of(error: ClientError) -> str:
    """The error code that AWS answered."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message_of(error: ClientError) -> str:
    """The message that AWS answered."""
    return str(error.response.get("Error", {}).get("Message", ""))
