"""Four accounts as the templates make them, to look at."""

import copy
from collections.abc import Iterator
from typing import Any

from governance.domain.environment import Environment
from governance.domain.lifecycle import Stage
from governance.domain.preflight import Kind, Place, Seen, State
from governance.domain.preflight_statements import Installation
from tests.template.translation import DEV, HUB, PROD, REGION, TEST, Stack, dev_account, hub, workload_account

OF = Installation(
    install="steward",
    partition="aws",
    region=REGION,
    hub=HUB,
    environments=(
        Environment(stage=Stage.TEST, account=TEST, pipeline="steward-deploy-test"),
        Environment(stage=Stage.PRODUCTION, account=PROD, pipeline="steward-deploy-prod"),
    ),
    developers=(DEV,),
    artifact_bucket=hub().name("ArtifactBucket"),
    artifact_key=hub().arn("ArtifactKey"),
    pipeline_bucket=hub().name("PipelineBucket"),
    pipeline_key=hub().arn("PipelineKey"),
    intake_bus=hub().arn("IntakeBus"),
)
IMAGE = f"{HUB}.dkr.ecr.{REGION}.amazonaws.com/credit-risk@sha256:{'0' * 64}"


def key(kind: Kind, account: str, name: str) -> str:
    return Place(kind=kind, account=account, name=name).model_dump_json()


def statements(document: Any) -> list[dict[str, Any]]:
    return [copy.deepcopy(one) for one in document["Statement"]]


class Accounts:
    """`ports.Surroundings` on what the templates say."""

    def __init__(self, *further: Stack) -> None:
        self.statements: dict[str, list[dict[str, Any]]] = {}
        self.leads_to: dict[str, list[str]] = {}
        self.unreadable: dict[str, str] = {}
        for stack in (hub(), dev_account(), workload_account(), workload_account(account=PROD, Stage="production")):
            self.take(stack)
        for stack in further:
            self.take(stack)
        self.leads_to[key(Kind.SHARES, HUB, DEV)] = [DEV]

    def take(self, stack: Stack) -> None:
        """Everything of a stack that can be looked at."""
        self.take_roles(stack)
        for one in stack.of_type("AWS::S3::BucketPolicy").values():
            place = key(Kind.BUCKET_POLICY, stack.account, one["Bucket"])
            self.statements[place] = statements(one["PolicyDocument"])
        for name, one in stack.of_type("AWS::KMS::Key").items():
            self.statements[key(Kind.KEY_POLICY, stack.account, stack.arn(name))] = statements(one["KeyPolicy"])
        for name, one in stack.of_type("AWS::S3::Bucket").items():
            (rule,) = one["BucketEncryption"]["ServerSideEncryptionConfiguration"]
            held = key(Kind.KEY_POLICY, stack.account, rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"])
            self.statements[key(Kind.BUCKETS_KEY_POLICY, stack.account, stack.name(name))] = self.statements[held]
        for one in stack.of_type("AWS::Events::EventBusPolicy").values():
            if one["EventBusName"] == stack.name("IntakeBus"):
                place = key(Kind.BUS_POLICY, stack.account, stack.arn("IntakeBus"))
                self.statements.setdefault(place, []).append(copy.deepcopy(one["Statement"]))
        for name, one in stack.of_type("AWS::Events::Rule").items():
            targets = [target[part] for target in one["Targets"] for part in ("Arn", "RoleArn") if part in target]
            self.leads_to[key(Kind.RULE, stack.account, stack.name(name))] = targets
        for name, one in stack.of_type("AWS::CodePipeline::Pipeline").items():
            actions = [action for stage in one["Stages"] for action in stage["Actions"]]
            roles = [action.get("RoleArn") for action in actions]
            roles += [action["Configuration"].get("RoleArn") for action in actions]
            self.leads_to[key(Kind.PIPELINE, stack.account, stack.name(name))] = [one for one in roles if one]

    def take_roles(self, stack: Stack) -> None:
        for name, one in stack.of_type("AWS::IAM::Role").items():
            trust = key(Kind.TRUST, stack.account, stack.name(name))
            self.statements[trust] = statements(one["AssumeRolePolicyDocument"])
            held = [each for policy in one.get("Policies", []) for each in statements(policy["PolicyDocument"])]
            self.statements[key(Kind.ROLE, stack.account, stack.name(name))] = held

        for one in stack.of_type("AWS::IAM::Policy").values():
            held = [each for role in one["Roles"] for each in [key(Kind.ROLE, stack.account, role)]]
            for role in held:
                self.statements.setdefault(role, []).extend(statements(one["PolicyDocument"]))

    def look(self, place: Place) -> Seen:
        name = place.model_dump_json()
        if place.kind is Kind.IMAGE and not place.name:
            return Seen(state=State.UNREADABLE, why="no image was named")
        if name in self.unreadable:
            return Seen(state=State.UNREADABLE, why=self.unreadable[name])
        if name in self.leads_to:
            return Seen(leads_to=tuple(self.leads_to[name]))
        if name in self.statements:
            return Seen(statements=tuple(self.statements[name]))
        return Seen(state=State.MISSING)


def places_with_statements(looked_at: set[str]) -> Iterator[tuple[str, int]]:
    """Every statement of every place that is looked at."""
    accounts = Accounts()
    for place in sorted(looked_at & set(accounts.statements)):
        yield from ((place, number) for number in range(len(accounts.statements[place])))
