"""Leases in DynamoDB: one item that is held by name, and a queue beside it in the order of asking."""

from collections.abc import Iterator

from pynamodb.exceptions import DeleteError, PutError

from governance.adapters.clients import code_of
from governance.adapters.dynamodb_groups import REFUSED
from governance.adapters.rows import LeaseRow, QueueRow, Table
from governance.domain.identifiers import ModelGroupArn
from governance.domain.values import Instant, iso
from governance.ports.delivery import Waiting


def lease_key(environment: str, group: ModelGroupArn) -> str:
    """The partition of a lease and its queue."""
    return f"LEASE#{environment}#{group}"


def place_of(deployment_id: str, since: Instant) -> str:
    """Where a deployment waits: a request has one moment for good, so that its place is known without looking."""
    return f"QUEUE#{iso(since)}#{deployment_id}"


class DynamoDbLeases:
    """`ports.Leases` and `ports.Turns` on the governance table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def acquire(self, environment: str, group: ModelGroupArn, waiting: Waiting) -> bool:
        """Take it, or queue and try once more, for it may have been given up in between."""
        if self.take(environment, group, waiting):
            return True
        self.line_up(environment, group, waiting)
        return self.take(environment, group, waiting)

    def take(self, environment: str, group: ModelGroupArn, waiting: Waiting) -> bool:
        """One conditional PutItem: nobody holds it, or this deployment does already."""
        row = self.table(LeaseRow)
        item = row(
            lease_key(environment, group),
            "HEAD",
            holder=waiting.deployment_id,
            model_package_arn=waiting.model_package_arn,
            since=iso(waiting.since),
        )
        try:
            item.save(condition=row.pk.does_not_exist() | (row.holder == waiting.deployment_id))
        except PutError as refused:
            if code_of(refused) != REFUSED:
                raise
            return False
        return True

    def line_up(self, environment: str, group: ModelGroupArn, waiting: Waiting) -> None:
        """Wait; the key tells since when, so that waiting twice is waiting once."""
        self.table(QueueRow)(
            lease_key(environment, group),
            place_of(waiting.deployment_id, waiting.since),
            deployment_id=waiting.deployment_id,
            model_package_arn=waiting.model_package_arn,
            since=iso(waiting.since),
        ).save()

    def leave(self, environment: str, group: ModelGroupArn, deployment_id: str, since: Instant | None = None) -> None:
        """One DeleteItem, which is none where nothing lies; without `since` one Query of all who wait before it."""
        if since is not None:
            self.table(QueueRow)(lease_key(environment, group), place_of(deployment_id, since)).delete()
            return
        for waiting in self.waiting(environment, group):
            if waiting.deployment_id == deployment_id:
                waiting.delete()

    def release(self, environment: str, group: ModelGroupArn, deployment_id: str, since: Instant | None = None) -> None:
        """Leave the queue, then delete the lease if it is this deployment's."""
        self.leave(environment, group, deployment_id, since)
        row = self.table(LeaseRow)
        try:
            row(lease_key(environment, group), "HEAD").delete(condition=row.holder == deployment_id)
        except DeleteError as refused:
            if code_of(refused) != REFUSED:
                raise

    def next(self, environment: str, group: ModelGroupArn) -> Waiting | None:
        """One consistent Query of the oldest."""
        for found in self.waiting(environment, group, limit=1):
            return told(found.deployment_id, found)
        return None

    def later(self, environment: str, group: ModelGroupArn, than: Waiting, at_most: int) -> tuple[Waiting, ...]:
        """One consistent Query, backwards from the latest. Nothing sorts behind the queue in its partition."""
        row = self.table(QueueRow)
        behind = row.sk > place_of(than.deployment_id, than.since)
        found = row.query(
            lease_key(environment, group), behind, consistent_read=True, scan_index_forward=False, limit=at_most
        )
        return tuple(told(one.deployment_id, one) for one in found)

    def holder(self, environment: str, group: ModelGroupArn) -> Waiting | None:
        """One consistent GetItem."""
        row = self.table(LeaseRow)
        try:
            held = row.get(lease_key(environment, group), "HEAD", consistent_read=True)
        except row.DoesNotExist:
            return None
        return told(held.holder, held)

    def waits(self, environment: str, group: ModelGroupArn, deployment_id: str) -> bool:
        """One consistent Query of those who wait."""
        return any(one.deployment_id == deployment_id for one in self.waiting(environment, group))

    def queue(self, environment: str, group: ModelGroupArn) -> tuple[Waiting, ...]:
        """One consistent Query of those who wait."""
        return tuple(told(found.deployment_id, found) for found in self.waiting(environment, group))

    def waiting(self, environment: str, group: ModelGroupArn, limit: int | None = None) -> Iterator[QueueRow]:
        """Those who wait, the longest first."""
        row = self.table(QueueRow)
        found = row.query(lease_key(environment, group), row.sk.startswith("QUEUE#"), consistent_read=True, limit=limit)
        yield from found


def told(deployment_id: str, row: LeaseRow | QueueRow) -> Waiting:
    """Who holds, or waits."""
    return Waiting.model_validate(
        {"deployment_id": deployment_id, "model_package_arn": row.model_package_arn, "since": row.since}
    )
