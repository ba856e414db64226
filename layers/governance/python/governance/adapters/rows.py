"""The governance table's items as PynamoDB rows: keys and attributes, no behaviour.

Keys are public contract (DESIGN 7): reports and exports read them. The rows name no table; `Table` binds them to one,
so that importing this reads no environment and two tables can be used in one process.
"""

from typing import Any, TypeVar

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.models import Model

from governance.adapters.clients import client
from governance.adapters.indexes import ByEndpoint, ByStageAndStatus, ByUseCase
from governance.domain.values import SCHEMA_VERSION

RowType = TypeVar("RowType", bound=Model)


class Row(Model):
    """What every item has."""

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    schema_version = NumberAttribute(default=SCHEMA_VERSION)


class OpenedRow(Row):
    """What is needed of a head, its people, a group or a fact when a record is opened."""

    state = UnicodeAttribute(null=True)
    audit_sequence = NumberAttribute(null=True)
    audit_hash = UnicodeAttribute(null=True)
    document = UnicodeAttribute(null=True)
    fold_version = NumberAttribute(null=True)
    names = JSONAttribute(null=True)
    key = UnicodeAttribute(null=True)


class PeopleRow(Row):
    """`MODEL#<arn>`, or `USECASE#<id>` / `PEOPLE`: names that the ids of a record stand for; an erased one is empty."""

    names = JSONAttribute()


class PersonKeyRow(Row):
    """`PERSON#KEY` / `HEAD`: the key that people's ids are made with. Made once, never changed."""

    key = UnicodeAttribute()


class HeadRow(Row):
    """`MODEL#<arn>` / `HEAD`: where a version stands, and where its fold and its audit chain do."""

    model_package_arn = UnicodeAttribute()
    created_at = UnicodeAttribute()
    model_group = UnicodeAttribute()
    model_version = NumberAttribute()
    furthest_stage = UnicodeAttribute()
    package_status = UnicodeAttribute()
    sealed = BooleanAttribute()
    artifacts = JSONAttribute()
    fold_version = NumberAttribute()
    fold_position = UnicodeAttribute()
    facts = NumberAttribute()
    audit_sequence = NumberAttribute()
    audit_hash = UnicodeAttribute()
    state = UnicodeAttribute()
    gsi4pk = UnicodeAttribute(null=True)
    gsi4sk = UnicodeAttribute(null=True)


class StageRow(Row):
    """`MODEL#<arn>` / `STAGE#<stage>`: a stage record, with all fifteen attributes and what is deployed."""

    use_case_id = UnicodeAttribute()
    use_case_name = UnicodeAttribute()
    use_case_stage = UnicodeAttribute()
    model_group = UnicodeAttribute()
    model_version = NumberAttribute()
    model_owner = UnicodeAttribute()
    model_lob = UnicodeAttribute()
    model_project = UnicodeAttribute()
    model_stage = UnicodeAttribute()
    model_status = UnicodeAttribute()
    model_risk = UnicodeAttribute()
    model_validation_metrics = UnicodeAttribute()
    model_monitoring_metrics = UnicodeAttribute()
    model_audit_timestamp = UnicodeAttribute()
    model_audit_user = UnicodeAttribute()
    model_package_arn = UnicodeAttribute()
    approval_description = UnicodeAttribute()
    policy = UnicodeAttribute()
    policy_hash = UnicodeAttribute()
    deployment_status = UnicodeAttribute()
    deployment_id = UnicodeAttribute()
    deployment_reason = UnicodeAttribute()
    endpoint_name = UnicodeAttribute()
    endpoint_arn = UnicodeAttribute()
    endpoint_status = UnicodeAttribute()
    validated_at = UnicodeAttribute()
    deployment_rollout = UnicodeAttribute(null=True)
    deployment_trial = UnicodeAttribute(null=True)
    deployment_runs_as = UnicodeAttribute(null=True)
    environments = UnicodeAttribute(null=True)
    gsi1pk = UnicodeAttribute(null=True)
    gsi1sk = UnicodeAttribute(null=True)
    gsi2pk = UnicodeAttribute()
    gsi2sk = UnicodeAttribute()
    gsi3pk = UnicodeAttribute(null=True)
    gsi3sk = UnicodeAttribute(null=True)
    by_endpoint = ByEndpoint()
    by_stage_and_status = ByStageAndStatus()
    by_use_case = ByUseCase()


