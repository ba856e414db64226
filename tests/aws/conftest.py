"""A hub for each test that asks for one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.aws import life, moto_gaps, resources
from tests.aws.cloud import Cloud
from tests.aws.functions import set_clock
from tests.aws.rehearsal import Rehearsal, rehearse
from tests.aws.seam import Seam
from tests.builders import Clock


class Standstill(Clock):
    """A clock that a test moves, and nothing else."""

    def __call__(self):
        return self.moment


@contextmanager
def hub_in_memory() -> Iterator[Cloud]:
    """The hub, with everything there that a life begins with."""
    with pytest.MonkeyPatch.context() as monkeypatch, resources.in_memory():
        clock, seam = Standstill(), Seam()
        seam.install(monkeypatch)
        set_clock(monkeypatch, clock)
        moto_gaps.make_transactions_quick(monkeypatch)
        resources.make_table()
        resources.make_buckets()
        resources.make_buses()
        made = Cloud(seam, clock)
        life.prepare(made)
        yield made


@pytest.fixture
def aws() -> Iterator[Cloud]:
    """A hub for one test."""
    with hub_in_memory() as made:
        yield made


@pytest.fixture(scope="module")
def lived(request: pytest.FixtureRequest) -> Iterator[Rehearsal]:
    """A whole life that nothing disturbed, and the hub that it was lived in. A module may have `STEPS` of its own."""
    with hub_in_memory() as made:
        yield rehearse(made, getattr(request.module, "STEPS", life.STEPS))
