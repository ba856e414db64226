"""The ledger in DynamoDB: one read to open a record, one transaction to change it."""

from collections.abc import Iterator, Sequence
from typing import Any

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from governance.adapters.rows import (
    AuditRow,
    DeploymentRow,
    EffectRow,
    EvidenceRow,
    FactRow,
    FindingRow,
    HeadRow,
    MetricRow,
    OpenedRow,
    SignOffRow,
    StageRow,
    Table,
)
from governance.domain.audit import Link
from governance.domain.deployment import RUNNING
from governance.domain.errors import FactKnown, StaleVersion
from governance.domain.facts import AnyFact, MetricsReported, read_fact
from governance.domain.fold import FOLD_VERSION
from governance.domain.identifiers import ModelPackageArn, group_arn_of
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.model_version import ModelVersion
from governance.domain.record import effects, stage_records
from governance.domain.values import canonical, iso, sha256_of
from governance.ports.ledger import Change, Page

SHARDS = 16
"""Into how many partitions the index by stage and status is spread: a throttled index blocks the table's writes."""


Projected = tuple[str, tuple[type[Model], dict[str, Any]]]
"""A row that a state gives: its sort key, its kind and its attributes."""


def model_key(version: ModelPackageArn) -> str:
    """The partition of everything about one version."""
    return f"MODEL#{version}"


