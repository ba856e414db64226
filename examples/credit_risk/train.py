"""Train a credit-risk model: `python -m examples.credit_risk.train --out DIR`.

Writes `held_out.csv` (for the group's owner) and, per candidate, `model.tar.gz` and `evaluation.json`;
logs each training to the MLflow store in `DIR/mlflow`. The same code and data give the same bytes.
"""

import argparse
import json
from pathlib import Path

from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from examples.packing import TrainedModel, packed
from examples.tracking import log_training

from .data import FEATURES, TARGET, Loans, all_loans, as_csv, divided
from .evaluation import Report, plain, quality_report
from .models import WEAK_COLUMNS, Variant, pipeline


def fitted(variant: Variant, loans: Loans) -> Pipeline:
    """A candidate, trained on the training split alone.

    By one thread: sums of several come out differently for each number of them, and they wait for each other at every
    leaf, which takes minutes where the processors are busy with something else.
    """
    with threadpool_limits(1):
        return pipeline(variant).fit(loans.train[list(FEATURES)], loans.train[TARGET])


def evaluated(estimator: Pipeline, loans: Loans) -> Report:
    """How it does on the test split, which it has not seen."""
    return quality_report(loans.test[TARGET], estimator.predict_proba(loans.test[list(FEATURES)])[:, 1])


def train(variant: Variant, out: Path, loans: Loans | None = None, log: bool = True) -> TrainedModel:
    """Train, evaluate, pack and (with `log`) log one candidate under `out`."""
    loans = loans or divided(all_loans())
    folder = out / variant
    folder.mkdir(parents=True, exist_ok=True)
    estimator = fitted(variant, loans)
    report = evaluated(estimator, loans)
    model = TrainedModel(
        name=variant.value,
        archive=folder / "model.tar.gz",
        evaluation=folder / "evaluation.json",
        held_out=out / "held_out.csv",
        target=TARGET,
        metrics=plain(report),
        run_id=_logged(variant, estimator, report, loans, out) if log else "",
    )
    model.archive.write_bytes(packed(estimator, FEATURES))
    model.evaluation.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    model.held_out.write_text(as_csv(loans.held_out), encoding="utf-8")
    return model


def _logged(variant: Variant, estimator: Pipeline, report: Report, loans: Loans, out: Path) -> str:
    classifier = estimator.named_steps["classify"]
    columns = WEAK_COLUMNS if variant is Variant.CHALLENGER else tuple(FEATURES)
    return log_training(
        store=out / "mlflow",
        experiment="credit-risk",
        run_name=variant.value,
        estimator=estimator,
        params={"classifier": type(classifier).__name__, "columns": len(columns)} | classifier.get_params(),
        metrics=plain(report),
        sample=loans.train[list(FEATURES)].head(50),
    )


def main() -> None:
    """Train both candidates and say how good they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for the files and the MLflow store")
    parser.add_argument("--no-log", action="store_true", help="do not log to MLflow")
    arguments = parser.parse_args()
    loans = divided(all_loans())
    for variant in Variant:
        model = train(variant, arguments.out, loans, log=not arguments.no_log)
        print(
            f"{variant:<11} AUC {model.metrics['auc']:.3f}  accuracy {model.metrics['accuracy']:.3f}"
            f"  {model.archive} ({model.archive.stat().st_size:,} bytes)"
        )


if __name__ == "__main__":
    main()
