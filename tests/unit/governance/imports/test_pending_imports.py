"""What the reconciler says of imports that did not come to their end."""

import pytest

from governance.services.pending_imports import pending_imports
from tests.builders import ADA, DEV, after, change, described, group_arn, on_record
from tests.fakes_of_imports import Died, Mortality
from tests.reconciling import ReconciledWorld
from tests.unit.governance.imports.copies import IMPORTER, copied
from tests.unit.governance.imports.desk import REGISTERING, SUBJECT, Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def pending(desk: Desk, at: float = 3600) -> list[str]:
    """What a run of the reconciler says of imports, so many seconds later and with no more than a moment's grace."""
    return [one.code for one in pending_imports(desk.journal, SUBJECT, after(at))]


def test_the_reconciler_says_what_was_refused_until_it_is_imported_or_over(desk: Desk):
    desk.registry.groups.clear()
    desk.registered()
    desk.tell(desk.approved(-120))
    assert pending(desk) == ["import-refused"]
    desk.tell(desk.decided(-90, "Rejected"))
    assert pending(desk) == []
    desk.tell(desk.approved())
    assert pending(desk) == ["import-refused"]
    desk.registry.groups.add(group_arn())
    desk.tell(desk.approved(0))
    assert pending(desk) == []


def test_the_reconciler_does_not_repeat_what_nobody_in_the_hub_can_put_right(desk: Desk):
    desk.registered(ModelPackageStatus="Failed")
    desk.tell(desk.approved())
    assert pending(desk) == []


def test_the_reconciler_says_what_was_begun_and_has_no_end_and_not_what_was_begun_just_now(desk: Desk):
    desk.registered()
    with pytest.raises(Died):
        desk.dying(Mortality(REGISTERING)).take(desk.approved(), DEV, "c")
    assert pending(desk, -1) == []
    assert pending(desk) == ["import-unfinished"]


def test_a_refusal_is_a_finding_about_the_hub_for_as_long_as_it_stands(desk: Desk):
    world = ReconciledWorld()
    world.journal.kept[SUBJECT] = desk.journal.kept.setdefault(SUBJECT, {})
    desk.registry.groups.clear()
    desk.registered()
    desk.tell(desk.approved())
    for _ in range(2):
        world.reconcile()
        assert world.codes() == {"import-refused"}
    desk.tell(desk.decided(0, "Rejected"))
    world.reconcile()
    assert world.codes() == set()


def test_a_copy_of_whose_registration_no_event_told_is_brought_up_to_date_by_the_reconciler():
    world = ReconciledWorld()
    told = change(0)
    world.registry.packages[told.model_package_arn] = described(told, IMPORTER, IMPORTER)
    imported = copied(specification=told.specification)
    world.recording.learn(told.model_package_arn, lambda _page, _now: [imported], "c")
    world.now.moment = after(7200)  # type: ignore[attr-defined]
    report = world.reconcile()
    state = world.state()
    assert (state.author, state.package_status) == (on_record(ADA), "Completed")
    assert state.sealing.effect_id
    assert not {"version-not-compared", "record-contradicts-registry"} & (world.codes() | set(report.counts))
