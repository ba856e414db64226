"""Evidence that nobody fetched, since no event reached anybody, is found and announced again."""

from governance.services.collecting_evidence import CollectingEvidence
from tests.builders import DEV, group_arn
from tests.fakes_of_evidence import InMemoryEvidenceVault
from tests.reconciling import ReconciledWorld
from tests.unit.governance.evidence.worlds import AUC, QUALITY, SEVEN, names


class Forgetful(ReconciledWorld):
    """A world in which nobody is told of anything but by the reconciler."""

    def __init__(self) -> None:
        super().__init__()
        self.documents = InMemoryEvidenceVault()
        self.collecting = CollectingEvidence(self.ledger, self.recording, self.documents, self.registry)
        self.documents.put(QUALITY, AUC)

    def stalled(self, **order: object) -> list[str]:
        """What of it a run finds an hour later."""
        self.relay()
        self.now.wait(3600)
        return [one.code for one in self.reconcile(**order).differences if one.code == "evidence-stalled"]

    def collect(self) -> None:
        """The announcement arrives."""
        (piece,) = self.state(SEVEN).pieces
        self.collecting.collect(SEVEN, piece.effect_id, "again")


def test_evidence_that_nobody_fetched_is_announced_again_until_it_has_an_outcome():
    world = Forgetful()
    world.register(**names())
    assert world.stalled() == ["evidence-stalled"]
    assert ("EvidenceRequested", SEVEN) in world.outbox.announced
    world.collect()
    assert not world.stalled()


def test_a_refusal_is_an_outcome():
    world = Forgetful()
    world.documents.documents.clear()
    world.register(**names())
    world.collect()
    assert not world.stalled()


def test_a_dry_run_announces_nothing():
    world = Forgetful()
    world.register(**names())
    assert world.stalled(dry_run=True) == ["evidence-stalled"]
    assert ("EvidenceRequested", SEVEN) not in world.outbox.announced


def test_evidence_that_was_asked_for_a_moment_ago_is_left_to_its_event():
    world = Forgetful()
    world.register(**names())
    assert not world.stalled(grace_seconds=7200)


def test_producers_that_are_named_after_the_last_registration_are_known_after_a_run():
    world = Forgetful()
    world.register()
    world.grouping.onboard(SEVEN, "e")
    world.registry.group_tags[group_arn()] = {"steward:producers": DEV}
    world.reconcile()
    assert world.groups.kept[group_arn()].producers == (DEV,)
