"""A version that was approved in a dev account's registry comes into the hub's once, whole, and pending."""

from itertools import permutations
from typing import Any

import pytest

from governance.domain.errors import AccountUnreadable, ImportNotAllowed, StaleVersion
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.registry import PackageChange
from tests.builders import ADA, DEV, HUB, REGION, TEST, after, approved, group_arn, on_record, package_arn
from tests.fakes_of_imports import Died, Mortality
from tests.unit.governance.imports.copies import GRACE, IMPORTER
from tests.unit.governance.imports.desk import COPY, LOCAL, REGISTERING, SUBJECT, Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def imported(desk: Desk) -> Desk:
    """The desk, with a version registered, approved and imported, of which the hub's registry has told."""
    desk.registered()
    desk.tell(desk.approved())
    desk.follow()
    return desk


def test_what_is_approved_there_is_registered_here_as_pending(desk: Desk):
    state = imported(desk).state()
    assert desk.copies() == [COPY]
    assert state.approval == "PendingManualApproval"
    assert state.stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    assert state.imported and state.imported.source.arn == LOCAL
    assert (state.author, state.imported.approved_by) == (on_record(ADA), on_record(GRACE))
    assert state.sealing.effect_id
    assert desk.about() == set()
    assert desk.deeds() == ["import-intended", "imported"]
    assert desk.findings() == {}


def test_what_is_registered_or_changed_there_is_not_imported_before_it_is_approved(desk: Desk):
    for told in (desk.registered(), desk.changed(-120, CustomerMetadataProperties={"note": "1"})):
        assert desk.tell(told) is None
    assert (desk.copies(), desk.deeds()) == ([], [])


def test_a_version_that_was_registered_as_approved_was_never_approved_by_anybody(desk: Desk):
    born = desk.registered(ModelApprovalStatus="Approved")
    noted = desk.changed(-120, CustomerMetadataProperties={"note": "1"})
    assert [desk.tell(told) for told in (born, noted)] == [None, None]
    assert desk.copies() == []


def test_an_approval_whose_event_does_not_say_what_was_updated_counts(desk: Desk):
    desk.registered()
    told = desk.approved().model_copy(update={"updated_model_package_fields": None})
    desk.tell(told)
    assert desk.copies() == [COPY]


def test_an_approval_within_the_second_of_the_registration_counts(desk: Desk):
    born = desk.registered(at=-60)
    told = desk.approved(at=-60)
    assert told.changed_at == told.identity.created_at
    assert desk.tell(born) is None
    desk.tell(told)
    assert desk.copies() == [COPY]


def test_told_again_and_approved_again_it_is_the_same_import(desk: Desk):
    first = imported(desk).change(LOCAL, ["ModelApprovalStatus"])
    desk.tell(first)
    desk.tell(desk.decided(60, "Rejected"))
    desk.tell(desk.approved(120))
    assert desk.copies() == [COPY]
    assert desk.deeds() == ["import-intended", "imported"]
    assert desk.about() == set()


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_in_whatever_order_its_events_come_it_is_imported_once_if_it_is_approved(desk: Desk, order: tuple[int, ...]):
    told = [desk.registered(), desk.approved(-180), desk.decided(-120, "Rejected"), desk.approved(-60)]
    for index in order:
        desk.tell(told[index])
    desk.follow()
    assert desk.copies() == [COPY]
    assert desk.about() == set()


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_is_rejected_by_the_time_its_events_come_is_not_imported(desk: Desk, order: tuple[int, ...]):
    told = [desk.registered(), desk.approved(-120), desk.decided(-60, "Rejected")]
    for index in order:
        desk.tell(told[index])
    assert (desk.copies(), desk.deeds()) == ([], [])


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_becomes_of_the_source_afterwards_is_on_the_record_in_whatever_order_it_comes(
    desk: Desk, order: tuple[int, ...]
):
    imported(desk)
    other = {"Containers": [{"Image": "another:1", "ModelDataUrl": "s3://dev-bucket/other.tar.gz"}]}
    told = [
        desk.decided(60, "Rejected"),
        desk.changed(120, InferenceSpecification=other),
        desk.changed(180, CustomerMetadataProperties={"a": "b"}),
    ]
    for index in (*order, *order):
        desk.tell(told[index])
    assert desk.about() == {"source-not-approved", "source-changed"}
    assert desk.copies() == [COPY]


