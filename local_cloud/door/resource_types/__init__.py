"""CloudFormation types that the templates use and MiniStack does not know, each made by calling an API that exists.

MiniStack refuses a template with an unknown type before it creates anything. These go through its own table of types;
what they make lives in MiniStack (buses, archives) or in the other half (SageMaker, CodePipeline, RAM). All of them
block, so they run on a worker thread, and a stack's service role is asked where MiniStack asks nobody.
"""

from typing import Any

from ministack.services.cloudformation import handlers, provisioners, stacks

from local_cloud.door import hooks
from local_cloud.door.resource_types import buses, codepipeline, native, ram, sagemaker, stack_roles

TYPES: dict[str, dict[str, Any]] = {**buses.TYPES, **sagemaker.TYPES, **codepipeline.TYPES, **ram.TYPES}

_TAGGED = (
    "AWS::SageMaker::Model",
    "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::Endpoint",
    "AWS::SageMaker::ModelPackageGroup",
    "AWS::CodePipeline::Pipeline",
    "AWS::RAM::ResourceShare",
)


def install() -> None:
    """Add the types, and remember the service role that a stack is given."""
    provisioners._RESOURCE_HANDLERS.update(TYPES)
    for name in _TAGGED:
        provisioners._STACK_TAG_PROPERTY[name] = ("Tags", "list")
    hooks.wrap(stacks, "_runs_on_worker_thread", _on_worker_thread)
    buses.install()
    native.install()
    for action in ("CreateStack", "UpdateStack", "CreateChangeSet"):
        hooks.wrap_entry(handlers._ACTION_HANDLERS, action, stack_roles.remember)


def _on_worker_thread(original: Any, resource_type: str) -> bool:
    return resource_type in TYPES or bool(original(resource_type))
