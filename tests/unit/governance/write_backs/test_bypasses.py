"""An approval that no decision explains is found, by events and by the reconciler, flagged, and put back."""

import pytest

from governance.domain.authority import Authority
from governance.domain.identifiers import STEWARD, Person
from governance.domain.lifecycle import ApprovalStatus, ModelStatus, Stage
from governance.domain.model_group import ModelGroup
from governance.domain.policy import Mode
from governance.domain.policy_document import CheckGate, PolicyDocument
from governance.domain.published import PublishedPolicy
from governance.domain.upkeep import VersionAdopted
from governance.services.recording import Recording
from governance.services.synchronisation import Synchronisation
from governance.services.writing_back import WritingBack
from tests.builders import (
    ADA,
    DEV,
    HUB,
    KATHERINE,
    MARY,
    WRITER,
    after,
    approved,
    call,
    change,
    described,
    group_arn,
    moved,
    on_record,
    specification,
)
from tests.unit.governance.write_backs.office import ADMIN, ARN, SCRIBE, Office, office

ELSEWHERE = Person(id="mary.jackson", arn=f"arn:aws:sts::{DEV}:assumed-role/steward-model-owner/mary.jackson")
ROOT = Person(id=f"root@{HUB}", arn=f"arn:aws:iam::{HUB}:root")
ROBOT = Person(id="deploy-bot", arn=f"arn:aws:iam::{HUB}:user/deploy-bot")
STRANGERS = {
    "an owner's role of another account": ELSEWHERE,
    "the account's root": ROOT,
    "an administrator's role": ADMIN,
    "a user of the account": ROBOT,
    "Steward's own role": SCRIBE,
}


def advising(*checks: str) -> PublishedPolicy:
    """A policy of these checks, none of which stops anything."""
    gates = tuple(CheckGate(kind="check", name=name, mode=Mode.ADVISE) for name in checks)
    return PublishedPolicy(version=1, document=PolicyDocument(name="lenient", title="Lenient", gates=gates))


def under(made: Office, policy: PublishedPolicy) -> Office:
    """The group stands under a policy."""
    made.groups.kept[group_arn()] = ModelGroup(arn=group_arn(), revision=1).under(policy)
    return made


@pytest.mark.parametrize("who", STRANGERS)
def test_whoever_has_no_role_approves_nothing_and_it_is_put_back(who):
    made = office()
    made.tell(approved(60), by=STRANGERS[who])
    assert made.stage().status is ModelStatus.PENDING
    assert [finding.severity for finding in made.findings("decision-bypassed")] == ["high"]
    made.write(62)
    assert made.registry.packages[ARN].model_approval_status is ApprovalStatus.PENDING
    made.echo()
    assert made.decision().person == STEWARD
    made.tell(approved(120), by=MARY)
    assert made.stage().status is ModelStatus.APPROVED
    assert made.findings("decision-bypassed") == []


@pytest.mark.parametrize("who", STRANGERS)
def test_an_approval_whose_event_was_lost_is_found_by_the_reconciler(who):
    made = office()
    made.relay()
    made.registry.packages[ARN] = described(approved(60), STRANGERS[who])
    made.trail.seen.append(call(60, STRANGERS[who], modelApprovalStatus="Approved"))
    made.now.wait(3600)
    assert "missed-event" in {one.code for one in made.reconcile().differences}
    assert made.stage().status is ModelStatus.PENDING
    assert made.findings("decision-bypassed")
    assert made.write(3700).outcome == "written"


def test_stewards_own_role_approves_nothing_under_any_policy():
    made = under(office(), advising("not-by-the-author"))
    made.tell(approved(60), by=SCRIBE)
    assert made.stage().status is ModelStatus.PENDING
    assert made.findings("decision-bypassed")
    made.write(62)
    assert "[decided-by-a-person]" in made.registry.packages[ARN].approval_description


def test_a_policy_that_only_advises_flags_it_and_lets_it_stand():
    made = under(office(), advising("approver-entitled"))
    made.tell(approved(60), by=ADMIN)
    assert made.stage().status is ModelStatus.APPROVED
    assert [finding.severity for finding in made.findings("decision-bypassed")] == ["critical"]
    assert made.intents() == []


def test_a_registration_as_approved_is_put_back_with_the_reason():
    made = Office()
    made.tell(change(0, "Approved"), by=ADA)
    assert made.findings("registered-with-decision")
    made.write(2)
    shown = made.registry.packages[ARN]
    assert shown.model_approval_status is ApprovalStatus.PENDING
    assert "No decision on record explains this approval" in shown.approval_description
    made.echo()
    assert made.stage().status is ModelStatus.PENDING
    assert len(made.intents()) == 1
    made.tell(approved(60), by=MARY)
    assert made.stage().status is ModelStatus.APPROVED
    assert made.stage().decided_by == on_record(MARY)


def test_a_registration_with_an_approving_life_cycle_is_put_back_too():
    made = Office()
    cycle = {"Stage": "Production", "StageStatus": "Approved"}
    made.tell(change(0, "PendingManualApproval", ModelLifeCycle=cycle), by=ADA)
    made.write(2)
    shown = made.registry.packages[ARN].life_cycle
    assert shown is not None
    assert (shown.stage, shown.status) == ("Production", "PendingApproval")