def test_the_author_of_the_source_cannot_approve_the_copy_and_its_local_owner_can(desk: Desk):
    imported(desk)
    as_owner = f"arn:aws:sts::{HUB}:assumed-role/steward-model-owner"
    for number, (person, status) in enumerate([(ADA, ModelStatus.PENDING), (GRACE, ModelStatus.APPROVED)]):
        here = person.model_copy(update={"arn": f"{as_owner}/{person.id}"})
        born = desk.registry.packages[COPY].creation_time.isoformat()
        desk.world.tell(approved(600 + number * 60, arn=COPY, CreationTime=born), by=here)
        assert desk.state().stage(Stage.DEVELOPMENT).status is status


def test_the_local_approval_is_no_sign_off(desk: Desk):
    assert imported(desk).state().sign_offs == ()


def test_nobody_approves_a_copy_before_its_source_is_on_record(desk: Desk):
    desk.registered()
    told = desk.approved()
    with pytest.raises(Died):
        desk.dying(Mortality(REGISTERING, after=True)).take(told, DEV, "c")
    desk.follow()
    copy = desk.registry.packages[COPY]
    desk.world.tell(approved(600, arn=COPY, CreationTime=copy.creation_time.isoformat()), registered_by=IMPORTER)
    assert desk.state().stage(Stage.DEVELOPMENT).status is ModelStatus.PENDING
    desk.registry.packages[COPY] = copy
    desk.tell(told)
    assert desk.state().stage(Stage.DEVELOPMENT).status is ModelStatus.APPROVED


@pytest.mark.parametrize("forgetful", [False, True])
@pytest.mark.parametrize("after_it", [False, True])
def test_a_process_that_dies_at_any_call_has_imported_once_when_the_event_comes_again(forgetful: bool, after_it: bool):
    whole = Mortality()
    undisturbed = imported(Desk())
    fresh = Desk()
    fresh.registered()
    fresh.dying(whole).take(fresh.approved(), DEV, "c")
    for at in range(1, len(whole.calls) + 1):
        desk = Desk()
        desk.registry.forgetful = forgetful
        desk.registered()
        told = desk.approved()
        with pytest.raises(Died):
            desk.dying(Mortality(at, after_it)).take(told, DEV, "c")
        desk.world.now.wait(60)  # type: ignore[attr-defined]
        desk.tell(told)
        desk.tell(told)
        desk.follow()
        assert desk.copies() == [COPY], whole.calls[at - 1]
        assert desk.state().imported == undisturbed.state().imported
        assert desk.deeds() == ["import-intended", "imported"]


def test_a_rejection_that_comes_while_an_import_is_open_finishes_it_and_is_a_finding(desk: Desk):
    desk.registered()
    told = desk.approved()
    with pytest.raises(Died):
        desk.dying(Mortality(REGISTERING, after=True)).take(told, DEV, "c")
    desk.tell(desk.decided(60, "Rejected"))
    desk.tell(told)
    desk.follow()
    assert desk.copies() == [COPY]
    assert desk.about() == {"source-not-approved", "source-approver-unknown"}


def test_an_import_that_was_intended_and_not_made_is_withdrawn_with_the_approval_and_made_with_the_next(desk: Desk):
    desk.registered()
    told = desk.approved()
    with pytest.raises(Died):
        desk.dying(Mortality(REGISTERING)).take(told, DEV, "c")
    desk.tell(desk.decided(-30, "Rejected"))
    desk.tell(told)
    assert (desk.copies(), desk.deeds()) == ([], ["import-intended", "import-withdrawn"])
    desk.tell(desk.approved(-10))
    assert desk.copies() == [COPY]
    assert desk.deeds()[2:] == ["import-intended", "imported"]


