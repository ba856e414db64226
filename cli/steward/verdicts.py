"""What came of a decision on a model, in words: what passed, what is missing, and what would put it right."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from steward import rendering
from steward.output import Sheet, coloured, row, second, table

Told = Mapping[str, Any]

OUTCOMES = {
    "approved": "{version} is approved in {stage}.",
    "being-written": "Steward writes the approval of {version} in {stage} to the registry; the record follows.",
    "to-be-written": "Nothing stands against the approval of {version} in {stage}: Steward writes it to the registry.",
    "ready": "Nothing stands against an approval of {version} in {stage} any more: steward approve asks for it.",
    "not-written-here": "Nothing stands against it, but nobody writes to the registry: approve {version} in Studio.",
    "waits": "{version} is not approved in {stage} yet: what is missing stands above. Your word is kept, and counts as "
    "soon as nothing is missing; other evidence, another policy or a rejection makes it void: approve again then.",
}


def decision(told: Told, dry_run: bool) -> Iterator[RenderableType]:
    """The answer to an approval, a sign-off or an emergency."""
    if told["checks"]:
        yield checks(told["checks"], f"{rendering.called(told['version'])} in {told['stage']}, by {told['policy']}")
    if told["sign_offs"]:
        yield signed(told["sign_offs"])
    if told.get("emergency"):
        yield emergency(told["emergency"])
    sentence = OUTCOMES[told["outcome"]].format(version=rendering.called(told["version"]), stage=told["stage"])
    yield f"{'Nothing was changed; it would be so: ' if dry_run else ''}{sentence}"


def checks(found: Sequence[Told], title: str) -> Sheet:
    """Each check of a policy, what stops an approval first."""
    made = Sheet(title, "", "check", "required", "found", "what would fix it", heads=2)
    for one in sorted(found, key=lambda one: (one["passed"], not one["stops"])):
        row(made, mark(one), one["name"], one["required"], one["found"], one["remedy"])
    return made


def mark(check: Told) -> Text:
    """Whether a check passed, stops an approval, or only advises against it."""
    if check["passed"]:
        return Text("✓", style="green")
    return Text("✗ stops", style="red") if check["stops"] else Text("! advises", style="yellow")


def signed(given: Sequence[Told]) -> str:
    """Whose word counts."""
    return "Signed off by " + ", ".join(f"{one['person']} ({' and '.join(one['roles'])})" for one in given) + "."


def emergency(told: Told) -> str:
    """An approval in an emergency, and where it stands."""
    if told["reviewed_by"]:
        return f"Emergency of {told['person']} {'upheld' if told['upheld'] else 'overruled'} by {told['reviewed_by']}."
    ends = "ended" if told["ended"] else "ends"
    review = "overdue since" if told["overdue"] else "due by"
    times = f"{ends} {second(told['until'])}, its review is {review} {second(told['review_by'])}"
    return f"Emergency of {told['person']}: it {times}."


def findings(found: Sequence[Told], title: str) -> Sheet:
    """What reviewers want put right, and how it was."""
    several = ("version",) if any("version" in one for one in found) else ()
    columns = (*several, "finding", "severity", "stage", "check", "what", "owner", "due", "answer")
    made = Sheet(title, *columns, heads=len(several) + 3)
    for one in found:
        due = f"{second(one['due'])}{' (overdue)' if one['overdue'] else ''}" if one["due"] else ""
        about = (one["id"], coloured(one["severity"]), one["stage"], one["check"], one["text"], one["owner"])
        row(made, *(rendering.called(one[name]) for name in several), *about, due, one.get("how", ""))
    return made


def evidence(pieces: Sequence[Told], title: str) -> Table:
    """Evidence on record, and whether a gate may rest on it."""
    made = table(title, "kind", "status", "dated", "expires", "metrics", "from", "sha256", "problem")
    for one in pieces:
        times = (second(one.get("dated_at")), second(one.get("expires_at")))
        measured = len(one.get("values") or ()) or ""
        place = (one["uri"], str(one["sha256"])[:12], one["problem"])
        row(made, one["kind"], coloured(one["status"]), *times, measured, *place)
    return made
