"""The demo believes nothing: whatever an installation gets wrong, the play stops there and says so."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from examples.credit_risk.models import Variant
from examples.credit_risk.train import train
from examples.demo import onboarding
from examples.demo.__main__ import after, perform
from examples.demo.play import Play
from examples.demo.records import Records
from examples.demo.screen import Screen
from examples.demo.waiting import UnexpectedError
from examples.packing import TrainedModel

from .rehearsal import Cardboard


def rehearse(folder: Path, flaw: str = "") -> str:
    cloud = Cardboard(folder / "cloud.json", flaw)
    printed = io.StringIO()
    play = Play(cloud, Screen(Console(file=printed)), Records(cloud), "credit-risk", folder, cloud.steward)
    try:
        perform(play, "template")
    finally:
        print(after(play), file=printed)
    return printed.getvalue()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[Variant, TrainedModel]:
    folder = tmp_path_factory.mktemp("trained")
    return {variant: train(variant, folder, log=False) for variant in Variant}


@pytest.fixture(autouse=True)
def train_once(monkeypatch: pytest.MonkeyPatch, trained: dict[Variant, TrainedModel]) -> None:
    monkeypatch.setattr(onboarding, "train", lambda variant, *_: trained[variant])


def test_a_well_behaved_installation_plays_to_the_end(tmp_path):
    printed = rehearse(tmp_path)
    for line in (
        "data.scientist (data-scientist) tried to approve their own version",
        "answers all 669 held-out rows as the registered model does",
        "an application (prod) asked about a loan",
        "consumer-credit@1 refused it, and Steward put the registry back",
        "│ [fair-to-the-young] measure it",
        "in officer's name",
        "second.data.scientist has finding review-1",
        "nothing of it was deployed",
        "Final records of credit-risk/1 (champion)",
        "Timeline of credit-risk/2 (challenger)",
    ):
        assert line in printed


@pytest.mark.parametrize(
    ("flaw", "said"),
    [
        ("author may approve", "IAM should have refused it"),
        ("policy never asked", "which should have refused it"),
        ("no reasons", "and shows PendingManualApproval: no"),
        ("judged by another policy", "pins .*default@2"),
        ("refused yet deployed", "was refused, and its record has deployments"),
        ("one signature is enough", "two-people alone should stop credit-risk/1"),
        ("registry not written", "should show Test / Approved in the name of officer"),
        ("registry not told", "should show credit-risk/2 as Rejected, and shows Approved"),
        ("failed deployment", "the stack rolled back"),
        ("latest is served", "does not answer as the approved model"),
        ("rejected yet deployed", "was rejected, and its record has deployments"),
        ("broken chain", "audit entry 2 follows"),
        ("event lost", "UndeliveredEvents holds"),
    ],
)
def test_whatever_goes_wrong_stops_the_play(tmp_path, flaw, said):
    with pytest.raises(UnexpectedError, match=said):
        rehearse(tmp_path, flaw)
