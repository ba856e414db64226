"""Seal artifacts: the tasks of the state machine, each safe to repeat; their answers never grow with an artifact."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap_sealing as bootstrap
from governance.domain.artifacts import CopyOrder, Refusal, RefusalCode, SealedArtifact
from governance.domain.images import SealedImage
from governance.runtime import count, logger, metrics, read, report, tracer
from governance.runtime.shapes import AboutEffect

OF_MANY = "States.ExceedToleratedFailureThreshold"
"""How a map of many fails, without a word of what failed in it (Step Functions: Distributed map)."""

sealing = bootstrap.sealing()
in_pieces = bootstrap.sealing_in_pieces()


def plan(task: dict[str, Any]) -> dict[str, Any]:
    """Claim the effect, look up the images and list what is to be copied; refuse here what needs no copy for that."""
    incoming = read(task["event"], {"SealingRequested": AboutEffect})
    about: AboutEffect = incoming.detail
    planned = sealing.plan(about.model_package_arn, about.effect_id, task.get("execution_arn", ""))
    if planned.refusals:
        refuse({**task, **about.model_dump()}, list(planned.refusals))
    count("CopiesPlanned", len(planned.orders))
    return {**about.model_dump(), **planned.handed_on}


def copy(task: dict[str, Any]) -> dict[str, Any]:
    """Copy one artifact; hand back one that is to be sealed in pieces."""
    outcome = sealing.copy(CopyOrder.model_validate(task["artifact"]))
    if outcome is None:
        return {"left": task["artifact"]}
    count("CopiesRefused" if isinstance(outcome, Refusal) else "Copies")
    return {("refused" if isinstance(outcome, Refusal) else "sealed"): outcome.model_dump(mode="json")}


def seal(task: dict[str, Any]) -> dict[str, Any]:
    """Put the outcome of all copies on the record, unless some are left to be made in pieces."""
    sealed, refusals = outcomes(task["results"])
    if not refusals and any("left" in result for result in task["results"]):
        return {"sealed": False, "refusals": 0, "left": True}
    return {**(refuse(task, refusals) if refusals else end(task, sealed, [])), "left": False}


def pieces(task: dict[str, Any]) -> dict[str, Any]:
    """List the pieces of what is left, in batches."""
    sealed, _ = outcomes(task["results"])
    orders = [CopyOrder.model_validate(result["left"]) for result in task["results"] if "left" in result]
    return going_on(task, in_pieces.plan(run_of(task), orders, sealed), "batches")


def measure(task: dict[str, Any]) -> int:
    """Read the pieces of a batch."""
    read_ones = in_pieces.measure(run_of(task), task["batch"])
    count("PiecesMeasured", read_ones)
    return read_ones


def name(task: dict[str, Any]) -> dict[str, Any]:
    """Name what was measured, and open the uploads of what is copied in parts."""
    return going_on(task, in_pieces.name(run_of(task)), "uploads")


def place(task: dict[str, Any]) -> int:
    """Copy the pieces of a batch."""
    copied = in_pieces.copy(run_of(task), task["batch"])
    count("PiecesCopied", copied)
    return copied


def complete(task: dict[str, Any]) -> int:
    """Put one object of many parts together."""
    return in_pieces.complete(run_of(task), task["upload"])


def gather(task: dict[str, Any]) -> dict[str, Any]:
    """Put the outcome of it all on the record."""
    sealed, refusals = in_pieces.gather(run_of(task))
    count("CopiesRefused" if refusals else "Copies", len(refusals or sealed))
    if refusals:
        return refuse(task, refusals)
    in_pieces.clear_up(run_of(task))
    return end(task, sealed, [])


def note(task: dict[str, Any]) -> dict[str, Any]:
    """Note what broke down in a map of many, which itself tells no cause."""
    in_pieces.note(run_of(task), cause_of(task))
    return {}


def fail(task: dict[str, Any]) -> dict[str, Any]:
    """Put on the record that sealing broke down, with its cause, and leave no upload behind."""
    cause = cause_of(task)
    if task["error"].get("Error") == OF_MANY:
        cause = in_pieces.noted(run_of(task)) or cause
    return refuse(task, [Refusal(code=RefusalCode.BROKEN, detail=cause[:1000])])


def going_on(task: dict[str, Any], outcome: int | list[Refusal], what: str) -> dict[str, Any]:
    """The numbers that the next map goes over; or the end, where something was refused."""
    if isinstance(outcome, list):
        refuse(task, outcome)
        return {what: [], "proceed": False}
    return {what: list(range(outcome)), "proceed": True}


def outcomes(results: list[dict[str, Any]]) -> tuple[list[SealedArtifact], list[Refusal]]:
    """What single copies came to."""
    sealed = [SealedArtifact.model_validate(result["sealed"]) for result in results if "sealed" in result]
    refusals = [Refusal.model_validate(result["refused"]) for result in results if "refused" in result]
    return sealed, refusals


def run_of(task: dict[str, Any]) -> str:
    """Under which name the papers of this execution lie; one that began under an earlier release may tell none."""
    return f"{task['effect_id']}/{task.get('execution', '')}"


def cause_of(task: dict[str, Any]) -> str:
    """What Step Functions says of an error."""
    return str(task["error"].get("Cause") or task["error"].get("Error") or "no cause given")


def refuse(task: dict[str, Any], refusals: list[Refusal]) -> dict[str, Any]:
    """Leave no upload behind, then record why nothing was sealed: nobody comes back to what has an outcome.

    It is recorded if giving up fails, too; but not where another execution has taken over, which speaks for itself.
    """
    mine = True
    try:
        mine = in_pieces.give_up(run_of(task))
    finally:
        recorded = end(task, [], refusals) if mine else {"sealed": False, "refusals": 0}
    return recorded


def end(task: dict[str, Any], sealed: list[SealedArtifact], refusals: list[Refusal]) -> dict[str, Any]:
    """Record the outcome, and say which it was."""
    images = [SealedImage.model_validate(image) for image in task.get("images", ())]
    about = task["model_package_arn"], task["effect_id"]
    learned = sealing.end(*about, sealed, refusals, task["correlation_id"], images)
    report("sealing", learned)
    return {"sealed": bool(sealed) and not refusals, "refusals": len(refusals)}


TASKS = {task.__name__: task for task in (plan, copy, seal, pieces, measure, name, place, complete, gather, note, fail)}


@logger.inject_lambda_context(correlation_id_path="correlation_id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Do the task that is asked for; one that nobody knows is a fault of the state machine, and fails it."""
    return TASKS[event["task"]](event)
