"""The second version's life, which is short: registered, rejected, and never deployed."""

from typing import Any

from examples.credit_risk.models import Variant

from .champion import short
from .play import Play
from .waiting import expect

CHALLENGER = Variant.CHALLENGER.value


def reject(play: Play, model: str) -> None:
    """The model owner rejects it in the registry, and says why."""
    auc = play.models[CHALLENGER].metrics["auc"]
    reason = f"AUC {auc:.3f} on the test split is too weak; use more than age and amount"
    play.cloud.client("sagemaker", "model-owner").update_model_package(
        ModelPackageArn=model, ModelApprovalStatus="Rejected", ApprovalDescription=reason
    )
    play.screen.did(play.person("model-owner"), f"rejected {short(model)}", reason)
    play.wait_for_stage(model, "development", "model_status", "rejected")


def expect_nothing_deployed(play: Play, model: str) -> None:
    """Neither the record nor any pipeline nor any workload account knows a deployment of it."""
    asked_for = play.records.deployments(model)
    expect(not asked_for, f"{short(model)} was rejected, and its record has deployments: {asked_for}")
    stages = [record["sk"] for record in play.records.stages(model)]
    expect(stages == ["STAGE#development"], f"{short(model)} was rejected, and has records {stages}")
    for pipeline in (play.cloud.output("TestPipeline"), play.cloud.output("ProdPipeline")):
        executed = _models_of_executions(play.cloud.client("codepipeline", "ml-engineer"), pipeline)
        expect(model not in executed, f"{pipeline} was executed for {short(model)}, which was rejected")
    for account in ("test", "prod"):
        used = _approved_arns(play.cloud.client("sagemaker", account))
        expect(
            model not in used,
            f"an endpoint in the {account} account carries {short(model)}, which was rejected",
        )
    play.screen.saw("nothing of it was deployed", "no deployment in its record, no pipeline execution, no endpoint")


def _models_of_executions(codepipeline: Any, pipeline: str) -> set[str]:
    executions = codepipeline.list_pipeline_executions(pipelineName=pipeline)["pipelineExecutionSummaries"]
    variables = [
        variable
        for execution in executions
        for variable in codepipeline.get_pipeline_execution(
            pipelineName=pipeline, pipelineExecutionId=execution["pipelineExecutionId"]
        )["pipelineExecution"].get("variables", [])
    ]
    return {variable["resolvedValue"] for variable in variables if variable["name"] == "ModelPackageArn"}


def _approved_arns(sagemaker: Any) -> set[str]:
    """Every tag value of every endpoint: the approved ARN travels in them."""
    endpoints = sagemaker.list_endpoints()["Endpoints"]
    return {
        tag["Value"]
        for endpoint in endpoints
        for tag in sagemaker.list_tags(ResourceArn=endpoint["EndpointArn"])["Tags"]
    }
