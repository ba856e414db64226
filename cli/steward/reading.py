"""`steward show` and `steward list`: what is on record, with no right but to read the table."""

from typing import Annotated

import typer

from governance import bootstrap, bootstrap_people, bootstrap_policies
from governance.domain.identifiers import group_arn_of
from governance.domain.lifecycle import ModelStatus, Stage
from governance.domain.published import DEFAULT
from governance.services.inventory import VersionView
from steward import rendering
from steward.naming import moment_named, version_named
from steward.options import Desk, Json, desk
from steward.output import plain


def show(
    context: typer.Context,
    version: Annotated[
        str, typer.Argument(help="A version: group/7, or its ARN; or hub, for what belongs to no version.")
    ],
    as_of: Annotated[str | None, typer.Option(help="What the record said then: a moment in ISO 8601, UTC.")] = None,
    audit: Annotated[bool, typer.Option("--audit", help="Its audit trail too, entry by entry.")] = False,
    facts: Annotated[bool, typer.Option("--facts", help="The facts too that the record is folded from.")] = False,
    as_json: Json = False,
) -> None:
    """Show the record of a version: decisions, deployments, findings, and its place in the audit chain."""
    at, moment = desk(context), moment_named(as_of)
    if version == "hub":
        show_hub(at)
        return
    arn = version_named(at.install, version)
    inventory = bootstrap.inventory(at.install.settings)
    record = inventory.read(arn)
    view = inventory.view(record, moment)
    if moment is None:
        view = by_the_policy_now(at, view)
    document, shown = plain(view), list(rendering.version(view))
    if facts:
        known = record.model_copy(
            update={"facts": tuple(one for one in record.facts if moment is None or one.recorded_at <= moment)}
        )
        in_order = sorted(known.facts, key=lambda fact: fact.position)
        document["fact_list"] = [one.model_dump(mode="json") for one in in_order]
        shown.append(rendering.facts(known))
    if audit:
        entries = [one for one in rendering.audit_entries(record) if one["sequence"] <= view.audit_sequence]
        document["audit_trail"] = entries
        shown.append(rendering.audit(entries, record.names))
    at.out.answer(document, shown)


def by_the_policy_now(at: Desk, view: VersionView) -> VersionView:
    """The view in which words that wait are void where they were given under another policy than that in force."""
    group = group_arn_of(view.model.arn)
    known = bootstrap_policies.groups(at.install.settings).get(group) if group else None
    in_force = known.in_force.hash if known else DEFAULT.hash
    told = tuple(
        one if one["decision"] or one["policy_hash"] == in_force else {**one, "void": True} for one in view.sign_offs
    )
    return view.model_copy(update={"sign_offs": told})


def show_hub(at: Desk) -> None:
    """What the reconciler found wrong that belongs to no version: endpoints that nobody governs, accounts unread."""
    found = [plain(one) for one in bootstrap_people.hub_findings(at.install.settings).listed()]
    at.out.answer({"findings": found}, [rendering.of_the_hub(found) if found else "No findings about the hub."])


def list_versions(
    context: typer.Context,
    stage: Annotated[Stage | None, typer.Option(help="In this stage; else in the furthest that it reached.")] = None,
    status: Annotated[ModelStatus | None, typer.Option(help="With this status.")] = None,
    group: Annotated[str, typer.Option(help="Of this model group.")] = "",
    use_case: Annotated[str, typer.Option(help="Of this use case.")] = "",
    findings: Annotated[
        bool, typer.Option("--findings", help="Only those with open findings. Reads every version that matches.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the versions on record, each where it stands."""
    at = desk(context)
    inventory = bootstrap.inventory(at.install.settings)
    versions = list(inventory.list(stage, status, group, use_case))
    if not findings:
        at.out.answer(versions, [rendering.listed(versions)])
        return
    views = {one.model_package_arn: inventory.show(one.model_package_arn) for one in versions}
    found = {arn: [one for one in view.findings if one["status"] == "open"] for arn, view in views.items()}
    wanting = [one for one in versions if found[one.model_package_arn]]
    document = [{**plain(one), "findings": found[one.model_package_arn]} for one in wanting]
    counts = {arn: len(several) for arn, several in found.items()}
    at.out.answer(document, [rendering.listed(wanting, counts)])
