"""Validate what has no endpoint: have its state machine score the held-out rows, and come back for the answers.

Nobody waits: the run is started and named to the pipeline, which asks again until it is over. It goes the way that
everybody's jobs go, with the profile's settings, so that what is validated is what will run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.domain.batch_plans import Batch
from governance.domain.deployment import Deployment
from governance.domain.environment import Environment, environment_of
from governance.domain.errors import ValidationImpossible
from governance.domain.identifiers import ModelPackageArn, group_arn_of
from governance.domain.values import Value, sha256_of
from governance.ports.profiles import Profiles
from governance.ports.validation import Answers, BatchRun, BatchRunner, Rows
from governance.services.profiles import pinned

LONGEST = timedelta(hours=1)
"""After so long a run is stopped. CodePipeline's own timeout would end the action and leave the job to itself."""

FILE = "rows.csv"

AGAIN, TIMES = "-again-", 3
"""How the name of a run ends that repeats another, and how often one is repeated."""


class Underway(Value):
    """A run that has not ended: its name is what the pipeline asks again with."""

    run: str


@dataclass(frozen=True, slots=True)
class ValidatingBatch:
    """Run a transform job over held-out rows, without the truth."""

    profiles: Profiles
    runner: BatchRunner
    environments: Mapping[str, Environment]
    install: str
    now: Callable[[], datetime]

    def ask(
        self, version: ModelPackageArn, deployment: Deployment, rows: Rows, job: str, run: str
    ) -> Answers | Underway:
        """Start the run of a pipeline's job, or return its answers once it is over.

        The same job of the pipeline has the same run, however often it is handed over. One that ran the model before is
        repeated: executions that start right after a state machine changed may have its old definition (Step Functions
        API: UpdateStateMachine). Raises `ValidationImpossible` when the run fails, with SageMaker's reason; when it
        takes too long: then it is stopped; and when repeating it does not help.
        """
        environment, asked = (
            environment_of(deployment.place, self.environments),
            self.run(version, deployment, job, run),
        )
        if not run:
            return self.begin(version, deployment, rows, asked)
        progress = self.runner.look(environment, asked)
        if progress.status == "running" and self.now() - progress.began_at > LONGEST:
            why = f"it was stopped, after more than {LONGEST.total_seconds() / 60:.0f} minutes"
            self.runner.stop(environment, asked, why)
            progress = self.runner.look(environment, asked)
        if progress.status == "failed":
            raise ValidationImpossible(f"the transform job of {deployment.endpoint_name} failed: {progress.reason}")
        modelled = deployment.model_arn.rpartition("/")[2]
        if progress.status == "succeeded" and progress.model and progress.model.lower() != modelled.lower():
            self.runner.clear(environment, asked)
            following = self.run(version, deployment, job, after(run, progress.model, modelled))
            return self.begin(version, deployment, rows, following)
        if progress.status == "succeeded":
            return self.runner.answers(environment, asked, len(rows.truth))
        return Underway(run=run)

    def begin(self, version: ModelPackageArn, deployment: Deployment, rows: Rows, run: BatchRun) -> Underway:
        """Start a run, or find it started."""
        content = self.plan(version, deployment).file_of(rows.header, rows.features)
        self.runner.start(environment_of(deployment.place, self.environments), run, content)
        return Underway(run=run.name)

    def tidy(self, version: ModelPackageArn, deployment: Deployment, run: str) -> None:
        """Take away the rows and the answers."""
        asked = self.run(version, deployment, "", run)
        self.runner.clear(environment_of(deployment.place, self.environments), asked)

    def plan(self, version: ModelPackageArn, deployment: Deployment) -> Batch:
        """What the profile that it was requested under says of its jobs."""
        batch = pinned(self.profiles, group_arn_of(version) or "", deployment).of(deployment.stage).batch
        if batch is None:
            raise ValidationImpossible(f"{deployment.profile} says nothing of transform jobs in {deployment.stage}")
        return batch

    def run(self, version: ModelPackageArn, deployment: Deployment, job: str, run: str) -> BatchRun:
        """The run of a pipeline's job: in the bucket of the profile's answers, in a folder of its own."""
        name, output = run or f"{self.install}-validation-{sha256_of(job)[:24]}", self.plan(version, deployment).output
        bucket = output.removeprefix("s3://").partition("/")[0]
        given = f"s3://{bucket}/batch-input/{name}/{FILE}"
        return BatchRun(machine=deployment.endpoint_arn, name=name, given=given, answers=f"{output}/{name}/{FILE}.out")


def after(run: str, ran: str, wanted: str) -> str:
    """The name of the run that repeats another. Raises `ValidationImpossible` once it was repeated often enough."""
    name, _, times = run.partition(AGAIN)
    if int(times or 0) >= TIMES:
        raise ValidationImpossible(f"the state machine ran {ran} {TIMES + 1} times in the place of {wanted}")
    return f"{name}{AGAIN}{int(times or 0) + 1}"
