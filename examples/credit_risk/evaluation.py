"""How good a credit-risk model is, in the words and the layout of SageMaker's model quality reports."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn import metrics

THRESHOLD = 0.5
"""A loan is called bad from this probability on."""

Report = Mapping[str, Any]


def quality_report(outcome: Any, score: Any) -> dict[str, Any]:
    """The content of `evaluation.json`: `binary_classification_metrics` as SageMaker's examples have it."""
    called = (np.asarray(score) >= THRESHOLD).astype(int)
    (tn, fp), (fn, tp) = metrics.confusion_matrix(outcome, called, labels=[0, 1]).tolist()
    values = {
        "accuracy": metrics.accuracy_score(outcome, called),
        "auc": metrics.roc_auc_score(outcome, score),
        "precision": metrics.precision_score(outcome, called, zero_division=0),
        "recall": metrics.recall_score(outcome, called, zero_division=0),
        "f1": metrics.f1_score(outcome, called, zero_division=0),
        "true_positive_rate": tp / (tp + fn),
        "true_negative_rate": tn / (tn + fp),
        "false_positive_rate": fp / (tn + fp),
        "false_negative_rate": fn / (tp + fn),
    }
    return {
        "binary_classification_metrics": {
            "confusion_matrix": {"0": {"0": tn, "1": fp}, "1": {"0": fn, "1": tp}},
            **{name: {"value": float(value), "standard_deviation": "NaN"} for name, value in values.items()},
        }
    }


def plain(report: Report) -> dict[str, float]:
    """The report's numbers by name, for a log or a sentence."""
    (section,) = report.values()
    return {name: entry["value"] for name, entry in section.items() if "value" in entry}
