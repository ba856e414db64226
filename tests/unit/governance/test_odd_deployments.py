"""Deployments that no rule of ours makes are folded all the same: a finding never keeps a record from being read."""

import pytest

from governance.domain import facts as f
from governance.domain.fold import fold
from governance.domain.lifecycle import Stage
from tests.builders import after, identity, observed


@pytest.mark.parametrize("stage", list(Stage))
def test_a_deployment_that_failed_in_any_stage_is_a_finding(stage):
    told = {"model": identity(), "recorded_at": after(60), "deployment_id": "deploy-1"}
    requested = f.DeploymentRequested(**told, effective_at=after(10), stage=stage, cause="c", sealing="seal-1")
    ended = f.DeploymentFinished(**told, effective_at=after(20), execution_id="1", outcome="failed", reason="no luck")
    assert "deployment-failed" in {one.code for one in fold([observed(0), requested, ended]).findings.values()}
