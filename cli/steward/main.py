"""`steward`: the door. Reads the command line, and turns what goes wrong into a sentence and an exit code."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from steward import (
    covering,
    deciding,
    delegating,
    differing,
    evidence,
    findings,
    judging,
    onboarding,
    places,
    policies,
    preflight,
    profiles,
    proving,
    publishing,
    queueing,
    reaching,
    reading,
    recalling,
    reconciling,
    redriving,
    trying,
    use_cases,
)
from steward.failures import failure_of
from steward.install import Wanted
from steward.options import Desk

ENDINGS = """Exit codes: 0 fine, 1 differences, a verification that failed or an approval that waits, 2 usage, \
3 refused or not allowed, 4 not found, 5 AWS or another failure, \
6 some steps wait for somebody else."""


class Commands(TyperGroup):
    """The commands, with what goes wrong in any of them said in one way."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command. What nobody expects keeps its traceback."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            failure = failure_of(error)
            if failure is None:
                raise
            ctx.ensure_object(Desk).out.failed(failure)
            raise typer.Exit(int(failure.code)) from error


app = typer.Typer(cls=Commands, no_args_is_help=True, epilog=ENDINGS, pretty_exceptions_enable=False)


@app.callback()
def steward(
    context: typer.Context,
    cloud: Annotated[Path | None, typer.Option(envvar="STEWARD_CLOUD", help="A local cloud's cloud.json.")] = None,
    persona: Annotated[str, typer.Option("--as", envvar="STEWARD_AS", help="Who of the local cloud you are.")] = "",
    stack: Annotated[str, typer.Option(envvar="STEWARD_STACK", help="The hub's stack.")] = "steward",
    profile: Annotated[str | None, typer.Option(help="The AWS profile to use.")] = None,
    region: Annotated[str | None, typer.Option(help="The hub's region.")] = None,
) -> None:
    """Governance of models in SageMaker Model Registry: read the record, keep it in step, prove it."""
    context.obj = Desk(Wanted(cloud, persona, stack, profile, region))


for command, name in (
    (reading.show, "show"),
    (reading.list_versions, "list"),
    (reconciling.reconcile, "reconcile"),
    (reconciling.backfill, "backfill"),
    (judging.approve, "approve"),
    (judging.sign_off, "sign-off"),
    (judging.reject, "reject"),
    (judging.resubmit, "resubmit"),
    (judging.break_glass, "break-glass"),
    (queueing.deployments, "deployments"),
    (places.environments, "environments"),
    (recalling.roll_back, "roll-back"),
    (recalling.quarantine, "quarantine"),
    (recalling.retire, "retire"),
    (recalling.release, "release"),
    (delegating.delegate, "delegate"),
    (delegating.delegations, "delegations"),
    (differing.diff, "diff"),
    (trying.what_if, "what-if"),
    (reaching.blast_radius, "blast-radius"),
    (deciding.adopt, "adopt"),
    (deciding.hold, "hold"),
    (deciding.release_hold, "release-hold"),
    (deciding.forget_person, "forget-person"),
    (reconciling.rebuild, "rebuild"),
    (redriving.redrive, "redrive"),
    (redriving.replay, "replay"),
    (onboarding.onboard, "onboard"),
    (preflight.preflight, "preflight"),
    (proving.verify, "verify"),
    (proving.restore, "restore"),
):
    app.command(name, epilog=ENDINGS)(command)

for group in (findings.findings, evidence.evidence, profiles.profile, use_cases.use_case):
    for own in group.registered_commands:
        own.epilog = ENDINGS

app.add_typer(findings.findings, name="findings", epilog=ENDINGS)
app.add_typer(evidence.evidence, name="evidence", epilog=ENDINGS)
for ask, name in (
    (covering.covered, "coverage"),
    (publishing.publish, "publish"),
    (publishing.confirm, "confirm"),
    (publishing.assign, "assign"),
    (publishing.listed, "list"),
):
    policies.policy.command(name, epilog=ENDINGS)(ask)

app.add_typer(policies.policy, name="policy", epilog=ENDINGS)
app.add_typer(profiles.profile, name="profile", epilog=ENDINGS)
app.add_typer(use_cases.use_case, name="use-case", epilog=ENDINGS)
