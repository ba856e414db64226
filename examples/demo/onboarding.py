"""Before a model can be governed: its group, the rows it will be judged on, and the model itself."""

from pathlib import Path

import pandas as pd
from botocore.exceptions import ClientError

from examples.credit_risk.data import TARGET, all_loans, as_csv, divided
from examples.credit_risk.models import Variant
from examples.credit_risk.train import train
from examples.credit_risk.validation_set import bind

from .play import Play
from .waiting import UnexpectedError, wait_for

TEMPLATE = Path(__file__).parents[2] / "stacks" / "model-group.yaml"

GROUP = {
    "Owner": "mary.jackson",
    "LineOfBusiness": "consumer-lending",
    "Project": "credit-decisions",
    "UseCaseId": "credit-scoring",
    "Risk": "high",
}
"""Who answers for the group, and what its models are used for."""


def onboard_the_group(play: Play, template: str) -> None:
    """The ML engineer creates the group in the hub and shares it with the dev account, as code."""
    formation = play.cloud.client("cloudformation", "ml-engineer")
    stack = f"model-group-{play.group}"
    values = GROUP | {
        "ModelGroupName": play.group,
        "DevAccountIds": play.cloud.account("dev"),
        "WorkloadAccountIds": ",".join(play.cloud.account(name) for name in ("test", "prod")),
    }
    parameters = [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]
    engineer = play.person("ml-engineer")
    try:
        formation.create_stack(
            StackName=stack,
            TemplateBody=template,
            Parameters=parameters,
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "AlreadyExistsException":
            raise
        play.screen.saw(f"the model group {play.group} is there already", f"stack {stack}")
        return
    wait_for(
        play.screen,
        f"stack {stack}",
        look=lambda: str(formation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]),
        until=lambda status: status == "CREATE_COMPLETE",
        told_as=str,
        hopeless=lambda status: _why_it_failed(formation, stack) if "FAILED" in status or "ROLLBACK" in status else "",
    )
    play.screen.did(
        engineer,
        f"onboarded the model group {play.group} in the hub and shared it with the dev account",
        ", ".join(GROUP.values()),
    )


def _why_it_failed(formation: object, stack: str) -> str:
    events = formation.describe_stack_events(StackName=stack)["StackEvents"]  # type: ignore[attr-defined]
    reasons = [
        f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        for event in events
        if "FAILED" in event["ResourceStatus"] and event.get("ResourceStatusReason")
    ]
    return "; ".join(reasons) or "the stack failed and gives no reason"


def bind_the_validation_set(play: Play) -> None:
    """The owner binds rows that no training has seen. The author of a model cannot choose them."""
    held_out = divided(all_loans()).held_out
    bound = bind(
        play.group_arn,
        as_csv(held_out).encode("utf-8"),
        TARGET,
        play.cloud.output("ArtifactBucket"),
        play.cloud.client("s3", "model-owner"),
        play.cloud.client("sagemaker", "model-owner"),
    )
    play.screen.did(
        play.person("model-owner"),
        f"bound {len(held_out)} held-out loans to the group",
        f"sha256 {bound.sha256[:12]}…, target {bound.target}",
    )


def train_the_candidates(play: Play) -> None:
    """Two candidates, trained on the same loans and logged with MLflow."""
    loans = divided(all_loans())
    with play.screen.waiting("training two candidates, logging them with MLflow"):
        play.models = {variant.value: train(variant, play.folder, loans) for variant in Variant}
    for persona, model in zip(("data-scientist", "second-data-scientist"), play.models.values(), strict=True):
        play.screen.did(
            play.person(persona),
            f"trained the {model.name} on {len(loans.train):,} loans",
            f"AUC {model.metrics['auc']:.3f} on {len(loans.test)} other loans, MLflow run {model.run_id[:8]}",
        )


def held_out_rows(play: Play) -> pd.DataFrame:
    """The held-out loans as the endpoint gets them: features only. Raises if nothing was trained."""
    if not play.models:
        raise UnexpectedError("nothing was trained yet")
    model = next(iter(play.models.values()))
    return pd.read_csv(model.held_out, keep_default_na=False, dtype=str).drop(columns=[model.target])
