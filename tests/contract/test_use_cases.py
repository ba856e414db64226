"""What is promised of use cases, kept in memory and in DynamoDB; and of how their models stand."""

import json
from typing import Any

import pytest

from governance.adapters.dynamodb_acknowledgements import DynamoDbAcknowledgements
from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.dynamodb_people import DynamoDbPeople
from governance.adapters.dynamodb_use_cases import DynamoDbUseCases
from governance.adapters.rows import Table
from governance.domain.audit import Announcing, Deed, Link
from governance.domain.errors import StaleVersion
from governance.domain.identifiers import STEWARD
from governance.domain.model_group import ModelGroup
from governance.domain.people import Names
from governance.domain.use_case import Profile
from governance.domain.use_cases import About, UseCase, membership
from governance.ports.ledger import Groups
from governance.ports.people import KeptNames
from governance.ports.use_cases import Opened, UseCases
from governance.services.forgetting import Forgotten
from tests import fakes
from tests.aws.resources import TABLE, table_items
from tests.builders import BORN, group_arn
from tests.fakes_of_use_cases import InMemoryUseCases
from tests.unit.governance.use_cases.board import describes

Kept = tuple[UseCases, Groups]
GROUP = group_arn()


@pytest.fixture(params=("in memory", "DynamoDB"))
def kept(request: pytest.FixtureRequest) -> Kept:
    if request.param == "in memory":
        groups = fakes.InMemoryGroups()
        return InMemoryUseCases(groups), groups
    request.getfixturevalue("seam")
    return DynamoDbUseCases(Table(TABLE), "steward"), DynamoDbGroups(Table(TABLE))


def deed(**told: Any) -> Deed:
    common = {"action": "use-case-changed", "who": STEWARD, "why": "", "at": BORN, "correlation_id": "c"}
    return Deed.model_validate({**common, **told})


def a_use_case(**told: Any) -> UseCase:
    return UseCase(about=About.model_validate(describes(**told)), created_at=BORN, changed_at=BORN)


def created(use_cases: UseCases, **told: Any) -> Opened:
    made = a_use_case(**told)
    use_cases.save(Opened(), made, deed())
    return use_cases.open(made.id)


def owned(use_case: UseCase, revision: int = 1) -> ModelGroup:
    return ModelGroup(arn=GROUP, revision=revision, use_case=membership(use_case, 2))


def test_what_was_never_put_on_record_is_not_there(kept: Kept):
    use_cases, groups = kept
    assert use_cases.open("credit-scoring") == Opened()
    groups.join("credit-scoring", GROUP)
    assert use_cases.open("credit-scoring") == Opened(), "only a tag names it"
    assert (use_cases.names(), use_cases.look(["credit-scoring"]), use_cases.groups("credit-scoring")) == ([], {}, [])


def test_a_use_case_that_tags_named_before_comes_on_record(kept: Kept):
    use_cases, groups = kept
    groups.join("credit-scoring", GROUP)
    assert created(use_cases).link.sequence == 1
    assert use_cases.groups("credit-scoring") == [], "a tag attaches nothing"


def test_use_cases_are_kept_and_listed(kept: Kept):
    use_cases, _ = kept
    first, second = created(use_cases), created(use_cases, id="fraud")
    assert first.use_case == a_use_case()
    assert first.link.sequence == 1
    assert use_cases.names() == ["credit-scoring", "fraud"]
    assert [one.sequence for one in use_cases.trail("fraud")] == [1]
    assert use_cases.trail("churn") == []
    assert use_cases.look(["fraud", "churn"]) == {"fraud": second.use_case}


def test_who_read_what_has_moved_on_changes_nothing(kept: Kept):
    use_cases, groups = kept
    seen = created(use_cases)
    changed = a_use_case(name="Other")
    use_cases.save(seen, changed, deed())
    for late in (seen, Opened(), Opened(link=Link(sequence=7, hash="f" * 64))):
        with pytest.raises(StaleVersion):
            use_cases.save(late, a_use_case(), deed())
        with pytest.raises(StaleVersion):
            use_cases.attach(late, a_use_case(), owned(a_use_case()), deed())
    assert use_cases.open("credit-scoring").use_case == changed
    assert groups.get(GROUP) is None