class FactRow(Row):
    """`MODEL#<arn>` / `FACT#<effective time>#<fingerprint>`: one thing learned."""

    kind = UnicodeAttribute()
    effective_at = UnicodeAttribute()
    recorded_at = UnicodeAttribute()
    fingerprint = UnicodeAttribute()
    content = UnicodeAttribute()


class AuditRow(Row):
    """`MODEL#<arn>` / `AUDIT#<sequence>`: one link of the chain, as its exact text, with the events it announces."""

    sequence = NumberAttribute()
    entry = UnicodeAttribute()
    hash = UnicodeAttribute()


class FindingRow(Row):
    """`MODEL#<arn>` / `FINDING#<id>`: something wrong with a version."""

    code = UnicodeAttribute()
    severity = UnicodeAttribute()
    detail = UnicodeAttribute()
    remedy = UnicodeAttribute()
    owner = UnicodeAttribute(null=True)
    due = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    opened_at = UnicodeAttribute()
    closed_at = UnicodeAttribute()


class SignOffRow(Row):
    """`MODEL#<arn>` / `SIGNOFF#<stage>#<round>#<identity>`: one person's word for a version."""

    stage = UnicodeAttribute()
    round = NumberAttribute()
    person = UnicodeAttribute()
    acting_as = UnicodeAttribute()
    at = UnicodeAttribute()
    why = UnicodeAttribute()
    decision = UnicodeAttribute()
    policy = UnicodeAttribute()
    policy_hash = UnicodeAttribute()
    specification = UnicodeAttribute()
    roles = JSONAttribute(null=True)
    delegated_by = UnicodeAttribute(null=True)
    evidence = UnicodeAttribute(null=True)
    void = BooleanAttribute()


class EvidenceRow(Row):
    """`MODEL#<arn>` / `EVIDENCE#<kind>#<sha256>`: a report that speaks for a version."""

    kind = UnicodeAttribute()
    report = UnicodeAttribute(null=True)
    uri = UnicodeAttribute()
    sha256 = UnicodeAttribute()
    effect_id = UnicodeAttribute(null=True)
    claimed = UnicodeAttribute(null=True)
    source = UnicodeAttribute(null=True)
    specification = UnicodeAttribute(null=True)
    requested_at = UnicodeAttribute(null=True)
    status = UnicodeAttribute(null=True)
    size = NumberAttribute(null=True)
    stored = JSONAttribute(null=True)
    dated_at = UnicodeAttribute(null=True)
    values = JSONAttribute(null=True)
    left_out = NumberAttribute(null=True)
    seen_before = UnicodeAttribute(null=True)
    not_before = UnicodeAttribute(null=True)
    problem = UnicodeAttribute(null=True)
    expires_at = UnicodeAttribute(null=True)
    warned = BooleanAttribute(null=True)


class DeploymentRow(Row):
    """`MODEL#<arn>` / `DEPLOYMENT#<id>`: one deployment, and the execution that claimed it."""

    deployment_id = UnicodeAttribute()
    stage = UnicodeAttribute()
    status = UnicodeAttribute()
    cause = UnicodeAttribute()
    profile = UnicodeAttribute(null=True)
    profile_hash = UnicodeAttribute(null=True)
    completes = UnicodeAttribute(null=True)
    returns = UnicodeAttribute(null=True)
    removes = UnicodeAttribute(null=True)
    removed_by = UnicodeAttribute(null=True)
    runs_as = UnicodeAttribute(null=True)
    model_arn = UnicodeAttribute(null=True)
    rollout = UnicodeAttribute(null=True)
    trial = UnicodeAttribute(null=True)
    beside = UnicodeAttribute(null=True)
    execution_id = UnicodeAttribute()
    claimed_by = UnicodeAttribute()
    attempt = NumberAttribute()
    bundle_key = UnicodeAttribute()
    endpoint_name = UnicodeAttribute()
    endpoint_arn = UnicodeAttribute()
    reason = UnicodeAttribute()
    requested_at = UnicodeAttribute()
    finished_at = UnicodeAttribute()
    environment = UnicodeAttribute(null=True)
    rests_on = UnicodeAttribute(null=True)
    model_package_arn = UnicodeAttribute(null=True)
    model_stage = UnicodeAttribute(null=True)
    gsi3pk = UnicodeAttribute(null=True)
    gsi3sk = UnicodeAttribute(null=True)


