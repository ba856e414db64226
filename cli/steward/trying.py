"""`steward what-if`: what a draft of a policy would change, for the fleet as it stands and for past decisions.

Reads the record, with no right but to read the table, and changes nothing. A draft of the policy of use cases is tried
by `trying_use_cases`.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from governance import bootstrap_trying
from governance.domain.identifiers import group_name_of
from governance.domain.lifecycle import ORDER
from governance.domain.policy_document import RISKS, PolicyDocument
from governance.domain.publishing import AnyDocument
from governance.domain.use_case_policy_document import UseCasePolicyDocument
from governance.domain.values import iso
from governance.domain.what_if import Compared, Count, Tried, Turn
from governance.services.trying_policies import Scope, Trial
from governance.services.trying_use_case_policies import UseCaseScope, UseCaseTrial
from steward import trying_use_cases
from steward.failures import Exit, Failure
from steward.naming import group_named
from steward.options import Desk, Json, desk
from steward.output import Sheet, plain, row, second, table
from steward.places import landscape
from steward.policies import Named, on_record, policy_named
from steward.rendering import called, several
from steward.turns import SHOWN, coloured, not_shown, progress, verdict

TURNS = {
    Turn.NEWLY_FAILS: ("newly refused", "red"),
    Turn.NEWLY_PASSES: ("newly let pass", "yellow"),
    Turn.NEWLY_ADVISED: ("newly advised against", "cyan"),
    Turn.CANNOT_TELL: ("cannot be told", "dim"),
}
"""What becomes of an approval, in words."""

LEFT_OUT = {
    "dormant": "dormant: from before governance, and not adopted",
    "not-in-the-registry": "not in the registry any more",
    "damaged": "damaged (steward rebuild --check): nothing is told of them",
}
"""Why versions are not judged as of now, in words."""


def what_if(
    context: typer.Context,
    name: Named,
    proposed: Annotated[bool, typer.Option("--proposed", help="What an officer proposed under that name.")] = False,
    group: Annotated[
        list[str] | None, typer.Option("--group", help="Only this model group; may be given again.")
    ] = None,
    under: Annotated[str, typer.Option(help="Only groups that stand under this policy.", metavar="POLICY")] = "",
    use_case: Annotated[
        list[str] | None, typer.Option("--use-case", help="Only this use case; may be given again.")
    ] = None,
    decisions: Annotated[bool, typer.Option(help="Try it on past decisions as well.")] = True,
    as_json: Json = False,
) -> None:
    """Say what a draft of a policy would refuse, let pass or advise against: now, and of the decisions so far."""
    at = desk(context)
    draft = on_record(at, name, True, None)[0] if proposed else policy_named(name)
    check_scope(draft, bool(group or under), bool(use_case))
    found: Trial | UseCaseTrial
    if isinstance(draft, UseCasePolicyDocument):
        found = trying_use_cases.tried(
            at, draft, UseCaseScope(use_cases=frozenset(use_case or ()), decisions=decisions)
        )
        shown = trying_use_cases.told(found, found.found)
    else:
        groups = frozenset(group_name_of(group_named(at.install, one)) for one in group or ())
        found = tried(at, draft, Scope(groups=groups, under=under, decisions=decisions))
        shown = told(found, found.found)
        if under and not found.versions:
            remedy = "steward policy list tells which groups are under which"
            raise Failure(Exit.NOT_FOUND, f"No version on record stands under the policy {under}", remedy)
    at.out.answer(found, shown)
    if found.changes:
        raise typer.Exit(Exit.DIFFERENCES)


def check_scope(draft: AnyDocument, of_models: bool, of_use_cases: bool) -> None:
    """Refuse to try a policy of one kind on what only the other kind is about."""
    is_of_use_cases = isinstance(draft, UseCasePolicyDocument)
    if is_of_use_cases and of_models:
        said = f"{draft.name} is the policy of use cases: it is tried on these, not on groups"
        raise Failure(Exit.USAGE, said, "--use-case narrows it down")
    if of_use_cases and not is_of_use_cases:
        raise Failure(Exit.USAGE, f"{draft.name} is about models: it is tried on these", "--group narrows it down")


def tried(at: Desk, draft: PolicyDocument, scope: Scope) -> Trial:
    """What comes of trying a draft, with progress beside the answer."""

    trying = bootstrap_trying.trying_policies(at.install.settings, landscape(at.install))
    return trying.what_if(draft, scope, progress(at, "versions"))


def told(found: Trial, each: Sequence[Tried] = ()) -> Iterator[RenderableType]:
    """What would change, counted: where it asks less and more, and which approvals turn by which gate; then each."""
    yield Text(f"{found.policy}, hash {found.policy_hash}", style="bold")
    yield from (line for one in found.compared for line in beside(one))
    if found.gates:
        yield by_gate(found.gates)
    yield from one_by_one(each)
    yield of_what(found)
    yield from (
        f"Not judged as of now: {several(count, 'version')}, {LEFT_OUT[why]}." for why, count in found.left_out.items()
    )
    if found.void:
        void = f"{found.void} of the signatures that wait for an approval would be void"
        yield f"{void}: they were given under another policy."
    yield verdict(TURNS, found.now, found.decided)


def beside(one: Compared) -> Iterator[str]:
    """Where a draft asks less and more than a policy in force."""
    yield from (f"asks less than {one.policy}: {how} ({places(where)})" for how, where in one.less.items())
    yield from (f"asks more than {one.policy}: {gate} ({places(where)})" for gate, where in one.more.items())


def places(where: Sequence[str]) -> str:
    """Stages, with the risks where it is not all of them; everywhere in one word."""
    risks: dict[str, list[str]] = {}
    for place in where:
        stage, _, risk = place.partition("/")
        risks.setdefault(stage, []).append(risk)
    if all(len(risks.get(stage, ())) == len(RISKS) for stage in ORDER):
        return "everywhere"
    told = (stage if len(some) == len(RISKS) else f"{stage} for {' and '.join(some)}" for stage, some in risks.items())
    return ", ".join(told)


def by_gate(counts: Sequence[Count]) -> RenderableType:
    """How many approvals turn by which gate."""
    made = table("By gate", "", "approvals", "gate", "stage", "risk", "of")
    for one in counts:
        of = "decisions" if one.when == "decided" else "what stands and waits"
        row(made, coloured(TURNS, one.turn), one.approvals, one.gate or "the record", one.stage, one.risk, of)
    return made


def of_what(found: Trial) -> str:
    """What a draft was tried on."""
    stand, past = sum(found.now.values()), sum(found.decided.values())
    reached = f", {found.reached} of them under a policy of this name" if found.reached else ""
    looked = f"{several(found.versions, 'version')} of {several(found.groups, 'group')}{reached}"
    return f"Tried on {looked}: {several(stand, 'approval')} that stand or are waited for, {several(past, 'decision')}."


def one_by_one(found: Sequence[Tried]) -> Iterator[RenderableType]:
    """Approvals that turn, with the gates that make the difference."""
    if not found:
        return
    made = Sheet("Approvals", "version", "", "stage", "risk", "when", "by", "gates", heads=6)
    for one in found[:SHOWN]:
        when = f"decided {second(iso(one.at))}" if one.status == "decided" else f"{one.status} now"
        gates = "; ".join(f"{check.name}: {check.found}" for check in one.because) or one.why
        row(made, called(one.version), coloured(TURNS, one.turn), one.stage, one.risk, when, one.policy, gates)
    yield made
    yield from not_shown(len(found))


def counted(at: Desk, draft: AnyDocument) -> tuple[dict[str, Any], list[RenderableType]]:
    """What a policy changes for all that it is to judge as it stands: counted, for what is told beside it."""
    if isinstance(draft, UseCasePolicyDocument):
        of_use_cases = trying_use_cases.tried(at, draft, UseCaseScope(decisions=False))
        return counts(of_use_cases), list(trying_use_cases.told(of_use_cases))
    found = tried(at, draft, Scope(under=draft.name, decisions=False))
    return counts(found), list(told(found))


def counts(found: Trial | UseCaseTrial) -> dict[str, Any]:
    """A trial without its approvals one by one: what is told beside another answer."""
    return {name: value for name, value in plain(found).items() if name != "found"}
