"""Structured logs, traces and business metrics. Names come from the environment that the template sets."""

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from governance.domain.model_version import ModelVersion

logger = Logger()
tracer = Tracer(patch_modules=("botocore",))  # all our calls; patching every library X-Ray knows costs a cold start
metrics = Metrics()


def count(name: str, value: int = 1) -> None:
    """Count something that the business would ask about."""
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def report(what: str, learned: ModelVersion | None) -> None:
    """One line and one count for each decision: what was learned of which version, or that it was known already."""
    if learned is None:
        logger.info("nothing new", extra={"about": what})
        count("NothingNew")
        return
    standing = {stage.value: known.status.value for stage, known in learned.stages.items()}
    logger.info(
        "recorded",
        extra={"about": what, "model": learned.model.arn, "standing": standing, "sealing": learned.sealing.status},
    )
    count("Recorded")
