"""Serve a packed model inside the SageMaker scikit-learn container: CSV rows in, one number per row out.

This file travels in every `model.tar.gz` as `code/inference.py`. It knows nothing of the project that
trained the model: beside `model.joblib` lies `features.json`, which names the columns in their order.
"""

import csv
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import pandas as pd


class ServedModel(NamedTuple):
    """An estimator with the names and kinds (`number` or `category`) of the columns it expects."""

    estimator: Any
    features: dict[str, str]


def model_fn(model_dir: str) -> ServedModel:
    """Load the model once, when the container starts."""
    folder = Path(model_dir)
    features = json.loads((folder / "features.json").read_text(encoding="utf-8"))
    return ServedModel(joblib.load(folder / "model.joblib"), features)


def input_fn(body: str | bytes, content_type: str) -> list[list[str]]:
    """Read CSV rows. Raises `ValueError` for another content type."""
    if content_type.split(";")[0].strip().lower() != "text/csv":
        raise ValueError(f"unsupported content type {content_type}: send text/csv")
    text = body if isinstance(body, str) else bytes(body).decode("utf-8")
    return [row for row in csv.reader(io.StringIO(text)) if row]


def predict_fn(rows: list[list[str]], model: ServedModel) -> list[float]:
    """Score the rows in their order: the probability of the positive class, or the predicted value.

    A first row that holds the column names is a header and is not scored. An empty cell is a missing value.
    Raises `ValueError` when a row has another number of columns than the model was trained on.
    """
    names = list(model.features)
    rows = rows[1:] if rows and rows[0] == names else rows
    if not rows:
        return []
    wrong = next((row for row in rows if len(row) != len(names)), None)
    if wrong is not None:
        raise ValueError(f"{len(wrong)} columns given, {len(names)} expected: {', '.join(names)}")
    frame = pd.DataFrame(rows, columns=names, dtype=object).replace("", float("nan"))
    for name in (name for name, kind in model.features.items() if kind == "number"):
        frame[name] = pd.to_numeric(frame[name])
    if hasattr(model.estimator, "predict_proba"):
        return [float(value) for value in model.estimator.predict_proba(frame)[:, 1]]
    return [float(value) for value in model.estimator.predict(frame)]


def output_fn(scores: list[float], accept: str) -> str:  # noqa: ARG001 - the container's signature
    """Write one score per line as CSV, in full precision."""
    return "".join(f"{score!r}\n" for score in scores)
