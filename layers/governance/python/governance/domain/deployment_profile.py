"""How versions of a model group are deployed, stage by stage: what serves them, how a new one takes over, who may call.

A profile is data that people write. One that contradicts itself, or asks for what SageMaker does not take, is never
made: everything that is wrong is told with the field it stands in (AWS: "Deployment guardrails for updating models in
production", "Exclusions"; "Serverless Inference", "Feature exclusions"; API: DeploymentConfig, ProductionVariant).
What is absent is as it would be without a profile.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError, model_validator

from governance.domain.batch_plans import Batch, RunsAs
from governance.domain.guardrails import Rollout, refusals
from governance.domain.lifecycle import Stage
from governance.domain.problems import Contradiction, Dialect, Problem
from governance.domain.rollback_alarms import Alarms, Number
from governance.domain.trial_plans import TrialPlan, not_taken
from governance.domain.values import Value, canonical, digest

LARGEST = 16 * 1024
"""Characters of a profile's canonical text: it lies in the head of its group, which each event reads."""

Count = Annotated[int, Field(strict=True, ge=1, le=1000)]
"""Some instances."""

Seconds = Annotated[int, Field(strict=True, ge=0, le=3600)]
"""A time to wait."""

FORMS = {
    "type": "an instance type, as ml.m5.large",
    "to": "s3://<bucket>/data-capture/<more>, in the account that runs the endpoint",
    "subnets": "subnet- and its digits",
    "security_groups": "sg- and its digits",
    "kms_key": "the ARN of a key, as arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "issuer": "https://<host>, with a path where the issuer has one",
    "output": "s3://<bucket>/batch-output/<more>, in the account that runs the jobs, without a / at its end",
    "content_type": "a media type, as text/csv",
    "accept": "a media type, as text/csv",
    "output_kms_key": "the ARN of a key, as for kms_key",
    "audience": "what the token is for, 128 characters at most and none of them a comma or a blank",
    "namespace": "a CloudWatch namespace: letters, digits and any of . - _ / # :",
    "metric": "a CloudWatch metric: letters, digits and any of . - _ / # : and blanks",
    "dimensions": "letters, digits and any of . - _ / # : @ and blanks",
}
"""What texts look like that have a form, by the field in which they stand."""

Subnet = Annotated[str, StringConstraints(pattern=r"^subnet-[0-9a-f]{8,17}$")]
SecurityGroup = Annotated[str, StringConstraints(pattern=r"^sg-[0-9a-f]{8,17}$")]
Audience = Annotated[str, StringConstraints(pattern=r"^[^\s,]{1,128}$")]


class Scaling(Value):
    """Between how many instances, and for how many invocations of each in a minute."""

    min_count: Count
    max_count: Count
    target: int = Field(strict=True, ge=1, le=1_000_000)
    """Invocations per instance and minute that are aimed at."""
    scale_in_seconds: Seconds = 300
    scale_out_seconds: Seconds = 300


