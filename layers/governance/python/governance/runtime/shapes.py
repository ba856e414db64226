"""Details of events that only handlers look at: AWS's own, our announcements, and the table's stream."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from governance.domain.audit import AuditEntry
from governance.domain.errors import MalformedEvent
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.lifecycle import Stage
from governance.domain.rolling_out import Phase, RolloutChange
from governance.domain.told_of_deployments import AlarmChange, EndpointChange, PipelineChange
from governance.domain.use_case_retiring import AFTER_AN_END, Place
from governance.domain.use_cases import UseCaseId
from governance.domain.values import Instant


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
    endpoint_config_name: str = ""

    def change(self, at: datetime) -> EndpointChange:
        """In our words."""
        return EndpointChange(
            endpoint_arn=self.endpoint_arn,
            status=self.endpoint_status,
            configuration=self.endpoint_config_name,
            at=at,
        )


class FleetStatus(BaseModel):
    """What happens to a fleet, in SageMaker's own words too (AWS API: ProductionVariantStatus)."""

    model_config = ConfigDict(alias_generator=to_pascal, populate_by_name=True)

    status: str
    status_message: str = ""
    start_time: Instant | None = None


class ArrivingVariant(BaseModel):
    """A variant that comes. What happens to it is not always told."""

    model_config = ConfigDict(alias_generator=to_pascal, populate_by_name=True)

    variant_status: tuple[FleetStatus, ...] = ()


class ArrivingFleet(BaseModel):
    """What comes to an endpoint: another configuration, and what happens to its variants."""

    model_config = ConfigDict(alias_generator=to_pascal, populate_by_name=True)

    endpoint_config_name: str
    production_variants: tuple[ArrivingVariant, ...] = ()


class RolloutDetail(BaseModel):
    """`SageMaker Endpoint Deployment State Change`. Without anything that comes it tells of capacity, as of scaling."""

    model_config = ConfigDict(alias_generator=to_pascal, populate_by_name=True)

    endpoint_arn: str
    endpoint_config_name: str = ""
    pending_deployment_summary: ArrivingFleet | None = None

    def change(self, at: datetime) -> RolloutChange | None:
        """In our words: the latest that happens to what comes; None where nothing comes, or nobody knows the word."""
        arriving = self.pending_deployment_summary
        told = [one for variant in arriving.production_variants for one in variant.variant_status] if arriving else []
        known = [one for one in told if dashed(one.status) in list(Phase)]
        if arriving is None or not known:
            return None
        latest = max(known, key=lambda one: (one.start_time or at, one.status))
        return RolloutChange(
            endpoint_arn=self.endpoint_arn,
            leaves=self.endpoint_config_name,
            arrives=arriving.endpoint_config_name,
            phase=Phase(dashed(latest.status)),
            words=latest.status_message[:500],
            at=latest.start_time or at,
        )


def dashed(word: str) -> str:
    """A word of SageMaker's as we write it: `activating-traffic` for `ActivatingTraffic`."""
    return "".join(f"-{letter}" if letter.isupper() else letter for letter in word).strip("-").lower()


class AlarmState(BaseModel):
    """The state of an alarm, and why it is so."""

    value: Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
    reason: str = ""
    timestamp: datetime | None = None


class AlarmDetail(BaseModel):
    """`CloudWatch Alarm State Change`. Of what an alarm measures only the endpoint matters, if it names one."""

    alarm_name: str = Field(alias="alarmName")
    state: AlarmState
    configuration: dict[str, Any] = {}

    def change(self, resources: Sequence[str], at: datetime) -> AlarmChange:
        """In our words. Alarms of an endpoint are named after it, with one word or two behind the name.

        One of a state machine that runs transform jobs measures that.
        """
        named = [one["metricStat"]["metric"]["dimensions"] for one in self.metrics()]
        measured = [str(one["EndpointName"]) for one in named if "EndpointName" in one]
        variants = {str(one["VariantName"]) for one in named if "VariantName" in one}
        machines = [str(one["StateMachineArn"]) for one in named if "StateMachineArn" in one]
        called = [self.alarm_name.rsplit("-", words)[0] for words in (1, 2)]
        place = next((one.split(":")[:5] for one in resources if ":alarm:" in one), [])
        if len(place) != 5:
            raise MalformedEvent("resources: the alarm's ARN is missing")
        arn = ":".join([*place[:2], "sagemaker", *place[3:], "endpoint/"])
        return AlarmChange(
            alarm=self.alarm_name,
            endpoints=tuple(dict.fromkeys(machines or (f"{arn}{name}" for name in measured or called))),
            variant=variants.pop() if len(variants) == 1 else "",
            state=self.state.value,
            reason=self.state.reason[:500],
            at=self.state.timestamp or at,
        )

    def metrics(self) -> Iterator[dict[str, Any]]:
        """The metrics that it looks at; a composite alarm has none, an expression no dimensions."""
        for one in self.configuration.get("metrics") or ():
            if one.get("metricStat", {}).get("metric", {}).get("dimensions"):
                yield one


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


class AboutUseCase(BaseModel):
    """An announcement about a use case: what matters is read from the table."""

    use_case_id: UseCaseId


class AboutGroup(AboutUseCase):
    """An announcement about a model group and a use case that it belongs to, or did."""

    model_group_arn: ModelGroupArn


class UseCaseApproved(AboutUseCase):
    """`UseCaseAdvanced`, as the one announcement that it is."""

    event_id: str


class BegunRetirement(AboutUseCase):
    """An announcement that a use case is retired, and how far that was gone through by the calls before."""

    place: Place = Place()


class AboutRetirement(AboutVersion):
    """An announcement that nothing of a retired version is left, of which use case it was, and where to look from."""

    use_case: str
    """As the tags of its group name it, which may be no id that a use case on record can have."""
    place: Place = AFTER_AN_END


class AboutStage(AboutVersion):
    """An announcement of something in one stage."""

    stage: Stage


def audit_entry(record: DynamoDBRecord) -> AuditEntry:
    """The audit entry in a stream record. Raises `MalformedEvent` for a record of anything else."""
    image = record.dynamodb.new_image if record.dynamodb else None
    if not image or not str(image.get("sk", "")).startswith("AUDIT#"):
        raise MalformedEvent("the stream record holds no audit entry")
    return AuditEntry(sequence=int(image["sequence"]), entry=image["entry"], hash=image["hash"])
