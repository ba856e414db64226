"""`steward onboard`: make a model group for an approved use case, step by step, as far as whoever asks may.

Each step looks first whether it is done, so the same command goes on where it stopped, in the hands of whoever may
do what is left. What nobody but others may do waits for them, and it is said for whom and for which command.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import ClientError
from rich.console import RenderableType

from governance import bootstrap_onboarding as bootstrap
from governance import bootstrap_policies, bootstrap_use_cases
from governance.domain.authority import PRINCIPAL
from governance.domain.deployment_profile import DeploymentProfile
from governance.domain.errors import GovernanceError
from governance.domain.onboarded import stack_of
from governance.domain.onboarding import Onboarding, Step, StepState
from governance.domain.use_case import USE_CASE, ValidationSet, validation_set_from
from governance.domain.use_cases import UseCase
from governance.ports.onboarding import GroupSeen, Proposal, Stacks
from steward.deciding import DECIDE
from steward.failures import Exit, Failure, failure_of, is_denied
from steward.install import command
from steward.naming import group_named
from steward.options import Desk, DryRun, Json, desk
from steward.output import Sheet, row
from steward.places import parameters
from steward.reconciling import answers

TEMPLATE = Path(__file__).with_name("model_group.yaml")
"""`stacks/model-group.yaml`, as it comes with the command."""

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What makes the group, as YAML.")]
Why = Annotated[str, typer.Option(help="Why. It stays on the record for good, so name nobody.")]

ENGINEER, OFFICER = "the ML engineer", "an officer"
WHO_ATTACHES = "the model owner, an officer or the ML engineer"
WHO_BINDS = "the model owner or a validator"


@dataclass
class Plan:
    """One group that is to be made, and what it takes."""

    at: Desk
    wanted: Onboarding
    use_case: UseCase
    profile: DeploymentProfile | None
    bound: ValidationSet | None
    rows: bytes | None
    why: str
    dry_run: bool
    again: str
    """The command that goes on with it."""

    @property
    def arn(self) -> str:
        """The group."""
        return group_named(self.at.install, self.wanted.group)

    def seen(self) -> GroupSeen | None:
        """The group as the registry has it now."""
        return bootstrap.registry().look(self.arn)


def onboard(context: typer.Context, file: File, why: Why, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Make a model group for an approved use case: its stack, its use case, its profile, its validation set."""
    at = desk(context)
    plan = planned(at, file, why, dry_run)
    steps = list(carried_out(plan))
    document = {"group": plan.arn, "use_case": plan.wanted.use_case, "dry_run": dry_run, "steps": steps}
    at.out.answer(document, shown(plan, steps))
    if any(one.state is StepState.WAITS for one in steps):
        raise typer.Exit(Exit.WAITS)


def planned(at: Desk, file: Path, why: str, dry_run: bool) -> Plan:
    """What is asked for, once everything about it was found to be right."""
    wanted = bootstrap.onboarding_in(file)
    profile = wanted.deployment_profile
    read = bootstrap_policies.profile_in(existing(file, profile)) if profile else None
    bound, rows = held_out(at, wanted, file)
    use_case = approved(at, wanted)
    again = f"steward onboard {file} --why …"
    return Plan(at, wanted, use_case, read, bound, rows, why, dry_run, again)


def existing(file: Path, named: str) -> Path:
    """A file that is named beside another one."""
    found = file.parent / named
    if not found.is_file():
        raise Failure(Exit.USAGE, f"{file} names {named}, which is not there", "name it as seen from that file")
    return found


def held_out(at: Desk, wanted: Onboarding, file: Path) -> tuple[ValidationSet | None, bytes | None]:
    """The validation set by the hash of its bytes, and the bytes where they are to be uploaded."""
    told = wanted.validation_set
    if told is None:
        return None, None
    bucket = at.install.output("ArtifactBucket")
    if told.uri:
        if not told.uri.startswith(f"s3://{bucket}/"):
            raise Failure(Exit.USAGE, f"{told.uri} does not lie in {bucket}", "held-out rows are kept in the hub's")
        return ValidationSet(uri=told.uri, sha256=told.sha256, target=told.target), None
    rows = existing(file, told.file).read_bytes()
    pinned = hashlib.sha256(rows).hexdigest()
    header = rows.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    if told.target not in [name.strip('"') for name in header.split(",")]:
        raise Failure(Exit.USAGE, f"{told.file} has no column {told.target}", "a CSV in UTF-8 begins with its header")
    uri = f"s3://{bucket}/validation/{wanted.group}/{pinned}.csv"
    return ValidationSet(uri=uri, sha256=pinned, target=told.target), rows


