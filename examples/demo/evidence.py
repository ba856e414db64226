"""What speaks for a version: an independent validator measures, and Steward fetches, locks and reads the report."""

import json

import pandas as pd

from examples.credit_risk.bias import bias_report

from .approvals import short
from .champion import CHAMPION
from .command import typed
from .endpoints import scores_of
from .onboarding import held_out_rows
from .play import Play
from .waiting import expect, wait_for

BIAS = "post-training-bias"
SHOWN = ("accuracy", "auc", "post-training.AD", "post-training.DI", "post-training.DPPL")
"""What is worth a place in the line on a report."""


def read_the_authors_report(play: Play, model: str, candidate: str) -> None:
    """The package names the author's report of the model's quality: it is evidence without anybody attaching it."""
    values = wait_until_read(play, model, "model-quality")
    auc = play.models[candidate].metrics["auc"]
    expect(values.get("auc") == auc, f"the author measured an AUC of {auc}, and read was {values}")


def attach_the_bias_report(play: Play, model: str) -> None:
    """The validator compares young applicants with the others, on rows that no training has seen."""
    content = measured(play, model)
    bucket, key = play.cloud.output("ArtifactBucket"), f"documents/{short(model)}/bias.json"
    play.cloud.client("s3", "validator").put_object(Bucket=bucket, Key=key, Body=content)
    words = ("evidence", "attach", short(model), f"s3://{bucket}/{key}", "--kind", BIAS, "--why", "held-out loans")
    play.steward("validator", *words)
    validator = play.person("validator")
    play.screen.did(validator, "measured bias on the held-out loans, and attached the report", typed(*words))
    values = wait_until_read(play, model, BIAS)
    expect("post-training.DI" in values, f"disparate impact should have been read of {words[3]}, and was not: {values}")


def measured(play: Play, model: str) -> bytes:
    """The report, which names the version that it speaks of, so that it counts for no other."""
    trained = play.models[CHAMPION]
    scores = scores_of(trained.archive, held_out_rows(play).to_csv(index=False, header=False))
    report = bias_report(pd.read_csv(trained.held_out), scores)
    return json.dumps({"model_package_arn": model, **report}, indent=2).encode("utf-8")


def wait_until_read(play: Play, model: str, kind: str) -> dict[str, float]:
    """Wait until Steward has fetched, locked and read a report, and return the metrics that gates may ask for."""
    piece = wait_for(
        play.screen,
        f"the {kind} report of {short(model)}",
        look=lambda: play.records.evidence(model, kind),
        until=lambda one: one.get("status") == "collected",
        told_as=lambda one: f"{kind} report: {one.get('status', 'not asked for yet')} {one.get('problem', '')}",
        hopeless=lambda one: play.why(model) if one.get("status") == "refused" else "",
    )
    values = json.loads(piece["values"])
    shown = ", ".join(f"{name} {values[name]:.3f}" for name in sorted(values) if name in SHOWN)
    found = f"{shown}, sha256 {piece['sk'].rpartition('#')[2][:12]}…"
    play.screen.saw(f"Steward fetched the {kind} report, locked it in the hub and read it", found)
    return dict(values)
