"""Validate a deployed version: have it answer the group's held-out rows, and report what the answers are worth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.domain.commands import ModelValidationCompleted
from governance.domain.deployment import Deployment
from governance.domain.environment import Environment, environment_of
from governance.domain.errors import ValidationImpossible
from governance.domain.identifiers import ModelPackageArn, group_arn_of
from governance.domain.lifecycle import Stage
from governance.domain.metrics import measure
from governance.domain.trial_plans import TrialKind
from governance.domain.trials import TRIAL
from governance.domain.use_case import ValidationSet, validation_set_from
from governance.ports.ledger import Ledger
from governance.ports.registry import Registry
from governance.ports.validation import Answers, EndpointInvoker, Intake, Rows, ValidationSets
from governance.services.validating_batch import LONGEST, Underway, ValidatingBatch

UNBOUND = "no validation set is bound to the group"
REMOVAL = "removal"
"""What the pipeline asks again with, of a removal that is not done."""

OF_A_SHADOW = "it stands as a shadow, whose answers nobody gets: look at what is reported of its traffic"


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
    batch: ValidatingBatch
    intake: Intake
    environments: Mapping[str, Environment]
    now: Callable[[], datetime]

    def validate(
        self, version: ModelPackageArn, stage: Stage, deployment_id: str, job: str, run: str = ""
    ) -> ModelValidationCompleted | Underway | None:
        """Validate a deployment and send the report; or, of what runs as batch, say which run is to be asked for again.

        Of a removal nothing is measured: what was to be removed has to be gone.

        A group without a bound set is reported as not validated, and so is a shadow. One that answers a share of the
        requests is asked itself, and not the version beside it. Raises `ValidationImpossible` when there is a set
        and it is not the one pinned, or what was deployed does not answer it.
        """
        deployment = self.ledger.open(version).state_of(version).deployment(deployment_id)
        if deployment.removes:
            return self.gone(deployment)
        pinned = validation_set_from(self.registry.tags(group_arn_of(version) or ""))
        common = {"model_package_arn": version, "stage": stage, "endpoint": deployment.endpoint_name}
        common |= {"deployment_id": deployment_id}
        why_not = UNBOUND if pinned is None else self.why_not(version, deployment)
        if pinned is None or why_not:
            told = {"completed_at": self.now(), "not_possible": why_not}
            report = ModelValidationCompleted.model_validate({**common, **told})
        else:
            rows = self.sets.read(pinned)
            answers = self.ask(version, deployment, rows, job, run)
            if isinstance(answers, Underway):
                return answers
            measured = self.measured(deployment, rows, pinned, answers)
            report = ModelValidationCompleted.model_validate({**common, **measured, "completed_at": self.now()})
        self.intake.send(report)
        return report

    def gone(self, removal: Deployment) -> Underway | None:
        """Nothing, once what was to be removed is gone; else that it is to be asked for again.

        CloudFormation calls an update complete though it could not delete what the new template has not (AWS
        CloudFormation: "Stack status codes", `UPDATE_COMPLETE_CLEANUP_IN_PROGRESS`). Raises `ValidationImpossible` when
        it is still there after an hour.
        """
        environment = environment_of(removal.place, self.environments)
        if removal.is_batch:
            there = self.batch.runner.exists(environment, removal.endpoint_arn)
        else:
            there = self.endpoints.exists(environment, removal.endpoint_name)
        if not there:
            return None
        if removal.started_at and self.now() - removal.started_at > LONGEST:
            raise ValidationImpossible(f"{removal.endpoint_name} is still there: see why its stack could not delete it")
        return Underway(run=REMOVAL)

    def tidy(self, version: ModelPackageArn, deployment_id: str, run: str) -> None:
        """Take away what a run that is over was given, and what it answered."""
        state = self.ledger.open(version).state
        deployment = state.deployments.get(deployment_id) if state else None
        if deployment is not None and deployment.is_batch and not deployment.removes:
            self.batch.tidy(version, deployment, run)

    def why_not(self, version: ModelPackageArn, deployment: Deployment) -> str:
        """Why rows cannot be put to what was deployed; empty text where they can."""
        if deployment.is_batch:
            return self.batch.plan(version, deployment).unmeasurable()
        arranged = deployment.arrangement
        return OF_A_SHADOW if arranged is not None and arranged.trial is TrialKind.SHADOW else ""

    def ask(
        self, version: ModelPackageArn, deployment: Deployment, rows: Rows, job: str, run: str
    ) -> Answers | Underway:
        """What it answers, or that it is still about it."""
        if deployment.is_batch:
            return self.batch.ask(version, deployment, rows, job, run)
        environment = environment_of(deployment.place, self.environments)
        variant = TRIAL if deployment.is_trial else ""
        return self.endpoints.ask(environment, deployment.endpoint_name, [rows.header, *rows.features], variant)

    def measured(self, deployment: Deployment, rows: Rows, pinned: ValidationSet, answers: Answers) -> dict[str, Any]:
        """What the answers are worth."""
        try:
            metrics = measure(rows.truth, answers.values, answers.latencies_ms)
        except ValueError as unusable:
            raise ValidationImpossible(f"{deployment.endpoint_name}: {unusable}") from unusable
        return {"metrics": metrics, "rows": len(rows.truth), "validation_set": pinned.sha256}
