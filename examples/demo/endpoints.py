"""Ask the endpoints in the test and prod accounts, and hold their answers against the registered model's."""

import importlib.util
import tarfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from .onboarding import held_out_rows
from .play import Play
from .waiting import expect, wait_for


def wait_in_service(play: Play, account: str, endpoint: str, timeout: float = 60) -> None:
    """Wait until SageMaker in that account says `InService`; give up at once when it says `Failed`."""
    sagemaker = play.cloud.client("sagemaker", account)
    wait_for(
        play.screen,
        f"endpoint {endpoint} in the {account} account",
        look=lambda: str(sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointStatus"]),
        until=lambda status: status == "InService",
        told_as=str,
        timeout=timeout,
        hopeless=lambda status: "the endpoint failed" if status == "Failed" else "",
    )


def ask(play: Play, account: str, endpoint: str, body: str) -> list[float]:
    """Invoke an endpoint with CSV rows; one score per row."""
    answer = play.cloud.client("sagemaker-runtime", account).invoke_endpoint(
        EndpointName=endpoint, ContentType="text/csv", Accept="text/csv", Body=body.encode("utf-8")
    )
    return [float(line) for line in answer["Body"].read().decode("utf-8").split()]


def expect_the_approved_model(play: Play, account: str, endpoint: str, candidate: str) -> int:
    """Every held-out row must get exactly the score that the candidate's archive gives. Returns how many."""
    body = held_out_rows(play).to_csv(index=False, header=False)
    answered = ask(play, account, endpoint, body)
    approved = scores_of(play.models[candidate].archive, body)
    differing = [row for row, pair in enumerate(zip(answered, approved, strict=False)) if pair[0] != pair[1]]
    expect(
        len(answered) == len(approved) and not differing,
        f"endpoint {endpoint} ({account}) does not answer as the approved model: {len(answered)} answers for "
        f"{len(approved)} rows, {len(differing)} differ, first in row {differing[:1]}",
    )
    return len(answered)


@cache
def scores_of(archive: Path, body: str) -> list[float]:
    """What the model in an archive answers, loaded as a container would load it."""
    with TemporaryDirectory() as folder, tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
        spec = importlib.util.spec_from_file_location("packed_inference", Path(folder, "code", "inference.py"))
        expect(spec is not None and spec.loader is not None, f"{archive} has no code/inference.py")
        code = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
        spec.loader.exec_module(code)  # type: ignore[union-attr]
        scores: list[float] = code.predict_fn(code.input_fn(body, "text/csv"), code.model_fn(folder))
    return scores