def test_what_rests_on_another_is_not_kept_once_that_one_has_moved_on(kept: Kept):
    use_cases, _ = kept
    seen, other = created(use_cases), created(use_cases, id="fraud")
    use_cases.save(seen, a_use_case(name="Second"), deed(), {"fraud": other.link})
    use_cases.save(other, a_use_case(id="fraud", name="Moved on"), deed())
    again = use_cases.open("credit-scoring")
    with pytest.raises(StaleVersion):
        use_cases.save(again, a_use_case(name="Third"), deed(), {"fraud": other.link})
    assert use_cases.open("credit-scoring") == again
    use_cases.save(again, a_use_case(name="Third"), deed(), {"fraud": use_cases.open("fraud").link})


def test_a_group_and_the_use_case_it_belongs_to_are_kept_together(kept: Kept):
    use_cases, groups = kept
    seen = created(use_cases)
    one = a_use_case().model_copy(update={"groups": 1})
    use_cases.attach(seen, one, owned(one), deed())
    assert use_cases.groups("credit-scoring") == [GROUP]
    known = groups.get(GROUP)
    assert known is not None and known.use_case is not None
    assert (known.use_case.id, known.revision) == ("credit-scoring", 1)
    seen = use_cases.open("credit-scoring")
    use_cases.detach(seen, a_use_case(), known.model_copy(update={"use_case": None, "revision": 2}), deed())
    assert use_cases.groups("credit-scoring") == []
    after = groups.get(GROUP)
    assert after is not None and after.use_case is None


def test_a_group_that_is_detached_goes_on_being_named_by_its_tags(seam):
    use_cases, groups = DynamoDbUseCases(Table(TABLE), "steward"), DynamoDbGroups(Table(TABLE))
    groups.join("credit-scoring", GROUP)
    use_cases.attach(created(use_cases), a_use_case(), owned(a_use_case()), deed())
    tagged = {"profile": Profile(use_case_id="credit-scoring"), "use_case": None, "revision": 2}
    alone = owned(a_use_case()).model_copy(update=tagged)
    use_cases.detach(use_cases.open("credit-scoring"), a_use_case(), alone, deed())
    assert use_cases.groups("credit-scoring") == []
    (row,) = [one for one in table_items() if one["sk"]["S"] == f"GROUP#{GROUP}"]
    assert "attached_at" not in row


def test_a_group_that_somebody_wrote_meanwhile_is_not_attached(kept: Kept):
    use_cases, groups = kept
    seen = created(use_cases)
    groups.save(ModelGroup(arn=GROUP, revision=1), 0)
    with pytest.raises(StaleVersion):
        use_cases.attach(seen, a_use_case(), owned(a_use_case()), deed())
    assert use_cases.open("credit-scoring") == seen
    assert use_cases.groups("credit-scoring") == []


def test_each_deed_is_on_the_chain_of_the_use_case_and_announces_what_it_says(seam):
    use_cases = DynamoDbUseCases(Table(TABLE), "steward")
    told = {"use_case_id": "credit-scoring", "use_case_stage": "proof-of-concept", "use_case_status": "pending"}
    announces = [Announcing(name="UseCaseCreated", detail={**told, "owner": "olive"})]
    use_cases.save(Opened(), a_use_case(), deed(announces=announces, policy="use-cases@1", stage="development"))
    use_cases.save(use_cases.open("credit-scoring"), a_use_case(name="Other"), deed())
    rows = {one["sk"]["S"]: one for one in table_items() if one["pk"]["S"] == "USECASE#credit-scoring"}
    assert set(rows) == {"HEAD", "AUDIT#00000001", "AUDIT#00000002"}
    entries = [json.loads(rows[f"AUDIT#0000000{number}"]["entry"]["S"]) for number in (1, 2)]
    ((event,), none) = (one["events"] for one in entries)
    assert (event["detail_type"], event["detail"]["sequence"], none) == ("UseCaseCreated", 1, [])
    assert (entries[0]["policy"], entries[0]["stage"]) == ("use-cases@1", "development")
    assert entries[1]["previous_hash"] == rows["AUDIT#00000001"]["hash"]["S"]


def test_how_far_a_chain_was_announced_is_known(kept: Kept):
    use_cases, _ = kept
    created(use_cases)
    assert use_cases.relayed("credit-scoring") == 0
    memory = isinstance(use_cases, InMemoryUseCases)
    noted = use_cases.acknowledgements if memory else DynamoDbAcknowledgements(Table(TABLE))
    noted.acknowledge("USECASE#credit-scoring", 1, 1)
    assert (use_cases.relayed("credit-scoring"), use_cases.relayed("fraud")) == (1, 0)


def test_whoever_was_forgotten_has_left(kept: Kept):
    use_cases, _ = kept
    if isinstance(use_cases, InMemoryUseCases):
        use_cases.gone.add("person-1")
    else:
        gone = Forgotten(person="person-1", versions=())
        DynamoDbJournal(Table(TABLE)).note("HUB#steward", "FORGOTTEN#person-1", gone)
    assert (use_cases.has_left("person-1"), use_cases.has_left("person-2")) == (True, False)


