"""`steward policy`: look at policies: what they ask, for which controls, and where one is looser than another.

Files and the policies that come with Steward are read offline; with `--published`, `--proposed` or `--version` what is
on record is. What puts a policy in force is in `publishing`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from governance import bootstrap_policies as bootstrap
from governance.domain.controls import Catalogue, unknown_controls
from governance.domain.errors import DocumentRefused
from governance.domain.lifecycle import ORDER
from governance.domain.loosening import summary
from governance.domain.policy_document import RISKS, AnyGate, EvidenceGate, MetricGate, PolicyDocument
from governance.domain.problems import Problem
from governance.domain.publishing import AnyDocument, asks_less, unpublishable
from governance.domain.use_case_policy import BUILT_IN
from governance.domain.use_case_policy_document import NAME, UseCasePolicyDocument
from steward import use_case_policies
from steward.failures import Exit, Failure
from steward.options import Desk, Json, desk, not_valid
from steward.output import row, table

policy = typer.Typer(no_args_is_help=True, help="Look at policies, publish them and put model groups under them.")

Named = Annotated[str, typer.Argument(help="A policy that comes with Steward, or a file.", metavar="NAME|FILE")]
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A policy as YAML.")]

AS_WRITTEN = "this is the policy as it is written; steward policy list tells what is in force"


@policy.command()
def validate(
    context: typer.Context,
    file: File,
    against: Annotated[str, typer.Option(help="Another policy, by name or file: say where this one is looser.")] = "",
    as_json: Json = False,
) -> None:
    """Read a policy file and say everything that is wrong with it, with line and field."""
    at = desk(context)
    try:
        read = bootstrap.policy_in(file)
    except DocumentRefused as refused:
        raise not_valid(at, file, "policy", refused) from None
    unknown = bootstrap.placed_in(file, of_no_control(read))
    never = [f"it cannot be published: {why}" for why in unpublishable(read)]
    looser = asks_less(read, other_of_its_kind(read, against)) if against else ()
    document = {
        "valid": not unknown,
        "name": read.name,
        "hash": read.hash,
        "problems": list(unknown),
        "looser": list(looser),
    }
    document |= {"publishable": not unknown and not never, "unpublishable": never}
    lines = [
        *unknown,
        *never,
        *(f"looser than {against}: {how} ({', '.join(where)})" for how, where in summary(looser).items()),
    ]
    if not unknown:
        lines.append(f"{file} is a policy: {read.name}, {size_of(read)}, hash {read.hash}")
    at.out.answer(document, lines)
    if unknown or never or looser:
        raise typer.Exit(Exit.DIFFERENCES)


@policy.command()
def show(
    context: typer.Context,
    name: Named,
    published: Annotated[bool, typer.Option("--published", help="The version that is in force.")] = False,
    proposed: Annotated[bool, typer.Option("--proposed", help="What an officer proposed.")] = False,
    version: Annotated[int | None, typer.Option(help="The published version of this number.")] = None,
    as_json: Json = False,
) -> None:
    """Show what a policy asks, gate by gate: as it is written, or as it is on record."""
    at = desk(context)
    if sum((published, proposed, version is not None)) > 1:
        raise Failure(Exit.USAGE, "Ask for one of them", "--published, --proposed or --version")
    if published or proposed or version is not None:
        read, called, pinned = on_record(at, name, proposed, version)
    else:
        read, called = policy_named(name), name
        pinned = BUILT_IN.hash if read is BUILT_IN.document else read.hash
    shown = use_case_policies.shown(read) if isinstance(read, UseCasePolicyDocument) else gates(read)
    at.out.answer({"policy": called, "hash": pinned, **read.content()}, [*shown, f"hash {pinned}"])
    if called == name:
        at.out.note(AS_WRITTEN)


def on_record(at: Desk, name: str, proposed: bool, version: int | None) -> tuple[AnyDocument, str, str]:
    """A policy as it is published or proposed, what it is called there, and the hash that decisions pin."""
    kept = bootstrap.published(at.install.settings)
    if version is not None:
        found = kept.version(name, version)
    else:
        shelf = kept.shelf(name)
        if proposed and shelf.proposal and shelf.proposal.document:
            return shelf.proposal.document, f"{name} (proposed)", shelf.proposal.policy_hash
        found = None if proposed else shelf.active
    if found is None:
        what = "proposal" if proposed else f"version {version}" if version is not None else "published version"
        raise Failure(Exit.NOT_FOUND, f"There is no {what} of {name}", "steward policy list tells what there is")
    return found.document, found.id, found.hash


def known() -> Catalogue:
    """The catalogue that comes with Steward."""
    return bootstrap.catalogue()


def of_no_control(read: AnyDocument) -> Iterator[Problem]:
    """Controls that a policy names and that there are none of."""
    yield from unknown_controls(read, known()) if isinstance(read, PolicyDocument) else ()


def size_of(read: AnyDocument) -> str:
    """How much it asks, in a word."""
    return f"{len(read.gates)} gates" if isinstance(read, PolicyDocument) else f"{len(read.enforced)} checks"


def other_of_its_kind(read: AnyDocument, name: str) -> AnyDocument:
    """What a policy is compared with. Fails for one of models and one of use cases."""
    other = policy_named(name)
    if type(other) is not type(read):
        remedy = f"compare policies of models with one another, and one of use cases with {NAME}"
        raise Failure(Exit.USAGE, f"{read.name} and {name} cannot be compared", remedy)
    return other


def of_models(read: AnyDocument) -> PolicyDocument:
    """A policy that has to be about models. Fails for that of use cases."""
    if isinstance(read, UseCasePolicyDocument):
        remedy = f"steward policy validate FILE --against {NAME} tells where another one asks less"
        raise Failure(Exit.USAGE, f"{read.name} is the policy of use cases: it has no gates and no controls", remedy)
    return read


def policy_named(name: str) -> AnyDocument:
    """A policy by the name of one that comes with Steward, else by its file."""
    shipped: dict[str, AnyDocument] = {**bootstrap.shipped(), NAME: BUILT_IN.document}
    if name in shipped:
        return shipped[name]
    if Path(name).is_file():
        return bootstrap.policy_in(Path(name))
    raise Failure(Exit.NOT_FOUND, f"There is no policy and no file {name}", f"there are {', '.join(sorted(shipped))}")


def gates(read: PolicyDocument) -> Iterator[RenderableType]:
    """A policy as people read it."""
    yield Text(f"{read.name}: {read.title}", style="bold")
    yield Text(read.description)
    made = table("Gates", "gate", "mode", "asks for", "stages", "risks")
    for gate in read.gates:
        stages = "all" if set(gate.stages) == set(ORDER) else ", ".join(gate.stages)
        risks = "all" if set(gate.risks) == set(RISKS) else ", ".join(gate.risks)
        row(made, gate.name, gate.mode, asks_for(gate), stages, risks)
    yield made
    if at_once := [stage for stage in ORDER if read.word_on_rejection(stage) == "roll-back"]:
        yield f"what runs and is rejected is taken back at once in {', '.join(at_once)}"
    else:
        yield "what runs and is rejected is taken back when somebody confirms it (steward roll-back)"


def asks_for(gate: AnyGate) -> str:
    """What a gate asks for, in a few words."""
    days = gate.max_age_days if isinstance(gate, EvidenceGate | MetricGate) else None
    young = f", at most {days} days old" if days else ""
    match gate.kind:
        case "check":
            return "a check of Steward's own"
        case "evidence":
            return f"{gate.evidence}{young}"
        case "metric":
            ((field, limit),) = gate.limits().items()
            return f"{gate.metric} by {gate.measured_by} {field.replace('_', ' ')} {limit:g}{young}"
        case "sign-offs":
            each = ", each role once" if gate.each_role else ""
            return f"{gate.needed} of {' or '.join(gate.roles)}{each}"
