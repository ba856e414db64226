"""What was measured counts for what the version runs now, from the moment at which it was sent to the stage."""

from datetime import timedelta

import pytest

from governance.domain.deployment import Deployment
from governance.domain.fold import fold
from governance.domain.lifecycle import DeploymentStatus, Stage
from governance.domain.matters import is_of_now, runs_since
from governance.domain.model_version import ModelVersion
from governance.domain.sealing import Sealing
from tests.builders import after, observed
from tests.unit.governance.decisions.test_cases import told

NOW = "seal-of-now"


def a_version(*sent: tuple[float, str], stage: Stage = Stage.TEST) -> ModelVersion:
    """A version whose sealings were sent to a stage, each at so many seconds."""
    deployments = {
        f"deploy-{second}": Deployment(
            id=f"deploy-{second}",
            stage=stage,
            cause="approval",
            sealing=sealing,
            status=DeploymentStatus.SUPERSEDED,
            requested_at=after(second),
        )
        for second, sealing in sent
    }
    sealing = Sealing(effect_id=NOW, requested_at=after(5))
    return fold([observed(0)]).model_copy(update={"deployments": deployments, "sealing": sealing})


@pytest.mark.parametrize(
    ("sent", "since"),
    [
        ((), 5),
        (((10, NOW),), 10),
        (((10, NOW), (20, NOW)), 10),
        (((20, NOW), (10, "before")), 20),
        (((10, "before"),), None),
        (((10, NOW), (20, "between"), (30, NOW)), 30),
        (((10, NOW), (20, "between")), None),
    ],
)
def test_what_runs_counts_since_it_was_sent_with_nothing_else_after_it(sent, since):
    expected = None if since is None else after(since)
    assert runs_since(a_version(*sent), Stage.TEST) == expected


def test_what_was_sent_to_another_stage_says_nothing_of_this_one():
    assert runs_since(a_version((10, "before"), stage=Stage.PRODUCTION), Stage.TEST) == after(5)


SINCE = after(10) + timedelta(milliseconds=400)


@pytest.mark.parametrize(
    ("moment", "since", "counts"),
    [
        (after(10), SINCE, True),
        (after(10) - timedelta(microseconds=1), SINCE, False),
        (after(99), SINCE, True),
        (None, SINCE, False),
        (after(99), None, False),
        (None, None, False),
    ],
)
def test_a_measurement_counts_from_the_second_on_in_which_it_was_sent(moment, since, counts):
    assert is_of_now(moment, since) is counts


BEFORE = ("it runs in test", "it is validated in test with AUC 0.9")


@pytest.mark.parametrize(
    ("deployed", "found"),
    [
        (BEFORE, "deployed as it was before it was changed, not validated"),
        (("it is being deployed to test",), "not deployed, not validated"),
    ],
)
def test_a_check_tells_whether_another_is_deployed_than_was_approved(deployed, found):
    board = told(
        "olive approves it in development in Studio",
        *deployed,
        "grace changes what it runs",
        "olive approves it in development in Studio",
        "oskar approves it in test in Studio",
    )
    verdict = board.state().stage(Stage.TEST).verdict
    (check,) = [one for one in verdict.checks if one.name == "deployed-and-validated"]
    assert check.found == found
