"""Seal artifacts: the tasks of the state machine, each safe to repeat; their answers never grow with an artifact."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap
from governance.domain.artifacts import CopyOrder, Refusal, RefusalCode, SealedArtifact
from governance.runtime import count, logger, metrics, read, report, tracer
from governance.runtime.shapes import AboutEffect

sealing = bootstrap.sealing()


def plan(task: dict[str, Any]) -> dict[str, Any]:
    """List what is to be copied; what can be refused without a copy is refused here."""
    incoming = read(task["event"], {"SealingRequested": AboutEffect})
    about: AboutEffect = incoming.detail
    planned = sealing.plan(about.model_package_arn, about.effect_id)
    if planned.refusals:
        end(about.model_dump(), [], list(planned.refusals))
    count("CopiesPlanned", len(planned.orders))
    orders = [order.model_dump(mode="json") for order in planned.orders]
    return {**about.model_dump(), "artifacts": orders, "proceed": bool(orders)}


def copy(task: dict[str, Any]) -> dict[str, Any]:
    """Copy one artifact."""
    outcome = sealing.copy(CopyOrder.model_validate(task["artifact"]))
    count("CopiesRefused" if isinstance(outcome, Refusal) else "Copies")
    return {("refused" if isinstance(outcome, Refusal) else "sealed"): outcome.model_dump(mode="json")}


def seal(task: dict[str, Any]) -> dict[str, Any]:
    """Put the outcome of all copies on the record."""
    results = task["results"]
    sealed = [SealedArtifact.model_validate(result["sealed"]) for result in results if "sealed" in result]
    refusals = [Refusal.model_validate(result["refused"]) for result in results if "refused" in result]
    return end(task, sealed, refusals)


def fail(task: dict[str, Any]) -> dict[str, Any]:
    """Put on the record that sealing broke down, with its cause."""
    cause = str(task["error"].get("Cause") or task["error"].get("Error") or "no cause given")
    return end(task, [], [Refusal(code=RefusalCode.BROKEN, detail=cause[:1000])])


def end(task: dict[str, Any], sealed: list[SealedArtifact], refusals: list[Refusal]) -> dict[str, Any]:
    """Record the outcome, and say which it was."""
    learned = sealing.end(task["model_package_arn"], task["effect_id"], sealed, refusals, task["correlation_id"])
    report("sealing", learned)
    return {"sealed": bool(sealed) and not refusals, "refusals": len(refusals)}


TASKS = {"plan": plan, "copy": copy, "seal": seal, "fail": fail}


@logger.inject_lambda_context(correlation_id_path="correlation_id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Do the task that is asked for; one that nobody knows is a fault of the state machine, and fails it."""
    return TASKS[event["task"]](event)
