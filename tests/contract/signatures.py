"""STS as it checks signatures: behind the real client, it computes each anew from what was sent, and tells whose it is.

It hangs where botocore sends a request, so that all that the client does to a request has been done.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.credentials import Credentials

AFTER = "&X-Amz-Signature="


@dataclass
class Sts:
    """Whose keys are whose, and what was sent."""

    people: dict[str, tuple[Credentials, str]] = field(default_factory=dict)
    sent: list[Any] = field(default_factory=list)
    failure: tuple[int, str] | None = None

    def knows(self, credentials: Credentials, arn: str) -> None:
        """Keep whose keys these are."""
        self.people[credentials.access_key] = (credentials, arn)

    def watch(self, client: Any) -> None:
        """Answer what this client sends."""
        client.meta.events.register("before-send.sts", self.answer)

    def answer(self, request: Any, **_: Any) -> AWSResponse:
        """What STS answers."""
        self.sent.append(request)
        if self.failure:
            return response(self.failure[0], error(self.failure[1], "no"))
        told = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
        credentials, arn = self.people.get(told["X-Amz-Credential"].split("/")[0], (None, ""))
        if credentials is None or (credentials.token or "") != told.get("X-Amz-Security-Token", ""):
            return response(403, error("InvalidClientTokenId", "The security token included in the request is invalid"))
        if signature(request, credentials, told) != told["X-Amz-Signature"]:
            return response(403, error("SignatureDoesNotMatch", "The request signature we calculated does not match"))
        account = arn.split(":")[4]
        return response(
            200,
            f"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{escape(arn)}</Arn><UserId>AROA:x</UserId>"
            f"<Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        )


def signature(request: Any, credentials: Credentials, told: dict[str, str]) -> str:
    """The signature that the request ought to have."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers = {name: as_text(headers[name]) for name in told["X-Amz-SignedHeaders"].split(";") if name in headers}
    unsigned = AWSRequest(request.method, request.url.partition(AFTER)[0], headers=headers, data=request.body or b"")
    unsigned.context["timestamp"] = told["X-Amz-Date"]
    _, _, region, service, _ = told["X-Amz-Credential"].split("/")
    auth = SigV4QueryAuth(credentials, service, region)
    return str(auth.signature(auth.string_to_sign(unsigned, auth.canonical_request(unsigned)), unsigned))


def as_text(value: Any) -> str:
    """A header as text."""
    return value.decode() if isinstance(value, bytes) else str(value)


def error(code: str, message: str) -> str:
    """How STS refuses."""
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"


def response(status: int, body: str) -> AWSResponse:
    """An answer as botocore takes it."""

    class Raw:
        def stream(self, *_: Any, **__: Any) -> Any:
            yield body.encode()

        def read(self, *_: Any) -> bytes:
            return body.encode()

    return AWSResponse("https://sts", status, {"Content-Type": "text/xml"}, Raw())


def stamp(moment: datetime) -> str:
    """A moment as a signature holds it."""
    return moment.strftime("%Y%m%dT%H%M%SZ")