def approved(at: Desk, wanted: Onboarding) -> UseCase:
    """The use case, which has to be on record and may have groups. Refuses what contradicts it."""
    seen = bootstrap_use_cases.use_cases(at.install.settings).open(wanted.use_case).use_case
    if seen is None:
        raise Failure(Exit.NOT_FOUND, f"No use case {wanted.use_case} is on record", "steward use-case create")
    if seen.is_unacceptable:
        raise Failure(Exit.REFUSED, f"The EU AI Act prohibits {seen.id}: it has no model groups")
    if not seen.takes_groups:
        stage = f"it is {seen.status} in {seen.stage}"
        remedy = "" if seen.is_retired else f"steward use-case advance {seen.id} --stage proof-of-concept"
        raise Failure(Exit.REFUSED, f"{seen.id} may have no model groups: {stage}", remedy)
    if said := wanted.contradicts(seen.about):
        raise Failure(Exit.REFUSED, "; ".join(said), "leave it out, or have the use case changed first")
    return seen


def carried_out(plan: Plan) -> Iterator[Step]:
    """One step after the other. Without the group there is nothing for the later ones to be done to."""
    approved_by = f"approved, {plan.use_case.status} in {plan.use_case.stage}"
    yield Step(name="use case", state=StepState.DONE, detail=f"{plan.use_case.id}: {approved_by}")
    made = tried(plan, "stack", ENGINEER, plan.again, stack)
    yield made
    for name, who, how, act in (
        ("use case's group", WHO_ATTACHES, plan.again, attach),
        ("deployment profile", OFFICER, f"steward profile set {plan.wanted.group} …, or this again", profile),
        ("validation set", WHO_BINDS, plan.again, validation_set),
    ):
        if made.state is StepState.WAITS:
            yield Step(name=name, state=StepState.WAITS, detail="waits for the stack", who=who, how=how)
        else:
            yield tried(plan, name, who, how, act)


def tried(plan: Plan, name: str, who: str, how: str, act: Callable[[Plan], Step | None]) -> Step:
    """A step, or that it waits for somebody who may do it. What fails for another reason fails the command."""
    try:
        done = act(plan)
    except (GovernanceError, ClientError, Failure) as error:
        failure = failure_of(error)
        if failure is None or not is_denied(failure):
            raise
        return Step(name=name, state=StepState.WAITS, detail=f"not yours to do: {failure.message}", who=who, how=how)
    return done or Step(name=name, state=StepState.DONE, detail="none is wanted")


def stack(plan: Plan) -> Step:
    """Deploy the group's stack, or what changed of it."""
    name, seen, stacks = plan.wanted.stack, plan.seen(), bootstrap.stacks()
    owner = stack_of(seen.tags) if seen else ""
    if owner and owner != name:
        return Step(name="stack", state=StepState.DONE, detail=f"{owner} made it; change it there")
    try:
        there = stacks.is_there(name)
    except ClientError as error:
        failure = failure_of(error)
        if owner and failure and is_denied(failure):
            return Step(name="stack", state=StepState.DONE, detail=f"{name} made it; whether it is up to date "
                                                                   "only the ML engineer can see")  # fmt: skip
        raise
    if plan.dry_run and not there:
        how = "would adopt the group that is there" if seen else "would make the group, its policy and its share"
        return Step(name="stack", state=StepState.TO_DO, detail=f"{name} {how}")
    adopted = adopt(plan, stacks, seen) if seen and not there else ""
    return brought_up_to_date(plan, stacks, adopted)


def adopt(plan: Plan, stacks: Stacks, seen: GroupSeen) -> str:
    """Let the stack take over a group that somebody made otherwise."""
    known = bootstrap_policies.groups(plan.at.install.settings).get(plan.arn)
    named = {seen.tags.get(USE_CASE, ""), known.use_case.id if known and known.use_case else ""} - {""}
    if others := named - {plan.wanted.use_case}:
        other = ", ".join(sorted(others))
        raise Failure(Exit.REFUSED, f"{plan.wanted.group} is there and of {other}", "steward use-case detach first")
    stacks.carry_out(stacks.propose_adoption(plan.wanted.stack, plan.arn, seen.description))
    return "adopted the group that was there; "


def brought_up_to_date(plan: Plan, stacks: Stacks, adopted: str) -> Step:
    """What differs from the template and the file is changed; nothing is ever made anew."""
    seen = plan.seen()
    bound = validation_set_from(seen.tags) if seen else None
    told = plan.wanted.parameters(plan.use_case.about, bound, seen.description if seen else None)
    proposal = stacks.propose(plan.wanted.stack, TEMPLATE.read_text(), told)
    if proposal is None:
        return Step(name="stack", state=StepState.DONE, detail=f"{adopted}{plan.wanted.stack} is as it should be")
    what = in_words(proposal)
    if replaced := [one.resource for one in proposal.changes if one.replaces and one.resource == "ModelGroup"]:
        stacks.discard(proposal)
        raise Failure(Exit.REFUSED, f"{plan.wanted.stack} would make {', '.join(replaced)} anew", "ask whoever made it")
    if plan.dry_run:
        stacks.discard(proposal)
        return Step(name="stack", state=StepState.TO_DO, detail=f"{plan.wanted.stack} would {what}")
    stacks.carry_out(proposal)
    return Step(name="stack", state=StepState.DONE, detail=f"{adopted}{plan.wanted.stack}: {what}")


