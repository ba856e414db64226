"""AWS clients as every adapter wants them: standard retries with backoff, and time limits well below a function's."""

from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=5, read_timeout=60)
"""Throttling and passing faults are retried by the SDK; what remains is for the event's own retries."""


def client(service: str, **options: Any) -> Any:
    """A client of an AWS service, in the region and with the credentials that the function runs with."""
    make: Any = boto3.client
    return make(service, config=CONFIG, **options)


def busy_client(service: str, connections: int) -> Any:
    """A client that makes so many calls side by side."""
    make: Any = boto3.client
    return make(service, config=CONFIG.merge(Config(max_pool_connections=connections)))


def waiting_client(service: str, seconds: int) -> Any:
    """A client whose calls are made once and waited for: for what the SDK must not do again while it is under way."""
    make: Any = boto3.client
    once = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=seconds)
    return make(service, config=CONFIG.merge(once))


def unsigned_client(service: str, **options: Any) -> Any:
    """A client that signs nothing: for requests that somebody else signed."""
    make: Any = boto3.client
    return make(service, config=CONFIG.merge(Config(signature_version=UNSIGNED)), **options)


def code_of(error: Exception) -> str:
    """The error code that AWS answered, to PynamoDB too; none where an answer never came.

    PynamoDB 6.1.0 itself cannot tell the code of a write whose answer was lost: asking it raises `AttributeError`.
    """
    told = error if isinstance(error, ClientError) else getattr(error, "cause", None)
    return str(told.response.get("Error", {}).get("Code", "")) if isinstance(told, ClientError) else ""


def message_of(error: ClientError) -> str:
    """The message that AWS answered."""
    return str(error.response.get("Error", {}).get("Message", ""))
