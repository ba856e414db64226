"""SageMaker's reports become metrics by name; what is malformed is refused with its place, and nothing is guessed."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.domain.errors import ReportRefused
from governance.domain.evidence import EvidenceKind
from governance.domain.meanings import KNOWN
from governance.domain.metrics import Metric
from governance.domain.reports import LARGEST, MOST, READERS, read_report
from governance.domain.values import canonical

SAMPLES = Path(__file__).with_name("samples")
NAMES = sorted(path.name for path in SAMPLES.glob("*.json"))

WHOLE = [
    # a sample, as evidence of a kind -> some of the metrics it gives
    ("clarify-analysis.json", "bias", {"pre-training.CI": -0.41, "pre-training.KL": 0.141, "post-training.DI": 0.71,
                                       "post-training.DPPL": 0.121, "post-training.AD": -0.022}),
    ("clarify-analysis.json", "pre-training-bias", {"pre-training.DPL": 0.194}),
    ("clarify-analysis.json", "post-training-bias", {"post-training.RD": -0.03}),
    ("clarify-analysis.json", "explainability", {"shap.label0.debt_ratio": 0.22, "shap.largest_share": 0.44}),
    ("clarify-pre-training.json", "pre-training-bias", {"pre-training.JS": 0.031}),
    ("clarify-pre-training.json", "bias", {"pre-training.JS": 0.031}),
    ("clarify-explainability.json", "explainability", {"shap.label0.income": 0.18}),
    ("monitor-statistics.json", "data-quality", {"item_count": 1000, "completeness": 0.97}),
    ("monitor-constraints.json", "data-quality", {"constraint.completeness": 0.97}),
    ("model-quality-statistics.json", "model-quality", {"auc": 0.911, "f0_5": 0.822, "false_positive_rate": 0.024}),
    ("model-quality-constraints.json", "model-quality", {"constraint.auc": 0.911}),
    ("evaluation-binary.json", "model-quality", {"accuracy": 0.94, "auc": 0.93}),
    ("evaluation-regression.json", "model-quality", {"rmse": 2.1, "mae": 1.62, "r2": 0.56}),
]  # fmt: skip


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text())


def read(told: Any, kind: str):
    return read_report(told if isinstance(told, bytes) else json.dumps(told).encode(), EvidenceKind(kind))


@pytest.mark.parametrize(("name", "kind", "metrics"), WHOLE)
def test_a_report_gives_its_metrics_by_name(name, kind, metrics):
    found = read((SAMPLES / name).read_bytes(), kind).values
    assert {metric: found[metric] for metric in metrics} == pytest.approx(metrics)


def test_every_sample_is_read():
    assert {name for name, _, _ in WHOLE} == set(NAMES)


def test_the_worst_facet_counts_and_one_without_a_value_counts_most():
    found = read((SAMPLES / "clarify-analysis.json").read_bytes(), "bias").values
    assert found["post-training.DI"] == 0.71
    assert found["post-training.TE"] == "nothing: no false negatives in the facet (for age=(45.0, 88.0])"


def test_a_feature_whose_name_no_metric_can_have_is_left_out_and_told():
    assert read((SAMPLES / "clarify-analysis.json").read_bytes(), "explainability").left_out == (
        "shap.label0.months as customer",
    )


def test_curves_and_matrices_are_no_metrics():
    found = read((SAMPLES / "model-quality-statistics.json").read_bytes(), "model-quality").values
    assert not {"confusion_matrix", "precision_recall_curve"} & set(found)


USELESS = [
    ('{"regression_metrics": {"rmse": {"value": NaN}}}', "NaN"),
    ('{"regression_metrics": {"rmse": {"value": -Infinity}}}', "-Infinity"),
    ('{"regression_metrics": {"rmse": {"value": 1e999}}}', "infinite"),
    ('{"regression_metrics": {"rmse": {"value": "2.1"}}}', "2.1"),
    ('{"regression_metrics": {"rmse": {"value": null}}}', "nothing"),
    ('{"regression_metrics": {"rmse": {"value": true}}}', "true"),
    ('{"regression_metrics": {"rmse": {"value": [2.1]}}}', "a JSON list"),
    ('{"regression_metrics": {"rmse": {"value": {"of": 2}}}}', "a JSON object"),
    ('{"regression_metrics": {"rmse": 1' + "0" * 400 + "}}", "a number too large"),
    ('{"regression_metrics": {"rmse": 1}, "classification_metrics": {"rmse": 2}}', "given twice: 1.0 and 2.0"),
    ('{"regression_metrics": {"rmse": {"value": "\\ud800"}}}', "?"),
]


@pytest.mark.parametrize(("content", "stood"), USELESS)
def test_a_metric_that_is_no_number_is_kept_as_what_stood_there_and_spoils_no_other(content, stood):
    found = read(content.replace('"rmse"', '"mae": 3, "rmse"', 1).encode(), "model-quality").values
    assert found == {"mae": 3.0, "rmse": stood}


def without(name: str, *path: Any) -> Any:
    told = sample(name)
    inner = told
    for part in path[:-1]:
        inner = inner[part]
    del inner[path[-1]]
    return told


def instead(name: str, put: Any, *path: Any) -> Any:
    told = sample(name)
    inner = told
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = put
    return told


PRE = ("pre_training_bias_metrics",)
SEX = (*PRE, "facets", "sex")
SHAP = ("explanations", "kernel_shap", "label0")

REFUSED = [
    # what is given, as evidence of a kind -> what is said
    (b"x" * (50 * 1024 * 1024), "bias", "52,428,800 bytes; one has 10,485,760 at most"),
    (b"", "bias", "no JSON"),
    (b"{", "bias", "no JSON"),
    (b"\xff\xfe\xff", "bias", "no JSON"),
    (b"[]", "bias", "the report: is empty"),
    (b"[1]", "bias", "the report: is no object"),
    (b"{}", "bias", "the report: is empty"),
    (b'"bias"', "bias", "the report: is no object"),
    (b"[" * 200_000, "bias", "nested without end"),
    (b'{"a": 1, "a": 2}', "bias", "given twice: a"),
    (sample("clarify-explainability.json"), "bias", "neither pre_training_bias_metrics nor"),
    (sample("clarify-pre-training.json"), "post-training-bias", "no post_training_bias_metrics, so it is no"),
    (sample("clarify-pre-training.json"), "explainability", "no explanations, so it is no explainability report"),
    (sample("evaluation-binary.json"), "data-quality", "no features"),
    (sample("monitor-statistics.json"), "model-quality", "no metric of model quality"),
    (sample("evaluation-binary.json"), "model-card", "no format of model-card evidence is known"),
    (instead("clarify-analysis.json", [], *PRE), "bias", "pre_training_bias_metrics: is empty"),
    (without("clarify-analysis.json", *PRE, "facets"), "bias", "pre_training_bias_metrics.facets: is no object"),
    (instead("clarify-analysis.json", {}, *PRE, "facets"), "bias", "pre_training_bias_metrics.facets: is empty"),
    (instead("clarify-analysis.json", {}, *SEX), "bias", "facets.sex: is empty"),
    (instead("clarify-analysis.json", {"0": []}, *SEX), "bias", "facets.sex: is no list"),
    (without("clarify-analysis.json", *SEX, 0, "metrics"), "bias", "facets.sex[0].metrics: is no list"),
    (instead("clarify-analysis.json", "CI", *SEX, 0, "metrics", 0), "bias", "metrics[0]: is no object"),
    (without("clarify-analysis.json", *SEX, 0, "metrics", 1, "value"), "bias", "metrics[1]: needs a name and a value"),
    (instead("clarify-analysis.json", 7, *SEX, 0, "metrics", 1, "name"), "bias", "metrics[1]: needs a name"),
    (without("clarify-analysis.json", *SHAP, "global_shap_values"), "explainability",
     "global_shap_values: is no object"),
    (instead("clarify-analysis.json", {}, "explanations"), "explainability", "explanations: is empty"),
    (instead("monitor-statistics.json", [], "features"), "data-quality", "features: is empty"),
    (instead("monitor-statistics.json", {"a": 1}, "features"), "data-quality", "features: is no list"),
    (without("monitor-statistics.json", "features", 0, "numerical_statistics"), "data-quality",
     "features[0]: has neither"),
    (without("monitor-statistics.json", "features", 0, "numerical_statistics", "common"), "data-quality",
     "features[0].common: is no object"),
    (without("monitor-statistics.json", "dataset"), "data-quality", "neither a dataset nor a completeness"),
    ({"regression_metrics": {}}, "model-quality", "regression_metrics: is empty"),
    ({"regression_metrics": {"curve": {"points": [1]}}}, "model-quality", "holds no metric"),
    ({"regression_metrics": {f"m{i}": i for i in range(MOST + 1)}}, "model-quality", f"more than {MOST} metrics"),
]  # fmt: skip


@pytest.mark.parametrize(("told", "kind", "said"), REFUSED, ids=[case[2][:50] for case in REFUSED])
def test_a_malformed_report_is_refused_with_its_place(told, kind, said):
    with pytest.raises(ReportRefused) as refused:
        read(told, kind)
    assert said in str(refused.value)


def test_a_report_that_is_too_large_is_not_even_parsed():
    with pytest.raises(ReportRefused, match="at most"):
        read_report(b'{"regression_metrics": {"mae": 1}}' + b" " * LARGEST, EvidenceKind.MODEL_QUALITY)


BROKEN_COUNTS = [("num_missing", "few", "few missing"), ("num_present", None, "nothing present")]


@pytest.mark.parametrize(("field", "put", "said"), BROKEN_COUNTS)
def test_a_column_with_a_useless_count_leaves_no_completeness(field, put, said):
    told = instead("monitor-statistics.json", put, "features", 1, "numerical_statistics", "common", field)
    assert said in read(told, "data-quality").values["completeness"]


def test_a_column_of_which_the_monitor_knows_no_type_leaves_no_completeness_and_spoils_nothing_else():
    told = sample("monitor-statistics.json")
    told["features"].append({"name": "empty", "inferred_type": "Unknown"})
    assert read(told, "data-quality").values == {"item_count": 1000, "completeness": "empty: of no known type"}


def test_a_weight_that_is_no_number_leaves_no_largest_share():
    told = instead("clarify-analysis.json", "NaN", *SHAP, "global_shap_values", "age")
    found = read(told, "explainability").values
    assert (found["shap.label0.age"], found["shap.largest_share"]) == ("NaN", "a feature's value is no number")


JUNK = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.just([]) | st.just({})


def places(told: Any, path: tuple = ()):
    yield path
    inside = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    for key, value in inside:
        yield from places(value, (*path, key))


@settings(max_examples=500)
@given(st.data())
def test_whatever_stands_anywhere_in_a_report_it_is_read_or_refused_and_never_an_infinite_number(data):
    told = deepcopy(sample(data.draw(st.sampled_from(NAMES))))
    path = data.draw(st.sampled_from([*places(told)][1:]))
    inner = told
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = data.draw(JUNK)
    kind = data.draw(st.sampled_from(sorted(READERS)))
    try:
        found = read(told, kind)
    except ReportRefused as refused:
        assert str(refused)
        return
    canonical(found.model_dump(mode="json")).encode()
    for name, value in found.values.items():
        assert isinstance(value, str) or Metric(name=name, value=value)


@given(st.binary(max_size=100), st.sampled_from(sorted(READERS)))
def test_any_bytes_are_read_or_refused(content, kind):
    try:
        read_report(content, kind)
    except ReportRefused as refused:
        assert str(refused)


def test_every_metric_that_readers_name_themselves_has_a_meaning():
    known = {name for name in KNOWN if name.startswith(("pre-training.", "post-training."))}
    for name in NAMES:
        for kind in ("bias", "data-quality"):
            try:
                found = set(read((SAMPLES / name).read_bytes(), kind).values)
            except ReportRefused:
                continue
            assert found <= known | {"completeness", "item_count", "constraint.completeness"}
