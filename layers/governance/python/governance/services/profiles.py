"""Set how versions of a model group are deployed. What is deployed stays as it is: the next deployment is another."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from governance.domain.audit import Deed
from governance.domain.authority import Authority
from governance.domain.deployment import Deployment
from governance.domain.deployment_profile import BUILT_IN, LARGEST, DeploymentProfile, PublishedProfile, problems_of
from governance.domain.entitlement import check_role
from governance.domain.errors import RecordDamaged, Refused, StaleVersion
from governance.domain.identifiers import ModelGroupArn
from governance.domain.model_group import ModelGroup
from governance.domain.orders_on_profiles import SetDeploymentProfile
from governance.domain.people import Pseudonyms
from governance.ports.identity import Caller
from governance.ports.ledger import Groups
from governance.ports.policies import Policies
from governance.ports.profiles import Profiles
from governance.services.recording import ATTEMPTS

Answer = dict[str, Any]
"""What is told to who asked."""


@dataclass(frozen=True, slots=True)
class Profiling:
    """Give model groups their deployment profiles."""

    profiles: Profiles
    groups: Groups
    policies: Policies
    authority: Authority

    def carry_out(self, order: SetDeploymentProfile, caller: Caller, now: datetime) -> Answer:
        """Put a profile in force for a group, or tell what would be done. Raises `Refused`.

        A request that comes again finds the profile in force, and changes nothing.
        """
        check_role(order.command, self.authority.standing(caller.person, (), now), self.authority)
        document = document_of(order)
        for _ in range(ATTEMPTS):
            group = self.groups.get(order.group) or ModelGroup(arn=order.group)
            before = group.deployment_profile
            if document.hash == before.hash:
                return told(order, before, before)
            after = PublishedProfile(document=document, version=before.version + 1)
            if order.dry_run:
                return told(order, before, after)
            kept = group.model_copy(update={"deployment_profile": after, "revision": group.revision + 1})
            people = Pseudonyms(self.policies.person_key(make=True))
            deed = Deed(
                action="deployment-profile-set",
                who=people.person(caller.person),
                why=order.why,
                at=now,
                correlation_id=order.request_id,
                old={"version": before.id, "profile_hash": before.hash},
                new={"group": group.arn, "version": after.id, "profile_hash": after.hash},
            )
            try:
                self.profiles.keep(kept, deed)
            except StaleVersion:
                continue
            return told(order, before, after)
        raise StaleVersion(order.group)


def pinned(profiles: Profiles, group: ModelGroupArn, deployment: Deployment) -> DeploymentProfile:
    """The profile that a deployment was requested under. Raises `RecordDamaged` where that is not to be found."""
    number = int(deployment.profile.rpartition("@")[2] or BUILT_IN.version)
    found = profiles.version(group, number)
    if found is None or deployment.profile_hash not in ("", found.hash):
        wanted = f"{deployment.profile} of {group} with the hash {deployment.profile_hash}"
        raise RecordDamaged(f"deployment {deployment.id} was requested under {wanted}, which is not there")
    return found.document


def document_of(order: SetDeploymentProfile) -> DeploymentProfile:
    """The profile that an order holds. Raises `Refused`, naming every field that is wrong."""
    try:
        document = DeploymentProfile.model_validate(order.document)
    except ValidationError as wrong:
        said = "; ".join(f"{one.field}: {one.said}" for one in problems_of(wrong))
        raise Refused("no-profile", f"{said}; steward profile validate tells the lines") from wrong
    if document.size > LARGEST:
        raise Refused("no-profile", f"its canonical text has {document.size:,} characters; {LARGEST:,} are the most")
    return document


def told(order: SetDeploymentProfile, before: PublishedProfile, after: PublishedProfile) -> Answer:
    """What came of it; in a dry run, what would."""
    changed = after.version != before.version
    return {
        "group": order.group,
        "profile": after.id,
        "profile_hash": after.hash,
        "replaces": before.id if changed else "",
        "changed": changed and not order.dry_run,
        "would_change": changed and order.dry_run,
    }
