"""An AWS in memory for the real adapters; the fakes need none."""

from collections.abc import Iterator

import pytest

from tests.aws import moto_gaps, resources
from tests.aws.seam import Seam


@pytest.fixture
def seam() -> Iterator[Seam]:
    """The template's table, buckets and buses in moto, with what moto lacks made good."""
    with pytest.MonkeyPatch.context() as monkeypatch, resources.in_memory():
        made = Seam()
        made.install(monkeypatch)
        moto_gaps.make_transactions_quick(monkeypatch)
        resources.make_table()
        resources.make_buckets()
        resources.make_buses()
        yield made
