"""Dead letters shown and handed over again, and what came in played again: commands for who runs Steward."""

import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table

from governance import bootstrap
from governance.domain.errors import GovernanceError
from steward import rendering
from steward.failures import Exit, Failure
from steward.install import Install, command
from steward.naming import moment_named
from steward.options import Desk, DryRun, Json, desk
from steward.output import Output, row, second, table

REDRIVE = "RedriveEventsFunction"
PAUSE = 5.0
"""Seconds between two looks at a replay that runs."""
UNDER_WAY = frozenset({"STARTING", "RUNNING", "CANCELLING"})
"""What EventBridge calls a replay that is not over (EventBridge API: DescribeReplay)."""


class Box(StrEnum):
    """Where letters lie."""

    UNDELIVERED = "undelivered"
    FAILED = "failed"
    STREAM = "stream"


def redrive(
    context: typer.Context,
    letters: Annotated[list[str] | None, typer.Argument(help="Letters by id. None: show what there is.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every letter there is.")] = False,
    box: Annotated[Box | None, typer.Option("--queue", help="Only letters of this place.")] = None,
    why: Annotated[str, typer.Option(help="Why they are redriven. It stays on the record.")] = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Show dead letters with their cause; hand one, some or all over again, and show how their versions stand then."""
    at, place = desk(context), box.value if box else "all"
    if not letters and not every:
        look(at, place)
        return
    if letters and every:
        raise Failure(Exit.USAGE, "Name letters, or say --all", "steward redrive shows what there is")
    if not why and not dry_run:
        raise Failure(Exit.USAGE, "Say why they are redriven", '--why "the registry answers again"')
    asked = {"action": "redrive", "queue": place, "ids": letters or "all", "why": why, "dry_run": dry_run}
    if dry_run:
        told = command(at.install, REDRIVE, asked)
        at.out.answer(told, [shown("Would be handed over again", told["letters"]), *missing(told)])
        ended(bool(told["missing"]))
        return
    hand_over(at, place, asked)


def look(at: Desk, place: str) -> None:
    """Every letter, with where, why, about what and how old."""
    told = listed(at.install, place)
    at.out.answer(told, list(report(told)))
    ended(bool(told["letters"]) or any(one["held"] for one in told["boxes"].values()))


def hand_over(at: Desk, place: str, asked: Mapping[str, Any]) -> None:
    """Redrive, in as many calls as it takes, and look at what is left and at the versions that it was about."""
    before = listed(at.install, place)
    told = command(at.install, REDRIVE, asked)
    outcomes, lost, versions = list(told["letters"]), list(told["missing"]), set(told["versions"])
    while left := told["left"]:
        at.out.note(f"{len(outcomes)} letters, {len(left)} to go")
        told = command(at.install, REDRIVE, {**asked, "ids": left})
        outcomes += told["letters"]
        versions |= set(told["versions"])
        if told["left"] == left:
            break
    after = listed(at.install, place)
    known = {one["id"] for one in before["letters"]} | {one["id"] for one in outcomes}
    back = [one for one in after["letters"] if one["id"] not in known]
    states = {arn: standing(at.install, arn) for arn in sorted(versions)}
    document = {
        "letters": outcomes,
        "missing": lost,
        "came_back": back,
        "versions": states,
        "before": before["boxes"],
        "after": after["boxes"],
    }
    at.out.answer(document, list(aftermath(document)))
    kept = [one for one in outcomes if one["outcome"] != "accepted"]
    ended(bool(kept or lost or back) or any(state != "as its facts give" for state in states.values()))


def listed(install: Install, place: str) -> dict[str, Any]:
    """What lies there now."""
    return command(install, REDRIVE, {"action": "list", "queue": place})


def standing(install: Install, version: str) -> str:
    """Whether a version's record is what its facts give, in a word or two."""
    try:
        found = bootstrap.rebuilding(install.settings).check(version)
    except GovernanceError as wrong:
        return f"cannot be compared: {type(wrong).__name__}"
    return rendering.several(len(found), "difference") if found else "as its facts give"


def ended(is_wanting: bool) -> None:
    """End with 1 where something is left to do."""
    if is_wanting:
        raise typer.Exit(Exit.DIFFERENCES)


def report(told: Mapping[str, Any]) -> Iterator[RenderableType]:
    """What lies there."""
    if told["letters"]:
        yield shown(rendering.several(len(told["letters"]), "dead letter"), told["letters"])
    for name, box in told["boxes"].items():
        if box["held"]:
            yield f"{box['held']} more in {name} are in somebody's hand: look again in a minute"
        if box["more"]:
            yield f"and more in {name} than one look takes"
    if not told["letters"]:
        yield "No dead letters."


def missing(told: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Letters that were named and are not there."""
    for one in told["missing"]:
        yield f"{one} is not there: it was redriven, or is in somebody's hand"


def shown(title: str, letters: Sequence[Mapping[str, Any]]) -> Table:
    """Letters, one in a line."""
    made = table(title, "letter", "age", "for", "about", "cause", "tried")
    for one in letters:
        about = ", ".join(rendering.called(arn) for arn in one["versions"][:3])
        more = f" and {len(one['versions']) - 3} more" if len(one["versions"]) > 3 else ""
        cause = f"{one['cause']} ({one['obstacle']})" if one["obstacle"] else one["cause"]
        row(made, one["id"], age(one["at"]), last(one["target"]), about + more, cause, one["attempts"])
    return made


def aftermath(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """What became of each letter, and how everything stands now."""
    made = table(rendering.several(len(document["letters"]), "letter"), "letter", "for", "outcome", "what it said")
    for one in document["letters"]:
        row(made, one["id"], last(one["target"]), one["outcome"], one["detail"])
    yield made
    yield from missing(document)
    if document["came_back"]:
        yield shown("Came back, or came meanwhile", document["came_back"])
    if document["versions"]:
        states = table("Versions that they were about", "version", "record")
        for arn, state in document["versions"].items():
            row(states, rendering.called(arn), state)
        yield states
    counts = table("Dead letters", "place", "before", "now")
    for name, box in document["after"].items():
        row(counts, name, document["before"].get(name, {}).get("letters", 0), box["letters"])
    yield counts


def age(moment: str) -> str:
    """How long ago, in the largest unit that fits."""
    seconds = max(0, int((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def last(arn: str) -> str:
    """The name at the end of an ARN."""
    return arn.rpartition(":")[2] or "nobody"


def replay(
    context: typer.Context,
    start: Annotated[str, typer.Option("--from", help="From when on; of the events' own time.")],
    end: Annotated[str | None, typer.Option("--to", help="Until when; now, if nothing is said.")] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Send what came in by the intake bus through the same door again. What is on record already changes nothing."""
    at = desk(context)
    begun, over = moment_named(start), moment_named(end) or datetime.now(UTC)
    assert begun is not None
    if begun >= over:
        raise Failure(Exit.USAGE, "--from is not before --to", "say when the replay begins and when it ends")
    events = at.install.session.client("events")
    archive = at.install.output("IntakeArchive")
    kept = events.describe_archive(ArchiveName=archive)
    told = {
        "archive": archive,
        "events_in_archive": kept["EventCount"],
        "from": begun.isoformat(),
        "to": over.isoformat(),
    }
    span = f"from {second(told['from'])} to {second(told['to'])}"
    if dry_run:
        at.out.answer(told, [f"Would replay {archive}, of {kept['EventCount']} events in all, {span}."])
        return
    name = f"{at.install.settings.install}-{over:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
    events.start_replay(
        ReplayName=name,
        EventSourceArn=f"{at.install.arn('events')}:archive/{archive}",
        EventStartTime=begun,
        EventEndTime=over,
        Destination={"Arn": at.install.output("IntakeBusArn")},
    )
    state = followed(events, name, at.out)
    told |= {"replay": name, "state": state["State"], "reason": state.get("StateReason", "")}
    reason = f": {told['reason']}" if told["reason"] else ""
    at.out.answer(told, [f"{name}, {span}: {told['state'].lower()}{reason}."])
    ended(state["State"] != "COMPLETED")


def followed(events: Any, name: str, out: Output) -> Mapping[str, Any]:
    """How a replay ended. Interrupted, it goes on without us."""
    while True:
        state: Mapping[str, Any] = events.describe_replay(ReplayName=name)
        if state["State"] not in UNDER_WAY:
            return state
        until = state.get("EventLastReplayedTime")
        out.note(f"{name}: {state['State'].lower()}" + (f", events until {until:%Y-%m-%dT%H:%M:%SZ}" if until else ""))
        time.sleep(PAUSE)
