"""Measurements agree with the textbook, here with scikit-learn's."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as textbook

from governance.domain.metrics import Metric, measure

scores = st.floats(0, 1, allow_nan=False).map(lambda score: round(score, 2))
numbers = st.floats(-1e6, 1e6, allow_nan=False)


def values(found: list[Metric]) -> dict[str, float]:
    return {metric.name: metric.value for metric in found}


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0]), scores), min_size=2, max_size=60))
def test_a_classification_is_measured_by_auc_and_accuracy(rows):
    truth, answers = zip(*rows, strict=True)
    found = values(measure(truth, answers, []))
    assert found["accuracy"] == pytest.approx(textbook.accuracy_score(truth, [answer >= 0.5 for answer in answers]))
    if len(set(truth)) == 2:
        assert found["auc"] == pytest.approx(textbook.roc_auc_score(truth, answers))
    else:
        assert "auc" not in found


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=60))
def test_a_regression_is_measured_by_its_errors(rows):
    truth, answers = zip(*[(value + 2, answer) for value, answer in rows], strict=True)
    found = values(measure(truth, answers, []))
    if "rmse" in found:
        assert found["rmse"] == pytest.approx(math.sqrt(textbook.mean_squared_error(truth, answers)))
        assert found["mae"] == pytest.approx(textbook.mean_absolute_error(truth, answers))


def test_latency_is_told_by_its_median_and_its_95th_percentile():
    found = values(measure([0, 1], [0.1, 0.9], [float(ms) for ms in range(1, 101)]))
    assert (found["latency_p50_ms"], found["latency_p95_ms"]) == (50, 95)


@pytest.mark.parametrize(
    ("truth", "answers"), [([], []), ([0, 1], [0.5]), ([0, 1], [0.5, math.nan]), ([0, 1], [0.5, math.inf])]
)
def test_answers_that_measure_nothing_are_refused(truth, answers):
    with pytest.raises(ValueError, match=r"answer"):
        measure(truth, answers, [])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_metric_is_never_nan_or_infinite(value):
    with pytest.raises(ValueError, match="finite"):
        Metric(name="auc", value=value)


@pytest.mark.parametrize("value", ["0.9", True, None])
def test_a_metric_is_a_number_and_nothing_that_looks_like_one(value):
    with pytest.raises(ValueError, match="valid number"):
        Metric(name="auc", value=value)
