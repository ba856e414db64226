"""Pack a fitted estimator as the SageMaker scikit-learn container wants it, the same bytes every time."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib

INFERENCE_CODE = Path(__file__).with_name("inference.py")


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """What a training leaves behind for a registration: files, metrics and where they are logged."""

    name: str
    archive: Path
    """`model.tar.gz`: what an endpoint serves."""
    evaluation: Path
    """`evaluation.json`: SageMaker's model quality report on the test split."""
    held_out: Path
    """Rows that no training has seen, with their outcome: for the group's owner, not the model's author."""
    target: str
    """The column of `held_out` that holds the outcome."""
    metrics: Mapping[str, float]
    run_id: str = ""
    """The MLflow run that logged it; empty when it was not logged."""


def sha256(content: bytes) -> str:
    """The SHA-256 of some bytes, as 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def packed(estimator: Any, features: Mapping[str, str]) -> bytes:
    """A `model.tar.gz` of the estimator, its columns and the code that serves it.

    The same estimator gives the same bytes: no clock, user or file order enters the archive.
    """
    model = io.BytesIO()
    joblib.dump(estimator, model)
    members = {
        "code/inference.py": INFERENCE_CODE.read_bytes(),
        "features.json": json.dumps(dict(features), indent=2).encode("utf-8"),
        "model.joblib": model.getvalue(),
    }
    compressed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=compressed, mtime=0) as stream:
        stream.write(_archive(members))
    return compressed.getvalue()


def _archive(members: Mapping[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in sorted(members.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return archive.getvalue()
