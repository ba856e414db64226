"""What is promised of papers written on a condition, and of who claims a sealing by them; in memory and in S3."""

from datetime import timedelta

import pytest

from governance.adapters.s3_papers import S3Papers
from governance.adapters.sealing_executions import SealingExecutions
from governance.domain.errors import ArtifactRefused, PaperMissing
from governance.domain.working_papers import Claim, Trouble
from governance.services.claiming_sealings import UNTOLD, ClaimingSealings, runs_before
from tests.aws.resources import ARTIFACTS, client
from tests.aws.seam import Fault, Seam
from tests.aws.standins import Executions
from tests.builders import Clock
from tests.fakes_of_copying import InMemoryExecutions, InMemoryPapers

FIRST, SECOND, THIRD = (f"arn:aws:states:eu-west-1:1:execution:steward-copy-artifacts:{one}" for one in "123")


class InMemory:
    """The fakes."""

    def __init__(self) -> None:
        self.papers, self.executions = InMemoryPapers(), InMemoryExecutions()

    def tell(self, execution: str, running: bool) -> None:
        self.executions.running[execution] = running


class InAws:
    """The adapters."""

    def __init__(self, seam: Seam) -> None:
        self.told = Executions()
        seam.standins = {"stepfunctions": self.told}
        self.papers = S3Papers(client("s3"), ARTIFACTS)
        self.executions = SealingExecutions(client("stepfunctions"))

    def tell(self, execution: str, running: bool) -> None:
        self.told.status[execution] = "RUNNING" if running else "ABORTED"


@pytest.fixture(params=["in memory", "AWS"])
def kept(request: pytest.FixtureRequest):
    return InMemory() if request.param == "in memory" else InAws(request.getfixturevalue("seam"))


@pytest.fixture
def claims(kept) -> ClaimingSealings:
    return ClaimingSealings(kept.papers, kept.executions, Clock())


def test_a_paper_is_written_where_none_is_and_over_none_but_the_one_that_was_read(kept):
    one, two, three = (Trouble(cause=word) for word in ("one", "two", "three"))
    assert kept.papers.write_unless("e/t", one)
    assert not kept.papers.write_unless("e/t", two)
    read, mark = kept.papers.marked("e/t", Trouble)
    assert read == one
    assert kept.papers.write_unless("e/t", two, mark)
    assert not kept.papers.write_unless("e/t", three, mark)
    assert kept.papers.read("e/t", Trouble) == two


def test_a_paper_that_is_gone_is_not_written_over(kept):
    assert not kept.papers.write_unless("e/gone", Trouble(cause="one"), '"a mark"')
    with pytest.raises(PaperMissing):
        kept.papers.marked("e/gone", Trouble)


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 50])
def test_many_papers_are_written_and_read_in_their_order(kept, count):
    papers = [(f"e/{number}", Trouble(cause=f"{number}")) for number in range(count)]
    assert kept.papers.write_all(iter(papers)) == count
    assert list(kept.papers.read_all((name for name, _ in papers), Trouble)) == [paper for _, paper in papers]


def test_what_goes_wrong_with_one_of_many_is_raised(kept):
    kept.papers.write_all((f"e/{number}", Trouble(cause="")) for number in range(40))
    with pytest.raises(PaperMissing, match="e/missing"):
        list(kept.papers.read_all([*(f"e/{number}" for number in range(40)), "e/missing"], Trouble))

    def endless():
        yield from ((f"e/{number}", Trouble(cause="")) for number in range(20))
        raise ArtifactRefused("artifact-missing", "so it is")

    with pytest.raises(ArtifactRefused):
        kept.papers.write_all(endless())


def test_whether_an_execution_runs_is_told(kept):
    kept.tell(FIRST, running=True)
    kept.tell(SECOND, running=False)
    assert [kept.executions.is_running(one) for one in (FIRST, SECOND, THIRD)] == [True, False, None]


def test_the_first_one_has_the_claim_and_keeps_it(kept, claims):
    kept.tell(FIRST, running=True)
    assert [claims.claim("e", one) for one in (FIRST, FIRST, SECOND, FIRST)] == [True, True, False, True]


def test_each_effect_has_a_claim_of_its_own(kept, claims):
    kept.tell(FIRST, running=True)
    assert claims.claim("e", FIRST)
    assert claims.claim("f", SECOND)


def test_a_claim_is_taken_over_once_its_execution_has_ended(kept, claims):
    for before, after in ((FIRST, SECOND), (SECOND, THIRD)):
        assert claims.claim("e", before)
        kept.tell(before, running=False)
        assert claims.claim("e", after)
    assert kept.papers.read("e/claim", Claim).before == ("1", "2")
    assert runs_before(kept.papers, "e/3") == ("e/1", "e/2")
    assert runs_before(kept.papers, "e/2") is None, "another has taken over"
    assert runs_before(kept.papers, "f/1") == (), "nobody has claimed it"


def test_an_execution_that_is_not_told_of_is_waited_for_and_not_for_ever(claims):
    assert claims.claim("e", FIRST)
    assert not claims.claim("e", SECOND)
    claims.now.wait(UNTOLD.total_seconds() - timedelta(minutes=1).total_seconds())
    assert not claims.claim("e", SECOND)
    claims.now.wait(timedelta(minutes=2).total_seconds())
    assert claims.claim("e", SECOND)


class Overtaken:
    """Executions that, whenever one is asked about, let another one take the claim over first."""

    def __init__(self, kept, claims: ClaimingSealings, times: int) -> None:
        self.kept, self.claims, self.left = kept, claims, times

    def is_running(self, execution: str) -> bool | None:
        running = self.kept.executions.is_running(execution)
        if self.left:
            self.left -= 1
            arn = f"{THIRD}-{self.left}"
            assert self.claims.claim("e", arn)
            self.kept.tell(arn, running=False)
        return running


@pytest.mark.parametrize(("times", "mine"), [(0, True), (1, True), (2, True), (3, False), (9, False)])
def test_of_those_that_take_over_at_once_one_is_first(kept, claims, times, mine):
    assert claims.claim("e", FIRST)
    kept.tell(FIRST, running=False)
    slow = ClaimingSealings(kept.papers, Overtaken(kept, claims, times), claims.now)
    assert slow.claim("e", SECOND) is mine
    assert (kept.papers.read("e/claim", Claim).execution == SECOND) is mine


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.DENIED])
def test_a_fault_of_the_store_is_no_answer(seam: Seam, fault):
    kept = InAws(seam)
    claims = ClaimingSealings(kept.papers, kept.executions, Clock())
    assert claims.claim("e", FIRST)
    kept.tell(FIRST, running=True)
    for at in (1, 2, 3):
        with seam.watch(fault, at), pytest.raises(Exception, match="injected"):
            claims.claim("e", SECOND)
    assert not claims.claim("e", SECOND)
