"""The first version's life beside its approvals: registered, sealed, deployed, measured, and serving in production."""

import json

from examples.credit_risk.models import Variant
from examples.credit_risk.register import register

from .approvals import short
from .endpoints import ask, expect_the_approved_model, wait_in_service
from .onboarding import held_out_rows
from .play import Play
from .records import Item
from .waiting import expect, wait_for

CHAMPION = Variant.CHAMPION.value


def register_candidate(play: Play, candidate: str, persona: str) -> str:
    """A data scientist registers a version from the dev account; it is recorded, and waits for a decision."""
    model = play.models[candidate]
    arn = register(
        model,
        play.group_arn,
        play.cloud.dev_bucket,
        play.cloud.client("s3", persona),
        play.cloud.client("sagemaker", persona),
        description=f"Credit risk, {candidate}: probability that a consumer loan goes bad",
    )
    play.versions[candidate] = arn
    play.screen.did(play.person(persona), f"registered {short(arn)} from the dev account", arn)
    play.wait_for_stage(arn, "development", "model_status", "pending")
    record = play.wait_for_stage(arn, "development", "model_owner", "")
    play.screen.saw(
        "Steward recorded it, pending",
        ", ".join(f"{name} {record.get(name)}" for name in ("model_owner", "use_case_id", "model_risk")),
    )
    return arn


def wait_until_sealed(play: Play, model: str) -> None:
    """The artifacts lie in the hub: copied, checksummed and locked."""
    head = wait_for(
        play.screen,
        f"sealed artifacts of {short(model)}",
        look=lambda: play.records.head(model),
        until=lambda head: bool(head.get("sealed")),
        told_as=lambda head: f"head: sealed {head.get('sealed')}, {play.why(model)}" if head else "no head yet",
    )
    play.screen.saw("Steward sealed its artifacts in the hub", ", ".join(sealed_uris(head)))


def sealed_uris(head: Item) -> list[str]:
    """Where the sealed artifacts of a version are, as its head tells it."""
    return [f"s3://{artifact['bucket']}/{artifact['key']}" for artifact in json.loads(head.get("artifacts") or "[]")]


def destroy_the_source(play: Play, model: str) -> None:
    """The author overwrites and deletes the archive in dev. What was sealed must not care."""
    described = play.cloud.client("sagemaker", "data-scientist").describe_model_package(ModelPackageName=model)
    source = described["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    bucket, key = source.removeprefix("s3://").split("/", 1)
    s3 = play.cloud.client("s3", "data-scientist")
    s3.put_object(Bucket=bucket, Key=key, Body=b"not the model that was registered")
    s3.delete_object(Bucket=bucket, Key=key)
    play.screen.did(play.person("data-scientist"), "overwrote and deleted model.tar.gz in the dev account", source)


def watch_deployment(play: Play, model: str, stage: str, account: str) -> Item:
    """The pipeline deploys to the stage's account, and the endpoint there is in service."""
    record = play.wait_for_stage(model, stage, "deployment_status", "deployed", timeout=150)
    endpoint = record["endpoint_name"]
    wait_in_service(play, account, endpoint)
    deployment = next(
        (item for item in play.records.deployments(model) if item.get("stage") == stage),
        {"execution_id": "?"},
    )
    play.screen.saw(
        f"CodePipeline deployed it: endpoint {endpoint} is in service in the {account} account",
        f"execution {deployment['execution_id']}",
    )
    return record


def watch_validation(play: Play, model: str, stage: str) -> None:
    """Steward invoked the endpoint with the held-out rows. Its numbers must be the model's."""
    metrics = play.wait_for_metrics(model, stage)
    shown = ", ".join(f"{name} {value:.3f}" for name, value in sorted(metrics.items()))
    expect(
        {"auc", "accuracy"} <= metrics.keys() and any("latency" in name for name in metrics),
        f"validation in {stage} should measure AUC, accuracy and latency, and says: {shown}",
    )
    expect(metrics["auc"] > 0.8, f"the champion's AUC on the held-out rows should be above 0.8: {shown}")
    play.screen.saw(f"Steward validated the endpoint in {stage} with the held-out loans", shown)


def use_it(play: Play, endpoint: str) -> None:
    """One loan, as an application in the prod account asks about it; then all of them, row for row."""
    row = held_out_rows(play).head(1)
    (score,) = ask(play, "prod", endpoint, row.to_csv(index=False, header=False))
    loan = ", ".join(f"{name} {value or '–'}" for name, value in row.iloc[0].items())
    play.screen.did("an application (prod)", f"asked about a loan: probability of going bad {score:.3f}", loan)


def compare(play: Play, account: str, endpoint: str) -> None:
    """The endpoint answers every held-out row exactly as the archive that was registered."""
    rows = expect_the_approved_model(play, account, endpoint, CHAMPION)
    play.screen.saw(f"{endpoint} answers all {rows} held-out rows as the registered model does, row for row")
