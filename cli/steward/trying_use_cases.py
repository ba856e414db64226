"""What a draft of the policy of use cases would change, tried and told: for `steward what-if` and before publishing."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from governance import bootstrap_trying
from governance.domain.use_case_policy_document import UseCasePolicyDocument
from governance.domain.use_case_what_if import ASKERS, TriedUseCase, UseCaseCount, UseCaseTurn
from governance.domain.values import iso
from governance.services.trying_use_case_policies import UseCaseScope, UseCaseTrial
from steward.options import Desk
from steward.output import Sheet, row, second, table
from steward.places import landscape
from steward.rendering import several
from steward.turns import SHOWN, coloured, not_shown, progress, verdict

TURNS = {
    UseCaseTurn.NEWLY_FAILS: ("newly refused", "red"),
    UseCaseTurn.NEWLY_WAITS: ("newly kept waiting", "cyan"),
    UseCaseTurn.NEWLY_PASSES: ("newly let pass", "yellow"),
    UseCaseTurn.CANNOT_TELL: ("cannot be told", "dim"),
}
"""What becomes of an approval, in words."""

LEFT_OUT = {
    "approved-in-production": "approved in production: nothing comes after that",
    "retired": "retired",
    "damaged": "damaged (steward verify): nothing is told of what was decided on them",
}
"""Why nothing is told of use cases, in words."""


def tried(at: Desk, draft: UseCasePolicyDocument, scope: UseCaseScope) -> UseCaseTrial:
    """What comes of trying a draft, with progress beside the answer."""

    trying = bootstrap_trying.trying_use_case_policies(at.install.settings, landscape(at.install))
    return trying.what_if(draft, scope, progress(at, "use cases"))


def told(found: UseCaseTrial, each: Sequence[TriedUseCase] = ()) -> Iterator[RenderableType]:
    """What would change, counted: where it asks less and more, and what turns by which check; then each."""
    yield Text(f"{found.policy}, hash {found.policy_hash}", style="bold")
    for one in found.compared:
        yield from (f"asks less than {one.policy}: {how} ({', '.join(where)})" for how, where in one.less.items())
        yield from (f"asks more than {one.policy}: {gate} ({', '.join(where)})" for gate, where in one.more.items())
    if found.gates:
        yield by_check(found.gates)
    yield from one_by_one(each)
    looked, past = several(found.use_cases, "use case"), several(sum(found.decided.values()), "decision")
    yield f"Tried on {looked}: {several(found.open, 'stage')} that could be approved now, {past}."
    yield from (f"Not tried: {several(count, 'use case')}, {LEFT_OUT[why]}." for why, count in found.left_out.items())
    if found.unjudged:
        deeds = ", ".join(f"{count} {action}" for action, count in found.unjudged.items())
        yield f"Judged by no policy, and so as they were: {deeds}."
    yield from (f"Not tried: {why}." for why in found.untold)
    if found.void:
        void = f"{found.void} of the words that wait for another person would be void"
        yield f"{void}: they were given under another policy."
    yield verdict(TURNS, found.now, found.decided)


def by_check(counts: Sequence[UseCaseCount]) -> RenderableType:
    """How many approvals turn by which check."""
    made = table("By check", "", "approvals", "check", "stage", "class", "of")
    for one in counts:
        of = "decisions" if one.when == "decided" else "what could be approved"
        check = one.gate or "the record"
        row(made, coloured(TURNS, one.turn), one.approvals, check, one.stage, one.ai_act_class or "none", of)
    return made


def one_by_one(found: Sequence[TriedUseCase]) -> Iterator[RenderableType]:
    """Approvals that turn, with the checks that make the difference."""
    if not found:
        return
    made = Sheet("Approvals", "use case", "", "stage", "class", "when", "by", "under", "checks", heads=7)
    for one in found[:SHOWN]:
        when = f"decided {second(iso(one.at))}" if one.status == "decided" else f"{one.status} now"
        checks = "; ".join(f"{check.name}: {check.found}" for check in one.because) or one.why
        about = (one.use_case, coloured(TURNS, one.turn), one.stage, one.ai_act_class or "none", when)
        row(made, *about, by(one.by), one.policy, checks)
    yield made
    yield from not_shown(len(found))


def by(words: Sequence[str]) -> str:
    """Who would hear it, in few words."""
    new = [one.words for one in ASKERS if not one.is_owner]
    if len(words) == len(ASKERS):
        return "anybody"
    return "anybody but its owner" if list(words) == new else ", ".join(words)
