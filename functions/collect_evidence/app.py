"""Collect evidence: take what others attach, fetch what was named, keep it, read it. Told twice, it finds it done."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from governance import bootstrap_evidence as bootstrap
from governance.domain.commands import EvidenceAttached
from governance.runtime import Shapes, logger, metrics, read, report, tracer
from governance.runtime.shapes import AboutEffect

EXPECTED: Shapes = {"EvidenceRequested": AboutEffect, "EvidenceAttached": EvidenceAttached}

collecting = bootstrap.collecting()
attaching = bootstrap.attaching()


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Parse, attach or collect, report."""
    incoming = read(event, EXPECTED)
    told = incoming.detail
    if isinstance(told, EvidenceAttached):
        report("attaching", attaching.attach(told, incoming.account, incoming.correlation_id))
    else:
        report("collecting", collecting.collect(told.model_package_arn, told.effect_id, incoming.correlation_id))
