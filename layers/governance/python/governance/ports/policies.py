"""Where policies are published, and which group stands under which."""

from collections.abc import Sequence
from typing import Protocol

from governance.domain.audit import AuditEntry, Deed
from governance.domain.identifiers import ModelGroupArn
from governance.domain.model_group import ModelGroup
from governance.domain.people import Names
from governance.domain.publishing import AnyPolicy, Proposal, Shelf
from governance.domain.use_case_policy import UseCasePolicy

NOBODY = Names()


class Policies(Protocol):
    """Published policies, each with a chain of deeds. Whatever is written is written with its deed, all or nothing.

    Everything that writes raises `StaleVersion` when what it rests on has moved on: then nothing was written. `names`
    are those to be kept beside the chain from then on, in the place of those that were seen; who says none leaves them
    as they are.
    """

    def shelf(self, name: str) -> Shelf:
        """Return what is on record of a policy, strongly consistent; an empty shelf where nothing is.

        What is built in is on its shelf from the beginning.
        """

    def of_use_cases(self) -> UseCasePolicy:
        """Return the policy of use cases that is in force, strongly consistent; the built-in one before any other."""

    def version(self, name: str, number: int) -> AnyPolicy | None:
        """Return one version of a policy, in force or not; None where there is none of that number."""

    def names(self) -> Sequence[str]:
        """Return the names of all policies that people published or proposed, sorted."""

    def groups(self, name: str) -> Sequence[ModelGroupArn]:
        """Return the groups that are listed under a policy: all that are under it, and maybe some that were."""

    def publish(self, seen: Shelf, policy: AnyPolicy, deed: Deed, names: Names | None = None) -> None:
        """Keep a new version and put it in force. Whatever was proposed is off the shelf."""

    def propose(self, seen: Shelf, proposal: Proposal, deed: Deed, names: Names | None = None) -> None:
        """Keep a proposal, in the place of an earlier one."""

    def proposed_for(self, name: str, group: ModelGroupArn) -> Proposal | None:
        """Return the proposal to put a group under a policy, if there is one."""

    def propose_for(
        self, seen: Shelf, group: ModelGroupArn, proposal: Proposal, deed: Deed, names: Names | None = None
    ) -> None:
        """Keep a proposal to put a group under a policy, in the place of an earlier one."""

    def assign(self, seen: Shelf, group: ModelGroup, was: str, deed: Deed, names: Names | None = None) -> None:
        """Keep a group that is under the policy now and was under another one. Its `revision` is one more than read."""

    def keep(
        self, group: ModelGroup, subject: str, deed: Deed, seen: Names = NOBODY, names: Names | None = None
    ) -> None:
        """Keep a group, with a deed on another chain. Its `revision` is one more than read."""

    def names_beside(self, chain: str) -> Names:
        """Return the names that are kept beside a chain, that of a policy or of the hub."""

    def hub(self) -> Sequence[AuditEntry]:
        """Return the hub's chain of deeds, from the first: among them every role that was ever delegated in a group.

        It grows with all that is done in the hub. Nobody who decides reads it.
        """

    def person_key(self, make: bool) -> str:
        """Return the key that people's ids are made with; where there is none, one that is made now, or empty text."""
