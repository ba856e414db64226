"""Validate a deployed version: put the group's held-out rows to its endpoint and report what the answers are worth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from governance.domain.commands import ModelValidationCompleted
from governance.domain.environment import Environment, environment_of
from governance.domain.errors import ValidationImpossible
from governance.domain.identifiers import ModelPackageArn, group_arn_of
from governance.domain.lifecycle import Stage
from governance.domain.metrics import measure
from governance.domain.use_case import validation_set_from
from governance.ports.ledger import Ledger
from governance.ports.registry import Registry
from governance.ports.validation import EndpointInvoker, Intake, ValidationSets


@dataclass(frozen=True, slots=True)
class Validation:
    """Measure versions where they run.

    The rows are those that the group's owner bound to it, never any that came with the version. Done twice, it is
    reported twice, and the later report stands.
    """

    ledger: Ledger
    registry: Registry
    sets: ValidationSets
    endpoints: EndpointInvoker
    intake: Intake
    environments: Mapping[Stage, Environment]
    now: Callable[[], datetime]

    def validate(self, version: ModelPackageArn, stage: Stage, deployment_id: str) -> ModelValidationCompleted:
        """Validate a deployment and send the report.

        A group without a bound set is reported as not validated. Raises `ValidationImpossible` when there is a set
        and it is not the one pinned, or the endpoint does not answer it.
        """
        endpoint = self.endpoint_of(version, deployment_id)
        pinned = validation_set_from(self.registry.tags(group_arn_of(version) or ""))
        common = {"model_package_arn": version, "stage": stage, "endpoint": endpoint, "deployment_id": deployment_id}
        if pinned is None:
            told = {"completed_at": self.now(), "not_possible": "no validation set is bound to the group"}
            report = ModelValidationCompleted.model_validate({**common, **told})
        else:
            rows = self.sets.read(pinned)
            answers = self.endpoints.ask(
                environment_of(stage, self.environments), endpoint, [rows.header, *rows.features]
            )
            try:
                metrics = measure(rows.truth, answers.values, answers.latencies_ms)
            except ValueError as unusable:
                raise ValidationImpossible(f"{endpoint}: {unusable}") from unusable
            measured = {"metrics": metrics, "rows": len(rows.truth), "validation_set": pinned.sha256}
            report = ModelValidationCompleted.model_validate({**common, **measured, "completed_at": self.now()})
        self.intake.send(report)
        return report

    def endpoint_of(self, version: ModelPackageArn, deployment_id: str) -> str:
        """The endpoint of a deployment, as recorded when it was started."""
        return self.ledger.open(version).state_of(version).deployment(deployment_id).endpoint_name
