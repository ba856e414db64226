"""Environments: where versions are deployed to, one account and one pipeline each."""

from pydantic import Field

from governance.domain.lifecycle import Stage
from governance.domain.values import Value


class Environment(Value):
    """A stage's account and the pipeline that deploys to it."""

    stage: Stage
    account: str = Field(pattern=r"^[0-9]{12}$")
    pipeline: str


def endpoint_name(install: str, group: str, stage: Stage) -> str:
    """The name of a group's endpoint in a stage; at most 63 characters, as SageMaker allows."""
    ending = f"-{stage}"
    return f"{install}-{group}"[: 63 - len(ending)].rstrip("-") + ending


def stack_name(install: str, group: str, stage: Stage) -> str:
    """The name of the stack that holds a group's endpoint in a stage."""
    return endpoint_name(install, group, stage)
