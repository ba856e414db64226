"""Details of events that only handlers look at: AWS's own, our announcements, and the table's stream."""

from datetime import datetime

from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from governance.domain.audit import AuditEntry
from governance.domain.deployment import PipelineChange
from governance.domain.errors import MalformedEvent
from governance.domain.identifiers import ModelPackageArn
from governance.domain.lifecycle import Stage


class PipelineDetail(BaseModel):
    """`CodePipeline Pipeline Execution State Change`; numbers come as floats."""

    pipeline: str
    execution_id: str = Field(alias="execution-id")
    state: str
    attempt: float = Field(1, alias="pipeline-execution-attempt")
    comments: str = Field("", alias="stop-execution-comments")

    def change(self, at: datetime) -> PipelineChange:
        """In our words."""
        return PipelineChange(
            pipeline=self.pipeline,
            execution_id=self.execution_id,
            attempt=int(self.attempt),
            at=at,
            ended=self.state in {"SUCCEEDED", "FAILED", "STOPPED", "CANCELED", "SUPERSEDED"},
            comments=self.comments,
        )


class EndpointDetail(BaseModel):
    """`SageMaker Endpoint State Change`; the status is in upper snake case, unlike in the API."""

    model_config = ConfigDict(alias_generator=to_pascal, populate_by_name=True)

    endpoint_arn: str
    endpoint_status: str


class AboutVersion(BaseModel):
    """Any announcement of ours, read for the version it is about: what matters is read from the table."""

    model_package_arn: ModelPackageArn


class AboutEffect(AboutVersion):
    """An announcement that names an effect."""

    effect_id: str
    correlation_id: str


class AboutDeployment(AboutVersion):
    """An announcement that names a deployment and its stage."""

    stage: Stage
    deployment_id: str


class AboutStage(AboutVersion):
    """An announcement of something in one stage."""

    stage: Stage


def audit_entry(record: DynamoDBRecord) -> AuditEntry:
    """The audit entry in a stream record. Raises `MalformedEvent` for a record of anything else."""
    image = record.dynamodb.new_image if record.dynamodb else None
    if not image or not str(image.get("sk", "")).startswith("AUDIT#"):
        raise MalformedEvent("the stream record holds no audit entry")
    return AuditEntry(sequence=int(image["sequence"]), entry=image["entry"], hash=image["hash"])
