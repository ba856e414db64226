"""What of a version was sealed without anything to compare it with is on record, and nobody is kept from it."""

import json

from governance.domain.bundle import MANIFEST, contents
from governance.domain.checksums import Checksum, ChecksumType
from governance.domain.findings import Severity
from governance.domain.fold import fold_all
from governance.domain.lifecycle import Stage
from governance.domain.people import Names
from governance.services.arranging import incumbent
from governance.services.inventory import seen
from tests.builders import approved
from tests.fakes import crc64nvme
from tests.world import World, open_findings

SOURCE = "s3://dev-bucket/model.tar.gz"
OF_PARTS = Checksum(algorithm="CRC32", value="GtJzWA==-3", type=ChecksumType.COMPOSITE)


def sealed(world: World, told: Checksum | None) -> None:
    world.vault.checksums[SOURCE] = told
    world.register()
    world.seal()


def test_what_was_compared_with_nothing_is_a_finding_of_low_severity(world):
    sealed(world, OF_PARTS)
    assert open_findings(world) >= {"source-unverified"}
    (found,) = [one for one in world.state().findings.values() if one.code == "source-unverified"]
    assert (found.severity, found.is_open) == (Severity.LOW, True)
    assert SOURCE in found.detail


def test_what_was_compared_with_nothing_is_deployed_like_any_other(world):
    sealed(world, None)
    world.tell(approved(60))
    world.start(Stage.TEST)
    world.verify(Stage.TEST)


def test_what_was_compared_gives_rise_to_no_finding(world):
    sealed(world, Checksum(algorithm="CRC64NVME", value=crc64nvme(b"weights")))
    assert "source-unverified" not in open_findings(world)


def test_what_is_not_what_its_own_checksum_says_is_refused_with_a_finding(world):
    sealed(world, Checksum(algorithm="CRC64NVME", value=crc64nvme(b"other weights")))
    assert "artifact-corrupt" in open_findings(world)
    world.tell(approved(60))
    assert world.state().deployments == {}


def test_a_bundle_says_nothing_of_it_so_that_one_of_an_earlier_steward_still_holds(world):
    sealed(world, OF_PARTS)
    world.tell(approved(60))
    deployment = world.start(Stage.TEST)
    (told,) = json.loads(contents(world.bundles.kept[deployment.bundle_key])[MANIFEST])["artifacts"]
    assert "source_check" not in told
    state = world.state()
    (told,) = incumbent(state, deployment.id).described["artifacts"]
    assert "source_check" not in told, "nor of what goes on serving beside it"


def test_people_are_shown_with_what_it_was_compared(world):
    sealed(world, OF_PARTS)
    (shown,) = view(world).compared
    assert shown == "not compared with its source: no checksum of the whole is kept of it"


def view(world: World):
    ((version, facts),) = world.ledger.known.items()
    assert version
    return seen(fold_all(facts.values()), Names(), None, 0, "")
