"""The way back to the rest of the cloud: events, roles and API calls go through the door, like anyone's."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config


class AssumeRoleError(RuntimeError):
    """The role does not exist, or does not trust the service that wants to use it."""


class DoorError(RuntimeError):
    """The door does not answer, or answers with a failure of its own."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key, temporary or an account's own."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


class Door:
    """Where MiniStack listens."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._session = boto3.session.Session()
        self._lock = threading.Lock()

    def put_events(self, entries: list[dict[str, Any]]) -> None:
        """Put entries on the default bus of their accounts. Raises `DoorError`; then none may be there."""
        self._post("/_local/events", entries)

    def assume(self, role_arn: str, session_name: str, service: str, source_arn: str) -> Credentials:
        """Return credentials of a role for an AWS service that we play. Raises `AssumeRoleError`.

        `source_arn` is the resource on whose behalf the service acts, for trust policies that ask.
        """
        source = {"source_arn": source_arn, "source_account": source_arn.split(":")[4]}
        body = {"role_arn": role_arn, "session_name": session_name, "service": service, **source}
        try:
            answer = self._post("/_local/assume", body)
        except ValueError as refusal:
            raise AssumeRoleError(f"{service} is not authorized to assume {role_arn}: {refusal}") from refusal
        return Credentials(answer["access_key_id"], answer["secret_access_key"], answer.get("session_token"))

    def client(self, service: str, credentials: Credentials, region: str) -> Any:
        """Return a boto3 client that acts with these credentials; those of an account's own key are kept."""
        key = (service, credentials.access_key_id, region)
        with self._lock:
            client = self._clients.get(key) or self._new_client(service, credentials, region)
            if credentials.session_token is None:
                self._clients[key] = client
            return client

    def _new_client(self, service: str, credentials: Credentials, region: str) -> Any:
        session: Any = self._session  # its overloads want a literal name
        return session.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=credentials.access_key_id,
            aws_secret_access_key=credentials.secret_access_key,
            aws_session_token=credentials.session_token,
            config=Config(
                connect_timeout=3,
                read_timeout=120,
                retries={"total_max_attempts": 3, "mode": "standard"},
                s3={"addressing_style": "path"},
                proxies={},
            ),
        )

    def _post(self, path: str, body: Any) -> Any:
        """Return the answer; raises `ValueError` with the door's words when it refuses what was sent."""
        request = urllib.request.Request(
            self.url + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with self._opener.open(request, timeout=30) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            words = error.read().decode(errors="replace")
            if error.code >= 500:
                raise DoorError(words) from error
            raise ValueError(words) from error
        except OSError as error:
            raise DoorError(str(error)) from error


def account_key(account: str) -> Credentials:
    """Return the key by which an account acts as itself: its own number."""
    return Credentials(account, "test")
