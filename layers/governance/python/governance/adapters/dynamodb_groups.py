"""Model groups and policies in DynamoDB."""

from contextlib import suppress
from datetime import datetime

from pynamodb.exceptions import PutError

from governance.adapters.clients import code_of
from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.rows import GroupRow, PolicyRow, Row, Table, UseCaseGroupRow, UseCaseRow
from governance.domain.audit import Deed
from governance.domain.errors import StaleVersion
from governance.domain.identifiers import STEWARD, ModelGroupArn
from governance.domain.model_group import ModelGroup
from governance.domain.published import DEFAULT
from governance.domain.values import canonical

REFUSED = "ConditionalCheckFailedException"
"""What DynamoDB answers when a condition does not hold."""


class DynamoDbGroups:
    """`ports.Groups` on the governance table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, group: ModelGroupArn) -> ModelGroup | None:
        """One consistent GetItem."""
        row = self.table(GroupRow)
        try:
            found = row.get(f"GROUP#{group}", "HEAD", consistent_read=True)
        except row.DoesNotExist:
            return None
        return ModelGroup.model_validate_json(found.document)

    def save(self, group: ModelGroup, revision: int) -> None:
        """One conditional PutItem."""
        row = self.table(GroupRow)
        item = row(
            f"GROUP#{group.arn}",
            "HEAD",
            model_group_arn=group.arn,
            use_case_id=group.profile.use_case_id,
            model_owner=group.profile.owner,
            policy=group.policy,
            serving={stage.value: serving.model_dump(mode="json") for stage, serving in group.serving.items()},
            revision=group.revision,
            document=canonical(group.model_dump(mode="json")),
        )
        try:
            item.save(condition=(row.revision == revision) if revision else row.pk.does_not_exist())
        except PutError as refused:
            if code_of(refused) == REFUSED:
                raise StaleVersion(group.arn) from refused
            raise

    def join(self, use_case: str, group: ModelGroupArn) -> None:
        """The use case's head, unless there is one, and its item for the group."""
        head, member = self.table(UseCaseRow), self.table(UseCaseGroupRow)
        key = f"USECASE#{use_case}"
        self.once(head(key, "HEAD", use_case_id=use_case))
        self.once(member(key, f"GROUP#{group}", use_case_id=use_case, model_group_arn=group))

    def once(self, item: Row) -> None:
        """One conditional PutItem; an item that is there already stays as it is."""
        try:
            item.save(condition=type(item).pk.does_not_exist())
        except PutError as refused:
            if code_of(refused) != REFUSED:
                raise

    def publish_policy(self, at: datetime) -> None:
        """The built-in policy as a numbered version, and active unless another one is: a deed on the policy's chain.

        One BatchGetItem where it is published already.
        """
        row, subject, version = self.table(PolicyRow), f"POLICY#{DEFAULT.document.name}", f"VERSION#{DEFAULT.version}"
        keys = [(subject, version), (subject, "ACTIVE")]
        there = {found.sk for found in row.batch_get(keys, consistent_read=True)}
        if version in there:
            return
        document = canonical(DEFAULT.document.content())
        rows = [
            row(subject, key, policy=DEFAULT.id, policy_hash=DEFAULT.hash, document=document)
            for key in (version, "ACTIVE")
            if key not in there
        ]
        deed = Deed(
            action="policy-published",
            who=STEWARD,
            why="built in, so that no installation is ever without a gate",
            at=at,
            correlation_id=DEFAULT.id,
            new={"version": DEFAULT.id, "policy_hash": DEFAULT.hash, "active": "ACTIVE" not in there},
        )
        with suppress(StaleVersion):  # somebody else published it meanwhile
            DynamoDbJournal(self.table).append(subject, deed, [(one, row.pk.does_not_exist()) for one in rows])
