"""What is promised of use cases, kept in memory and in DynamoDB; and of how their models stand."""

import json
from typing import Any

import pytest

from governance.adapters.dynamodb_acknowledgements import DynamoDbAcknowledgements
from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.dynamodb_ledger import DynamoDbLedger
from governance.adapters.dynamodb_use_cases import DynamoDbSummaries, DynamoDbUseCases
from governance.adapters.rows import Table
from governance.domain.audit import Announcing, Deed, Link
from governance.domain.errors import StaleVersion
from governance.domain.facts import GroupObserved
from governance.domain.identifiers import STEWARD
from governance.domain.lifecycle import Stage
from governance.domain.model_group import ModelGroup
from governance.domain.roll_up import Standing, Verdict
from governance.domain.use_case import Profile
from governance.domain.use_cases import About, UseCase, membership
from governance.ports.ledger import Groups
from governance.ports.use_cases import Opened, UseCases
from governance.services.forgetting import Forgotten
from governance.services.recording import Recording
from tests import fakes
from tests.aws.resources import TABLE, client, table_items
from tests.builders import BORN, Clock, approved, change, described, group_arn, package_arn
from tests.fakes_of_use_cases import InMemorySummaries, InMemoryUseCases
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


@pytest.fixture(params=("in memory", "DynamoDB"))
def summaries(request: pytest.FixtureRequest) -> Any:
    if request.param == "in memory":
        ledger = fakes.InMemoryLedger(fakes.InMemoryGroups())
        return InMemorySummaries(ledger), ledger
    request.getfixturevalue("seam")
    return DynamoDbSummaries(Table(TABLE)), DynamoDbLedger(Table(TABLE))


def registered(ledger: Any, number: int, is_approved: bool, group: str = "credit-risk-pd") -> None:
    """A version of a group whose tags name the use case."""
    from governance.services.synchronisation import Synchronisation

    arn, registry = package_arn(group, number), fakes.InMemoryRegistry()
    recording = Recording(ledger, Clock())
    synchronisation = Synchronisation(registry, recording)
    for told in (change(0, arn=arn), *([approved(60, arn=arn)] if is_approved else [])):
        registry.packages[arn] = described(told)
        synchronisation.observe(told, "e")

    def facts(page: Any, now: Any) -> Any:
        profile = Profile(use_case_id="credit-scoring")
        return [GroupObserved(model=page.state.model, effective_at=now, recorded_at=now, group=profile)]

    recording.learn(arn, facts, "e")


def test_three_hundred_groups_are_looked_at_within_every_limit(seam):
    """One version is on record 300 times, each time in another group: read in pages, and none is lost."""
    registered(DynamoDbLedger(Table(TABLE)), 1, True)
    made = [item for item in table_items() if item["pk"]["S"].startswith("MODEL#")]
    wanted = [item for item in made if item["sk"]["S"] in {"HEAD", "STAGE#development"}]
    for number in range(300):
        for item in wanted:
            copied = json.loads(json.dumps(item).replace("credit-risk-pd", f"model-{number:03d}"))
            client("dynamodb").put_item(TableName=TABLE, Item=copied)
    groups = [group_arn(f"model-{number:03d}") for number in range(300)]
    found = DynamoDbSummaries(Table(TABLE)).of("credit-scoring", groups, Stage.DEVELOPMENT)
    assert [one.group for one in found] == groups
    assert {one.stages[Stage.DEVELOPMENT].verdict for one in found} == {Verdict.APPROVED}


def test_a_group_stands_as_its_latest_version_that_was_decided_on(summaries: Any):
    made, ledger = summaries
    for number, is_approved in ((1, True), (2, True), (10, False)):
        registered(ledger, number, is_approved)
    registered(ledger, 3, True, group="credit-risk-pd-2")
    groups = [GROUP, group_arn("fraud"), group_arn("credit-risk-pd-2")]
    pd, fraud, other = made.of("credit-scoring", groups, Stage.DEVELOPMENT)
    assert pd.stages[Stage.DEVELOPMENT] == Standing(version=2, verdict=Verdict.APPROVED)
    assert other.stages[Stage.DEVELOPMENT].version == 3
    assert (fraud.group, fraud.stages) == (group_arn("fraud"), {})
    (before,) = made.of("credit-scoring", [GROUP], Stage.PRODUCTION)
    assert Stage.PRODUCTION not in before.stages
    assert made.of("fraud", [GROUP], Stage.DEVELOPMENT)[0].stages == {}