def test_somebody_elses_package_that_claims_to_be_the_copy_is_not_taken_for_it(desk: Desk):
    desk.registered()
    told = desk.approved()
    with pytest.raises(Died):
        desk.dying(Mortality(REGISTERING, after=True)).take(told, DEV, "c")
    theirs = desk.registry.packages[COPY].model_dump(mode="json", by_alias=True)
    theirs["CreatedBy"] = {"IamIdentity": {"Arn": ADA.arn}}
    desk.registry.packages[COPY] = type(desk.registry.packages[COPY]).model_validate(theirs)
    desk.registry.forgetful = True
    desk.tell(told)
    assert desk.copies() == [COPY, package_arn(version=2)]
    assert desk.state(package_arn(version=2)).imported


def test_of_two_who_intend_at_once_one_goes_on_and_the_other_is_told_to_come_again(desk: Desk):
    desk.registered()
    told = desk.approved()
    journal, replace = desk.journal, desk.journal.replace

    def overtaken(subject: str, key: str, seen: Any, document: Any, deed: Any) -> Any:
        journal.replace = replace  # type: ignore[method-assign]
        desk.tell(told)
        return replace(subject, key, seen, document, deed)

    journal.replace = overtaken  # type: ignore[method-assign]
    with pytest.raises(StaleVersion):
        desk.tell(told)
    desk.tell(told)
    assert desk.copies() == [COPY]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"ModelPackageStatus": "Failed"}, "the package is Failed"),
        ({"ModelPackageStatus": "InProgress"}, "the package is InProgress"),
        ({"ModelPackageRegistrationType": "Logged"}, "it was logged and not registered"),
    ],
)
def test_a_package_that_cannot_be_governed_is_refused_with_the_reason(desk: Desk, fields: dict[str, str], reason: str):
    desk.registered(**fields)
    told = desk.approved()
    desk.tell(told)
    desk.tell(told)
    assert (desk.copies(), desk.deeds()) == ([], ["import-refused"])
    assert reason in desk.findings()["import-refused"].detail


def test_a_package_of_no_group_is_refused_with_the_reason(desk: Desk):
    alone = f"arn:aws:sagemaker:{REGION}:{DEV}:model-package/alone"
    desk.registered(arn=alone, ModelPackageGroupName="")
    desk.tell(desk.decided(-60, "Approved", arn=alone))
    assert desk.copies() == []
    assert "it belongs to no model group" in desk.findings()["import-refused"].detail


def test_a_version_of_another_region_is_refused_with_the_reason(desk: Desk):
    elsewhere = LOCAL.replace(REGION, "us-east-1")
    desk.registered(arn=elsewhere)
    desk.tell(desk.decided(-60, "Approved", arn=elsewhere))
    assert "it lies in us-east-1" in desk.findings()["import-refused"].detail


def test_a_group_that_the_hub_does_not_have_is_never_made_and_the_next_approval_tries_again(desk: Desk):
    desk.registry.groups.clear()
    desk.registered()
    desk.tell(desk.approved())
    assert (desk.copies(), desk.deeds()) == ([], ["import-refused"])
    assert "the hub has no model group credit-risk-pd" in desk.findings()["import-refused"].detail
    desk.registry.groups.add(group_arn())
    desk.tell(desk.approved(0))
    assert desk.copies() == [COPY]


def test_a_group_that_takes_no_imports_from_the_account_gets_none(desk: Desk):
    desk.registry.group_tags[group_arn()] = {"steward:imports-from": TEST}
    desk.registered()
    desk.tell(desk.approved())
    assert desk.copies() == []
    assert f"takes no imports from account {DEV}" in desk.findings()["import-refused"].detail


def test_what_the_registry_never_takes_is_refused_in_its_words(desk: Desk):
    desk.registry.refuses = "ModelCard is too large"
    desk.registered()
    told = desk.approved()
    desk.tell(told)
    desk.tell(told)
    assert desk.deeds() == ["import-intended", "import-refused", "import-intended", "import-refused"]
    assert "ModelCard is too large" in desk.findings()["import-refused"].detail


def test_what_was_refused_and_is_rejected_there_is_over(desk: Desk):
    desk.registry.groups.clear()
    desk.registered()
    desk.tell(desk.approved())
    desk.tell(desk.decided(0, "Rejected"))
    assert desk.deeds() == ["import-refused", "import-withdrawn"]


