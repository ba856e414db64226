"""Whether young applicants are treated like the others, in the layout of SageMaker Clarify's `analysis.json`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from .data import TARGET
from .evaluation import THRESHOLD

YOUNG = 25
"""From this age on somebody is no longer called young."""


def bias_report(loans: pd.DataFrame, scores: Sequence[float]) -> dict[str, Any]:
    """Bias of a model's answers for loans of known outcome; each score is the probability that a loan goes bad.

    To be granted is the favourable answer, the young are the disadvantaged facet `d`, everybody else is `a`: AWS,
    "Post-training Data and Model Bias Metrics". Raises `ValueError` where one of the two is missing.
    """
    young = (loans["Age"] < YOUNG).to_numpy()
    if young.all() or not young.any():
        raise ValueError("there is nobody to compare with")
    granted = np.asarray(scores) < THRESHOLD
    right = granted == (loans[TARGET] == 0).to_numpy()
    granted_a, granted_d = granted[~young].mean(), granted[young].mean()
    metrics = [
        ("AD", "Accuracy Difference (AD)", right[~young].mean() - right[young].mean()),
        ("DI", "Disparate Impact (DI)", granted_d / granted_a),
        ("DPPL", "Difference in Positive Proportions in Predicted Labels (DPPL)", granted_a - granted_d),
    ]
    facet = {
        "value_or_threshold": f"[{loans['Age'].min():.0f}, {YOUNG})",
        "metrics": [{"name": name, "description": what, "value": float(value)} for name, what, value in metrics],
    }
    told = {"label": TARGET, "label_value_or_threshold": "0", "facets": {"Age": [facet]}}
    return {"version": "1.0", "post_training_bias_metrics": told}
