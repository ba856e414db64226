"""Deployment profiles in DynamoDB: `PROFILE#<group arn>` / `VERSION#<n>`, beside the chain of who set them."""

from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.dynamodb_policies import DynamoDbPolicies
from governance.adapters.rows import DocumentRow, Table
from governance.domain.audit import Deed
from governance.domain.deployment_profile import BUILT_IN, PublishedProfile
from governance.domain.identifiers import ModelGroupArn
from governance.domain.model_group import ModelGroup
from governance.domain.values import canonical


class DynamoDbProfiles:
    """`ports.Profiles` on the governance table."""

    def __init__(self, table: Table, install: str) -> None:
        self.table = table
        self.journal = DynamoDbJournal(table)
        self.policies = DynamoDbPolicies(table, install)

    def version(self, group: ModelGroupArn, number: int) -> PublishedProfile | None:
        """One consistent GetItem; of the built-in one none."""
        if number == BUILT_IN.version:
            return BUILT_IN
        text = self.journal.document(subject_of(group), f"VERSION#{number}")
        return PublishedProfile.model_validate_json(text) if text else None

    def keep(self, group: ModelGroup, deed: Deed) -> None:
        """One GetItem and one TransactWriteItems: the version, which is new, the group's head, the deed."""
        profile, subject = group.deployment_profile, subject_of(group.arn)
        kept = canonical({"document": profile.document.content(), "version": profile.version})
        row = self.table(DocumentRow)
        version = row(subject, f"VERSION#{profile.version}", document=kept)
        rows = [(version, row.pk.does_not_exist()), self.policies.head(group)]
        self.policies.write(subject, self.journal.link(subject), deed, rows)


def subject_of(group: ModelGroupArn) -> str:
    """The partition of a group's profiles, and so the name of their chain."""
    return f"PROFILE#{group}"
