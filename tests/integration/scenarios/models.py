"""Tiny models, trained with scikit-learn on synthetic data: quick to make, real enough to be measured."""

import functools
import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression, LogisticRegression

FEATURES = ["income", "age", "debt", "tenure"]
TARGET = "outcome"

ESTIMATOR_CODE = '''
"""Serve a scikit-learn estimator: scores of class 1, or values."""


def predict_fn(rows, model):
    return model.predict_proba(rows)[:, 1] if hasattr(model, "predict_proba") else model.predict(rows)
'''

FORMULA_CODE = '''
"""Serve a linear formula, with nothing but the standard library: up at once."""

import csv
import io
import json
import math
import pathlib


def model_fn(folder):
    return json.loads((pathlib.Path(folder) / "formula.json").read_text())


def input_fn(body, content_type):
    rows = [row for row in csv.reader(io.StringIO(body)) if row]
    return rows[1:] if rows and not rows[0][0].lstrip("-")[:1].isdigit() else rows


def predict_fn(rows, model):
    sums = [
        model["intercept"] + sum(weight * float(cell) for weight, cell in zip(model["weights"], row, strict=True))
        for row in rows
    ]
    return [1 / (1 + math.exp(-value)) for value in sums] if model["logistic"] else sums


def output_fn(values, accept):
    return "".join(f"{value!r}\\n" for value in values)
'''


@dataclass(frozen=True)
class Model:
    """An artifact, and what it answers to the rows that its group is judged on."""

    name: str
    archive: bytes
    held_out: pd.DataFrame
    answers: tuple[float, ...]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.archive).hexdigest()

    @property
    def features(self) -> str:
        """The held-out rows as an endpoint gets them: CSV without header."""
        return str(self.held_out[FEATURES].to_csv(index=False, header=False))

    @property
    def truth(self) -> Sequence[float]:
        return [float(value) for value in self.held_out[TARGET]]

    @property
    def validation_set(self) -> bytes:
        """The held-out rows with their outcome, as an owner binds them."""
        return bytes(self.held_out.to_csv(index=False).encode())


@functools.cache
def classifier(seed: int = 1) -> Model:
    """A logistic regression, packed as the estimator that scikit-learn fitted."""
    training, held_out = _loans(seed, binary=True)
    estimator = LogisticRegression(max_iter=500).fit(training[FEATURES], training[TARGET])
    answers = estimator.predict_proba(held_out[FEATURES])[:, 1]
    return _model(f"classifier-{seed}", _estimator(estimator), held_out, answers)


@functools.cache
def regression(seed: int = 1) -> Model:
    """A linear regression, packed as the estimator that scikit-learn fitted."""
    training, held_out = _loans(seed, binary=False)
    estimator = LinearRegression().fit(training[FEATURES], training[TARGET])
    return _model(f"regression-{seed}", _estimator(estimator), held_out, estimator.predict(held_out[FEATURES]))


@functools.cache
def formula(seed: int = 1) -> Model:
    """A logistic regression, packed as its formula. Another seed gives other bytes and other answers."""
    training, held_out = _loans(seed, binary=True)
    held_out = _loans(0, binary=True)[1]
    estimator = LogisticRegression(max_iter=500).fit(training[FEATURES], training[TARGET])
    document = {
        "weights": [float(weight) for weight in estimator.coef_[0]],
        "intercept": float(estimator.intercept_[0]),
        "logistic": True,
    }
    files = {"formula.json": json.dumps(document).encode(), "code/inference.py": FORMULA_CODE.encode()}
    code: dict[str, Any] = {}
    exec(FORMULA_CODE, code)
    rows = code["input_fn"](held_out[FEATURES].to_csv(index=False, header=False), "text/csv")
    return _model(f"formula-{seed}", files, held_out, code["predict_fn"](rows, document))


def held(seed: int, gate: Path) -> Model:
    """The same, whose container is not up before there is a file at the gate: till then its deployment is under way."""
    opened = f"def model_fn(folder):\n    while not pathlib.Path({str(gate)!r}).exists():\n        time.sleep(0.05)\n"
    code = FORMULA_CODE.replace("import pathlib\n", "import pathlib\nimport time\n")
    free, held_code = formula(seed), code.replace("def model_fn(folder):\n", opened)
    with tarfile.open(fileobj=io.BytesIO(free.archive)) as archive:
        document = archive.extractfile("formula.json")
        assert document is not None
        files = {"formula.json": document.read(), "code/inference.py": held_code.encode()}
    return _model(f"held-{seed}", files, free.held_out, free.answers)


@functools.cache
def broken() -> Model:
    """An artifact that no container can load."""
    good = formula()
    return _model("broken", {"code/inference.py": b"raise RuntimeError('the weights are lost')\n"}, good.held_out, ())


def _loans(seed: int, binary: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(random.normal(size=(260, len(FEATURES))).round(4), columns=FEATURES)
    signal = rows["income"] - 1.5 * rows["debt"] + 0.4 * rows["tenure"] + random.normal(scale=0.8, size=len(rows))
    rows[TARGET] = (signal > 0).astype(int) if binary else (10 * signal + 3).round(3)
    return rows.iloc[:200], rows.iloc[200:]


def _estimator(estimator: Any) -> dict[str, bytes]:
    dumped = io.BytesIO()
    joblib.dump(estimator, dumped)
    return {"model.joblib": dumped.getvalue(), "code/inference.py": ESTIMATOR_CODE.encode()}


def _model(name: str, files: dict[str, bytes], held_out: pd.DataFrame, answers: Sequence[float]) -> Model:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return Model(name, packed.getvalue(), held_out.reset_index(drop=True), tuple(float(one) for one in answers))
