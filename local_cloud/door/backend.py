"""The wire to the other half of the local cloud: the moto server that plays SageMaker, CodePipeline and RAM."""

import http.client
from dataclasses import dataclass
from urllib.parse import urlsplit

from local_cloud.door.settings import settings

_HOP_BY_HOP = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "expect"})
_TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Answer:
    """What the other half said."""

    status: int
    headers: dict[str, str]
    body: bytes


def send(method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
    """Forward one request as it came, with the caller's headers added. Raises OSError when nobody listens."""
    parts = urlsplit(settings().backend_url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=_TIMEOUT_SECONDS)
    try:
        kept = {name: value for name, value in headers.items() if name.lower() not in _HOP_BY_HOP}
        connection.request(method, target, body=body, headers=kept)
        response = connection.getresponse()
        answered = {
            name: value for name, value in response.getheaders() if name.lower() not in _HOP_BY_HOP | {"server", "date"}
        }
        return Answer(response.status, answered, response.read())
    finally:
        connection.close()
