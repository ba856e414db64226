"""What every ledger promises, kept by the one in memory and by the one in DynamoDB."""

import pytest

from governance.adapters.dynamodb_groups import DynamoDbGroups
from governance.adapters.dynamodb_journal import DynamoDbJournal
from governance.adapters.dynamodb_ledger import DynamoDbLedger
from governance.adapters.dynamodb_people import DynamoDbPeople
from governance.adapters.dynamodb_rows import DynamoDbRows
from governance.adapters.rows import Table
from governance.domain.conclusions import conclude
from governance.domain.deployment_facts import DeploymentFinished, DeploymentRequested, DeploymentStarted
from governance.domain.errors import FactKnown, StaleVersion
from governance.domain.facts import AnyFact, MetricsReported
from governance.domain.lifecycle import Stage
from governance.domain.metrics import Metric
from governance.domain.model_group import ModelGroup
from governance.domain.terms import Terms
from governance.domain.trial_plans import TrialKind
from governance.domain.trials import DeploymentArranged
from governance.ports.ledger import Change, Ledger, Page
from governance.services.forgetting import Forgetting
from governance.services.recording import Draft, fact_key
from tests import fakes
from tests.aws.resources import TABLE, table_items
from tests.builders import ADA, KATHERINE, MARY, after, group_arn, identity, observed, package_arn
from tests.unit.governance.lives import BESIDE

KINDS = ("in memory", "DynamoDB")
ENDPOINT = "arn:aws:sagemaker:eu-west-1:555566667777:endpoint/steward-credit-risk-pd-test"


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == "in memory":
        return fakes.InMemoryLedger(fakes.InMemoryGroups())
    request.getfixturevalue("seam")
    return DynamoDbLedger(Table(TABLE))


def change(page: Page, *facts: AnyFact) -> Change:
    """The change that facts make to an open page, with everything that follows from them."""
    draft = Draft(page, list, "correlation", after(1))
    draft.learn(facts)
    draft.conclude(Terms())
    assert draft.state
    return draft.change(draft.state)


def learn(ledger: Ledger, *facts: AnyFact) -> Change:
    made = change(ledger.open(package_arn()), *facts)
    ledger.save(made)
    return made


def test_a_version_without_a_record_has_no_state(ledger):
    page = ledger.open(package_arn(), fact_key(observed()))
    assert (page.state, page.revision, page.group, page.known) == (None, 0, None, False)
    assert list(ledger.facts(package_arn())) == []


def test_what_was_saved_is_there_at_once_and_as_it_was(ledger):
    made = learn(ledger, observed())
    page = ledger.open(package_arn())
    assert page.state == made.after
    assert (page.link.sequence, page.link.hash) == (made.entries[-1].sequence, made.entries[-1].hash)


def test_every_fact_comes_back_as_it_was_told(ledger):
    first = learn(ledger, observed())
    second = learn(ledger, observed(60, "Approved"))
    found = {fact.fingerprint: fact for fact in ledger.facts(package_arn())}
    assert found == {fact.fingerprint: fact for fact in (*first.facts, *second.facts)}


def test_a_fact_on_record_is_known_and_another_is_not(ledger):
    learn(ledger, observed())
    assert ledger.open(package_arn(), fact_key(observed())).known
    assert not ledger.open(package_arn(), fact_key(observed(60))).known


def test_a_stale_save_is_refused_and_nothing_of_it_is_kept(ledger):
    learn(ledger, observed())
    page = ledger.open(package_arn())
    mine, theirs = change(page, observed(60, "Approved")), change(page, observed(61, "Rejected"))
    ledger.save(theirs)
    with pytest.raises(StaleVersion):
        ledger.save(mine)
    page = ledger.open(package_arn(), fact_key(observed(60, "Approved")))
    assert page.state == theirs.after
    assert not page.known
    assert mine.facts[0].fingerprint not in {fact.fingerprint for fact in ledger.facts(package_arn())}


