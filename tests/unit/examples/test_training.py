"""The example models: trained the same every time, honest about their data, served as SageMaker would."""

import importlib.util
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from examples.credit_risk.data import FEATURES, TARGET, Loans, all_loans, divided
from examples.credit_risk.evaluation import plain
from examples.credit_risk.models import Variant
from examples.credit_risk.train import evaluated, fitted, train
from examples.packing import TrainedModel, packed
from examples.regression.train import train as train_regression
from governance.domain.evidence import EvidenceKind
from governance.domain.reports import read_report


@pytest.fixture(scope="module")
def loans() -> Loans:
    return divided(all_loans())


@pytest.fixture(scope="module")
def champion(loans: Loans, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    return train(Variant.CHAMPION, tmp_path_factory.mktemp("training"), loans, log=False)


@pytest.fixture(scope="module")
def challenger(loans: Loans, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    return train(Variant.CHALLENGER, tmp_path_factory.mktemp("training"), loans, log=False)


def served_from(archive: bytes, folder: Path) -> tuple[ModuleType, object]:
    """What the container does at its start: unpack, import the code, load the model."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    spec = importlib.util.spec_from_file_location("inference", folder / "code" / "inference.py")
    assert spec is not None and spec.loader is not None
    code = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(code)
    return code, code.model_fn(str(folder))


def answer(served: tuple[ModuleType, object], body: str) -> str:
    code, model = served
    return code.output_fn(code.predict_fn(code.input_fn(body, "text/csv"), model), "text/csv")


def test_no_loan_is_in_two_parts_of_the_data(loans):
    parts = [set(part.index) for part in (loans.train, loans.test, loans.held_out)]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 4454


def test_every_part_has_the_same_share_of_bad_loans(loans):
    shares = [part[TARGET].mean() for part in (loans.train, loans.test, loans.held_out)]
    assert shares == pytest.approx([0.2815] * 3, abs=0.002)


def test_all_thirteen_features_are_kept_with_what_is_missing(loans):
    assert len(FEATURES) == 13
    assert loans.train["Income"].isna().any() and loans.held_out["Income"].isna().any()


def test_the_champion_beats_the_challenger_by_far(champion, challenger):
    assert champion.metrics["auc"] > 0.82
    assert champion.metrics["accuracy"] > 0.77
    assert 0.5 < challenger.metrics["auc"] < 0.70


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_data_gives_the_same_bytes_however_many_processors_there_are(champion, loans, threads):
    with threadpool_limits(threads):
        again = fitted(Variant.CHAMPION, loans)
    assert packed(again, FEATURES) == champion.archive.read_bytes()


def test_the_evaluation_has_the_layout_of_sagemakers_quality_reports(champion, loans):
    report = json.loads(champion.evaluation.read_text())
    metrics = report["binary_classification_metrics"]
    assert {"accuracy", "auc", "precision", "recall", "f1", "confusion_matrix"} <= metrics.keys()
    assert sum(sum(row.values()) for row in metrics["confusion_matrix"].values()) == len(loans.test)
    assert plain(report) == plain(evaluated(fitted(Variant.CHAMPION, loans), loans))


def test_the_evaluation_is_evidence_that_gates_can_use(champion):
    read = read_report(champion.evaluation.read_bytes(), EvidenceKind.MODEL_QUALITY)
    assert read.values == plain(json.loads(champion.evaluation.read_text()))


def test_the_archive_answers_the_held_out_rows_with_probabilities(champion, loans, tmp_path):
    rows = loans.held_out[list(FEATURES)]
    body = rows.to_csv(index=False, header=False)
    scores = [float(line) for line in answer(served_from(champion.archive.read_bytes(), tmp_path), body).split()]
    assert scores == fitted(Variant.CHAMPION, loans).predict_proba(rows)[:, 1].tolist()
    assert roc_auc_score(loans.held_out[TARGET], scores) > 0.82


def test_a_header_is_not_scored(champion, loans, tmp_path):
    served = served_from(champion.archive.read_bytes(), tmp_path)
    rows = loans.held_out[list(FEATURES)].head(5)
    assert answer(served, rows.to_csv(index=False)) == answer(served, rows.to_csv(index=False, header=False))


def test_a_row_with_nothing_in_it_but_commas_is_scored(champion, tmp_path):
    served = served_from(champion.archive.read_bytes(), tmp_path)
    assert 0 < float(answer(served, "," * 12 + "\n")) < 1


@pytest.mark.parametrize(
    ("body", "content_type"), [("1,2,3\n", "text/csv"), ("{}", "application/json")], ids=["columns", "type"]
)
def test_what_the_model_cannot_read_is_refused(champion, tmp_path, body, content_type):
    code, model = served_from(champion.archive.read_bytes(), tmp_path)
    with pytest.raises(ValueError, match=r"expected|unsupported"):
        code.predict_fn(code.input_fn(body, content_type), model)


def test_the_archive_needs_nothing_of_this_project(champion, loans, tmp_path):
    served_from(champion.archive.read_bytes(), tmp_path)
    row = loans.held_out[list(FEATURES)].head(1).to_csv(index=False, header=False)
    program = (
        "import sys; sys.path = [p for p in sys.path if 'site-packages' in p or 'python3' in p]\n"
        "sys.path.insert(0, 'code'); import inference\n"
        f"print(inference.predict_fn(inference.input_fn({row!r}, 'text/csv'), inference.model_fn('.')))\n"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('examples', 'governance', 'mlflow')]"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_the_regression_example_is_packed_and_served_the_same_way(tmp_path):
    model = train_regression(tmp_path / "out")
    held_out = pd.read_csv(model.held_out)
    body = held_out.drop(columns=[model.target]).to_csv(index=False, header=False)
    scores = [float(line) for line in answer(served_from(model.archive.read_bytes(), tmp_path), body).split()]
    assert len(scores) == len(held_out)
    assert model.metrics["r2"] > 0.4
    assert pd.Series(scores).corr(held_out[model.target]) > 0.6


def test_a_training_is_logged_with_parameters_metrics_model_and_signature(loans, tmp_path):
    model = train(Variant.CHALLENGER, tmp_path, loans)
    import mlflow

    run = mlflow.MlflowClient((tmp_path / "mlflow").as_uri()).get_run(model.run_id)
    assert run.data.metrics["auc"] == pytest.approx(model.metrics["auc"])
    assert run.data.params["classifier"] == "LogisticRegression"
    (logged,) = (tmp_path / "mlflow").rglob("MLmodel")
    assert "signature:" in logged.read_text()
    assert "Seniority" in logged.read_text()
