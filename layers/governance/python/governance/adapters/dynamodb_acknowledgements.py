"""How far each chain was announced, in DynamoDB: one number beside the chain."""

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from governance.adapters.clients import code_of
from governance.adapters.dynamodb_groups import REFUSED
from governance.adapters.rows import RelayedRow, Table
from governance.domain.values import SCHEMA_VERSION


class DynamoDbAcknowledgements:
    """`ports.Acknowledgements` on the governance table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def acknowledge(self, subject: str, first: int, last: int) -> None:
        """One conditional UpdateItem."""
        row = self.table(RelayedRow)
        follows_on = (row.sequence >= first - 1) & (row.sequence < last)
        if first == 1:
            follows_on = row.sequence.does_not_exist() | follows_on
        told: list[Action] = [row.sequence.set(last), row.schema_version.set(SCHEMA_VERSION)]
        try:
            row(subject, "RELAYED").update(actions=told, condition=follows_on)
        except UpdateError as refused:
            if code_of(refused) != REFUSED:
                raise