def test_a_stale_save_of_a_late_fact_is_no_known_fact_although_it_would_delete_the_rows_it_does_not_know(ledger):
    learn(ledger, observed())
    learn(ledger, observed(70, "Rejected"))
    draft = Draft(ledger.open(package_arn()), lambda: ledger.facts(package_arn()), "correlation", after(90))
    draft.learn([observed(50, "Rejected")])
    late = draft.change(draft.state)
    assert late.is_refolded
    learn(ledger, observed(80, "Approved", changed_by=None))  # and nobody can tell who approved: a finding
    with pytest.raises(StaleVersion):
        ledger.save(late)


@pytest.mark.parametrize("told", [MARY, KATHERINE], ids=["no name that is new", "a name that is new"])
def test_a_name_that_was_erased_meanwhile_does_not_come_back(ledger, told):
    """An erasure adds nothing to the chain of the version, so it is the names that have to be as they were read."""
    learn(ledger, observed())
    page = ledger.open(package_arn())
    mine = change(page, observed(60, "Rejected", changed_by=told))
    (kept,) = [one for one, name in page.names.by_id.items() if name == ADA.id]
    erase(ledger, kept)
    with pytest.raises(StaleVersion):
        ledger.save(mine)
    learn(ledger, observed(60, "Rejected", changed_by=told))
    assert ledger.open(package_arn()).names.by_id[kept] == ""


def erase(ledger: Ledger, person: str) -> None:
    """As `services.Forgetting` does to a version."""
    if isinstance(ledger, fakes.InMemoryLedger):
        ledger.names[package_arn()] = ledger.names[package_arn()].without(person)
        return
    rows = DynamoDbRows(Table(TABLE))
    Forgetting(rows, DynamoDbPeople(Table(TABLE), "steward"), DynamoDbJournal(Table(TABLE)), "steward", list).erase(
        package_arn(), person
    )


def test_the_first_save_of_two_beginners_wins(ledger):
    page = ledger.open(package_arn())
    ledger.save(change(page, observed()))
    with pytest.raises(StaleVersion):
        ledger.save(change(page, observed(0, package_status="Failed")))


def test_a_fact_that_is_known_is_refused_and_nothing_else_of_the_change_is_kept(ledger):
    learn(ledger, observed())
    made = change(ledger.open(package_arn()), observed(60, "Approved"), observed())
    with pytest.raises(FactKnown):
        ledger.save(made)
    page = ledger.open(package_arn(), fact_key(observed(60, "Approved")))
    assert (page.revision, page.known) == (made.revision, False)


def test_two_reports_of_one_moment_are_both_on_record(ledger):
    learn(ledger, observed())
    told = {"model": identity(), "effective_at": after(90), "recorded_at": after(91), "stage": Stage.TEST}
    for value in (0.8, 0.9):
        metrics = (Metric(name="auc", value=value),)
        learn(ledger, MetricsReported(**told, purpose="monitoring", metrics=metrics, producer="555566667777"))
    reported = [fact for fact in ledger.facts(package_arn()) if isinstance(fact, MetricsReported)]
    assert {fact.metrics[0].value for fact in reported} == {0.8, 0.9}


def test_versions_do_not_know_of_one_another(ledger):
    learn(ledger, observed())
    assert ledger.open(package_arn(version=8)).state is None


def test_a_record_once_saved_leads_to_no_new_conclusion(ledger):
    learn(ledger, observed())
    state = ledger.open(package_arn()).state
    assert state is not None
    assert conclude(state, Terms(), after(60)) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_shows_the_group_of_its_version(kind, request):
    groups = fakes.InMemoryGroups()
    ledger, keeper = fakes.InMemoryLedger(groups), groups
    if kind == "DynamoDB":
        request.getfixturevalue("seam")
        ledger, keeper = DynamoDbLedger(Table(TABLE)), DynamoDbGroups(Table(TABLE))
    group = ModelGroup(arn=group_arn(), revision=1)
    keeper.save(group, 0)
    assert ledger.open(package_arn()).group == group
    assert ledger.open(package_arn("another-group")).group is None