CHAIN, OTHER_CHAIN = "USECASE#credit-scoring", "USECASE#fraud"
OLIVE, VERA = {"person-1": "olive"}, {"person-2": "vera"}
BOTH = Names(by_id={**OLIVE, **VERA})
ERASED = Names(by_id={"person-1": "", **VERA})


def names_of(use_cases: UseCases) -> KeptNames:
    return use_cases if isinstance(use_cases, InMemoryUseCases) else DynamoDbPeople(Table(TABLE), "steward")


def test_names_are_kept_with_the_deed_that_told_them_and_read_only_where_they_are_asked_for(kept: Kept):
    use_cases, _ = kept
    use_cases.save(Opened(), a_use_case(), deed(), names=Names(by_id=OLIVE))
    seen = use_cases.open_with_people("credit-scoring")
    assert (seen.use_case, seen.link.sequence, seen.names) == (a_use_case(), 1, Names(by_id=OLIVE))
    assert use_cases.open("credit-scoring").names == Names()
    use_cases.save(use_cases.open("credit-scoring"), a_use_case(name="Second"), deed())
    seen = use_cases.open_with_people("credit-scoring")
    assert seen.names == Names(by_id=OLIVE), "who has none to tell leaves them as they are"
    use_cases.save(seen, a_use_case(), deed(), names=BOTH)
    assert use_cases.open_with_people("credit-scoring").names == BOTH
    assert use_cases.open_with_people("fraud") == Opened()


def test_names_are_kept_with_a_group_that_comes_and_goes(kept: Kept):
    use_cases, groups = kept
    created(use_cases)
    use_cases.attach(use_cases.open_with_people("credit-scoring"), a_use_case(), owned(a_use_case()), deed(),
                     Names(by_id=OLIVE))  # fmt: skip
    seen, known = use_cases.open_with_people("credit-scoring"), groups.get(GROUP)
    assert (seen.names, known is not None) == (Names(by_id=OLIVE), True)
    left = owned(a_use_case(), 2).model_copy(update={"use_case": None})
    use_cases.detach(seen, a_use_case(), left, deed(), BOTH)
    assert use_cases.open_with_people("credit-scoring").names == BOTH


def test_a_name_that_was_erased_meanwhile_is_not_written_back(kept: Kept):
    use_cases, groups = kept
    use_cases.save(Opened(), a_use_case(), deed(), names=Names(by_id=OLIVE))
    seen = use_cases.open_with_people("credit-scoring")
    names_of(use_cases).replace(CHAIN, seen.names, seen.names.without("person-1"))
    with pytest.raises(StaleVersion):
        use_cases.save(seen, a_use_case(name="Second"), deed(), names=BOTH)
    with pytest.raises(StaleVersion):
        use_cases.attach(seen, a_use_case(), owned(a_use_case()), deed(), BOTH)
    again = use_cases.open_with_people("credit-scoring")
    assert (again.use_case, again.link) == (seen.use_case, seen.link), "nothing was written"
    assert groups.get(GROUP) is None
    use_cases.save(again, a_use_case(), deed(), names=again.names.with_new({**OLIVE, **VERA}))
    assert use_cases.open_with_people("credit-scoring").names == ERASED


def test_names_are_found_and_replaced_by_chain(kept: Kept):
    use_cases, groups = kept
    groups.join("churn", GROUP)
    use_cases.save(Opened(), a_use_case(), deed(), names=BOTH)
    created(use_cases, id="fraud")
    names = names_of(use_cases)
    use_cases_alone = [one for one in names.chains() if one.startswith("USECASE#")]
    assert use_cases_alone == [CHAIN, OTHER_CHAIN], "not what only a tag names"
    assert names.of([CHAIN, OTHER_CHAIN]) == {CHAIN: BOTH}
    assert names.of([]) == {}
    with pytest.raises(StaleVersion):
        names.replace(CHAIN, Names(by_id=OLIVE), Names())
    with pytest.raises(StaleVersion):
        names.replace(CHAIN, Names(), Names(by_id=OLIVE))
    names.replace(CHAIN, BOTH, ERASED)
    names.replace(OTHER_CHAIN, Names(), Names(by_id=VERA))
    assert names.of([CHAIN, OTHER_CHAIN, "USECASE#churn"]) == {CHAIN: ERASED, OTHER_CHAIN: Names(by_id=VERA)}
