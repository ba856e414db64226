"""Who is calling: read from the headers that the door adds to each request it forwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal, as IAM and CloudTrail would name it."""

    account: str
    arn: str
    principal_id: str
    source_identity: str | None = None
    access_key: str = ""
    source_ip: str = "127.0.0.1"
    user_agent: str = ""

    @classmethod
    def from_headers(cls, headers: Mapping[str, str], account: str) -> Caller:
        """Return who sent the request; the root of `account` where the door does not say."""
        account = headers.get("x-steward-caller-account") or account
        arn = headers.get("x-steward-caller-arn") or f"arn:aws:iam::{account}:root"
        return cls(
            account=account,
            arn=arn,
            principal_id=headers.get("x-steward-caller-user-id") or account,
            source_identity=headers.get("x-steward-caller-source-identity") or None,
            access_key=_access_key(headers.get("Authorization") or ""),
            user_agent=headers.get("User-Agent") or "",
        )

    @property
    def role_name(self) -> str | None:
        """The role behind an assumed-role session, else None."""
        resource = self.arn.split(":", 5)[-1]
        return resource.split("/")[1] if resource.startswith("assumed-role/") else None

    def user_context(self) -> dict[str, Any]:
        """Return the caller as SageMaker's `UserContext`."""
        identity = {"Arn": self.arn, "PrincipalId": self.principal_id}
        if self.source_identity:
            identity["SourceIdentity"] = self.source_identity
        return {"IamIdentity": identity}

    def user_identity(self, time: str) -> dict[str, Any]:
        """Return the caller as CloudTrail's `userIdentity`."""
        identity = {"principalId": self.principal_id, "arn": self.arn, "accountId": self.account}
        identity["accessKeyId"] = self.access_key
        role = self.role_name
        if role is None:
            kind = "Root" if self.arn.endswith(":root") else "IAMUser"
            return {"type": kind, **identity}
        issuer = {
            "type": "Role",
            "principalId": self.principal_id.split(":")[0],
            "arn": f"arn:aws:iam::{self.account}:role/{role}",
            "accountId": self.account,
            "userName": role,
        }
        session: dict[str, Any] = {"sessionIssuer": issuer}
        session["attributes"] = {"creationDate": time, "mfaAuthenticated": "false"}
        if self.source_identity:
            session["sourceIdentity"] = self.source_identity
        return {"type": "AssumedRole", **identity, "sessionContext": session}


def _access_key(authorization: str) -> str:
    _, _, scope = authorization.partition("Credential=")
    return scope.split("/")[0]
