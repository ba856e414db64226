"""Model groups and policies in DynamoDB."""

from contextlib import suppress
from datetime import datetime

from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition

from governance.adapters.clients import code_of
from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.rows import DocumentRow, GroupRow, PolicyRow, Row, Table, UseCaseGroupRow, UseCaseRow
from governance.domain.audit import Deed
from governance.domain.errors import StaleVersion
from governance.domain.identifiers import STEWARD, ModelGroupArn
from governance.domain.model_group import ModelGroup
from governance.domain.policy_document import PolicyDocument
from governance.domain.published import BEFORE, DEFAULT, PublishedPolicy
from governance.domain.publishing import AnyPolicy
from governance.domain.use_case import Profile
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
        try:
            group_row(row, group).save(condition=(row.revision == revision) if revision else row.pk.does_not_exist())
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

    def list_under(self, policy: str, group: ModelGroupArn) -> None:
        """One conditional PutItem."""
        row, document = self.table(DocumentRow), canonical({"model_group_arn": group})
        self.once(row(f"POLICY#{policy}", f"GROUP#{group}", document=document))

    def in_force(self, policy: str, at: datetime) -> PublishedPolicy:
        """One GetItem, or of the built-in policy one BatchGetItem; a transaction more where that is published now."""
        row = self.table(PolicyRow)
        if policy == DEFAULT.document.name:
            return self.built_in(at)
        return policy_in(row.get(f"POLICY#{policy}", "ACTIVE", consistent_read=True))

    def built_in(self, at: datetime) -> PublishedPolicy:
        """What is in force of the built-in policy's name: a version of somebody's own, or the one of this release.

        The latter is published as a numbered version, a deed on the policy's chain, where it is not yet.
        """
        row, subject, version = self.table(PolicyRow), f"POLICY#{DEFAULT.document.name}", f"VERSION#{DEFAULT.version}"
        keys = [(subject, version), (subject, "ACTIVE")]
        there = {found.sk: found for found in row.batch_get(keys, consistent_read=True)}
        active = there.get("ACTIVE")
        theirs = active is not None and active.policy not in BEFORE
        if version in there or theirs:
            return policy_in(active) if active is not None and theirs else DEFAULT
        unmoved = row.policy == active.policy if active is not None else row.pk.does_not_exist()
        kept: list[tuple[Row, Condition | None]] = [
            (policy_row(row, version, DEFAULT), row.pk.does_not_exist()),
            (policy_row(row, "ACTIVE", DEFAULT), unmoved),
        ]
        deed = Deed(
            action="policy-published",
            who=STEWARD,
            why="built in, so that no installation is ever without a gate",
            at=at,
            correlation_id=DEFAULT.id,
            old={"version": active.policy} if active is not None else {},
            new={"version": DEFAULT.id, "policy_hash": DEFAULT.hash},
        )
        with suppress(StaleVersion):  # somebody else published it meanwhile
            DynamoDbJournal(self.table).append(subject, deed, kept)
        return DEFAULT


def group_row(row: type[GroupRow], group: ModelGroup) -> GroupRow:
    """A group as the item that is its head."""
    profile = group.profile or Profile()
    return row(
        f"GROUP#{group.arn}",
        "HEAD",
        model_group_arn=group.arn,
        use_case_id=profile.use_case_id,
        model_owner=profile.owner,
        policy=group.policy,
        serving={str(place): serving.model_dump(mode="json") for place, serving in group.serving.items()},
        revision=group.revision,
        document=canonical(group.model_dump(mode="json")),
    )


def policy_row(row: type[PolicyRow], key: str, policy: AnyPolicy) -> PolicyRow:
    """A policy as an item on its shelf."""
    content = canonical(policy.document.content())
    return row(f"POLICY#{policy.document.name}", key, policy=policy.id, policy_hash=policy.hash, document=content)


def policy_in(row: PolicyRow) -> PublishedPolicy:
    """The policy of models that a row holds."""
    document = PolicyDocument.model_validate_json(row.document)
    return PublishedPolicy(document=document, version=number_in(row))


def number_in(row: PolicyRow) -> int:
    """The number of the policy that a row holds."""
    return int(row.policy.rpartition("@")[2])
