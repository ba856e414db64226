"""What all acts share: the cloud, the screen, the records, and where the play has come to."""

from dataclasses import dataclass, field
from pathlib import Path

from examples.cloud import Cloud
from examples.packing import TrainedModel

from .command import Command
from .records import Item, Records, metrics_of, told
from .screen import Screen
from .waiting import wait_for


@dataclass
class Play:
    """One performance for one model group."""

    cloud: Cloud
    screen: Screen
    records: Records
    group: str
    folder: Path
    steward: Command
    policy: str = ""
    """The policy that the group stands under, with its number: `consumer-credit@1`."""
    policy_hash: str = ""
    models: dict[str, TrainedModel] = field(default_factory=dict)
    """What was trained, by name of the candidate."""
    versions: dict[str, str] = field(default_factory=dict)
    """The ARN under which a candidate was registered."""

    @property
    def group_arn(self) -> str:
        """The group's ARN, by which it is known in every account."""
        return self.cloud.group_arn(self.group)

    def person(self, persona: str) -> str:
        """`ada.lovelace (data-scientist)`: the name is what AWS itself says of the credentials."""
        return f"{self.cloud.person(persona)} ({persona})"

    def registered(self, model: str) -> Item:
        """What Studio shows of a version: its package, as the registry describes it to the model's owner."""
        return dict(self.cloud.client("sagemaker", "model-owner").describe_model_package(ModelPackageName=model))

    def wait_for_stage(self, model: str, stage: str, attribute: str, wanted: str, timeout: float = 60) -> Item:
        """Wait until a stage record says so. Raises `UnexpectedError`, at once when its deployment failed."""

        def hopeless(record: Item) -> str:
            if record.get("deployment_status") == "failed" and wanted != "failed":
                return f"the deployment failed. {self.why(model)}"
            return ""

        return wait_for(
            self.screen,
            f"{stage} record with {attribute} = {wanted or 'anything'}",
            look=lambda: self.records.stage(model, stage),
            until=lambda record: bool(record.get(attribute)) and wanted in ("", record[attribute]),
            told_as=told,
            timeout=timeout,
            hopeless=hopeless,
        )

    def wait_for_metrics(self, model: str, stage: str, timeout: float = 60) -> dict[str, float]:
        """Wait until the stage record has validation metrics, and return them."""
        record = wait_for(
            self.screen,
            f"validation metrics in the {stage} record",
            look=lambda: self.records.stage(model, stage),
            until=lambda record: bool(record.get("validated_at")) and bool(metrics_of(record)),
            told_as=told,
            timeout=timeout,
        )
        return metrics_of(record)

    def why(self, model: str) -> str:
        """What the record knows of a failure: reasons of deployments, and findings."""
        reasons = [
            f"deployment {item.get('stage')}: {item.get('status')} {item.get('reason', '')}".strip()
            for item in self.records.deployments(model)
        ]
        findings = [
            f"finding {item.get('code', item['sk'])}: {item.get('detail', '')}"
            for item in self.records.findings(model)
            if not item.get("closed_at")
        ]
        return "; ".join(reasons + findings) or "The record has no reason."

    def state(self) -> str:
        """Everything that the records say of this play's versions, for the message of a failure."""
        lines = []
        for name, arn in self.versions.items():
            head = self.records.head(arn)
            sealed = "sealed" if head.get("sealed") else "not sealed" if head else "not recorded"
            lines.append(f"{name} {arn}: {sealed}")
            lines += [f"  {told(record)}" for record in self.records.stages(arn)]
            lines.append(f"  {self.why(arn)}")
        return "\n".join(lines) or "no version was registered yet"
