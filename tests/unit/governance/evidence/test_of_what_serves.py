"""Evidence on the version in production is what later versions are compared with, also when it comes after them."""

from governance.domain.evidence_facts import EvidenceRequested
from governance.domain.lifecycle import Stage
from tests.builders import KATHERINE, after, group_arn, moved
from tests.unit.governance.evidence.worlds import AUC, QUALITY, SEVEN, Evident
from tests.world import deployed_to_test


def in_production() -> Evident:
    """Version 7 serves in production."""
    world = deployed_to_test(Evident())
    world.tell(moved(120, "Test", "Approved"), by=KATHERINE)
    world.now.moment = after(121)
    world.start(Stage.PRODUCTION)
    world.verify(Stage.PRODUCTION)
    world.end(Stage.PRODUCTION)
    world.grouping.serve(SEVEN, Stage.PRODUCTION, "event")
    return world


def test_a_report_on_what_serves_is_known_to_the_group_once_it_was_collected():
    world = in_production()
    assert world.groups.kept[group_arn()].serving[Stage.PRODUCTION].readings == ()
    world.documents.put(QUALITY, AUC, after(400))
    world.now.moment = after(401)
    about = {"effect_id": "collect-late", "evidence": "model-quality", "uri": QUALITY, "source": "attached"}
    known = {"model": world.state().model, "effective_at": after(401), "specification": world.state().specification}
    asked = EvidenceRequested.model_validate({**about, **known, "recorded_at": after(401)})
    world.recording.learn(SEVEN, lambda page, now: [asked], "event")
    world.collect()
    world.grouping.serve(SEVEN, Stage.PRODUCTION, "event")
    (reading,) = world.groups.kept[group_arn()].serving[Stage.PRODUCTION].readings
    assert reading.values["auc"] == 0.91