class DynamoDbLedger:
    """`ports.Ledger` and `ports.Endpoints` on the governance table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.connection = table.connection

    def open(self, version: ModelPackageArn, fact_key: str = "") -> Page:
        """One consistent BatchGetItem: head, group, and the fact asked about."""
        pk = model_key(version)
        group = group_arn_of(version)
        keys = [(pk, "HEAD"), *([(f"GROUP#{group}", "HEAD")] if group else [])]
        keys += [(pk, f"FACT#{fact_key}")] if fact_key else []
        found = {(row.pk, row.sk): row for row in self.table(OpenedRow).batch_get(keys, consistent_read=True)}
        head, group_row = found.get((pk, "HEAD")), found.get((f"GROUP#{group}", "HEAD"))
        return Page(
            state=ModelVersion.model_validate_json(head.state) if head and head.state else None,
            link=Link(sequence=int(head.audit_sequence or 0), hash=head.audit_hash or "") if head else Link(),
            group=ModelGroup.model_validate_json(group_row.document) if group_row and group_row.document else None,
            known=(pk, f"FACT#{fact_key}") in found,
        )

    def facts(self, version: ModelPackageArn) -> Sequence[AnyFact]:
        """One Query, in pages of a megabyte."""
        row = self.table(FactRow)
        found = row.query(model_key(version), row.sk.startswith("FACT#"), consistent_read=True)
        return [read_fact(fact.content) for fact in found]

    def save(self, change: Change) -> None:
        """One TransactWriteItems. The head's condition is the optimistic lock, the facts' that each is told once."""
        pk = model_key(change.after.model.arn)
        facts = [self.fact_row(pk, fact) for fact in change.facts]
        try:
            with TransactWrite(connection=self.connection) as transaction:
                transaction.save(self.head_row(pk, change), condition=self.unmoved(change.revision))
                for fact in facts:
                    transaction.save(fact, condition=type(fact).pk.does_not_exist())
                for item, condition in self.appended(pk, change):
                    transaction.save(item, condition=condition)
                for projected in self.projections(pk, change):
                    transaction.save(projected)
        except TransactWriteError as refused:
            raise refusal(refused, len(facts), change.after.model.arn) from refused

    def unmoved(self, revision: int) -> Condition:
        """The record is where it was when it was opened."""
        head = self.table(HeadRow)
        return head.audit_sequence == revision if revision else head.pk.does_not_exist()

    def head_row(self, pk: str, change: Change) -> HeadRow:
        """The head, with the whole state in it."""
        state, last = change.after, change.entries[-1]
        return self.table(HeadRow)(
            pk,
            "HEAD",
            model_package_arn=state.model.arn,
            created_at=iso(state.model.created_at),
            model_group=state.model.group or "",
            model_version=state.model.number or 0,
            furthest_stage=state.furthest_stage.value,
            package_status=state.package_status,
            sealed=state.is_sealed,
            artifacts=[artifact.model_dump(mode="json") for artifact in state.sealing.artifacts],
            fold_version=FOLD_VERSION,
            fold_position=state.position,
            facts=state.facts,
            audit_sequence=last.sequence,
            audit_hash=last.hash,
            state=canonical(state.model_dump(mode="json")),
        )

    def fact_row(self, pk: str, fact: AnyFact) -> FactRow:
        """One fact."""
        return self.table(FactRow)(
            pk,
            f"FACT#{iso(fact.effective_at)}#{fact.fingerprint}",
            kind=fact.kind,
            effective_at=iso(fact.effective_at),
            recorded_at=iso(fact.recorded_at),
            fingerprint=fact.fingerprint,
            content=fact.text,
        )

    def appended(self, pk: str, change: Change) -> Iterator[tuple[Model, Condition | None]]:
        """Audit entries, never written again, and metric samples.

        Of two reports of one moment the sample shows the one recorded last; both are kept as facts.
        """
        row = self.table(AuditRow)
        for entry in change.entries:
            key = f"AUDIT#{entry.sequence:08d}"
            yield row(pk, key, sequence=entry.sequence, entry=entry.entry, hash=entry.hash), row.pk.does_not_exist()
        for fact in change.facts:
            if isinstance(fact, MetricsReported) and fact.metrics:
                yield self.metric_row(pk, fact), None

    def metric_row(self, pk: str, fact: MetricsReported) -> MetricRow:
        """One sample of measurements."""
        return self.table(MetricRow)(
            pk,
            f"METRIC#{fact.stage}#{fact.purpose}#{iso(fact.effective_at)}",
            stage=fact.stage.value,
            purpose=fact.purpose,
            metrics={metric.name: metric.value for metric in fact.metrics},
            endpoint=fact.endpoint,
            deployment_id=fact.deployment_id,
            validation_set=fact.validation_set,
            rows=fact.rows,
            producer=fact.producer,
        )

    def projections(self, pk: str, change: Change) -> Iterator[Model]:
        """Every row that the state gives and that differs from the one it gave before."""
        was = dict(self.projected(change.before)) if change.before else {}
        for key, (row, attributes) in self.projected(change.after):
            if was.get(key) != (row, attributes):
                yield self.table(row)(pk, key, **attributes)

    def projected(self, state: ModelVersion) -> Iterator[Projected]:
        """Stage records, findings, deployments and effects of a state, by sort key."""
        for stage, record in stage_records(state).items():
            yield f"STAGE#{stage}", (StageRow, {**record, **index_keys(state, stage, record)})
        for key, finding in state.findings.items():
            told = finding.model_dump(mode="json", include={"code", "severity", "detail", "remedy", "opened_at"})
            closed = iso(finding.closed_at) if finding.closed_at else ""
            status = "open" if finding.is_open else "closed"
            yield f"FINDING#{key}", (FindingRow, {**told, "status": status, "closed_at": closed})
        for key, deployment in state.deployments.items():
            told = deployment.model_dump(mode="json", exclude={"id", "sealing"})
            told = {**told, "deployment_id": key, "finished_at": told["finished_at"] or ""}
            yield f"DEPLOYMENT#{key}", (DeploymentRow, told)
        for key, effect in effects(state).items():
            yield f"EFFECT#{key}", (EffectRow, effect)
        yield from self.signed(state)

    def signed(self, state: ModelVersion) -> Iterator[Projected]:
        """Sign-offs and evidence."""
        for signed in state.sign_offs:
            told = signed.model_dump(mode="json", exclude={"person"})
            yield (
                f"SIGNOFF#{signed.id}",
                (SignOffRow, {**told, "person": signed.person.id, "acting_as": signed.person.arn}),
            )
        for evidence in state.evidence:
            if evidence.sha256:
                key = f"EVIDENCE#{evidence.kind}#{evidence.sha256}"
                yield key, (EvidenceRow, evidence.model_dump(mode="json"))

    def serving(self, endpoint_arn: str) -> tuple[ModelPackageArn, Stage] | None:
        """One Query of the index by endpoint, newest deployment first."""
        index = self.table(StageRow).by_endpoint
        for row in index.query(endpoint_key(endpoint_arn), scan_index_forward=False, limit=1):
            return row.model_package_arn, Stage(row.model_stage)
        return None


def endpoint_key(arn: str) -> str:
    """The index key of an endpoint; SageMaker writes endpoint ARNs in lower case."""
    return f"ENDPOINT#{arn.lower()}"


def index_keys(state: ModelVersion, stage: Stage, record: dict[str, Any]) -> dict[str, Any]:
    """Where a stage record stands in the indexes."""
    shard = int(sha256_of(state.model.arn)[:8], 16) % SHARDS
    keys = {
        "gsi2pk": f"STAGE#{stage}#{record['model_status']}#{shard:02d}",
        "gsi2sk": f"{record['model_audit_timestamp']}#{state.model.arn}",
    }
    if record["use_case_id"]:
        keys["gsi1pk"] = f"USECASE#{record['use_case_id']}"
        keys["gsi1sk"] = f"{state.model.group}#{state.model.number or 0:08d}#{stage}"
    deployment = state.deployment_in(stage)
    if record["endpoint_arn"] and deployment and deployment.status in RUNNING:
        keys["gsi3pk"] = endpoint_key(record["endpoint_arn"])
        keys["gsi3sk"] = f"{iso(deployment.requested_at)}#{state.model.arn}"
    return keys


def refusal(refused: TransactWriteError, facts: int, version: ModelPackageArn) -> Exception:
    """What a refused transaction means: the record moved on, a fact is known, or something else is wrong.

    Reasons come in the order of the items: the head first, then the facts (AWS API: TransactWriteItems).
    """
    if refused.cause_response_code == "TransactionConflictException":
        return StaleVersion(version)
    codes = [reason.code if reason else None for reason in refused.cancellation_reasons or []]
    if not {"ConditionalCheckFailed", "TransactionConflict"} & set(codes):
        return refused
    head_moved = codes[0] is not None or "TransactionConflict" in codes
    known = "ConditionalCheckFailed" in codes[1 : 1 + facts]
    return FactKnown(version) if known and not head_moved else StaleVersion(version)
