"""`steward environments`: where versions are deployed to, stage by stage, and whose versions go where."""

import json
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from governance.domain.environment import Environment, Landscape
from governance.domain.lifecycle import ORDER, PRECEDING, Stage
from steward.failures import Exit, Failure
from steward.install import Install
from steward.options import Json, desk
from steward.output import row, table

STAGES = ((Stage.TEST, "TestAccountId", "TestPipeline"), (Stage.PRODUCTION, "ProdAccountId", "ProdPipeline"))
"""The stages of the hub's own two environments, and the parameters and outputs that name account and pipeline."""

FURTHER: TypeAdapter[list[Environment]] = TypeAdapter(list[Environment])


def environments(
    context: typer.Context,
    line: Annotated[
        str, typer.Option("--line-of-business", help="Only where versions of this line of business go.")
    ] = "",
    as_json: Json = False,
) -> None:
    """List the environments: stage, account, pipeline, and whose versions go there."""
    at = desk(context)
    found = landscape(at.install)
    goes = {stage: found.of(stage, line) for stage in PRECEDING}
    there = [one for one in found.environments if not line or one.told in goes[one.stage]]
    there.sort(key=lambda one: (ORDER.index(one.stage), bool(one.told), one.called))
    told = [{"name": one.called, **one.model_dump(mode="json", exclude={"name"})} for one in there]
    made = table("Environments", "environment", "stage", "account", "pipeline", "lines of business")
    for one in there:
        row(made, one.called, one.stage, one.account, one.pipeline, ", ".join(one.lines_of_business) or "all others")
    at.out.answer(told, [made])


def parameters(install: Install) -> dict[str, str]:
    """What the hub's stack was told. Raises `Failure` for a stack that is no hub's."""
    found = install.session.client("cloudformation").describe_stacks(StackName=install.name)["Stacks"][0]
    given = {one["ParameterKey"]: one["ParameterValue"] for one in found.get("Parameters", [])}
    missing = [name for name in ("DevAccountIds", *(account for _, account, _ in STAGES)) if name not in given]
    if missing:
        remedy = "--stack names the hub's"
        raise Failure(Exit.NOT_FOUND, f"The stack {install.name} has no parameter {', '.join(missing)}", remedy)
    return given


def landscape(install: Install, given: dict[str, str] | None = None) -> Landscape:
    """Every environment of an installation. Raises `Failure` where the list that it was told makes no sense."""
    given = given or parameters(install)
    own = [
        Environment(stage=stage, account=given[account], pipeline=install.output(pipeline))
        for stage, account, pipeline in STAGES
    ]
    try:
        further = FURTHER.validate_python(json.loads(given.get("FurtherEnvironments") or "[]"))
        return Landscape(environments=(*own, *further))
    except (json.JSONDecodeError, ValidationError) as wrong:
        said = "; ".join(one["msg"] for one in wrong.errors()) if isinstance(wrong, ValidationError) else str(wrong)
        remedy = "deploy the hub with the objects that its environments' stacks print (output Entry)"
        raise Failure(Exit.REFUSED, f"FurtherEnvironments of {install.name} makes no sense: {said}", remedy) from wrong