def deployed(version: int, at: float) -> list[AnyFact]:
    """A version's way to the endpoint of its group."""
    model, name = identity(version=version), f"deploy-{version}"
    common = {"model": model, "effective_at": after(at), "recorded_at": after(at), "deployment_id": name}
    request = DeploymentRequested(**common, stage=Stage.TEST, cause="c", sealing="s")
    start = DeploymentStarted(**common, execution_id=f"e{version}", endpoint_name="pd", endpoint_arn=ENDPOINT)
    return [observed(model=model, registration="Logged"), request, start]


def test_an_endpoint_is_served_by_the_version_deployed_there_last(ledger):
    assert ledger.serving(ENDPOINT) is None
    for version, at in ((8, 20), (7, 10)):
        ledger.save(change(ledger.open(package_arn(version=version)), *deployed(version, at)))
    assert ledger.serving(ENDPOINT) == (package_arn(version=8), Stage.TEST)
    assert ledger.serving(ENDPOINT.upper().replace("ARN:AWS", "arn:aws")) == (package_arn(version=8), Stage.TEST)


def test_an_endpoint_in_another_environment_is_known_beside_the_stages_own(ledger):
    """A stage record stands in the index for one endpoint only: what is elsewhere stands there by its deployment."""
    other = ENDPOINT.replace(":endpoint/", ":endpoint/eu-")
    model = identity(version=8)
    common = {"model": model, "effective_at": after(30), "recorded_at": after(30), "deployment_id": "deploy-eu"}
    request = DeploymentRequested(**common, stage=Stage.TEST, cause="c", sealing="s", environment="test-eu")
    start = DeploymentStarted(**common, execution_id="e-eu", endpoint_name="eu-pd", endpoint_arn=other)
    ledger.save(change(ledger.open(package_arn(version=8)), *deployed(8, 20), request, start))
    for endpoint in (ENDPOINT, other):
        assert ledger.serving(endpoint) == (package_arn(version=8), Stage.TEST), endpoint
    withdrawn = DeploymentFinished(**{**common, "effective_at": after(40)}, execution_id="e-eu", outcome="failed")
    ledger.save(change(ledger.open(package_arn(version=8)), withdrawn))
    assert ledger.serving(other) is None
    assert ledger.serving(ENDPOINT) == (package_arn(version=8), Stage.TEST)


def test_what_failed_to_come_to_an_endpoint_and_what_is_on_trial_there_stand_beside_what_serves(ledger):
    for version, at in ((6, 5), (7, 10), (8, 20)):
        ledger.save(change(ledger.open(package_arn(version=version)), *deployed(version, at)))
    told = {"effective_at": after(30), "recorded_at": after(30)}
    tried = {**told, "model": identity(version=7), "deployment_id": "deploy-7"}
    beside = DeploymentArranged(**tried, trial=TrialKind.WEIGHTED, percent=10, beside=BESIDE)
    ledger.save(change(ledger.open(package_arn(version=7)), beside))
    ended = {**told, "model": identity(version=8), "deployment_id": "deploy-8"}
    failed = DeploymentFinished(**ended, execution_id="e8", outcome="failed")
    assert ledger.failed(ENDPOINT) is None
    ledger.save(change(ledger.open(package_arn(version=8)), failed))
    six, seven, eight = ((package_arn(version=number), Stage.TEST) for number in (6, 7, 8))
    assert (ledger.serving(ENDPOINT), ledger.failed(ENDPOINT)) == (six, eight)
    assert list(ledger.tried(ENDPOINT)) == [seven, eight]


def test_a_wrong_item_in_a_transaction_leaves_the_table_as_it_was(seam):
    ledger = DynamoDbLedger(Table(TABLE))
    learn(ledger, observed())
    before = table_items()
    made = change(ledger.open(package_arn()), observed(60, "Approved"), observed())
    with pytest.raises(FactKnown):
        ledger.save(made)
    assert table_items() == before
