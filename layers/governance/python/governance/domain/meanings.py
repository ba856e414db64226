"""What a metric means: which way is better, and between which values it can lie. Data, so that a gate need not guess.

A metric that is not listed here has no meaning until a policy declares one; a gate on it is refused until then.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from enum import StrEnum

from pydantic import Field, model_validator

from governance.domain.values import Value

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,127}")
"""How a metric is called, from end to end, as `metrics.Metric` has it."""


class Better(StrEnum):
    """Which way a metric is better."""

    HIGHER = "higher"
    LOWER = "lower"
    NEAR_ZERO = "near-zero"
    NEAR_ONE = "near-one"


class Meaning(Value):
    """Which way a metric is better, and the least and the greatest value that it can have, where there are such."""

    better: Better
    least: float | None = Field(None, strict=True, allow_inf_nan=False)
    greatest: float | None = Field(None, strict=True, allow_inf_nan=False)

    @model_validator(mode="after")
    def can_have_a_value(self) -> "Meaning":
        """Refuse bounds with nothing between them."""
        if self.least is not None and self.greatest is not None and self.least >= self.greatest:
            raise ValueError(f"nothing lies between {self.least:g} and {self.greatest:g}")
        return self

    @property
    def ideal(self) -> float | None:
        """The value that is best of all, for a metric that should lie near one."""
        return {Better.NEAR_ZERO: 0.0, Better.NEAR_ONE: 1.0}.get(self.better)

    def badness(self, value: float) -> float:
        """A number that is the greater the worse a value is; differences of it are in the metric's own units."""
        if self.ideal is not None:
            return abs(value - self.ideal)
        return value if self.better is Better.LOWER else -value

    def allows(self, value: float) -> bool:
        """Whether a metric of this meaning can have the value at all."""
        above = self.least is None or value >= self.least
        return above and (self.greatest is None or value <= self.greatest)


SHARE = Meaning(better=Better.HIGHER, least=0, greatest=1)
WRONG_SHARE = Meaning(better=Better.LOWER, least=0, greatest=1)
ERROR = Meaning(better=Better.LOWER, least=0)
DIFFERENCE = Meaning(better=Better.NEAR_ZERO)
SHARE_DIFFERENCE = Meaning(better=Better.NEAR_ZERO, least=-1, greatest=1)
RATIO = Meaning(better=Better.NEAR_ONE, least=0)

SHARES = (
    "auc accuracy precision recall f0_5 f1 f2 balanced_accuracy true_positive_rate true_negative_rate "
    "weighted_precision weighted_recall weighted_f0_5 weighted_f1 weighted_f2"
)
"""Model quality of classifiers (AWS: "Model Quality Metrics and Amazon CloudWatch Monitoring")."""

PRE_TRAINING = {
    "CI": SHARE_DIFFERENCE,
    "DPL": SHARE_DIFFERENCE,
    "CDDL": SHARE_DIFFERENCE,
    "TVD": ERROR,
} | dict.fromkeys(("KL", "JS", "LP", "KS"), ERROR)
"""Bias of the data, as SageMaker Clarify names it (AWS: "Pre-training Bias Metrics")."""

POST_TRAINING = {"DI": RATIO, "GE": ERROR, "DCA": DIFFERENCE, "DCR": DIFFERENCE, "TE": DIFFERENCE} | dict.fromkeys(
    ("DPPL", "RD", "DAR", "DRR", "AD", "SD", "CDDPL", "FT"), SHARE_DIFFERENCE
)
"""Bias of the answers, as SageMaker Clarify names it (AWS: "Post-training Data and Model Bias Metrics")."""

KNOWN: Mapping[str, Meaning] = {
    **dict.fromkeys(SHARES.split(), SHARE),
    **dict.fromkeys(("false_positive_rate", "false_negative_rate"), WRONG_SHARE),
    **dict.fromkeys(("mae", "mse", "rmse", "log_loss", "latency_p50_ms", "latency_p95_ms"), ERROR),
    "r2": Meaning(better=Better.HIGHER, greatest=1),
    "completeness": SHARE,
    "item_count": Meaning(better=Better.HIGHER, least=0),
    "shap.largest_share": WRONG_SHARE,
    **{f"pre-training.{name}": meaning for name, meaning in PRE_TRAINING.items()},
    **{f"post-training.{name}": meaning for name, meaning in POST_TRAINING.items()},
}
"""The metrics whose meaning everybody agrees on, under the names that Steward's own measurements and readers give."""


def alike(name: str, names: Iterable[str]) -> str:
    """A question after the name that somebody may have meant; empty where none is like it."""
    there = sorted(names)
    ends = [one for one in there if one.endswith(f".{name}")]
    found = ends[:1] or get_close_matches(name, there, n=1, cutoff=0.7)
    return f"; did you mean {found[0]}?" if found else ""