class Instances(Value):
    """Instances of one type, a fixed number of them or as many as are called for."""

    type: Annotated[str, StringConstraints(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9-]+$")] = "ml.m5.large"
    count: Count = 1
    scaling: Scaling | None = None

    @property
    def family(self) -> str:
        """As in `m5` of `ml.m5.large`."""
        return self.type.split(".")[1]

    @property
    def fewest(self) -> int:
        """How many there are at least."""
        return self.scaling.min_count if self.scaling else self.count


class Serverless(Value):
    """No instances: so much memory, and so many requests at once."""

    memory_mb: Literal[1024, 2048, 3072, 4096, 5120, 6144]
    max_concurrency: int = Field(strict=True, ge=1, le=200)


class Capture(Value):
    """Requests and answers are kept: this share of them, and where."""

    percent: int = Field(strict=True, ge=1, le=100)
    to: Annotated[str, StringConstraints(pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/data-capture/[^\s]{1,512}$")]


class Vpc(Value):
    """The network that the model's container is in."""

    subnets: tuple[Subnet, ...] = Field(min_length=1, max_length=16)
    security_groups: tuple[SecurityGroup, ...] = Field(min_length=1, max_length=5)


class Auth(StrEnum):
    """How callers of the API prove who they are."""

    IAM = "iam"
    JWT = "jwt"


class Throttling(Value):
    """How many requests the API lets through."""

    rate: Number = Field(gt=0, le=10_000)
    """A second, over time."""
    burst: int = Field(strict=True, ge=1, le=5_000)
    """At once."""


class Api(Value):
    """Who may call the endpoint's API, and how often."""

    auth: Auth = Auth.IAM
    issuer: Annotated[str, StringConstraints(pattern=r"^https://[A-Za-z0-9.-]+(/[A-Za-z0-9._~/-]*)?$")] | None = None
    """Who signs the tokens."""
    audience: tuple[Audience, ...] = Field((), max_length=10)
    """Whom a token has to be for."""
    throttling: Throttling | None = None


class StageProfile(Value):
    """How versions are deployed to one stage."""

    instances: Instances | None = None
    serverless: Serverless | None = None
    rollout: Rollout | None = None
    rollback_alarms: Alarms | None = None
    capture: Capture | None = None
    vpc: Vpc | None = None
    kms_key: (
        Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]{1,64}$")]
        | None
    ) = None
    """Encrypts what the instances store."""
    api: Api = Api()
    trial: TrialPlan | None = None
    """How a version stands beside the one that serves before it takes its place; None for at once."""
    batch: Batch | None = None
    """How its transform jobs run, where it serves no requests; None for an endpoint."""

    @property
    def runs_as(self) -> RunsAs:
        """What becomes of a version in the stage."""
        return RunsAs.BATCH if self.batch else RunsAs.ENDPOINT

    @property
    def fleet(self) -> Instances:
        """The instances that serve; of what nobody said anything of, the one that serves where nobody does."""
        return self.instances or Instances()

    def contradictions(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """What cannot be meant, or SageMaker does not take, each with the field it stands in."""
        yield from self.of_the_network()
        if self.batch is not None:
            yield from self.of_jobs(self.batch)
            return
        if self.serverless is not None:
            yield from self.of_serverless()
        else:
            yield from self.of_instances()
        alarms = self.rollback_alarms.given() if self.rollback_alarms else {}
        if self.rollback_alarms is not None and not alarms:
            yield ("rollback_alarms",), "it is empty: name one at least"
        if self.serverless is None:
            inferentia = self.fleet.family == "inf1"
            yield from refusals(self.rollout, alarms, self.fleet.fewest, inferentia)
        yield from self.of_the_api()
        yield from not_taken(self.trial, self.rollout, self.fleet.family, self.serverless is not None)

    def of_the_network(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """What is named twice."""
        for field in ("subnets", "security_groups"):
            named = getattr(self.vpc, field) if self.vpc else ()
            if len(set(named)) < len(named):
                yield ("vpc", field), "names one of them twice"

    def of_jobs(self, batch: Batch) -> Iterator[tuple[tuple[str, ...], str]]:
        """What a model without an endpoint does not have."""
        for field in ("instances", "serverless", "rollout", "rollback_alarms", "capture", "api", "trial"):
            if getattr(self, field) != type(self).model_fields[field].get_default():
                yield (field,), "that is about an endpoint, and batch is given too: a stage has the one or the other"
        yield from ((("batch", *field), said) for field, said in batch.contradictions())
        if self.kms_key and stores_locally(batch.instances.family):
            yield ("kms_key",), f"{batch.instances.type}: {OWN_DISKS}"

    def of_serverless(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """What a serverless endpoint does not have."""
        if self.instances is not None:
            yield ("serverless",), "instances are given too: an endpoint has the one or the other"
        for field in ("rollout", "rollback_alarms", "capture", "vpc"):
            if getattr(self, field) is not None:
                yield (field,), "SageMaker does not have that for serverless endpoints: serve by instances, or leave it"

    def of_instances(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """What such instances cannot do."""
        fleet, scaling = self.fleet, self.fleet.scaling
        if scaling and scaling.min_count > scaling.max_count:
            yield ("instances", "scaling", "min_count"), f"it is more than max_count, {scaling.max_count}"
        elif scaling and not scaling.min_count <= fleet.count <= scaling.max_count:
            said = f"it begins with {fleet.count}, which does not lie between {scaling.min_count} and "
            yield ("instances", "count"), f"{said}{scaling.max_count}"
        if scaling and fleet.family == "t2":
            yield ("instances", "scaling"), "SageMaker does not scale burstable instances: take another type"
        if self.kms_key and stores_locally(fleet.family):
            yield ("kms_key",), f"{fleet.type}: {OWN_DISKS}"

    def of_the_api(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """What is missing of tokens, or said of them where there are none."""
        for field in ("issuer", "audience"):
            if self.api.auth is Auth.JWT and not getattr(self.api, field):
                yield ("api", field), "it is missing: tokens are accepted from one issuer, for an audience"
            if self.api.auth is Auth.IAM and getattr(self.api, field):
                yield ("api", field), "callers sign with IAM here, and have no token: say auth: jwt, or leave it out"


OWN_DISKS = "its disks are its own, encrypted by its hardware, and SageMaker takes no key for them: leave the key out"

LOCAL_DISKS = re.compile(r"^([a-z]+\d[a-z]*d[a-z]*|g4dn|g5|g6e?|gr6|p4de?|p5e?n?|trn\d.*|inf2)$")
"""Families of instances with disks of their own (AWS API: CreateEndpointConfig, `KmsKeyId`)."""


def stores_locally(family: str) -> bool:
    """Whether instances of a family have disks of their own."""
    return bool(LOCAL_DISKS.match(family))


class DeploymentProfile(Value):
    """A whole profile. Only one that does not contradict itself can be made."""

    schema_version: Literal[1] = 1
    title: str = Field(min_length=1, max_length=200)
    description: str = Field("", max_length=4000)
    stages: Mapping[Stage, StageProfile] = {}
    """Stages that are not named are as without a profile."""

    @model_validator(mode="after")
    def agrees_with_itself(self) -> "DeploymentProfile":
        """Refuse what contradicts itself, with all of it at once."""
        found = [
            Problem(path=("stages", stage.value, *field), said=said)
            for stage, one in self.stages.items()
            for field, said in one.contradictions()
        ]
        if Stage.DEVELOPMENT in self.stages:
            found.append(Problem(path=("stages", "development"), said="nothing is deployed to development"))
        if found:
            raise Contradiction(tuple(found))
        return self

    def of(self, stage: Stage) -> StageProfile:
        """How versions are deployed to a stage."""
        return self.stages.get(stage, StageProfile())

    def content(self) -> dict[str, Any]:
        """What the profile says, without what it leaves as it would be anyhow."""
        return {"schema_version": self.schema_version, **self.model_dump(mode="json", exclude_defaults=True)}

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical text of the content: the same for every way to write the same profile."""
        return digest(self.content())

    @property
    def size(self) -> int:
        """Characters of the canonical text."""
        return len(canonical(self.content()))


class PublishedProfile(Value):
    """A profile as a group has it: immutable, numbered within its group, and known by the hash of its content."""

    document: DeploymentProfile
    version: int

    @property
    def id(self) -> str:
        """As deployments pin it: `profile@3`."""
        return f"profile@{self.version}"

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical text of the document."""
        return self.document.hash

    def pin(self, stage: Stage) -> dict[str, Any]:
        """As the request for a deployment to a stage names it."""
        return {"profile": self.id, "profile_hash": self.hash, "runs_as": self.document.of(stage).runs_as}


BUILT_IN = PublishedProfile(
    version=0,
    document=DeploymentProfile(
        title="One instance, all at once, callers sign with IAM",
        description="In force for every group to which nobody gave a profile.",
    ),
)
"""How versions are deployed where nobody said anything else."""

PROFILES = Dialect(shape=DeploymentProfile, forms=FORMS)
"""How the problems of profiles are told."""


def problems_of(refused: ValidationError) -> tuple[Problem, ...]:
    """What pydantic found wrong with a profile, as problems."""
    return PROFILES.problems_of(refused)
