"""Who tried to let a version pass, and what became of it: the author, the owner too early, the owner, two people."""

import time
from collections.abc import Sequence

from botocore.exceptions import ClientError

from .command import typed
from .play import Play
from .records import Item
from .waiting import expect, wait_for

VALIDATED = "Validated on held-out loans; released for production"


def short(model: str) -> str:
    """`credit-risk/1` for the ARN of a model version."""
    return model.split(":model-package/", 1)[-1]


def try_to_approve_as_the_author(play: Play, model: str) -> None:
    """The author may register and describe. IAM refuses anything else."""
    try:
        play.cloud.client("sagemaker", "data-scientist").update_model_package(
            ModelPackageArn=model,
            ModelApprovalStatus="Approved",
            ApprovalDescription="it is mine, and it is good",
        )
    except ClientError as error:
        code = error.response["Error"]["Code"]
        expect("AccessDenied" in code, f"the author's approval was refused, but with {code}: {error}")
        play.screen.refused(
            play.person("data-scientist"),
            "tried to approve their own version",
            f"{code}: {error.response['Error']['Message']}",
        )
        return
    expect(False, f"the data scientist could approve {short(model)}: IAM should have refused it")


def approve_too_early(play: Play, model: str, missing: str) -> None:
    """The owner approves before there is what the gate `missing` asks for: nothing comes of it, and Studio says why."""
    approve_in_studio(play, model, "Good AUC on the test split; documentation complete")
    registry = wait_for(
        play.screen,
        f"the registry to be put back for {short(model)}",
        look=lambda: play.registered(model),
        until=lambda one: one["ModelApprovalStatus"] != "Approved",
        told_as=lambda one: f"{one['ModelApprovalStatus']}: {one.get('ApprovalDescription', '')}",
        hopeless=lambda _: _let_pass(play.records.stage(model, "development")),
    )
    told = str(registry.get("ApprovalDescription", ""))
    expect(
        registry["ModelApprovalStatus"] == "PendingManualApproval" and play.policy in told and f"[{missing}]" in told,
        f"Studio should show {short(model)} as pending, with what {missing} of {play.policy} asks for, and shows "
        f"{registry['ModelApprovalStatus']}: {told}",
    )
    expect_verdict(play, model, "development", refused_by=[missing])
    expect(not play.records.deployments(model), f"{short(model)} was refused, and its record has deployments")
    play.screen.refused(
        play.policy, "refused it, and Steward put the registry back: Studio shows PendingManualApproval, and why"
    )
    play.screen.quoted(told)


def _let_pass(record: Item) -> str:
    passed = record.get("model_status") == "approved"
    return f"it was approved by {record.get('policy')}, which should have refused it" if passed else ""


def expect_verdict(play: Play, model: str, stage: str, refused_by: Sequence[str] = ()) -> None:
    """The last verdict in a stage must pin the policy in force, by number and hash, and have been refused by these."""
    verdicts = play.records.verdicts(model, stage)
    expect(bool(verdicts), f"nobody was asked whether {short(model)} may pass in {stage}")
    given = verdicts[-1]
    pinned = (given["policy"], given["policy_hash"])
    expect(
        pinned == (play.policy, play.policy_hash),
        f"the verdict on {short(model)} in {stage} pins {pinned}, and {play.policy} is in force",
    )
    refused = [check["name"] for check in given["checks"] if check["mode"] == "enforce" and not check["passed"]]
    expect(
        refused == list(refused_by) and given["passed"] is not bool(refused_by),
        f"the verdict on {short(model)} in {stage} should be refused by {list(refused_by)}, and is by {refused}",
    )


def approve_in_studio(play: Play, model: str, why: str) -> None:
    """The model owner approves in the registry, by the call that Studio makes."""
    play.cloud.client("sagemaker", "model-owner").update_model_package(
        ModelPackageArn=model, ModelApprovalStatus="Approved", ApprovalDescription=why
    )
    play.screen.did(play.person("model-owner"), f"approved {short(model)} in the registry, as in Studio", why)


def approve_in_development(play: Play, model: str) -> None:
    """With everything that the policy asks for, the same approval counts."""
    expect(not play.records.deployments(model), f"{short(model)} was refused, and its record has deployments")
    last = play.registered(model)["LastModifiedTime"].timestamp()
    wait_for(
        play.screen,
        "the next second: of one second, the registry tells no order",
        time.time,
        lambda now: int(now) > last,
        str,
    )
    approve_in_studio(play, model, "Good AUC on the test split, and fair; documentation complete")
    play.wait_for_stage(model, "development", "model_status", "approved")
    expect_verdict(play, model, "development")
    play.screen.saw(f"{play.policy} let it pass", f"the verdict pins it by sha256 {play.policy_hash[:12]}…")


def _of_stage(play: Play, model: str, stage: str) -> list[Item]:
    return [one for one in play.records.deployments(model) if one["stage"] == stage]


def approve_in_test(play: Play, model: str) -> None:
    """The officer asks for an approval, the validator gives their word, and Steward writes it to the registry."""
    words = ("approve", short(model), "--stage", "test", "--why", VALIDATED)
    asked = play.steward("officer", *words, code=1)
    stops = {one["name"]: one["remedy"] for one in asked["checks"] if one["stops"]}
    expect(list(stops) == ["two-people"], f"two-people alone should stop {short(model)} in test, not {stops}")
    play.screen.did(play.person("officer"), f"asked for the approval of {short(model)} in test", typed(*words))
    expect(not _of_stage(play, model, "production"), f"{short(model)} has one signature, and is deployed to production")
    play.screen.refused(play.policy, f"wants two people where the risk is high: {stops['two-people']}")
    words = ("sign-off", short(model), "--stage", "test", "--why", "Measured again, and it holds")
    play.steward("validator", *words)
    play.screen.did(play.person("validator"), "signed off", typed(*words))
    record = play.wait_for_stage(model, "test", "model_status", "approved")
    expect_verdict(play, model, "test")
    life = play.registered(model).get("ModelLifeCycle", {})
    officer = play.cloud.person("officer")
    expect(
        (life.get("Stage"), life.get("StageStatus"), record["model_audit_user"]) == ("Test", "Approved", officer),
        f"the registry should show Test / Approved in the name of {officer}: {life}, {record['model_audit_user']}",
    )
    play.screen.saw(f"Steward set its life cycle to Test / Approved in the registry, in {officer}'s name")
