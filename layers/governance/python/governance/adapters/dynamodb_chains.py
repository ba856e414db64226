"""The audit trails of the governance table, read whole."""

from collections.abc import Iterator, Mapping
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from governance.adapters.rows import Table

READ = ("pk", "sk", "sequence", "entry", "hash", "content", "audit_sequence", "audit_hash")
DESERIALIZER = TypeDeserializer()


class DynamoDbChains:
    """`ports.Chains` by a Scan: a verification looks at everything, and no request waits for it."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """One consistent Scan, in pages of a megabyte."""
        names = {f"#{name}": name for name in READ}
        wanted = "sk = :head OR begins_with(sk, :entry) OR begins_with(sk, :fact)"
        values = {":head": {"S": "HEAD"}, ":entry": {"S": "AUDIT#"}, ":fact": {"S": "FACT#"}}
        client: Any = self.table.connection.client
        for page in client.get_paginator("scan").paginate(
            TableName=self.table.name,
            ConsistentRead=True,
            ProjectionExpression=", ".join(names),
            ExpressionAttributeNames=names,
            FilterExpression=wanted,
            ExpressionAttributeValues=values,
        ):
            for item in page["Items"]:
                yield {name: DESERIALIZER.deserialize(value) for name, value in item.items()}
