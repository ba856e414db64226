"""Published policies in DynamoDB: a shelf for each, and the groups under it."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress

from pynamodb.expressions.condition import Condition

from governance.adapters.dynamodb_groups import group_row, number_in, policy_row
from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.dynamodb_people import DynamoDbPeople
from governance.adapters.dynamodb_rows import DynamoDbRows
from governance.adapters.dynamodb_transactions import Items, appended, people_beside, transact, unconditional
from governance.adapters.rows import AuditRow, DocumentRow, GroupRow, PolicyRow, Row, Table
from governance.domain.audit import AuditEntry, Deed, Link, deed_entry
from governance.domain.identifiers import ModelGroupArn
from governance.domain.model_group import ModelGroup
from governance.domain.people import Names
from governance.domain.published import BEFORE, DEFAULT
from governance.domain.publishing import AnyPolicy, Proposal, Shelf, document_in, numbered
from governance.domain.use_case_policy import BUILT_IN, UseCasePolicy
from governance.domain.use_case_policy_document import NAME
from governance.domain.values import canonical
from governance.ports.policies import NOBODY

PROPOSED = "PROPOSED"
"""Where the proposal of a policy lies, and before the name of a group that of putting it under the policy."""

BUILT_INS: Mapping[str, AnyPolicy] = {DEFAULT.document.name: DEFAULT, NAME: BUILT_IN}
"""What is in force where nobody published anything of its name."""


class DynamoDbPolicies:
    """`ports.Policies` on the governance table."""

    def __init__(self, table: Table, install: str) -> None:
        self.table = table
        self.journal = DynamoDbJournal(table)
        self.people = DynamoDbPeople(table, install)
        self.chain = f"HUB#{install}"

    def shelf(self, name: str) -> Shelf:
        """A GetItem of the chain's end first, so that what is read after it is not older; then three, and a Query."""
        subject = f"POLICY#{name}"
        link = self.journal.link(subject)
        row = self.table(PolicyRow)
        numbers = [number(one.sk) for one in row.query(subject, row.sk.startswith("VERSION#"), consistent_read=True)]
        active = self.active(name)
        highest = max([*numbers, active.version if active else 0])
        told = {"proposal": self.proposal(subject, PROPOSED), "link": link, "names": self.names_beside(subject)}
        return Shelf(name=name, active=active, highest=highest, **told)

    def of_use_cases(self) -> UseCasePolicy:
        """One consistent GetItem."""
        found = self.active(NAME)
        return found if isinstance(found, UseCasePolicy) else BUILT_IN

    def active(self, name: str) -> AnyPolicy | None:
        """One GetItem. What is built in holds where nobody published anything else of its name.

        A policy of models that was called as that of use cases is, before there were such, does not stand for it.
        """
        row = self.table(PolicyRow)
        with suppress(row.DoesNotExist):
            found = row.get(f"POLICY#{name}", "ACTIVE", consistent_read=True)
            kept = None if found.policy in BEFORE else kept_in(found)
            if kept is not None and (name != NAME or isinstance(kept, UseCasePolicy)):
                return kept
        return BUILT_INS.get(name)

    def version(self, name: str, number: int) -> AnyPolicy | None:
        """One GetItem. What was built in before policies were data is told in `docs/policies.md` alone."""
        row = self.table(PolicyRow)
        with suppress(row.DoesNotExist):
            found = row.get(f"POLICY#{name}", f"VERSION#{number}", consistent_read=True)
            return None if found.policy in BEFORE else kept_in(found)
        return BUILT_IN if (name, number) == (NAME, BUILT_IN.version) else None

    def proposal(self, subject: str, key: str) -> Proposal | None:
        """One GetItem."""
        text = self.journal.document(subject, key)
        return Proposal.model_validate_json(text) if text else None

    def names(self) -> Sequence[str]:
        """One Query."""
        return sorted(key.removeprefix("POLICY#") for key in self.journal.documents(self.chain, "POLICY#"))

    def groups(self, name: str) -> Sequence[ModelGroupArn]:
        """One Query."""
        return sorted(key.removeprefix("GROUP#") for key in self.journal.documents(f"POLICY#{name}", "GROUP#"))

    def publish(self, seen: Shelf, policy: AnyPolicy, deed: Deed, names: Names | None = None) -> None:
        """One TransactWriteItems: the version, that it is in force, the name among all names, the deed."""
        row, subject = self.table(PolicyRow), f"POLICY#{seen.name}"
        version = policy_row(row, f"VERSION#{policy.version}", policy)
        active = policy_row(row, "ACTIVE", policy)
        kept: Items = [(version, row.pk.does_not_exist()), (active, None), self.named(seen.name)]
        kept = [*kept, *people_beside(self.table, subject, seen.names, names)]
        gone = [self.document(subject, PROPOSED)] if seen.proposal else []
        self.write(subject, seen.link, deed, kept, gone)

    def propose(self, seen: Shelf, proposal: Proposal, deed: Deed, names: Names | None = None) -> None:
        """One TransactWriteItems."""
        subject = f"POLICY#{seen.name}"
        row = self.journal.row(subject, PROPOSED, proposal)
        kept: Items = [(row, None), self.named(seen.name), *people_beside(self.table, subject, seen.names, names)]
        self.write(subject, seen.link, deed, kept)

    def proposed_for(self, name: str, group: ModelGroupArn) -> Proposal | None:
        """One GetItem."""
        return self.proposal(f"POLICY#{name}", f"{PROPOSED}#{group}")

    def propose_for(
        self, seen: Shelf, group: ModelGroupArn, proposal: Proposal, deed: Deed, names: Names | None = None
    ) -> None:
        """One TransactWriteItems."""
        subject = f"POLICY#{seen.name}"
        row = self.journal.row(subject, f"{PROPOSED}#{group}", proposal)
        self.write(subject, seen.link, deed, [(row, None), *people_beside(self.table, subject, seen.names, names)])

    def assign(self, seen: Shelf, group: ModelGroup, was: str, deed: Deed, names: Names | None = None) -> None:
        """One TransactWriteItems: the group's head, and its item under the policy in the place of the earlier one's."""
        subject, key = f"POLICY#{seen.name}", f"GROUP#{group.arn}"
        member = self.document(subject, key, {"model_group_arn": group.arn})
        gone = [self.document(subject, f"{PROPOSED}#{group.arn}")]
        gone += [self.document(f"POLICY#{was}", key)] if was != seen.name else []
        kept: Items = [(member, None), self.head(group), *people_beside(self.table, subject, seen.names, names)]
        self.write(subject, seen.link, deed, kept, gone)

    def keep(
        self, group: ModelGroup, subject: str, deed: Deed, seen: Names = NOBODY, names: Names | None = None
    ) -> None:
        """One GetItem and one TransactWriteItems."""
        kept: Items = [self.head(group), *people_beside(self.table, subject, seen, names)]
        self.write(subject, self.journal.link(subject), deed, kept)

    def names_beside(self, chain: str) -> Names:
        """One consistent BatchGetItem of one."""
        return self.people.of([chain]).get(chain, NOBODY)

    def hub(self) -> Sequence[AuditEntry]:
        """One consistent Query, in pages of a megabyte."""
        row = self.table(AuditRow)
        found = row.query(self.chain, row.sk.startswith("AUDIT#"), consistent_read=True)
        return [AuditEntry(sequence=int(one.sequence), entry=one.entry, hash=one.hash) for one in found]

    def head(self, group: ModelGroup) -> tuple[GroupRow, Condition]:
        """A group's head, if nobody wrote it since it was read."""
        row, read = self.table(GroupRow), group.revision - 1
        return group_row(row, group), row.revision == read if read else row.pk.does_not_exist()

    def named(self, name: str) -> tuple[Row, None]:
        """That there is a policy of this name, for those who list them."""
        return self.document(self.chain, f"POLICY#{name}", {"name": name}), None

    def document(self, subject: str, key: str, told: Mapping[str, str] | None = None) -> DocumentRow:
        """A document as a row."""
        return self.table(DocumentRow)(subject, key, document=canonical(told or {}))

    def write(self, subject: str, link: Link, deed: Deed, kept: Items, gone: Sequence[Row] = ()) -> None:
        """One TransactWriteItems, whose first condition is that the chain is where it was. Raises `StaleVersion`."""
        end = appended(self.table, subject, link, deed_entry(link, subject, deed))
        transact(self.table, subject, [*end, *kept], unconditional(gone))

    def person_key(self, make: bool) -> str:
        """One GetItem; where there is no key yet, a conditional PutItem, and whoever was first made it."""
        rows = DynamoDbRows(self.table)
        return rows.make_person_key() if make else rows.person_key()


def kept_in(row: PolicyRow) -> AnyPolicy:
    """The policy that a row holds, of whichever kind."""
    return numbered(document_in(json.loads(row.document)), number_in(row))


def number(sk: str) -> int:
    """The number of a version, by its sort key."""
    return int(sk.removeprefix("VERSION#"))
