"""Log a training to a local MLflow store: parameters, metrics, the model and its signature."""

import logging
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

_QUIET = {
    "MLFLOW_ALLOW_FILE_STORE": "true",  # a folder is enough here; a database would need SQLAlchemy
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_UV_AUTO_DETECT": "false",  # this project's lock file is not the model's environment
}


def log_training(
    store: Path,
    experiment: str,
    run_name: str,
    estimator: Any,
    params: Mapping[str, Any],
    metrics: Mapping[str, float],
    sample: pd.DataFrame,
) -> str:
    """Log one training and return its run id. The signature is read from `sample` and the scores it gives."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    import mlflow.sklearn  # slow to import, and only trainings need it
    from mlflow.models import infer_signature

    logging.getLogger("mlflow").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    mlflow.set_tracking_uri(store.resolve().as_uri())
    mlflow.set_experiment(experiment)
    with mlflow.start_run(run_name=run_name) as run, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlflow.log_params({name: str(value) for name, value in params.items()})
        mlflow.log_metrics(dict(metrics))
        sample = sample.astype(dict.fromkeys(sample.select_dtypes("number"), float))
        mlflow.sklearn.log_model(
            estimator,
            name="model",
            signature=infer_signature(sample, estimator.predict(sample)),
            serialization_format="cloudpickle",
            pip_requirements=["joblib", "pandas", "scikit-learn"],
        )
        run_id: str = run.info.run_id
    return run_id
