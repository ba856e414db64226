"""Proof of identity by AWS itself: a signed request to STS that whoever is asked sends on, and STS tells who signed it.

The caller signs `GetCallerIdentity` with the digest of what they ask for among the signed headers, and hands over the
query of that request alone. Host, path, method and headers are the function's own: a proof can make it call nothing
else, and a request signed for other purposes (for a Kubernetes cluster, for a vault) lacks the header and proves
nothing here. STS answers for callers of every account; only those of the hub's count.
(AWS: "Signature Version 4: query parameters", STS API: GetCallerIdentity, which needs no permission.)
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

from governance.adapters.clients import code_of, message_of
from governance.domain.errors import IdentityNotProven
from governance.domain.identifiers import person_behind
from governance.domain.values import digest
from governance.ports.identity import Caller

HEADER = "x-steward-digest"
FIXED = {
    "Action": "GetCallerIdentity",
    "Version": "2011-06-15",
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-SignedHeaders": f"host;{HEADER}",
}
"""Fields of the query that can have one value only."""
OTHERS = {"X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Signature"}
TOKEN = "X-Amz-Security-Token"
"""There with the credentials of a role; not with a user's own."""

LIFE = timedelta(minutes=15)
"""For how long a proof may hold: STS takes none that is older."""
SKEW = timedelta(minutes=5)
"""How far the clocks of caller and function may lie apart."""
LONGEST = 8192
"""Characters of a proof; session tokens have no fixed size, and stay far below."""

UNPROVEN = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""How STS says that a signature is no good. Anything else that it answers is a failure of its own."""


def prove(credentials: Any, region: str, endpoint_url: str, payload: Mapping[str, Any]) -> str:
    """Sign for a payload: the proof to hand over with it, good for 15 minutes and for nothing else.

    `endpoint_url` is that of STS in the hub's region, as the function will ask it.
    """
    url = f"{endpoint_url.rstrip('/')}/?Action={FIXED['Action']}&Version={FIXED['Version']}"
    request = AWSRequest("GET", url, headers={HEADER: digest_of(payload)})
    SigV4QueryAuth(credentials, "sts", region, expires=int(LIFE.total_seconds())).add_auth(request)
    return str(request.url).partition("?")[2]


class StsIdentity:
    """`ports.Identity` on STS, asked through a client that signs nothing itself."""

    def __init__(self, sts: Any, account: str, audience: str, now: Callable[[], datetime]) -> None:
        self.sts = sts
        self.account = account
        self.audience = audience
        self.now = now

    def who(self, payload: Mapping[str, Any], proof: str) -> Caller:
        """One GetCallerIdentity, in the caller's name."""
        if not self.audience or payload.get("function") != self.audience:
            raise IdentityNotProven(f"the request is for {payload.get('function')!r}, and this is {self.audience}")
        if not payload.get("request_id"):
            raise IdentityNotProven("the request has no request_id, so it could not be told from its repetition")
        signed = digest_of(payload)
        fields = fields_of(proof)
        at = self.moment_of(fields)
        answer = self.asked(fields, signed)
        if answer["Account"] != self.account or f":{self.account}:" not in answer["Arn"]:
            raise IdentityNotProven(
                f"{answer['Arn']} is of account {answer['Account']}: sign in to the hub's, {self.account}"
            )
        return Caller(person=person_behind(answer["Arn"]), at=at)

    def moment_of(self, fields: Mapping[str, str]) -> datetime:
        """When the proof was signed, if it holds now, and was made for STS in this region."""
        try:
            at = datetime.strptime(fields["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError as wrong:
            raise IdentityNotProven("the proof does not say when it was signed") from wrong
        expires = fields["X-Amz-Expires"]
        if not re.fullmatch(r"[0-9]{1,4}", expires) or not 0 < int(expires) <= LIFE.total_seconds():
            raise IdentityNotProven("a proof may hold for 15 minutes at most: sign again")
        now = self.now()
        if not at - SKEW <= now <= at + timedelta(seconds=int(expires)):
            raise IdentityNotProven(f"the proof of {at:%Y-%m-%d %H:%M:%SZ} does not hold now, {now:%H:%M:%SZ}")
        scope = f"/{at:%Y%m%d}/{self.sts.meta.region_name}/sts/aws4_request"
        key, slash, rest = fields["X-Amz-Credential"].partition("/")
        if not re.fullmatch(r"\w{1,128}", key) or slash + rest != scope:
            raise IdentityNotProven(f"the proof is not for STS in {self.sts.meta.region_name} on that day")
        return at

    def asked(self, fields: Mapping[str, str], signed: str) -> Mapping[str, str]:
        """What STS answers to the caller's own request, sent to where this function's client goes."""
        query = urlencode(fields, quote_via=quote, safe="-_.~")

        def replace(params: dict[str, Any], **_: Any) -> None:
            agent = params["headers"].get("User-Agent", "")
            params |= {"method": "GET", "url": f"{self.sts.meta.endpoint_url.rstrip('/')}/?{query}", "body": b""}
            params |= {"url_path": "/", "query_string": "", "headers": {"User-Agent": agent, HEADER: signed}}

        events, hook, name = self.sts.meta.events, "before-call.sts.GetCallerIdentity", f"steward-{id(self)}"
        events.register_last(hook, replace, unique_id=name)
        try:
            answer: Mapping[str, str] = self.sts.get_caller_identity()
        except ClientError as refused:
            if code_of(refused) in UNPROVEN:
                raise IdentityNotProven(f"STS does not know the signature: {message_of(refused)}") from refused
            raise
        finally:
            events.unregister(hook, unique_id=name)
        return answer


def digest_of(payload: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical text of what is asked for. Raises `IdentityNotProven` where it has none."""
    try:
        return digest(payload)
    except (TypeError, ValueError) as wrong:
        raise IdentityNotProven(f"the request has no canonical text: {wrong}") from wrong


def fields_of(proof: str) -> Mapping[str, str]:
    """The fields of a proof, each known and there once. Raises `IdentityNotProven`."""
    if not isinstance(proof, str) or not 0 < len(proof) <= LONGEST:
        raise IdentityNotProven("a proof is the query of a signed request to STS, of 8192 characters at most")
    try:
        told = parse_qsl(proof, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError as wrong:
        raise IdentityNotProven("the proof is not the query of a signed request") from wrong
    fields = dict(told)
    if len(fields) != len(told):
        raise IdentityNotProven("the proof has a field twice")
    if set(fields) - {TOKEN} != set(FIXED) | OTHERS:
        odd = (set(fields) - {TOKEN}) ^ (set(FIXED) | OTHERS)
        raise IdentityNotProven(f"the proof has fields too many or too few: {', '.join(sorted(odd))[:200]}")
    if wrong_ones := [name for name, value in FIXED.items() if fields[name] != value]:
        raise IdentityNotProven(f"the proof was signed for something else: {', '.join(wrong_ones)}")
    if not re.fullmatch(r"[0-9a-f]{64}", fields["X-Amz-Signature"]):
        raise IdentityNotProven("the proof has no signature")
    return fields
