"""The second version's life, which is short: registered, rejected, and never deployed."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from rich.padding import Padding
from rich.table import Table

from examples.credit_risk.models import Variant

from .approvals import short
from .command import typed
from .play import Play
from .screen import INDENT
from .waiting import expect

CHALLENGER = Variant.CHALLENGER.value

TOLD_DIFFERENCES = ("auc by model-quality", "recall by model-quality", "predicts-well in development")
"""Of everything that is different, what matters to the owner's decision."""


def compare_with_production(play: Play, model: str) -> None:
    """The model owner looks at how it differs from what serves in production, before they decide."""
    words = ("diff", short(model), "--against", "production", "--stage", "development")
    found = play.steward("model-owner", *words)
    lines = {line["name"]: line for line in found["lines"]}
    expect(
        lines.get("auc by model-quality", {}).get("better") is False,
        f"the AUC of {short(model)} should be worse than that of {short(found['against'])}: {lines.keys()}",
    )
    play.screen.did(play.person("model-owner"), f"compared {short(model)} with what is in production", typed(*words))
    told = Table("", short(model), short(found["against"]), "", box=None, header_style="dim")
    for name in (name for name in TOLD_DIFFERENCES if name in lines):
        told.add_row(name, *(_told(lines[name], which) for which in ("ours", "theirs")), _change(lines[name]))
    play.screen.show(Padding(told, (0, 0, 1, INDENT - 1)))


def _told(line: Mapping[str, Any], which: str) -> str:
    value = line[which]
    return f"{value:.3f}" if isinstance(value, float) else str(value or "none").partition(" from ")[0]


def _change(line: Mapping[str, Any]) -> str:
    return "" if line["change"] is None else f"{line['change']:+.3f} {'better' if line['better'] else 'worse'}"


def reject(play: Play, model: str) -> None:
    """The model owner rejects it, and says what is to be put right, by whom and by when. The registry follows."""
    auc = play.models[CHALLENGER].metrics["auc"]
    why = f"AUC {auc:.3f} on the test split is too weak; use more than age and amount"
    author, due = play.cloud.person("second-data-scientist"), (date.today() + timedelta(days=14)).isoformat()
    about = ("--check", "predicts-well", "--owner", author, "--due", due)
    words = ("reject", short(model), "--stage", "development", "--why", "Too weak", "--finding", f"high: {why}", *about)
    play.steward("model-owner", *words)
    play.screen.did(play.person("model-owner"), f"rejected {short(model)}, with a finding", typed(*words))
    play.wait_for_stage(model, "development", "model_status", "rejected")
    shown = play.registered(model)["ModelApprovalStatus"]
    expect(shown == "Rejected", f"the registry should show {short(model)} as Rejected, and shows {shown}")
    raised = play.steward("auditor", "findings", "list", short(model))["findings"]
    expect(
        [(one["owner"], one["text"]) for one in raised] == [(author, why)],
        f"{author} should have one finding on {short(model)}: {raised}",
    )
    play.screen.saw(f"Studio shows Rejected, and {author} has finding {raised[0]['id']} to answer by {due}")


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
