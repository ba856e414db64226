"""Use cases as people read them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from governance.domain.ai_act import QUESTIONS, Assessed
from governance.domain.lifecycle import Stage
from governance.domain.roll_up import GroupSummary
from governance.domain.served_decisions import Participation
from governance.domain.use_cases import ORDER, UseCase
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
        row(made, one["group"].rpartition("/")[2], one["use_case"], words)
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


def record(use_case: UseCase, groups: Sequence[str]) -> Iterator[RenderableType]:
    """A use case on one screen, without its models."""
    about, known = use_case.about, use_case.assessed
    yield Text(f"{use_case.id}: {about.name}", style="bold")
    made = table("", "", "")
    told = {
        "stage": Text.assemble(f"{use_case.stage} ", coloured(use_case.status)),
        "purpose": about.purpose,
        "users": about.intended_users,
        "owner": about.owner,
        "business": f"{about.line_of_business}, project {about.project}",
        "used in": ", ".join(about.jurisdictions),
        "EU AI Act": class_of(known) if known else "not assessed",
        "because": known.materiality_why if known else "",
        "overseen": about.human_oversight or "nobody said by whom",
        "proposed": class_of(use_case.proposed.assessed) if use_case.proposed else "",
        "successor": use_case.successor,
        "models": str(len(groups)),
    }
    for name, value in told.items():
        if value:
            row(made, name, value)
    yield made
    yield stages(use_case)
    if known:
        yield answered(known)
    if use_case.findings:
        yield findings(use_case)


def stages(use_case: UseCase) -> Table:
    """How each stage was decided on the last time."""
    made = table("Stages", "stage", "status", "decided", "by", "policy")
    for stage in ORDER:
        decided = use_case.stages.get(stage)
        is_here = stage is use_case.stage
        if decided is None and not is_here:
            continue
        status = use_case.status if is_here else decided.status if decided else ""
        words = " and ".join(decided.by) if decided else ""
        waiting = ", ".join(one.by.id for one in use_case.standing_words()) if is_here else ""
        by = f"{words}{' ' if words and waiting else ''}{f'(approved so far by {waiting})' if waiting else ''}"
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


def findings(use_case: UseCase) -> Sheet:
    """What has to be put right."""
    made = Sheet("To be put right", "id", "severity", "stage", "what", "who", "due", heads=3)
    for one in use_case.findings:
        due = second(iso(one.due)) if one.due else ""
        row(made, one.id, coloured(one.severity), one.stage, one.text, one.owner or use_case.about.owner, due)
    return made


def models(groups: Sequence[str], standing: Sequence[GroupSummary], stage: Stage | None) -> Iterator[RenderableType]:
    """How its models stand in the corresponding stage."""
    if not groups:
        return
    made = table("Models", "group", "stage", "version", "stands")
    if stage is None:
        for group in groups:
            row(made, group.rpartition("/")[2], "", "", "")
    for one in standing:
        known = one.stages.get(stage) if stage else None
        version, verdict = (str(known.version), coloured(known.verdict)) if known else ("", Text("not decided on"))
        row(made, one.name, stage, version, verdict)
    yield made


def trail(deeds: Sequence[Told]) -> Sheet:
    """The chain of deeds."""
    made = Sheet("Audit trail", "#", "at", "action", "who", "why", "changed", heads=3)
    for one in deeds:
        changed = ", ".join(one["changed"])
        row(made, one["sequence"], second(one["at"]), one["action"], one["who"], one["why"], changed)
    return made


def short(use_case: UseCase) -> dict[str, Any]:
    """A use case in a listing."""
    return {
        "id": use_case.id,
        "name": use_case.about.name,
        "stage": use_case.stage.value,
        "status": use_case.status.value,
        "ai_act_class": use_case.ai_act_class.value if use_case.ai_act_class else "",
        "materiality": use_case.materiality.value if use_case.materiality else "",
        "groups": use_case.groups,
        "findings": len(use_case.findings),
        "owner": use_case.about.owner,
        "line_of_business": use_case.about.line_of_business,
        "successor": use_case.successor,
    }


def listing(found: Sequence[UseCase]) -> RenderableType:
    """Use cases in a table."""
    if not found:
        return Text("No use case is on record: steward use-case create puts one there.")
    made = table("Use cases", "use case", "name", "stage", "status", "class", "tier", "models", "findings", "business")
    for one in map(short, found):
        words = (one["id"], one["name"], one["stage"], coloured(one["status"]), one["ai_act_class"], one["materiality"])
        row(made, *words, one["groups"], one["findings"], one["line_of_business"])
    return made


def parts(found: Sequence[Participation]) -> Sheet:
    """Which versions took part in a decision."""
    columns = ("version", "at", "stage", "endpoint", "captured", "explained", "invocation")
    made = Sheet(f"{found[0].decision_id} of {found[0].use_case}", *columns, heads=4)
    for one in found:
        version = "/".join(one.model_package_arn.split("/")[-2:])
        sampled = f"{one.captured} ({one.capture_percent} %)" if one.captured else "nothing is captured"
        row(made, version, second(iso(one.served_at)), one.stage, f"{one.endpoint} {one.variant}", sampled,
            one.explanations, one.request_id)  # fmt: skip
    return made