def in_words(proposal: Proposal) -> str:
    """The changes of a stack, in a line."""
    return ", ".join(f"{one.action} {one.resource}" for one in proposal.changes)


def attach(plan: Plan) -> Step:
    """Let the group belong to its use case: by command, or by the reconciler, which goes by the tags."""
    name = plan.wanted.group
    if belongs(plan):
        return Step(name="use case's group", state=StepState.DONE, detail=f"{name} belongs to {plan.use_case.id}")
    if plan.dry_run:
        return Step(name="use case's group", state=StepState.TO_DO, detail=f"{name} would belong to {plan.use_case.id}")
    asked = {"command": "attach-group", "use_case": plan.use_case.id, "group": plan.arn}
    try:
        command(plan.at.install, DECIDE, {**asked, "why": plan.why, "dry_run": False})
    except (ClientError, Failure) as error:
        failure = failure_of(error)
        if failure is None or not is_denied(failure):
            raise
        answers(plan.at.install, {"mode": "reconcile", "groups": [name], "dry_run": False}, True, plan.at.out)
        if not belongs(plan):
            raise Failure(Exit.REFUSED, f"Refused (not-entitled): {failure.message}") from error
    return Step(name="use case's group", state=StepState.DONE, detail=f"{name} belongs to {plan.use_case.id} now")


def belongs(plan: Plan) -> bool:
    """Whether the group belongs to the use case. Refuses one that belongs to another."""
    known = bootstrap_policies.groups(plan.at.install.settings).get(plan.arn)
    owner = known.use_case.id if known and known.use_case else ""
    if owner and owner != plan.use_case.id:
        raise Failure(Exit.REFUSED, f"{plan.wanted.group} belongs to {owner}", "steward use-case detach it there first")
    return owner == plan.use_case.id


def profile(plan: Plan) -> Step | None:
    """Have its versions deployed as the profile says."""
    if plan.profile is None:
        return None
    known = bootstrap_policies.groups(plan.at.install.settings).get(plan.arn)
    if known and known.deployment_profile.document.hash == plan.profile.hash:
        return Step(
            name="deployment profile", state=StepState.DONE, detail=f"{known.deployment_profile.id} is in force"
        )
    if plan.dry_run:
        return Step(name="deployment profile", state=StepState.TO_DO, detail=f"“{plan.profile.title}” would be set")
    asked = {"command": "set-deployment-profile", "group": plan.arn, "document": plan.profile.content()}
    told = command(plan.at.install, DECIDE, {**asked, "why": plan.why, "dry_run": False})
    return Step(name="deployment profile", state=StepState.DONE, detail=f"{told['profile']} is in force now")


def validation_set(plan: Plan) -> Step | None:
    """Bind the rows that its versions are measured with, pinned by their hash."""
    if plan.bound is None:
        return None
    seen = plan.seen()
    if seen and validation_set_from(seen.tags) == plan.bound:
        return Step(name="validation set", state=StepState.DONE, detail=f"{plan.bound.sha256[:12]}… is bound")
    if plan.dry_run:
        return Step(name="validation set", state=StepState.TO_DO, detail=f"{plan.bound.sha256[:12]}… would be bound")
    check_binder(plan)
    registry = bootstrap.registry()
    if plan.rows is not None:
        bucket, _, key = plan.bound.uri.removeprefix("s3://").partition("/")
        registry.upload(bucket, key, plan.rows)
    registry.bind(plan.arn, plan.bound)
    return Step(name="validation set", state=StepState.DONE, detail=f"{plan.bound.sha256[:12]}… is bound now")


def check_binder(plan: Plan) -> None:
    """Refuse who came neither as an owner nor as a validator: by what a model is measured is not its maker's to say.

    IAM cannot tell: the ML engineer's stack owns all tags of a group. Where nobody said who holds which role, it is
    left to IAM.
    """
    given = parameters(plan.at.install)
    named = {one.strip() for role in ("OwnerRoles", "ValidatorRoles") for one in given.get(role, "").split(",")} - {""}
    came = PRINCIPAL.match(plan.at.install.session.client("sts").get_caller_identity()["Arn"])
    if named and (came is None or came["role"] not in named):
        raise Failure(Exit.REFUSED, f"Refused (not-entitled): held-out rows are bound by {WHO_BINDS}")


def shown(plan: Plan, steps: list[Step]) -> Iterator[RenderableType]:
    """The steps, and what is next."""
    title = f"{plan.wanted.group} for {plan.use_case.id}{' (dry run)' if plan.dry_run else ''}"
    made = Sheet(title, "step", "status", "what", "waits for", "who runs", heads=2)
    for one in steps:
        row(made, one.name, one.state, one.detail, one.who, one.how)
    yield made
    if waiting := [one for one in steps if one.state is StepState.WAITS]:
        yield f"Waits for {'; '.join(dict.fromkeys(one.who for one in waiting))}: the same command goes on."
    elif not plan.dry_run:
        yield f"Data scientists register with {plan.arn}"
