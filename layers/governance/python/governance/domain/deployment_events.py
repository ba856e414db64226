"""What is announced of deployments: asked for, ended, skipped, and taken back."""

from governance.domain.envelope import Event
from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import Stage


class DeploymentRequested(Event):
    """A version is to be deployed to a stage: it is approved in the stage before, and sealed."""

    stage: Stage
    """The stage to deploy to."""
    environment: str = ""
    """The environment of that stage; the stage's own goes by the stage's name."""
    deployment_id: str
    """Name of the deployment `DEPLOYMENT#<id>` on the version's record."""


class DeploymentSucceeded(Event):
    """A version runs in a stage, as its pipeline confirmed. What was measured there, `MetricsRecorded` tells."""

    stage: Stage
    """The stage it runs in."""
    environment: str = ""
    """The environment of that stage; the stage's own goes by the stage's name."""
    deployment_id: str
    """Name of the deployment."""
    execution_id: str
    """The pipeline execution that deployed it."""
    endpoint_name: str
    """The endpoint it serves at; of what runs as batch, the state machine that runs its transform jobs."""
    endpoint_arn: str
    """ARN of that endpoint, in lower case as SageMaker writes it; or of that state machine."""
    model_arn: str = ""
    """ARN of the model in SageMaker that the jobs run, where it runs as batch; empty where it is an endpoint."""
    trial: str = ""
    """`shadow` or `weighted` where it is only tried there; empty where it serves."""
    beside: str = ""
    """ARN of the version that goes on serving beside it; empty where it serves itself."""


class DeploymentFailed(Event):
    """A deployment ended without success; `reason` is the pipeline's own. Approving again asks for another."""

    stage: Stage
    """The stage it should have run in."""
    environment: str = ""
    """The environment of that stage; the stage's own goes by the stage's name."""
    deployment_id: str
    """Name of the deployment."""
    execution_id: str
    """The pipeline execution that ended; empty where none was started."""
    reason: str
    """Why it ended, in the words of whoever ended it."""


class DeploymentSkipped(Event):
    """A deployment was not started: another version was asked for later there. Approving again asks for another."""

    stage: Stage
    """The stage it should have run in."""
    environment: str
    """The environment of that stage; the stage's own goes by the stage's name."""
    deployment_id: str
    """Name of the deployment."""
    superseded_by: ModelPackageArn
    """ARN of the version that was asked for later."""
    superseding_deployment_id: str
    """Name of that version's deployment, on its own record."""
    reason: str
    """The same in words, as the record says it."""


class GuardrailTripped(Event):
    """SageMaker took a version back while it rolled out; what served before serves on. `DeploymentFailed` follows."""

    stage: Stage
    """The stage it was to run in."""
    environment: str = ""
    """The environment of that stage; the stage's own goes by the stage's name."""
    deployment_id: str
    """Name of the deployment."""
    endpoint_arn: str
    """ARN of the endpoint, in lower case as SageMaker writes it."""
    alarms: tuple[str, ...]
    """The alarms that were on while it had traffic; none where nobody told of one."""
    reason: str
    """Each of them with CloudWatch's reason; else the last that SageMaker told."""


class RollbackRequested(Event):
    """A deployment is to be taken back, because nothing justifies it. `ModelRolledBack` tells that it was."""

    effect_id: str
    """Name of the effect `EFFECT#<id>` on the version's record."""
    deployment_id: str
    """The deployment to take back."""
    stage: Stage
    """The stage it is in."""
    environment: str = ""
    """The environment of that stage; the stage's own goes by the stage's name."""
    how: str
    """`stop` for one that is under way, `roll-back` for one that runs."""


class ModelRolledBack(Event):
    """A deployment was taken back: stopped, or replaced by the last good version."""

    stage: Stage
    """The stage it was taken back in."""
    environment: str = ""
    """The environment of that stage; the stage's own goes by the stage's name."""
    deployment_id: str
    """Name of the deployment."""
    reason: str
    """Why, and what serves now."""


class ModelSuperseded(Event):
    """A deployment serves no longer, because another took its place at the endpoint."""

    stage: Stage
    """The stage it served in."""
    environment: str = ""
    """The environment of that stage; the stage's own goes by the stage's name."""
    deployment_id: str
    """Name of the deployment that serves no longer."""
