"""A small fleet in a cloud that misbehaves: afterwards every record is the truth. `make chaos` does it with fifty."""

import os
from typing import Any

import pytest

from chaos.run import Size, run

pytestmark = pytest.mark.cloud


@pytest.mark.timeout(900)
def test_every_record_is_the_truth_whatever_the_cloud_did(cloud: dict[str, Any]) -> None:
    seed = int(os.environ.get("SEED", "20261121"))
    result = run(cloud, seed, Size(versions=6, groups=3, deployable_groups=1))
    wrong = {one.version.arn: one.problems for one in result.compared if one.problems}
    assert result.clean, f"seed {seed}: {wrong or ''} {result.problems}"
    assert sum(result.counts.values()) > 0, "nothing went wrong, so nothing was tried"
