"""One model in a process of its own, served over a pipe: what the SageMaker scikit-learn container does.

Started as a script with the folder of the unpacked artifact. It imports nothing of the local cloud, and a model
that breaks it breaks nothing else. Requests and answers are frames: a JSON line with the length of the body, the body.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

CSV, JSON = "text/csv", "application/json"
MODEL_FILES = ("model.joblib", "model.pkl", "model.pickle")


class Unsupported(Exception):
    """A content type that nothing here reads or writes."""


class Served:
    """A model with the functions of its `inference.py`, or their defaults."""

    def __init__(self, folder: Path) -> None:
        code = _code(folder)
        self._input = getattr(code, "input_fn", None)
        self._predict = getattr(code, "predict_fn", None)
        self._output = getattr(code, "output_fn", None)
        load = getattr(code, "model_fn", None)
        self.model = load(str(folder)) if load else load_model(folder)

    def answer(self, body: bytes, content_type: str, accept: str) -> tuple[bytes, str]:
        """Return the prediction and its content type."""
        accept = JSON if accept in ("", "*/*") else accept.split(",")[0].strip()
        text = body.decode() if content_type.split(";")[0] in (CSV, JSON) else body
        read, predict, write = self._input or self._read, self._predict or self._score, self._output or _write
        prediction = predict(read(text, content_type), self.model)
        answer = write(prediction, accept)
        if isinstance(answer, tuple):
            answer, accept = answer
        return answer.encode() if isinstance(answer, str) else bytes(answer), accept

    def _read(self, body: Any, content_type: str) -> Any:
        kind = content_type.split(";")[0].strip().lower()
        if kind == CSV:
            return read_csv(body, _feature_names(self.model))
        if kind == JSON:
            return read_json(json.loads(body))
        raise Unsupported(f"Content type {content_type} is not supported by this model: send {CSV} or {JSON}.")

    @staticmethod
    def _score(data: Any, model: Any) -> Any:
        return model.predict(data)


def load_model(folder: Path) -> Any:
    """Load `model.joblib`, `model.pkl` or an MLflow model, wherever it lies in the artifact."""
    for name in MODEL_FILES:
        for path in sorted(folder.rglob(name)):
            if not (path.parent / "MLmodel").exists():
                return _unpickled(path)
    for described in sorted(folder.rglob("MLmodel")):
        return _mlflow(described.parent)
    raise FileNotFoundError(f"The artifact holds none of {', '.join(MODEL_FILES)} and no MLmodel.")


def _unpickled(path: Path) -> Any:
    import joblib  # reads plain pickles too

    return joblib.load(path)


def _mlflow(folder: Path) -> Any:
    """Load an MLflow model: a scikit-learn one as it was pickled, which spares the slow import of MLflow."""
    import yaml

    described = yaml.safe_load((folder / "MLmodel").read_text())
    flavor = described.get("flavors", {}).get("sklearn")
    if flavor and flavor.get("serialization_format") in ("pickle", "cloudpickle"):
        return _unpickled(folder / flavor["pickled_model"])
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    import mlflow.pyfunc

    return mlflow.pyfunc.load_model(str(folder))


def _code(folder: Path) -> ModuleType | None:
    """Import the artifact's own `inference.py`, with its folder on the path."""
    name = os.environ.get("SAGEMAKER_PROGRAM", "inference.py")
    for path in (folder / "code" / name, folder / name):
        if path.is_file():
            sys.path.insert(0, str(path.parent))
            spec = importlib.util.spec_from_file_location("inference", path)
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules["inference"] = module
            spec.loader.exec_module(module)
            return module
    return None


def _feature_names(model: Any) -> list[str]:
    return [str(name) for name in getattr(model, "feature_names_in_", ())]


def read_csv(text: str, names: list[str]) -> Any:
    """Read rows, with or without a header; named columns where names are known, else numbers."""
    import numpy
    import pandas

    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    if not rows:
        raise Unsupported("The body holds no rows.")
    if set(rows[0]) == set(names) or (not all(map(_is_number, rows[0])) and len(rows[0]) != len(names)):
        return pandas.read_csv(io.StringIO(text))
    if len(names) == len(rows[0]):
        return pandas.read_csv(io.StringIO(text), header=None, names=names)
    return numpy.array([[float(cell or "nan") for cell in row] for row in rows])


def _is_number(cell: str) -> bool:
    try:
        float(cell or "nan")
    except ValueError:
        return False
    return True


def read_json(data: Any) -> Any:
    """Read a row, rows, or one of the envelopes that MLflow and TensorFlow Serving use."""
    import numpy
    import pandas

    if isinstance(data, dict) and "dataframe_split" in data:
        split = data["dataframe_split"]
        return pandas.DataFrame(split["data"], columns=split.get("columns"), index=split.get("index"))
    if isinstance(data, dict):
        wrapped = ("instances", "inputs", "dataframe_records", "data")
        known = [data[key] for key in wrapped if key in data]
        return read_json(known[0]) if known else pandas.DataFrame([data])
    if data and isinstance(data[0], dict):
        return pandas.DataFrame(data)
    return numpy.array(data if data and isinstance(data[0], list) else [data])


def _write(prediction: Any, accept: str) -> str:
    kind = accept.split(";")[0].strip().lower()
    values = prediction.tolist() if hasattr(prediction, "tolist") else list(prediction)
    if kind == JSON:
        return json.dumps(values)
    if kind == CSV:
        rows = [row if isinstance(row, list) else [row] for row in values]
        return "".join(",".join(str(value) for value in row) + "\n" for row in rows)
    raise Unsupported(f"Accept type {accept} is not supported by this model: ask for {CSV} or {JSON}.")


def read_frame(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """Return the next frame, or None at the end."""
    line = stream.readline()
    if not line:
        return None
    header: dict[str, Any] = json.loads(line)
    return header, stream.read(header["length"])


def write_frame(stream: BinaryIO, header: dict[str, Any], body: bytes = b"") -> None:
    """Write one frame."""
    stream.write(json.dumps({**header, "length": len(body)}).encode() + b"\n" + body)
    stream.flush()


def _handled(served: Served, header: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        answer, content_type = served.answer(body, header["content_type"], header["accept"])
    except Unsupported as error:
        return {"status": 415}, str(error).encode()
    except BaseException as error:  # noqa: BLE001 - a stranger's code may raise anything
        traceback.print_exc()
        return {"status": 400 if isinstance(error, ValueError) else 500}, _words(error)
    return {"status": 200, "content_type": content_type}, answer


def _words(error: BaseException) -> bytes:
    return f"{type(error).__name__}: {error}".encode()


def main() -> None:
    """Load the model, say how that went, then answer until the pipe closes."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the model prints must not end up among the answers
    try:
        served = Served(Path(sys.argv[1]))
    except BaseException as error:  # noqa: BLE001 - a stranger's code may raise anything
        traceback.print_exc()
        return write_frame(answers, {"status": 500}, _words(error))
    write_frame(answers, {"status": 200})
    while (frame := read_frame(requests)) is not None:
        write_frame(answers, *_handled(served, *frame))
    return None


if __name__ == "__main__":
    main()
