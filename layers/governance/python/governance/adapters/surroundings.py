"""Places of the hub and of other accounts, looked at by reads alone: others through a role that each keeps for it."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from botocore.exceptions import BotoCoreError, ClientError

from governance.adapters.clients import client, code_of, message_of
from governance.domain.preflight import Kind, Place, Seen, State
from governance.domain.preflight_statements import Installation

GONE = frozenset({"NoSuchEntity", "NoSuchBucket", "NotFoundException", "ResourceNotFoundException",
                  "PipelineNotFoundException", "RepositoryNotFoundException"})  # fmt: skip
"""How AWS says that there is no such thing."""
NO_POLICY = frozenset({"NoSuchBucketPolicy", "RepositoryPolicyNotFoundException"})
"""How AWS says that it is there and has no policy."""


class AwsSurroundings:
    """`ports.Surroundings` on AWS: this account with one's own rights, others through the role they keep for it.

    That is `<install>-preflight-dev` where models are built, which may look at all that can be there, and
    `<install>-preflight-workload` elsewhere.
    """

    def __init__(self, sts: Any, of: Installation) -> None:
        self.sts = sts
        self.of = of
        self.sessions: dict[str, Mapping[str, str] | Seen] = {}
        self.readings: Mapping[Kind, Callable[[Place, Mapping[str, str]], Seen]] = {
            Kind.BUCKET_POLICY: bucket_policy,
            Kind.KEY_POLICY: key_policy,
            Kind.BUCKETS_KEY_POLICY: buckets_key_policy,
            Kind.BUS_POLICY: bus_policy,
            Kind.TRUST: trust,
            Kind.ROLE: policies_of_role,
            Kind.RULE: rule,
            Kind.PIPELINE: pipeline,
            Kind.SHARES: shares,
            Kind.IMAGE: repository_policy,
        }

    def look(self, place: Place) -> Seen:
        """What is there, or why nobody can say."""
        if place.kind is Kind.IMAGE and not place.name:
            return unreadable("no image was named; --image tells which")
        held = self.session(place.account)
        if isinstance(held, Seen):
            return held
        try:
            return self.readings[place.kind](place, held)
        except ClientError as refused:
            if code_of(refused) in NO_POLICY:
                return Seen(why="it has no policy")
            if code_of(refused) in GONE:
                return Seen(state=State.MISSING, why=f"there is no {place.name}")
            return unreadable(f"{code_of(refused)}: {message_of(refused)}")
        except BotoCoreError as failed:
            return unreadable(str(failed))

    def session(self, account: str) -> Mapping[str, str] | Seen:
        """The credentials to look at an account with; none of one's own account; or why there are none."""
        if account == self.of.hub:
            return {}
        if account not in self.sessions:
            self.sessions[account] = self.entered(account)
        return self.sessions[account]

    def entered(self, account: str) -> Mapping[str, str] | Seen:
        """Credentials of the role that an account keeps for looking."""
        role = self.of.role(account, "preflight-dev" if account in self.of.developers else "preflight-workload")
        try:
            held = self.sts.assume_role(RoleArn=role, RoleSessionName="steward-preflight")["Credentials"]
        except (ClientError, BotoCoreError) as refused:
            told = code_of(refused) or str(refused)
            return unreadable(f"{role} cannot be entered ({told}): MlEngineerRoleArns of its stack says who may")
        return {
            "aws_access_key_id": held["AccessKeyId"],
            "aws_secret_access_key": held["SecretAccessKey"],
            "aws_session_token": held["SessionToken"],
        }


def unreadable(why: str) -> Seen:
    """Nobody can say."""
    return Seen(state=State.UNREADABLE, why=why)


def statements(document: Any) -> tuple[dict[str, Any], ...]:
    """The statements of a policy, however AWS hands it out: as an object, as JSON, or as JSON with URL escapes."""
    read = document
    if isinstance(document, str):
        read = json.loads(document if document.lstrip().startswith("{") else unquote(document))
    written = read.get("Statement", [])
    return tuple(written if isinstance(written, list) else [written])


def bucket_policy(place: Place, keys: Mapping[str, str]) -> Seen:
    """S3 API: GetBucketPolicy."""
    told = client("s3", **keys).get_bucket_policy(Bucket=place.name, ExpectedBucketOwner=place.account)
    return Seen(statements=statements(told["Policy"]))


