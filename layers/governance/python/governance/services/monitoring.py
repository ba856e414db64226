"""Put measurements on the record, if whoever reports them is entitled to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from governance.domain.commands import ModelMetricsReported, ModelValidationCompleted
from governance.domain.errors import MalformedEvent
from governance.domain.facts import AnyFact, CommandRefused, MetricsReported
from governance.domain.identifiers import VersionIdentity
from governance.domain.lifecycle import Stage
from governance.domain.model_version import ModelVersion
from governance.domain.producers import may_report
from governance.domain.values import iso
from governance.ports.ledger import Page
from governance.services.recording import Recording

AHEAD = timedelta(minutes=5)
"""How far a reporter's clock may be ahead of ours. A fact of the future would come after all that is yet to happen."""


@dataclass(frozen=True, slots=True)
class Monitoring:
    """Record what was measured of versions."""

    recording: Recording
    producers: Mapping[Stage, frozenset[str]]
    """The accounts that may report on a stage; a group may name which of them may report on its versions."""

    def record(
        self, command: ModelValidationCompleted | ModelMetricsReported, account: str, correlation_id: str
    ) -> ModelVersion | None:
        """Record a report, once. From an account that is not registered it becomes a finding and is not used.

        Raises `UnknownModelVersion` while the version has no record: the command is delivered again later;
        `MalformedEvent` for a time that is still to come.
        """

        def learned(page: Page, now: datetime) -> Sequence[AnyFact]:
            model = page.state_of(command.model_package_arn).model
            entitled = may_report(account, command.stage, model.arn, page.group, self.producers)
            return [self.fact(model, command, account, now, entitled)]

        return self.recording.learn(command.model_package_arn, learned, correlation_id)

    def fact(
        self,
        model: VersionIdentity,
        command: ModelValidationCompleted | ModelMetricsReported,
        account: str,
        now: datetime,
        entitled: bool,
    ) -> AnyFact:
        """What a command teaches: measurements, or that somebody reported without being entitled to."""
        common = {"model": model, "recorded_at": now, "stage": command.stage, "producer": account}
        is_validation = isinstance(command, ModelValidationCompleted)
        at = command.completed_at if isinstance(command, ModelValidationCompleted) else command.measured_at
        if at > now + AHEAD:
            raise MalformedEvent(f"{'completed_at' if is_validation else 'measured_at'}: {iso(at)} is still to come")
        if not entitled:
            return CommandRefused.model_validate({**common, "effective_at": at, "command": type(command).__name__})
        told = command.model_dump(
            exclude={"schema_version", "model_package_arn", "stage", "completed_at", "measured_at"}
        )
        purpose = "validation" if is_validation else "monitoring"
        return MetricsReported.model_validate({**common, **told, "effective_at": at, "purpose": purpose})
