"""Environments: where versions are deployed to, one account and one pipeline each; and which way a version goes."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from governance.domain.errors import UnknownEnvironment
from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import FOLLOWING, PRECEDING, Stage
from governance.domain.values import Value, sha256_of

LONGEST_ENDPOINT_NAME = 63
"""What SageMaker allows (AWS API: CreateEndpoint)."""

EnvironmentName = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9-]{0,30})?$")]
"""How an environment is called: lower case, dashes, at most 31 characters; empty for the stage's own."""

OWN: tuple[str, ...] = ("",)
"""The stage's own environment alone, as facts tell it."""


class Environment(Value):
    """A stage's account and the pipeline that deploys to it. The one without a name of its own goes by the stage's."""

    stage: Stage
    account: str = Field(pattern=r"^[0-9]{12}$")
    pipeline: str
    name: EnvironmentName = ""
    lines_of_business: tuple[str, ...] = ()
    """Whose versions go there; none for everybody's who has no environment in that stage."""

    @property
    def called(self) -> str:
        """The name by which people, leases and endpoints know it."""
        return self.name or self.stage.value

    @property
    def told(self) -> str:
        """Its name as facts tell it: empty for the stage's own."""
        return "" if self.called == self.stage.value else self.called


class Landscape(Value):
    """Every environment there is. Without any, test and production have one each, for everybody."""

    environments: tuple[Environment, ...] = ()

    @model_validator(mode="after")
    def named_once(self) -> "Landscape":
        """Refuse what leases, endpoints and facts could not tell apart, and stages that nothing is deployed to."""
        for one in self.environments:
            if one.stage is Stage.DEVELOPMENT:
                raise ValueError(f"{one.called}: nothing is deployed to development")
            if one.called != one.stage.value and one.called in {stage.value for stage in Stage}:
                raise ValueError(f"{one.called} is the name of another stage than {one.stage}")
        for what in ("called", "pipeline"):
            names = [getattr(one, what) for one in self.environments]
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"two environments go by {', '.join(twice)}")
        return self

    @property
    def by_name(self) -> dict[str, Environment]:
        """The environments by what they are called."""
        return {one.called: one for one in self.environments}

    def of(self, stage: Stage, line_of_business: str) -> tuple[str, ...]:
        """Where a version of a line of business goes in a stage: to those that name it, else to those for everybody."""
        if not self.environments:
            return OWN if stage in FOLLOWING.values() else ()
        there = [one for one in self.environments if one.stage is stage]
        named = [one for one in there if line_of_business in one.lines_of_business]
        return tuple(one.told for one in named or there if one in named or not one.lines_of_business)

    def preceding(self, stage: Stage, line_of_business: str) -> Stage | None:
        """The stage whose approval lets a version into this one: pre-production only where it has an environment."""
        if stage is Stage.PRODUCTION and self.of(Stage.PRE_PRODUCTION, line_of_business):
            return Stage.PRE_PRODUCTION
        return PRECEDING.get(stage)

    def following(self, stage: Stage, line_of_business: str) -> Stage | None:
        """The stage that an approval in this one lets a version into."""
        return next((after for after in PRECEDING if self.leads(stage, after, line_of_business)), None)

    def leads(self, stage: Stage, after: Stage, line_of_business: str) -> bool:
        """Whether an approval in a stage lets a version into another, and there is one."""
        exists = after is not Stage.PRE_PRODUCTION or bool(self.of(after, line_of_business))
        return exists and self.preceding(after, line_of_business) is stage


SIMPLE = Landscape()
"""What there is where nobody says more: test and production, each with one environment of its own."""


def environment_of(name: str, environments: Mapping[str, Environment]) -> Environment:
    """The environment of a name. Raises `UnknownEnvironment`."""
    if name not in environments:
        raise UnknownEnvironment(name)
    return environments[name]


def endpoint_name(install: str, group: str, environment: str) -> str:
    """The name of a group's endpoint in an environment; at most 63 characters, as SageMaker allows.

    A name that had to be shortened ends with a part of the hash of the whole, so that two groups never share one.
    """
    name = f"{install}-{group}-{environment}"
    if len(name) <= LONGEST_ENDPOINT_NAME:
        return name
    ending = f"-{sha256_of(name)[:8]}-{environment}"
    return f"{install}-{group}"[: LONGEST_ENDPOINT_NAME - len(ending)].rstrip("-") + ending


def endpoint_arn(package: ModelPackageArn, account: str, name: str) -> str:
    """The ARN of an endpoint that serves a package: in another account, of the package's partition and region."""
    _, partition, _, region, *_ = package.split(":")
    return f"arn:{partition}:sagemaker:{region}:{account}:endpoint/{name.lower()}"


def model_name(install: str, group: str, environment: str, deployment_id: str) -> str:
    """The name of a model without an endpoint: another for each deployment, since a model is never changed.

    In lower case, as its ARN has it, so that each tells the other.
    """
    name = endpoint_name(install, group, environment).lower()
    ending = f"-{sha256_of(f'{name}/{deployment_id}')[:12]}"
    return name[: LONGEST_ENDPOINT_NAME - len(ending)].rstrip("-") + ending


def machine_arn(package: ModelPackageArn, account: str, name: str) -> str:
    """The ARN of the state machine that runs a package's transform jobs, in another account."""
    _, partition, _, region, *_ = package.split(":")
    return f"arn:{partition}:states:{region}:{account}:stateMachine:{name}"


def model_arn(package: ModelPackageArn, account: str, name: str) -> str:
    """The ARN of the model that those jobs run."""
    _, partition, _, region, *_ = package.split(":")
    return f"arn:{partition}:sagemaker:{region}:{account}:model/{name}"


def stack_name(install: str, group: str, environment: str) -> str:
    """The name of the stack that holds a group's endpoint in an environment: the endpoint's own, so each tells both."""
    return endpoint_name(install, group, environment)
