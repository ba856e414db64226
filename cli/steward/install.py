"""Find an installation of Steward: by its stack with ordinary AWS credentials, or by a local cloud's contract.

Everything else is given what comes out of here, and asks nobody where it is.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from governance.bootstrap_people import prove
from governance.settings import Settings
from steward.failures import SIGN_IN, Exit, Failure

PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=5, read_timeout=910)
"""A function may work for its 15 minutes before it answers, and must not be asked twice meanwhile by the SDK."""


class Session(boto3.session.Session):
    """A session whose clients all go to one endpoint, where one is given: the local cloud's."""

    endpoint_url: str | None = None

    def client(self, service_name: Any, *arguments: Any, **options: Any) -> Any:
        """A client, as boto3's own session makes it."""
        if self.endpoint_url:
            options.setdefault("endpoint_url", self.endpoint_url)
        make: Any = super().client
        return make(service_name, *arguments, **options)


@dataclass(frozen=True)
class Wanted:
    """Which installation is meant, and who asks, as the command line says it."""

    cloud: Path | None = None
    persona: str = ""
    stack: str = "steward"
    profile: str | None = None
    region: str | None = None


@dataclass(frozen=True)
class Install:
    """An installation that was found."""

    session: Session
    outputs: Mapping[str, str]
    name: str

    @property
    def settings(self) -> Settings:
        """What use cases need to know of it."""
        return Settings(
            governance_table=self.output("GovernanceTable"),
            install=self.output("GovernanceTable").removesuffix("-governance"),
            audit_bucket=self.outputs.get("AuditBucket", ""),
            artifact_bucket=self.outputs.get("ArtifactBucket", ""),
        )

    def output(self, name: str) -> str:
        """An output of the hub's stack. Fails if the stack has none of that name."""
        if name not in self.outputs:
            remedy = "is it the hub's stack, of a release that has this? sam deploy brings it up to date"
            raise Failure(Exit.NOT_FOUND, f"The stack {self.name} has no output {name}", remedy)
        return self.outputs[name]

    @property
    def packages(self) -> str:
        """How the ARNs of this hub's model packages begin."""
        return f"{self.arn('sagemaker')}:model-package/"

    @property
    def region(self) -> str:
        """Where the hub is."""
        return self.output("GovernanceTableArn").split(":")[3]

    def arn(self, service: str) -> str:
        """How the ARNs of a service in the hub begin, up to the account."""
        _, partition, _, region, account, *_ = self.output("GovernanceTableArn").split(":")
        return f"arn:{partition}:{service}:{region}:{account}"


def find(wanted: Wanted) -> Install:
    """The installation that is meant; its session is from now on the one that adapters make their clients with."""
    found = in_a_local_cloud(wanted, wanted.cloud) if wanted.cloud else by_stack(wanted)
    boto3.DEFAULT_SESSION = found.session
    return found


def by_stack(wanted: Wanted) -> Install:
    """By the outputs of its stack, with the credentials that any AWS tool would take."""
    session = Session(profile_name=wanted.profile, region_name=wanted.region)
    stacks = session.client("cloudformation").describe_stacks(StackName=wanted.stack)["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stacks[0].get("Outputs", [])}
    return Install(session, outputs, wanted.stack)


def in_a_local_cloud(wanted: Wanted, contract: Path) -> Install:
    """By `cloud.json`, as one of its personas; as the hub's root where none is named."""
    try:
        cloud = json.loads(contract.read_text())
    except (OSError, ValueError) as wrong:
        raise Failure(Exit.NOT_FOUND, f"{contract} cannot be read: {wrong}", "make up starts a local cloud") from wrong
    people: Mapping[str, Mapping[str, str]] = cloud["personas"]
    if wanted.persona and wanted.persona not in people:
        raise Failure(Exit.NOT_FOUND, f"There is no persona {wanted.persona}", f"one of {', '.join(sorted(people))}")
    keys = people[wanted.persona] if wanted.persona else cloud["credentials"]["hub"]
    session = Session(
        aws_access_key_id=keys["access_key_id"],
        aws_secret_access_key=keys["secret_access_key"],
        aws_session_token=keys.get("session_token"),
        region_name=wanted.region or cloud["region"],
    )
    session.endpoint_url = cloud["endpoint_url"]
    return Install(session, cloud["outputs"], cloud["stack"])


def call(install: Install, function: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Invoke a function of the hub, named by an output, and return its answer."""
    client = install.session.client("lambda", config=PATIENT)
    answered = client.invoke(FunctionName=install.output(function), Payload=json.dumps(payload).encode())
    answer = json.loads(answered["Payload"].read() or b"{}")
    if "FunctionError" in answered:
        kind, said = answer.get("errorType", "an error"), answer.get("errorMessage", "")
        raise Failure(Exit.FAILED, f"{function} failed with {kind}: {said}", "its log group says more; try again")
    return dict(answer)


def command(install: Install, function: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Give a command to a function of the hub, named by an output, with a proof of who gives it.

    The proof is a request to STS that is signed with this session's credentials, for this command alone, and good for
    15 minutes. What the function refuses is a failure with its reason.
    """
    asked = {
        **payload,
        "function": f"{install.arn('lambda')}:function:{install.output(function)}",
        "request_id": str(uuid.uuid4()),
    }
    answer = call(install, function, {"payload": asked, "proof": signed(install, asked)})
    if refused := answer.get("refused"):
        code = Exit.NOT_FOUND if refused["code"] in {"unknown-version", "unknown-use-case"} else Exit.REFUSED
        raise Failure(code, f"Refused ({refused['code']}): {refused['detail']}")
    return answer


def signed(install: Install, payload: Mapping[str, Any]) -> str:
    """The proof that whoever runs this asks for exactly this. Fails where there are no credentials."""
    held = install.session.get_credentials()
    if held is None:
        raise Failure(Exit.FAILED, "There are no AWS credentials to sign with", SIGN_IN)
    sts = install.session.client("sts", region_name=install.region)
    return prove(held.get_frozen_credentials(), install.region, sts.meta.endpoint_url, payload)
