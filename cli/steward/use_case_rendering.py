"""Use cases as people read them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from governance.domain.ai_act import QUESTIONS, Assessed
from governance.domain.identifiers import group_name_of, version_name_of
from governance.domain.lifecycle import Stage
from governance.domain.people import Names
from governance.domain.roll_up import GroupSummary
from governance.domain.served_decisions import Participation
from governance.domain.use_case_totals import RolledUp, Totals, risk_of
from governance.domain.use_cases import ORDER, UseCase, Word
from governance.domain.values import iso
from steward.output import Sheet, coloured, row, second, table

Told = Mapping[str, Any]

SAID = {
    "create-use-case": "on record",
    "change-use-case": "written down anew",
    "assess-use-case": "assessed",
    "advance-use-case": "approved",
    "reject-use-case": "sent back",
    "answer-use-case-finding": "answered",
    "attach-group": "attached",
    "detach-group": "detached",
    "name-successor": "noted",
    "retire-use-case": "retired",
}
"""What was done, in a word."""

WAITING = {
    "proposed": "proposed: it asks less than before, and waits for another person to ask for the same",
    "waits-for-another-person": "your word is kept: it waits for another person",
    "so-already": "so already",
}
"""What came of asking, where it was not done."""


def came_of(told: Told, what: str, dry_run: bool) -> Iterator[RenderableType]:
    """What came of asking something of a use case."""
    if told["checks"]:
        yield checks(told["checks"])
    words = WAITING.get(told["outcome"], SAID[what])
    would = "would be " if dry_run and told["outcome"] == "done" else ""
    stands = f"{told['status']} in {told['stage']}"
    known = f", {told['ai_act_class']}, {told['materiality']} materiality" if told["ai_act_class"] else ""
    yield f"{told['use_case']}: {would}{words}; it {'would be' if dry_run else 'is'} {stands}{known}"
    if told.get("taken_out"):
        yield f"Taken out of it, and of no other use case since: {', '.join(told['taken_out'])}. They end with it"
    if what == "reject-use-case" and told["outcome"] == "done":
        yield f"To be answered first: {', '.join(told['findings'])}"


def checks(found: Sequence[Told]) -> Sheet:
    """Each check of the policy of use cases."""
    made = Sheet("Checks", "", "check", "required", "found", "what would fix it", heads=2)
    for one in sorted(found, key=lambda one: bool(one["passed"])):
        mark = Text("✓", style="green") if one["passed"] else Text("✗", style="red")
        row(made, mark, one["name"], one["required"], one["found"], one["remedy"])
    return made


def attached(answers: Sequence[Told], what: str, dry_run: bool) -> list[RenderableType]:
    """What came of attaching groups, or detaching them."""
    made = table("Model groups", "group", "use case", "came of it")
    for one in answers:
        words = WAITING.get(one["outcome"], f"{'would be ' if dry_run else ''}{SAID[what]}")
        row(made, group_name_of(one["group"]), one["use_case"], words)
    return [made]


def asked() -> list[dict[str, Any]]:
    """The questions, for programs."""
    return [one.model_dump(mode="json") for one in QUESTIONS]


def to_fill_in() -> str:
    """The questions as a file to be filled in."""
    lines = ["answers: # yes or no; with a reason: {answer: yes, why: ...}"]
    for one in QUESTIONS:
        lines += [f"  # {one.source}: {one.text}", f"  {one.id}:"]
    return "\n".join([*lines, "materiality: # high, medium or low", "materiality_why:"])


def class_of(known: Assessed) -> str:
    """A class and what it rests on."""
    grounds = f", by {', '.join(known.grounds)}" if known.grounds else ""
    return f"{known.ai_act_class} by {known.questionnaire}{grounds}; {known.materiality} materiality"


def record(
    use_case: UseCase, groups: Sequence[str], comes_to: RolledUp | None, counting: Sequence[Word], names: Names
) -> Iterator[RenderableType]:
    """A use case on one screen, without its models; with the words for its stage that count under the policy."""
    about, known = use_case.about, use_case.assessed
    yield Text(f"{use_case.id}: {about.name}", style="bold")
    made = table("", "", "")
    told = {
        "stage": Text.assemble(f"{use_case.stage} ", coloured(use_case.status)),
        "purpose": about.purpose,
        "users": about.intended_users,
        "owner": names.shown(about.owner),
        "business": f"{about.line_of_business}, project {about.project}",
        "used in": ", ".join(about.jurisdictions),
        "EU AI Act": class_of(known) if known else "not assessed",
        "because": known.materiality_why if known else "",
        "risk": f"{risk_of(use_case, comes_to.totals if comes_to else Totals())}, by its weakest link",
        "overseen": about.human_oversight or "nobody said by whom",
        "proposed": class_of(use_case.proposed.assessed) if use_case.proposed else "",
        "successor": use_case.successor,
        "retired": ended(use_case, names),
        "models": str(len(groups)),
        "may advance": offered(comes_to),
    }
    for name, value in told.items():
        if value:
            row(made, name, value)
    yield made
    yield stages(use_case, counting, names)
    if known:
        yield answered(known)
    if use_case.findings:
        yield findings(use_case, names)


def ended(use_case: UseCase, names: Names) -> str:
    """By whom it was retired and why, and how far that is; or who wants it."""
    wanted, known = use_case.retiring, use_case.retirement
    if known is None:
        whose = names.shown(wanted.by.id) if wanted else ""
        return f"wanted by {whose} since {second(iso(wanted.at))}, and by nobody else yet" if wanted else ""
    by = f"by {' and '.join(map(names.shown, known.people))} at {second(iso(known.at))}: {known.why}"
    return f"{by}; closed {second(iso(known.closed_at))}" if known.closed_at else f"{by}; what is left is being removed"


def stages(use_case: UseCase, counting: Sequence[Word], names: Names) -> Table:
    """How each stage was decided on the last time, and who wants the present one approved."""
    made = table("Stages", "stage", "status", "decided", "by", "policy")
    for stage in ORDER:
        decided = use_case.stages.get(stage)
        is_here = stage is use_case.stage
        if decided is None and not is_here:
            continue
        status = use_case.status if is_here else decided.status if decided else ""
        words = " and ".join(map(names.shown, decided.by)) if decided else ""
        waiting = ", ".join(names.shown(one.by.id) for one in counting) if is_here else ""
        void = ", ".join(names.shown(one.by.id) for one in use_case.words if one not in counting) if is_here else ""
        told = (words, waiting and f"(approved so far by {waiting})", void and f"(void, to be said again: {void})")
        by = " ".join(filter(None, told))
        row(made, stage, coloured(status), second(iso(decided.at)) if decided else "", by,
            decided.policy if decided else "")  # fmt: skip
    return made


def answered(known: Assessed) -> Sheet:
    """The questions that were answered with yes."""
    made = Sheet("Answered with yes", "source", "question", "why", heads=1)
    for one in known.answers:
        if one.answer:
            row(made, one.source, one.question, one.why)
    return made


def findings(use_case: UseCase, names: Names) -> Sheet:
    """What has to be put right."""
    made = Sheet("To be put right", "id", "severity", "stage", "what", "who", "due", heads=3)
    for one in use_case.findings:
        due = second(iso(one.due)) if one.due else ""
        whose = names.shown(one.owner or use_case.about.owner)
        row(made, one.id, coloured(one.severity), one.stage, one.text, whose, due)
    return made


def offered(comes_to: RolledUp | None) -> str:
    """Whether its models let it advance; empty text where they do not."""
    offer = comes_to.offer if comes_to else None
    return f"out of {offer.stage}: every model is approved in {offer.model_stage}" if offer else ""


def models(standing: Sequence[GroupSummary], stage: Stage | None) -> Iterator[RenderableType]:
    """How its models stand in the corresponding stage, and what befell them."""
    if not standing:
        return
    made = table("Models", "group", "stage", "version", "stands", "risk")
    for one in standing:
        known = one.stages.get(stage) if stage else None
        version, verdict = (str(known.version), coloured(known.verdict)) if known else ("", Text("not decided on"))
        stands = verdict if stage else ""
        row(made, one.name, stage or "", version, stands, coloured(one.risk) if one.risk else "")
    yield made
    if any(one.befallen for one in standing):
        yield troubles(standing)


def troubles(standing: Sequence[GroupSummary]) -> Table:
    """What befell its models."""
    made = table("To be seen to", "model", "what", "stage")
    for one in standing:
        for found in one.befallen:
            row(made, f"{one.name}/{found.version}", coloured(found.trouble), found.stage or "")
    return made


def trail(deeds: Sequence[Told]) -> Sheet:
    """The chain of deeds."""
    made = Sheet("Audit trail", "#", "at", "action", "who", "why", "changed", heads=3)
    for one in deeds:
        changed = ", ".join(one["changed"])
        row(made, one["sequence"], second(one["at"]), one["action"], one["who"], one["why"], changed)
    return made


def short(use_case: UseCase, comes_to: RolledUp | None, names: Names) -> dict[str, Any]:
    """A use case in a listing."""
    totals = comes_to.totals if comes_to else Totals()
    return {
        "id": use_case.id,
        "name": use_case.about.name,
        "stage": use_case.stage.value,
        "status": use_case.status.value,
        "ai_act_class": use_case.ai_act_class.value if use_case.ai_act_class else "",
        "materiality": use_case.materiality.value if use_case.materiality else "",
        "risk": risk_of(use_case, totals).value,
        "groups": use_case.groups,
        "findings": len(use_case.findings),
        "troubles": {trouble.value: number for trouble, number in totals.troubles.items()},
        "offered_stage": comes_to.offer.stage.value if comes_to and comes_to.offer else "",
        "owner": names.shown(use_case.about.owner),
        "line_of_business": use_case.about.line_of_business,
        "successor": use_case.successor,
    }


def listing(shown: Sequence[Told]) -> RenderableType:
    """Use cases in a table."""
    if not shown:
        return Text("No use case is on record: steward use-case create puts one there.")
    heads = ("stage", "status", "class", "risk", "models", "findings", "may advance", "to be seen to", "business")
    made = table("Use cases", "use case", "name", *heads)
    for one in shown:
        troubles = ", ".join(f"{number} {trouble}" for trouble, number in one["troubles"].items())
        words = (one["id"], one["name"], one["stage"], coloured(one["status"]), one["ai_act_class"], one["risk"])
        numbers = (one["groups"], one["findings"], "yes" if one["offered_stage"] else "")
        row(made, *words, *numbers, troubles, one["line_of_business"])
    return made


def parts(found: Sequence[Participation]) -> Sheet:
    """Which versions took part in a decision."""
    columns = ("version", "at", "stage", "endpoint", "captured", "explained", "invocation")
    made = Sheet(f"{found[0].decision_id} of {found[0].use_case}", *columns, heads=4)
    for one in found:
        version = version_name_of(one.model_package_arn)
        sampled = f"{one.captured} ({one.capture_percent} %)" if one.captured else "nothing is captured"
        row(made, version, second(iso(one.served_at)), one.stage, f"{one.endpoint} {one.variant}", sampled,
            one.explanations, one.request_id)  # fmt: skip
    return made
