"""Evidence that other systems attach is fetched like any other, if they are entitled to attach it."""

import pytest
from pydantic import ValidationError

from governance.domain.commands import EvidenceAttached
from governance.domain.errors import MalformedEvent, TooMuchUnderWay, UnknownModelVersion
from governance.domain.evidence import MOST_WAITED_FOR
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.producers import producers_from
from governance.services.attaching_evidence import AttachingEvidence
from tests.builders import DEV, HUB, PROD, TEST, after, group_arn
from tests.unit.governance.evidence.worlds import AUC, EIGHT, SEVEN, Evident
from tests.world import open_findings

ELSEWHERE = "999900001111"
SCAN = "s3://dev-bucket/scans/report.pdf"
PRODUCERS = {
    Stage.DEVELOPMENT: frozenset({DEV, HUB}),
    Stage.TEST: frozenset({TEST, HUB}),
    Stage.PRODUCTION: frozenset({PROD, HUB}),
}


class Attached(Evident):
    """A world with one version, to which evidence is attached."""

    def __init__(self) -> None:
        super().__init__()
        self.attaching = AttachingEvidence(self.recording, PRODUCERS)
        self.sha256 = self.documents.put(SCAN, b"%PDF no finding")
        self.register()

    def attach(self, account: str = DEV, at: float = 60, **told):
        self.now.moment = max(self.now.moment, after(at))
        asked = {"model_package_arn": SEVEN, "kind": "security-scan", "uri": SCAN, "sha256": self.sha256}
        command = EvidenceAttached.model_validate({**asked, "attached_at": after(at), **told})
        return self.attaching.attach(command, account, "event-5")


@pytest.fixture
def world() -> Attached:
    return Attached()


def test_what_an_entitled_system_attaches_is_fetched_and_kept(world):
    world.attach()
    assert world.piece().status == "requested"
    assert world.ledger.events(SEVEN).count("EvidenceRequested") == 1
    world.collect()
    found = world.piece()
    assert (found.kind, found.source, found.status, found.sha256) == (
        "security-scan",
        "attached",
        "collected",
        world.sha256,
    )


def test_what_is_more_than_can_be_fetched_at_once_is_delivered_again_later_and_taken_then(world):
    for minute in range(MOST_WAITED_FOR):
        world.attach(at=60 + minute)
    assert world.attach(at=60) is None, "what is being fetched is no news"
    with pytest.raises(TooMuchUnderWay):
        world.attach(at=90)
    assert world.ledger.events(SEVEN).count("EvidenceRequested") == MOST_WAITED_FOR
    world.collect()
    assert world.attach(at=90) is not None


def test_told_twice_it_is_fetched_once(world):
    world.attach()
    assert world.attach() is None
    world.collect()
    assert world.documents.calls.count("fetch") == 1
    assert world.attach() is None


def test_attached_again_later_it_is_fetched_again_for_what_was_refused_may_be_there_now(world):
    kept = world.documents.documents.pop(SCAN)
    world.attach()
    world.collect()
    assert "evidence-refused" in open_findings(world)
    world.documents.documents[SCAN] = kept
    world.attach(at=120)
    world.collect()
    assert "collected" in {piece.status for piece in world.state(SEVEN).pieces}


def test_a_newer_document_of_a_kind_takes_the_place_of_the_one_before(world):
    world.attach()
    world.collect()
    world.sha256 = world.documents.put(SCAN, b"%PDF again", dated_at=after(100))
    world.attach(at=120)
    world.collect()
    assert world.piece().sha256 == world.sha256


def test_bytes_with_another_hash_than_the_one_claimed_are_refused(world):
    world.attach(sha256="0" * 64)
    world.collect()
    assert "is not what was named" in world.piece().problem


@pytest.mark.parametrize(
    ("account", "stage"), [(ELSEWHERE, "development"), (DEV, "test"), (TEST, "development"), (PROD, "pre-production")]
)
def test_from_an_account_that_is_not_registered_for_the_stage_it_becomes_a_finding(world, account, stage):
    world.attach(account, stage=stage)
    assert world.state(SEVEN).pieces == ()
    assert world.state(SEVEN).refused_commands == (f"EvidenceAttached for {stage} from account {account}",)
    assert "producer-not-registered" in open_findings(world)


@pytest.mark.parametrize(("account", "entitled"), [(DEV, False), (ELSEWHERE, False), (HUB, True)])
def test_a_group_that_names_its_producers_hears_no_others_but_the_hub(world, account, entitled):
    known = world.groups.kept.get(group_arn()) or ModelGroup(arn=group_arn())
    named = producers_from({"steward:producers": f"{ELSEWHERE} 123123123123"})
    world.groups.kept[group_arn()] = known.model_copy(update={"producers": named})
    world.attach(account)
    assert bool(world.state(SEVEN).pieces) is entitled


def test_a_group_says_in_its_tags_who_may_report_on_its_versions(world):
    world.registry.group_tags[group_arn()] = {"steward:producers": f"{TEST} {DEV}"}
    world.grouping.onboard(SEVEN, "e")
    assert world.groups.kept[group_arn()].producers == (DEV, TEST)


def test_of_a_version_without_a_record_nothing_can_be_said_yet(world):
    with pytest.raises(UnknownModelVersion):
        world.attach(model_package_arn=EIGHT)


def test_a_time_that_is_still_to_come_is_refused(world):
    with pytest.raises(MalformedEvent, match="attached_at"):
        world.attach(attached_at=after(90_000))


MALFORMED = [
    {"uri": "https://example.com/report.pdf"},
    {"uri": "s3://bucket"},
    {"uri": ""},
    {"uri": "s3://dev-bucket/" + "x" * 1200},
    {"sha256": "not a hash"},
    {"sha256": ""},
    {"kind": "horoscope"},
    {"stage": "staging area"},
    {"attached_at": "yesterday"},
    {"model_package_arn": "credit-risk-pd/7"},
    {"unheard": "of"},
]


@pytest.mark.parametrize("wrong", MALFORMED)
def test_what_has_not_the_shape_is_refused_with_its_field(world, wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        world.attach(**wrong)


def test_reports_that_are_attached_are_read_too(world):
    sha256 = world.documents.put("s3://dev-bucket/q.json", AUC)
    world.attach(kind="model-quality", uri="s3://dev-bucket/q.json", sha256=sha256)
    world.collect()
    assert dict(world.piece().values) == {"auc": 0.91, "accuracy": 0.9}
