"""How far each chain was announced, in DynamoDB: one number beside the chain."""

from pynamodb.exceptions import PutError

from governance.adapters.clients import code_of
from governance.adapters.dynamodb_groups import REFUSED
from governance.adapters.rows import RelayedRow, Table


class DynamoDbAcknowledgements:
    """`ports.Acknowledgements` on the governance table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def acknowledge(self, subject: str, first: int, last: int) -> None:
        """One conditional PutItem."""
        row = self.table(RelayedRow)
        follows_on = (row.sequence >= first - 1) & (row.sequence < last)
        if first == 1:
            follows_on = row.sequence.does_not_exist() | follows_on
        try:
            row(subject, "RELAYED", sequence=last).save(condition=follows_on)
        except PutError as refused:
            if code_of(refused) != REFUSED:
                raise
