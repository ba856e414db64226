"""Measurements of a model, and how they are computed from what it answered."""

import math
from collections.abc import Sequence

from pydantic import Field

from governance.domain.values import Value


class Metric(Value):
    """One number, with its unit where it has one. Never NaN, never infinite."""

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_.:-]{0,127}$")
    value: float = Field(strict=True, allow_inf_nan=False)
    unit: str = ""


def measure(truth: Sequence[float], answers: Sequence[float], latencies_ms: Sequence[float]) -> list[Metric]:
    """What a model's answers to held-out rows are worth, and how long it took.

    A truth of only 0 and 1 is a classification and the answers are scores of the class 1: AUC and
    accuracy at 0.5. Everything else is a regression: RMSE, MAE, R². Latencies are per request, in milliseconds.
    Raises `ValueError` unless there is one finite answer for each row and at least one row.
    """
    if not truth or len(truth) != len(answers):
        raise ValueError(f"{len(answers)} answers for {len(truth)} rows")
    if not all(math.isfinite(answer) for answer in answers):
        raise ValueError("an answer is not a finite number")
    quality = classification(truth, answers) if set(truth) <= {0.0, 1.0} else regression(truth, answers)
    return [*quality, *speed(latencies_ms)]


def classification(truth: Sequence[float], scores: Sequence[float]) -> list[Metric]:
    """AUC (absent when only one class is there) and accuracy at a threshold of 0.5."""
    right = sum((score >= 0.5) == (label == 1) for label, score in zip(truth, scores, strict=True))
    accuracy = Metric(name="accuracy", value=right / len(truth))
    area = auc(truth, scores)
    return [accuracy] if area is None else [Metric(name="auc", value=area), accuracy]


def auc(truth: Sequence[float], scores: Sequence[float]) -> float | None:
    """Area under the ROC curve by rank sums, ties counted half (Mann and Whitney, 1947). None with one class only."""
    positives = sum(label == 1 for label in truth)
    negatives = len(truth) - positives
    if not positives or not negatives:
        return None
    ranked = sorted(zip(scores, truth, strict=True))
    rank_sum, start = 0.0, 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        middle = (start + 1 + end) / 2
        rank_sum += middle * sum(label == 1 for _, label in ranked[start:end])
        start = end
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def regression(truth: Sequence[float], answers: Sequence[float]) -> list[Metric]:
    """RMSE, MAE and, where the truth varies, R²."""
    count = len(truth)
    errors = [answer - value for value, answer in zip(truth, answers, strict=True)]
    squares = sum(error * error for error in errors)
    mean = sum(truth) / count
    spread = sum((value - mean) ** 2 for value in truth)
    metrics = [
        Metric(name="rmse", value=math.sqrt(squares / count)),
        Metric(name="mae", value=sum(abs(error) for error in errors) / count),
    ]
    return [*metrics, Metric(name="r2", value=1 - squares / spread)] if spread else metrics


def speed(latencies_ms: Sequence[float]) -> list[Metric]:
    """Median and 95th percentile (nearest rank) of the requests' latencies."""
    if not latencies_ms:
        return []
    ranked = sorted(latencies_ms)

    def percentile(share: float) -> float:
        return ranked[max(0, math.ceil(share * len(ranked)) - 1)]

    return [
        Metric(name="latency_p50_ms", value=percentile(0.5), unit="Milliseconds"),
        Metric(name="latency_p95_ms", value=percentile(0.95), unit="Milliseconds"),
    ]
