"""Deploy Steward's stacks into the local accounts: the hub with SAM, the others with CloudFormation."""

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from local_cloud.accounts import ACCOUNTS, HUB_STACK, INSTALL, PERSONAS, REGION, Further
from local_cloud.build import BUILD, Target, sam
from local_cloud.clients import Clients
from local_cloud.place import ROOT
from local_cloud.processes import CloudFault

Outputs = dict[str, str]

_DEPLOY_BUCKET = f"{INSTALL}-sam-{ACCOUNTS['hub']}-{REGION}"
_WAIT_SECONDS = 180.0


def deploy_hub(clients: Clients, target: Target, logs: Path, further: Sequence[Further] = ()) -> Outputs:
    """`sam deploy` the hub's stack in the hub's account; its outputs."""
    hub = ACCOUNTS["hub"]
    s3 = clients.root("s3", hub)
    s3.create_bucket(Bucket=_DEPLOY_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    parameters = {
        **target.parameters(),
        "Install": INSTALL,
        "DevAccountIds": ACCOUNTS["dev"],
        "TestAccountId": ACCOUNTS["test"],
        "ProdAccountId": ACCOUNTS["prod"],
        **_further(further),
        "OwnerRoles": _roles("ModelOwnerPolicyArn"),
        "ValidatorRoles": _roles("ValidatorPolicyArn"),
        "OfficerRoles": _roles("OfficerPolicyArn"),
        "RetryIntervalSeconds": "1",
        "SingleCopyMiB": "8",
        "PartMiB": "5",
        "RetiredRetentionDays": "3",
        "LogRetentionDays": "1",
        "DeletionProtection": "false",
    }
    environment = {
        "AWS_ACCESS_KEY_ID": hub,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": clients.endpoint_url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "NO_PROXY": "127.0.0.1,localhost",
    }
    arguments = ["deploy", "--config-file", str(ROOT / "samconfig.toml"), "--config-env", "local"]
    arguments += ["--template-file", str(BUILD / "template.yaml")]
    arguments += ["--stack-name", HUB_STACK, "--no-resolve-s3", "--s3-bucket", _DEPLOY_BUCKET, "--no-progressbar"]
    arguments += ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())]
    try:
        sam(*arguments, environment=environment, log=logs / "deploy.log")
    except CloudFault as fault:
        raise CloudFault(f"{fault}\n{_why(clients.root('cloudformation', hub), HUB_STACK)}") from fault
    return outputs_of(clients, hub, HUB_STACK)


def _further(further: Sequence[Further]) -> dict[str, str]:
    """The hub's parameters about other environments, quoted as `sam deploy` takes them."""
    if not further:
        return {}
    told = [
        {"name": one.name, "stage": one.stage, "account": one.number, "pipeline": f"{INSTALL}-deploy-{one.name}"}
        for one in further
    ]
    quoted = json.dumps(told).replace('"', '\\"')
    return {
        "FurtherEnvironments": f'"{quoted}"',
        "FurtherAccountIds": ",".join(one.number for one in further),
    }


def _roles(policy: str) -> str:
    """The hub's roles of the people who have a policy, as the template's parameters name them."""
    return ",".join(one.role for one in PERSONAS if one.account == "hub" and one.policy_output == policy)


def deploy_others(clients: Clients, hub: Mapping[str, str], further: Sequence[Further] = ()) -> dict[str, Outputs]:
    """The stacks of the other accounts, side by side; the outputs of each. The hub's of further environments first."""
    for one in further:
        told = {"Name": one.name, "Stage": one.stage, "AccountId": one.number}
        told |= {"Install": INSTALL, "PipelineKeyArn": hub["PipelineKeyArn"]}
        name = f"{INSTALL}-environment-{one.name}"
        deploy_stack(clients, ACCOUNTS["hub"], name, ROOT / "stacks" / "environment.yaml", told)
    common = {
        "Install": INSTALL,
        "HubAccountId": ACCOUNTS["hub"],
        "HubIntakeBusArn": hub["IntakeBusArn"],
        "MlEngineerRoleArns": f"arn:aws:iam::{ACCOUNTS['hub']}:role/{_roles('MlEngineerPolicyArn')}",
    }
    workload = {
        **common,
        "ArtifactBucketName": hub["ArtifactBucket"],
        "ArtifactKeyArn": hub["ArtifactKeyArn"],
        "PipelineBucketName": hub["PipelineBucket"],
        "PipelineKeyArn": hub["PipelineKeyArn"],
    }
    plans = {
        "dev": ("steward-dev", "dev-account.yaml", common),
        "test": ("steward-workload", "workload-account.yaml", {**workload, "Stage": "test"}),
        "prod": ("steward-workload", "workload-account.yaml", {**workload, "Stage": "production"}),
        **{
            one.account: ("steward-workload", "workload-account.yaml", {**workload, "Stage": one.stage})
            for one in further
        },
    }
    numbers = {**ACCOUNTS, **{one.account: one.number for one in further}}
    with ThreadPoolExecutor(max_workers=len(plans)) as pool:
        running = {
            account: pool.submit(deploy_stack, clients, numbers[account], name, ROOT / "stacks" / file, parameters)
            for account, (name, file, parameters) in plans.items()
        }
        return {account: done.result() for account, done in running.items()}


def deploy_stack(clients: Clients, account: str, name: str, template: Path, parameters: Mapping[str, str]) -> Outputs:
    """Create one stack as the account's root and wait for it. Raises `CloudFault` with CloudFormation's reasons."""
    cloudformation = clients.root("cloudformation", account)
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=template.read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
        OnFailure="DO_NOTHING",
    )
    until = time.monotonic() + _WAIT_SECONDS
    status = "CREATE_IN_PROGRESS"
    while status.endswith("_IN_PROGRESS") and time.monotonic() < until:
        time.sleep(0.1)
        status = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    if status != "CREATE_COMPLETE":
        raise CloudFault(f"Stack {name} in account {account} is {status}.\n{_why(cloudformation, name)}")
    return outputs_of(clients, account, name)


def outputs_of(clients: Clients, account: str, name: str) -> Outputs:
    """The outputs of a stack, by name."""
    stack = clients.root("cloudformation", account).describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _why(cloudformation: Any, name: str) -> str:
    """What CloudFormation gives as reasons, oldest first."""
    try:
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    except cloudformation.exceptions.ClientError:
        return "CloudFormation knows no such stack: see logs/deploy.log and logs/door.log."
    reasons = [
        f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
        for event in reversed(events)
        if event["ResourceStatus"].endswith("_FAILED")
    ]
    return "\n".join(reasons) or "CloudFormation gives no reason: see logs/door.log."