def test_what_was_approved_for_other_contents_is_put_back():
    made = office()
    made.tell(approved(60), by=MARY)
    other = specification("s3://dev-bucket/other.tar.gz")
    fields = {"InferenceSpecification": other, "UpdatedModelPackageFields": ["InferenceSpecification"]}
    made.tell(change(120, "Approved", **fields), by=ADA)
    assert made.findings("specification-changed")
    assert made.write(122).outcome == "written"
    assert made.registry.packages[ARN].model_approval_status is ApprovalStatus.PENDING


def test_an_approval_of_which_only_the_reconciler_knows_is_flagged_and_put_back():
    made = Office()
    made.registry.packages[ARN] = described(approved(60), MARY)
    made.now.wait(3600)
    assert "out-of-band-approval" in {one.code for one in made.reconcile().differences}
    assert made.write(3700).outcome == "written"
    assert "No decision on record" in made.registry.packages[ARN].approval_description


def test_where_the_policy_does_not_insist_an_unexplained_approval_is_only_flagged():
    made = under(Office(), advising("approver-entitled"))
    made.tell(change(0, "Approved"), by=ADA)
    assert made.findings("registered-with-decision")
    assert made.intents() == []


def test_the_first_event_of_a_version_may_be_its_approval_and_nothing_is_put_back_before_its_registration_is_known():
    made = Office()
    made.registry.packages[ARN] = described(approved(60), MARY)
    made.deliver(change(60, "Approved"))
    assert made.intents() == []
    made.deliver(change(0))
    made.synchronisation.identify(call(60, MARY, modelApprovalStatus="Approved"), "trail-1")
    assert made.stage().status is ModelStatus.APPROVED
    assert made.intents() == []


def test_what_was_approved_before_steward_is_left_alone_until_somebody_adopts_it_and_then_has_to_be_approved_anew():
    made = Office()
    long_ago = after(-400 * 86400)
    born = {"CreationTime": long_ago.isoformat(), "LastModifiedTime": after(-300 * 86400).isoformat()}
    made.registry.packages[ARN] = described(change(0, "Approved", **born), MARY)
    made.now.wait(3600)
    made.reconcile(mode="backfill")
    assert made.state(ARN).is_dormant
    assert made.findings("not-adopted")
    assert made.intents() == []
    adopted = VersionAdopted(
        model=made.state(ARN).model, effective_at=after(4000), recorded_at=after(4000), person=KATHERINE, why="reviewed"
    )
    made.recording.learn(ARN, lambda _page, _now: [adopted], "command-1")
    assert made.findings("out-of-band-approval")
    assert made.write(4002).outcome == "written"
    assert made.registry.packages[ARN].model_approval_status is ApprovalStatus.PENDING


def test_a_bypass_in_production_deploys_nothing_and_takes_nothing_away():
    made = office()
    made.tell(approved(60), by=MARY)
    made.tell(moved(120, "Test", "Approved"), by=ADMIN)
    assert made.stage(Stage.TEST).status is ModelStatus.PENDING
    assert made.deployment(Stage.PRODUCTION) is None
    assert made.deployment(Stage.TEST) is not None
    made.write(122)
    made.echo()
    assert made.stage().status is ModelStatus.APPROVED
    assert made.deployment(Stage.TEST) is not None


def test_a_write_back_that_nobody_tried_is_announced_again_and_a_finished_one_is_not():
    made = office()
    made.tell(approved(60), by=ADMIN)
    made.relay()
    made.now.wait(3600)
    assert "write-back-stalled" in {one.code for one in made.reconcile(grace_seconds=900).differences}
    assert ("WriteBackRequested", ARN) in made.outbox.announced
    made.write(3700)
    made.relay()
    made.echo()
    made.relay()
    made.now.wait(3600)
    assert "write-back-stalled" not in {one.code for one in made.reconcile(grace_seconds=900).differences}


def test_the_reconciler_knows_an_echo_whose_event_was_lost():
    made = office()
    made.asks_to_approve(MARY, 60.3)
    made.write(62)
    made.relay()
    made.trail.seen.append(call(62, SCRIBE, modelApprovalStatus="Approved"))
    made.now.wait(3600)
    assert "missed-event" in {one.code for one in made.reconcile().differences}
    assert made.stage().status is ModelStatus.APPROVED
    assert made.stage().decided_by == on_record(MARY)
    assert made.findings("decision-bypassed") == []


def test_without_cloudtrail_the_intents_own_words_say_whose_it_is():
    made = office()
    made.asks_to_approve(MARY, 60.3, why="sound, see ticket 12")
    made.write(62)
    made.relay()
    made.now.wait(3600)
    assert "history-gap" in {one.code for one in made.reconcile().differences}
    assert made.stage().decided_by == on_record(MARY)


def test_a_policy_that_changed_its_mind_puts_nothing_back_that_counts():
    made = office()
    made.tell(approved(60), by=MARY)
    stricter = Recording(made.ledger, made.now, Authority(hub="999900001111"), WRITER)
    Synchronisation(made.registry, stricter).observe(
        change(120, "Approved", UpdatedModelPackageFields=["CustomerMetadataProperties"]), "event-9"
    )
    assert made.stage().status is ModelStatus.APPROVED
    assert made.intents() == []
    assert WritingBack(made.registry, stricter, made.now.wait).write(ARN, "write-back-unknown", "event-9") is None
