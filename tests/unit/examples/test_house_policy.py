"""The example's house policy and its bias report: what a gate asks of a model is what the report tells of it."""

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

from examples.credit_risk import bias
from governance.domain.evidence import EvidenceKind
from governance.domain.loosening import loosens
from governance.domain.policy_document import MetricGate, PolicyDocument
from governance.domain.published import DEFAULT
from governance.domain.publishing import unpublishable
from governance.domain.reports import read_report

FILE = Path(bias.__file__).with_name("consumer-credit.yaml")
POLICY = PolicyDocument.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))

LOANS = pd.DataFrame({"Age": [20, 22, 24, 23, 25, 40, 51, 62], "bad": [0, 0, 1, 1, 0, 0, 0, 1]})
"""Four young applicants, and four who are not young any more."""


def measured(scores: list[float]) -> dict[str, object]:
    content = json.dumps(bias.bias_report(LOANS, scores)).encode()
    return dict(read_report(content, EvidenceKind.POST_TRAINING_BIAS).values)


def test_the_house_policy_can_be_published_and_asks_nowhere_less_than_the_built_in_one():
    assert not list(unpublishable(POLICY))
    assert not loosens(POLICY, DEFAULT.document)


def test_young_applicants_are_compared_with_everybody_else():
    found = measured([0.1, 0.2, 0.9, 0.9, 0.1, 0.1, 0.1, 0.9])
    assert found == pytest.approx({"post-training.AD": 0.0, "post-training.DI": 2 / 3, "post-training.DPPL": 0.25})


def test_the_gate_on_fairness_asks_for_a_metric_that_the_report_gives():
    (gate,) = (one for one in POLICY.gates if isinstance(one, MetricGate) and one.name == "fair-to-the-young")
    assert gate.metric in measured([0.1] * 8)


def test_where_everybody_is_of_one_age_nobody_is_compared():
    with pytest.raises(ValueError, match="nobody to compare with"):
        bias.bias_report(LOANS[LOANS["Age"] > 25], [0.1] * 3)
