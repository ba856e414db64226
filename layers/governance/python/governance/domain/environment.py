"""Environments: where versions are deployed to, one account and one pipeline each."""

from collections.abc import Mapping

from pydantic import Field

from governance.domain.errors import UnknownEnvironment
from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import Stage
from governance.domain.values import Value, sha256_of

LONGEST_ENDPOINT_NAME = 63
"""What SageMaker allows (AWS API: CreateEndpoint)."""


class Environment(Value):
    """A stage's account and the pipeline that deploys to it."""

    stage: Stage
    account: str = Field(pattern=r"^[0-9]{12}$")
    pipeline: str


def environment_of(stage: Stage, environments: Mapping[Stage, Environment]) -> Environment:
    """Where a stage runs. Raises `UnknownEnvironment`."""
    if stage not in environments:
        raise UnknownEnvironment(stage)
    return environments[stage]


def endpoint_name(install: str, group: str, stage: Stage) -> str:
    """The name of a group's endpoint in a stage; at most 63 characters, as SageMaker allows.

    A name that had to be shortened ends with a part of the hash of the whole, so that two groups never share one.
    """
    name = f"{install}-{group}-{stage}"
    if len(name) <= LONGEST_ENDPOINT_NAME:
        return name
    ending = f"-{sha256_of(name)[:8]}-{stage}"
    return f"{install}-{group}"[: LONGEST_ENDPOINT_NAME - len(ending)].rstrip("-") + ending


def endpoint_arn(package: ModelPackageArn, account: str, name: str) -> str:
    """The ARN of an endpoint that serves a package: in another account, of the package's partition and region."""
    _, partition, _, region, *_ = package.split(":")
    return f"arn:{partition}:sagemaker:{region}:{account}:endpoint/{name.lower()}"


def stack_name(install: str, group: str, stage: Stage) -> str:
    """The name of the stack that holds a group's endpoint in a stage: the endpoint's own, so that each tells both."""
    return endpoint_name(install, group, stage)