def test_a_source_that_is_gone_or_another_by_now_is_not_imported(desk: Desk):
    desk.registered()
    told = desk.approved()
    desk.registered(at=-30)
    assert desk.tell(told) is None
    del desk.sources.packages[LOCAL]
    assert desk.tell(told) is None
    assert desk.copies() == []


def test_an_account_that_lets_nobody_look_is_tried_again(desk: Desk):
    desk.registered()
    told = desk.approved()
    desk.sources.closed.add(DEV)
    with pytest.raises(AccountUnreadable):
        desk.tell(told)
    desk.sources.closed.clear()
    desk.tell(told)
    assert desk.copies() == [COPY]


@pytest.mark.parametrize("account", [TEST, HUB, "999900001111"])
def test_who_tells_of_anothers_package_is_not_heard(desk: Desk, account: str):
    desk.registered()
    with pytest.raises(ImportNotAllowed, match=account):
        desk.tell(desk.approved(), account)
    assert (desk.copies(), desk.journal.entries) == ([], {})


def test_an_account_that_nobody_imports_from_is_not_heard(desk: Desk):
    strange = LOCAL.replace(DEV, "999900001111")
    desk.registered(arn=strange)
    with pytest.raises(ImportNotAllowed, match="none of those"):
        desk.tell(desk.decided(-60, "Approved", arn=strange), "999900001111")


def test_a_version_of_the_hub_is_nothing_to_import_whoever_tells_of_it(desk: Desk):
    told = PackageChange.model_validate({"ModelPackageArn": package_arn(), "CreationTime": after(0).isoformat()})
    assert desk.tell(told, DEV) is None


def test_a_group_that_goes_by_another_name_here_is_imported_into_that(desk: Desk):
    desk = Desk(names={(DEV, "churn-local"): "credit-risk-pd"})
    local = f"arn:aws:sagemaker:{REGION}:{DEV}:model-package/churn-local/1"
    desk.registered(arn=local, ModelPackageGroupName="Churn-Local")
    desk.tell(desk.decided(-60, "Approved", arn=local))
    assert desk.copies() == [COPY]


def test_a_copy_that_was_deleted_is_not_made_again(desk: Desk):
    imported(desk)
    desk.registry.packages.clear()
    desk.tell(desk.approved(60))
    assert desk.copies() == []


def test_the_chain_of_the_hub_names_nobody(desk: Desk):
    imported(desk)
    told = "".join(one.entry for one in desk.journal.entries[SUBJECT]) + str(desk.journal.kept)
    assert not [one for one in (ADA.id, GRACE.id) if one in told]


def test_a_rejection_that_overtakes_the_registering_is_a_finding_and_no_import_is_forgotten(desk: Desk):
    desk.registered()
    told = desk.approved()
    register = desk.registry.register

    def overtaken(registration: Any) -> str:
        desk.registry.register = register  # type: ignore[method-assign]
        desk.tell(desk.decided(-30, "Rejected"))
        return register(registration)

    desk.registry.register = overtaken  # type: ignore[method-assign]
    with pytest.raises(StaleVersion):
        desk.tell(told)
    desk.tell(told)
    desk.follow()
    assert desk.copies() == [COPY]
    assert desk.about() == {"source-not-approved"}
    assert desk.deeds() == ["import-intended", "import-withdrawn", "imported"]


def test_who_finds_what_another_is_making_leaves_it_to_them(desk: Desk):
    desk.registered()
    desk.registry.groups.clear()
    desk.tell(desk.approved(-120))
    desk.tell(desk.decided(-90, "Rejected"))
    desk.registry.groups.add(group_arn())
    told = desk.approved()
    made_since = desk.registry.made_since

    def overtaken(*asked: Any) -> Any:
        desk.registry.made_since = made_since  # type: ignore[method-assign]
        desk.tell(told)
        return made_since(*asked)

    desk.registry.made_since = overtaken  # type: ignore[method-assign]
    with pytest.raises(StaleVersion):
        desk.tell(told)
    desk.follow()
    assert {one.kind for one in desk.world.ledger.facts(COPY)} & {"source-observed"} == set()
    assert desk.about() == set()