def key_policy(place: Place, keys: Mapping[str, str]) -> Seen:
    """KMS API: GetKeyPolicy."""
    told = client("kms", **keys).get_key_policy(KeyId=place.name, PolicyName="default")
    return Seen(statements=statements(told["Policy"]))


def buckets_key_policy(place: Place, keys: Mapping[str, str]) -> Seen:
    """The policy of the key that a bucket encrypts with (S3 API: GetBucketEncryption)."""
    told = client("s3", **keys).get_bucket_encryption(Bucket=place.name, ExpectedBucketOwner=place.account)
    rules = told["ServerSideEncryptionConfiguration"]["Rules"]
    named = [one.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID", "") for one in rules]
    if not any(named):
        return Seen(state=State.MISSING, why="the bucket has no key of its own, and AWS's keys cannot be shared")
    return key_policy(place.model_copy(update={"name": next(filter(None, named))}), keys)


def bus_policy(place: Place, keys: Mapping[str, str]) -> Seen:
    """EventBridge API: DescribeEventBus."""
    told = client("events", **keys).describe_event_bus(Name=place.name.rpartition("event-bus/")[2])
    return Seen(statements=statements(told["Policy"])) if told.get("Policy") else Seen(why="it has no policy")


def trust(place: Place, keys: Mapping[str, str]) -> Seen:
    """Who may enter a role (IAM API: GetRole). A trust policy names no resource."""
    told = client("iam", **keys).get_role(RoleName=place.name)["Role"]
    return Seen(statements=statements(told["AssumeRolePolicyDocument"]))


def policies_of_role(place: Place, keys: Mapping[str, str]) -> Seen:
    """A role's inline policies (IAM API: ListRolePolicies, GetRolePolicy); Steward's roles have no others."""
    iam, found = client("iam", **keys), list[dict[str, Any]]()
    for page in iam.get_paginator("list_role_policies").paginate(RoleName=place.name):
        for name in page["PolicyNames"]:
            found += statements(iam.get_role_policy(RoleName=place.name, PolicyName=name)["PolicyDocument"])
    return Seen(statements=tuple(found))


def rule(place: Place, keys: Mapping[str, str]) -> Seen:
    """Where an enabled rule sends to, and by which role (EventBridge API: DescribeRule, ListTargetsByRule)."""
    events = client("events", **keys)
    if events.describe_rule(Name=place.name)["State"] != "ENABLED":
        return Seen(why="it is disabled, and so leads nowhere:")
    targets = events.list_targets_by_rule(Rule=place.name)["Targets"]
    return Seen(leads_to=tuple(one[key] for one in targets for key in ("Arn", "RoleArn") if one.get(key)))


def pipeline(place: Place, keys: Mapping[str, str]) -> Seen:
    """The roles that a pipeline's actions enter and hand over to (CodePipeline API: GetPipeline)."""
    told = client("codepipeline", **keys).get_pipeline(name=place.name)["pipeline"]
    actions = [action for stage in told["stages"] for action in stage["actions"]]
    roles = [one.get("roleArn", "") for one in actions]
    roles += [one.get("configuration", {}).get("RoleArn", "") for one in actions]
    return Seen(leads_to=tuple(filter(None, roles)))


def shares(place: Place, keys: Mapping[str, str]) -> Seen:
    """Whether an account is associated with every share of a model group that is meant for it (RAM API:
    GetResourceShareAssociations). One that has not accepted is not associated yet."""
    ram = client("ram", **keys)
    pages = ram.get_paginator("get_resource_share_associations").paginate(
        associationType="PRINCIPAL", principal=place.name
    )
    meant = [one for page in pages for one in page["resourceShareAssociations"]]
    meant = [one for one in meant if one.get("resourceShareName", "").startswith("model-group-")]
    if not meant:
        return unreadable(f"no model group is shared with {place.name} yet; stacks/model-group.yaml shares one")
    waiting = sorted(one["resourceShareName"] for one in meant if one["status"] != "ASSOCIATED")
    if waiting:
        return Seen(why=f"{', '.join(waiting)} not accepted by")
    return Seen(leads_to=(place.name,))


def repository_policy(place: Place, keys: Mapping[str, str]) -> Seen:
    """ECR API: GetRepositoryPolicy."""
    told = client("ecr", **keys).get_repository_policy(registryId=place.account, repositoryName=place.name)
    return Seen(statements=statements(told["policyText"]))