class EffectRow(Row):
    """`MODEL#<arn>` / `EFFECT#<id>`, or below `USECASE#<id>`: an effect's intent and outcome."""

    effect = UnicodeAttribute()
    cause = UnicodeAttribute()
    outcome = UnicodeAttribute()


class MetricRow(Row):
    """`MODEL#<arn>` / `METRIC#<stage>#<kind>#<time>`: one sample of measurements."""

    stage = UnicodeAttribute()
    purpose = UnicodeAttribute()
    metrics = JSONAttribute()
    endpoint = UnicodeAttribute()
    deployment_id = UnicodeAttribute()
    validation_set = UnicodeAttribute()
    rows = NumberAttribute()
    producer = UnicodeAttribute()


class GroupRow(Row):
    """`GROUP#<arn>` / `HEAD`: a model group, what is derived of it, and what serves."""

    model_group_arn = UnicodeAttribute()
    use_case_id = UnicodeAttribute()
    model_owner = UnicodeAttribute()
    policy = UnicodeAttribute()
    serving = JSONAttribute()
    revision = NumberAttribute()
    document = UnicodeAttribute()


class UseCaseRow(Row):
    """`USECASE#<id>` / `HEAD`: where a use case stands, and its chain ends; of one that only tags name, nothing."""

    use_case_id = UnicodeAttribute()
    use_case_name = UnicodeAttribute(null=True)
    use_case_stage = UnicodeAttribute(null=True)
    use_case_status = UnicodeAttribute(null=True)
    ai_act_class = UnicodeAttribute(null=True)
    materiality = UnicodeAttribute(null=True)
    owner = UnicodeAttribute(null=True)
    document = UnicodeAttribute(null=True)
    audit_sequence = NumberAttribute(null=True)
    audit_hash = UnicodeAttribute(null=True)


class UseCaseGroupRow(Row):
    """`USECASE#<id>` / `GROUP#<model group arn>`: a group that is attached to a use case, or whose tags name it."""

    use_case_id = UnicodeAttribute()
    model_group_arn = UnicodeAttribute()
    attached_at = UnicodeAttribute(null=True)


class LeaseRow(Row):
    """`LEASE#<environment>#<group arn>` / `HEAD`: whose turn it is to deploy."""

    holder = UnicodeAttribute()
    model_package_arn = UnicodeAttribute()
    since = UnicodeAttribute()


class QueueRow(Row):
    """`LEASE#<environment>#<group arn>` / `QUEUE#<time>#<deployment id>`: who waits."""

    deployment_id = UnicodeAttribute()
    model_package_arn = UnicodeAttribute()
    since = UnicodeAttribute()


class ChainRow(Row):
    """`<chain>` / `HEAD`: the end of a chain of deeds: a policy's, that of a group's profiles, or the hub's."""

    audit_sequence = NumberAttribute()
    audit_hash = UnicodeAttribute()


class DocumentRow(Row):
    """`HUB#<install>` / `FINDING#<id>`, `RUN#reconcile`: what a journal keeps beside its chain, as JSON text."""

    document = UnicodeAttribute()


class RelayedRow(Row):
    """`<chain>` / `RELAYED`: the last audit entry up to which all were announced."""

    sequence = NumberAttribute()


class PolicyRow(Row):
    """`POLICY#<name>` / `VERSION#<n>` or `ACTIVE`: a published policy, or which one is in force."""

    policy = UnicodeAttribute()
    policy_hash = UnicodeAttribute()
    document = UnicodeAttribute()


class Table:
    """Rows bound to one table, all of them on one client.

    PynamoDB would make a client for each kind of row, each with a session of its own that reads botocore's data anew:
    up to six at the cold start of a function.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.bound: dict[type[Model], Any] = {}
        self.connection = Connection()
        self.connection._client = client("dynamodb")

    def __call__(self, row: type[RowType]) -> type[RowType]:
        """The row as a subclass that belongs to this table; the same class each time."""
        if row not in self.bound:
            meta = type("Meta", (), {"table_name": self.name})
            make: Any = type(row)
            bound_row: Any = make(row.__name__, (row,), {"Meta": meta})
            bound_row._get_connection().connection._client = self.connection._client
            self.bound[row] = bound_row
        bound: type[RowType] = self.bound[row]
        return bound
