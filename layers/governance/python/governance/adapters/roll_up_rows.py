"""The items of rolling up as PynamoDB rows: keys and attributes, no behaviour."""

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from governance.adapters.rows import Row


class RollUpRow(Row):
    """What is kept of how models stand, as JSON text.

    Of a group, `STANDING#<group arn>`: `HEAD` the versions that count, `VERSION#<number>` what a version contributes,
    `SPEAKS#<stage>#<number>` that it was decided on there. Of a use case, `ROLLUP#<id>`: `HEAD` what it comes to,
    `GROUP#<arn>` as what a group is counted, `CHANGED#<group arn>` that it may be so no longer.
    """

    document = UnicodeAttribute(null=True)
    revision = NumberAttribute(null=True)
    use_case_risk = UnicodeAttribute(null=True)
    offered_stage = UnicodeAttribute(null=True)


class RolledUpFromRow(RollUpRow):
    """The same, or the head of a version, a group or a use case, as far as it matters here."""

    state = UnicodeAttribute(null=True)
    audit_sequence = NumberAttribute(null=True)
    audit_hash = UnicodeAttribute(null=True)
