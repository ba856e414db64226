"""Who gives a command: only a fresh signature over exactly this command, by somebody of this account, tells."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import boto3
import pytest
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from governance.adapters import clients
from governance.adapters.sts_identity import HEADER, StsIdentity, prove
from governance.domain.errors import IdentityNotProven
from tests.contract.signatures import Sts

HUB, OTHER = "444455556666", "999988887777"
REGION = "eu-west-1"
URL = f"https://sts.{REGION}.amazonaws.com"
FUNCTION = f"arn:aws:lambda:{REGION}:{HUB}:function:steward-decide"
OFFICER = f"arn:aws:sts::{HUB}:assumed-role/steward-officer/grace.hopper"
PAYLOAD = {"command": "adopt", "version": "a", "why": "ok ✓", "request_id": "1", "function": FUNCTION}
KEYS = Credentials("ASIAOFFICER1", "secret", "token/with+odd=signs")
FOREIGN = Credentials("ASIAFOREIGN1", "secret", "token")


@pytest.fixture(scope="module")
def sts() -> Iterator[tuple[Sts, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.setattr(clients, "CONFIG", Config(retries={"mode": "standard", "total_max_attempts": 1}))
        client = clients.unsigned_client("sts")
    made = Sts()
    made.knows(KEYS, OFFICER)
    made.knows(FOREIGN, f"arn:aws:sts::{OTHER}:assumed-role/steward-officer/grace.hopper")
    made.watch(client)
    yield made, client


@pytest.fixture(scope="module")
def identity(sts: tuple[Sts, Any]) -> StsIdentity:
    return StsIdentity(sts[1], HUB, FUNCTION, lambda: datetime.now(UTC))


def proof(payload: Any = PAYLOAD, keys: Credentials = KEYS, region: str = REGION) -> str:
    return prove(keys, region, URL, payload)


def test_who_signed_is_told_by_sts_with_the_moment_of_the_signature(identity, sts):
    signed = proof()
    caller = identity.who(PAYLOAD, signed)
    assert (caller.person.id, caller.person.arn) == ("grace.hopper", OFFICER)
    assert caller.at.strftime("%Y%m%dT%H%M%SZ") == dict(parse_qsl(signed))["X-Amz-Date"]
    assert identity.who(PAYLOAD, signed) == caller
    (sent, *_) = sts[0].sent
    assert sent.method == "GET"
    assert sent.url.startswith(f"{URL}/?Action=GetCallerIdentity&")
    assert {name.lower() for name in sent.headers} <= {"user-agent", "amz-sdk-invocation-id", "amz-sdk-request", HEADER}
    assert not sent.body


def test_a_user_with_keys_of_their_own_is_known_by_their_name(identity, sts):
    user = Credentials("AKIAUSER0001", "secret")
    sts[0].knows(user, f"arn:aws:iam::{HUB}:user/staff/ada")
    assert identity.who(PAYLOAD, proof(keys=user)).person.id == "ada"


TOLD = dict(parse_qsl(proof()))


@given(
    st.sampled_from(sorted(PAYLOAD)).flatmap(lambda name: st.tuples(st.just(name), st.text().filter(bool))),
)
def test_a_proof_is_of_no_use_for_another_request(identity, changed):
    name, value = changed
    if PAYLOAD[name] == value:
        return
    with pytest.raises(IdentityNotProven):
        identity.who({**PAYLOAD, name: value}, proof())


def test_a_proof_for_another_function_is_refused_before_anybody_is_asked(identity, sts):
    elsewhere = {**PAYLOAD, "function": FUNCTION.replace("steward-", "other-")}
    before = len(sts[0].sent)
    with pytest.raises(IdentityNotProven, match="the request is for"):
        identity.who(elsewhere, proof(elsewhere))
    assert len(sts[0].sent) == before


def test_a_request_without_an_id_is_refused(identity):
    nameless = {name: value for name, value in PAYLOAD.items() if name != "request_id"}
    with pytest.raises(IdentityNotProven, match="request_id"):
        identity.who(nameless, proof(nameless))


def test_a_colleagues_name_taken_in_another_account_proves_nothing(identity):
    with pytest.raises(IdentityNotProven, match=f"account {OTHER}"):
        identity.who(PAYLOAD, proof(keys=FOREIGN))


def test_a_forged_signature_proves_nothing(identity):
    with pytest.raises(IdentityNotProven, match="does not know the signature"):
        identity.who(PAYLOAD, proof(keys=Credentials(KEYS.access_key, "guessed", KEYS.token)))


def presigned(headers: dict[str, str], url: str = f"{URL}/?Action=GetCallerIdentity&Version=2011-06-15", **more) -> str:
    request = AWSRequest(more.pop("method", "GET"), url, headers=headers)
    SigV4QueryAuth(KEYS, more.pop("service", "sts"), more.pop("region", REGION), **more).add_auth(request)
    return str(request.url).partition("?")[2]


def digest_header() -> dict[str, str]:
    from governance.domain.values import digest

    return {HEADER: digest(PAYLOAD)}


OTHER_REQUESTS: dict[str, Callable[[], str]] = {
    "for a Kubernetes cluster": lambda: presigned({"x-k8s-aws-id": "cluster"}, expires=60),
    "with one header more": lambda: presigned({**digest_header(), "x-more": "1"}, expires=60),
    "without the digest": lambda: presigned({}, expires=60),
    "for another service": lambda: presigned(digest_header(), service="s3", expires=60),
    "for another region": lambda: presigned(digest_header(), region="us-east-1", expires=60),
    "to be sent elsewhere": lambda: presigned(
        digest_header(), "https://evil.example.com/?Action=GetCallerIdentity&Version=2011-06-15", expires=60
    ),
    "for another path": lambda: presigned(
        digest_header(), f"{URL}/path?Action=GetCallerIdentity&Version=2011-06-15", expires=60
    ),
    "with another method": lambda: presigned(digest_header(), method="POST", expires=60),
    "for another action": lambda: presigned(digest_header(), f"{URL}/?Action=AssumeRole&Version=2011-06-15"),
    "with a field more": lambda: presigned(
        digest_header(), f"{URL}/?Action=GetCallerIdentity&Version=2011-06-15&RoleArn=a", expires=60
    ),
    "that holds for longer": lambda: presigned(digest_header(), expires=901),
    "that never held": lambda: presigned(digest_header(), expires=0),
}


@pytest.mark.parametrize("name", OTHER_REQUESTS)
def test_a_request_signed_for_anything_else_proves_nothing(identity, name):
    with pytest.raises(IdentityNotProven) as refused:
        identity.who(PAYLOAD, OTHER_REQUESTS[name]())
    assert len(str(refused.value)) > 20


@given(st.sampled_from(sorted(TOLD)), st.text(min_size=1, max_size=20))
def test_no_field_of_a_proof_can_be_another(identity, name, value):
    fields = dict(parse_qsl(proof()))
    if fields[name] == value:
        return
    with pytest.raises(IdentityNotProven):
        identity.who(PAYLOAD, urlencode({**fields, name: value}, quote_via=quote))


@given(st.sampled_from(sorted(TOLD)))
def test_no_field_can_be_doubled_or_left_out(identity, name):
    fields = parse_qsl(proof())
    for told in ([*fields, (name, dict(fields)[name])], [one for one in fields if one[0] != name]):
        with pytest.raises(IdentityNotProven):
            identity.who(PAYLOAD, urlencode(told, quote_via=quote))


@given(st.text(max_size=200))
def test_nonsense_is_no_proof(identity, text):
    with pytest.raises(IdentityNotProven):
        identity.who(PAYLOAD, text)


@pytest.mark.parametrize("suffix", ["#x", "&", "@evil.example.com/", "&Host=evil.example.com", "&action=AssumeRole"])
def test_nothing_can_be_smuggled_behind_a_proof(identity, suffix):
    with pytest.raises(IdentityNotProven):
        identity.who(PAYLOAD, proof() + suffix)


@pytest.mark.parametrize("away", [timedelta(minutes=16), timedelta(hours=1), -timedelta(minutes=6), -timedelta(days=1)])
def test_a_proof_holds_for_its_time_by_our_own_clock(sts, away):
    late = StsIdentity(sts[1], HUB, FUNCTION, lambda: datetime.now(UTC) + away)
    before = len(sts[0].sent)
    with pytest.raises(IdentityNotProven, match="does not hold now"):
        late.who(PAYLOAD, proof())
    assert len(sts[0].sent) == before


def test_a_payload_without_a_canonical_text_is_refused(identity):
    with pytest.raises(IdentityNotProven, match="canonical"):
        identity.who({**PAYLOAD, "odd": float("nan")}, proof())


@pytest.mark.parametrize(("status", "code"), [(500, "InternalFailure"), (400, "Throttling"), (403, "AccessDenied")])
def test_a_failure_of_sts_is_no_refusal(identity, sts, status, code):
    sts[0].failure = (status, code)
    try:
        with pytest.raises(ClientError):
            identity.who(PAYLOAD, proof())
    finally:
        sts[0].failure = None
