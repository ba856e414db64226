"""Decisions in DynamoDB: each has a partition of its own, so that however many there are, none is hot."""

from collections.abc import Sequence

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from governance.adapters.rows import Row, Table
from governance.domain.served_decisions import Participation
from governance.domain.values import canonical, iso


class DecisionRow(Row):
    """`DECISION#<use case>#<decision id>` / `<time>#<request id>`: a version's part in a decision. It expires."""

    use_case_id = UnicodeAttribute()
    decision_id = UnicodeAttribute()
    model_package_arn = UnicodeAttribute()
    document = UnicodeAttribute()
    gone_after = NumberAttribute()
    """Epoch seconds: the attribute by which DynamoDB takes items away. No row of a record may have it."""


class DynamoDbDecisions:
    """`ports.Decisions` on the governance table."""

    def __init__(self, table: Table) -> None:
        self.row = table(DecisionRow)

    def keep(self, part: Participation) -> None:
        """One PutItem. DynamoDB takes the item away some time after it expired."""
        self.row(
            partition(part.use_case, part.decision_id),
            f"{iso(part.served_at)}#{part.request_id}",
            use_case_id=part.use_case,
            decision_id=part.decision_id,
            model_package_arn=part.model_package_arn,
            document=canonical(part.model_dump(mode="json")),
            gone_after=int(part.expires_at.timestamp()),
        ).save()

    def of(self, use_case: str, decision_id: str) -> Sequence[Participation]:
        """One consistent Query, in pages of a megabyte."""
        found = self.row.query(partition(use_case, decision_id), consistent_read=True)
        return [Participation.model_validate_json(one.document) for one in found]


def partition(use_case: str, decision_id: str) -> str:
    """The partition of a decision."""
    return f"DECISION#{use_case}#{decision_id}"
