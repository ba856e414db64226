"""The record of a version on one screen, as its owner or an auditor wants to read it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from governance.domain.comparing import Difference, Record
from governance.domain.identifiers import version_name_of
from governance.domain.people import Names
from governance.domain.values import iso
from governance.services.inventory import Listed, VersionView
from steward.output import Sheet, coloured, row, second, table


def version(view: VersionView) -> Iterator[RenderableType]:
    """Everything about a version, the most asked first."""
    yield Panel(summary(view), title=Text(called(view.model.arn)), title_align="left", expand=False)
    yield stages(view)
    if any(record["deployment_status"] != "none" for record in view.stages.values()):
        yield serving(view)
    if view.sign_offs:
        yield sign_offs(view.sign_offs)
    if view.deployments:
        yield deployments(view.deployments)
    yield findings(view.findings) if view.findings else Text("No findings.", style="dim")


def summary(view: VersionView) -> Table:
    """What a version is, where it stands in its chain, and what keeps its artifacts."""
    about: Mapping[str, Any] = next(iter(view.stages.values()), {})
    told: dict[str, object] = {
        "ARN": view.model.arn,
        "created": second(iso(view.model.created_at)),
        "as of": second(iso(view.as_of)) if view.as_of else "",
        "use case": about.get("use_case_name") or about.get("use_case_id") or "none",
        "owner": about.get("model_owner") or "nobody",
        "risk": about.get("model_risk") or "not said",
        "package": view.package_status,
        "sealing": coloured(view.sealing),
        "artifacts": "\n".join(view.artifacts),
        "compared": "\n".join(view.compared),
        "images": "\n".join(view.images),
        "locked until": second(iso(view.retained_until)) if view.retained_until else "",
        "legal hold": held(view),
        "quarantine": quarantined(view),
        "retired": retired(view),
        **{f"taken back in {stage}": ordered(bar) for stage, bar in view.bars.items()},
        "standing": "dormant: brought in, and not adopted (steward adopt)" if view.is_dormant else "",
        "adopted by": view.adopted_by,
        "imported from": came_from(view),
        "chain": f"entry {view.audit_sequence} {view.audit_hash}, of {view.facts} facts",
    }
    made = Table.grid(padding=(0, 2))
    made.add_column(style="dim")
    made.add_column(overflow="fold")
    for name, value in told.items():
        if str(value):
            row(made, name, value)
    return made


def held(view: VersionView) -> str:
    """Whether it is held, on whose word, and whether that was carried out at what is sealed."""
    if view.hold is None:
        return ""
    word = "yes, placed" if view.legal_hold else "no, lifted"
    followed = f" ({view.hold['outcome']})" if view.hold["outcome"] else ""
    return f"{word} by {view.hold['person']} at {second(view.hold['at'])}: {view.hold['why']}{followed}"


def came_from(view: VersionView) -> str:
    """Of which version of another registry it is the copy, and on whose word there."""
    if view.imported is None:
        return ""
    by = f", approved there by {view.imported['approved_by']}" if view.imported["approved_by"] else ""
    return f"{view.imported['source']}{by}"


def quarantined(view: VersionView) -> str:
    """Whether it may run at all, on whose word, and how long it took until nothing of it ran."""
    known = view.quarantine
    if known is None:
        return ""
    safe = f"safe after {known['seconds_to_safe']:g} s" if known["safe_at"] else "something of it runs still"
    ended = f"; released by {known['released_by']} at {second(known['released_at'])}: {known['release_why']}"
    return f"ordered {ordered(known)}; {safe}{'' if known['holds'] else ended}"


def retired(view: VersionView) -> str:
    """Whether it is over, on whose word, and what takes its place."""
    known = view.retirement
    if known is None:
        return ""
    gone = f"nothing of it runs since {second(known['completed_at'])}" if known["completed_at"] else "being removed"
    after = f"; {called(known['successor'])} takes its place" if known["successor"] else ""
    return f"{ordered(known)}; {gone}{after}"


def ordered(one: Mapping[str, Any]) -> str:
    """Who ordered something, when and why."""
    return f"by {one['person']} at {second(one['at'])}: {one['why']}"


def stages(view: VersionView) -> Table:
    """What was decided in each stage, by whom, when and why."""
    made = table("Stages", "stage", "status", "decided by", "at", "why")
    for stage, record in view.stages.items():
        undecided = record["model_audit_timestamp"] == iso(view.model.created_at)
        by, at = ("", "") if undecided else (record["model_audit_user"], second(record["model_audit_timestamp"]))
        row(made, stage, coloured(record["model_status"]), by, at, record["approval_description"])
    return made


def serving(view: VersionView) -> Table:
    """What runs in each stage, and how well."""
    made = table("Serving", "stage", "deployment", "endpoint", "measured", "rollout")
    for stage, record in view.stages.items():
        if record["deployment_status"] != "none":
            status = coloured(record["deployment_status"])
            told = (record["endpoint_name"], measured(record), str(record.get("deployment_rollout") or ""))
            row(made, stage, status, *told)
    return made


def measured(record: Mapping[str, Any]) -> str:
    """Measurements as name and number; reports that are no numbers by their names."""
    told = json.loads(record["model_validation_metrics"] or "{}")
    numbers = [f"{name} {value:g}" for name, value in told.items() if isinstance(value, int | float)]
    return ", ".join(numbers) or ", ".join(told)


def sign_offs(given: Sequence[Mapping[str, Any]]) -> Table:
    """Who signed."""
    made = table("Sign-offs", "stage", "person", "as", "at", "why", "policy", "")
    for one in given:
        stands = "void" if one["void"] else "" if one["decision"] else "waits"
        roles = " and ".join(one.get("roles", ()))
        row(made, one["stage"], one["person"], roles, second(one["at"]), one["why"], one["policy"], stands)
    return made


def deployments(begun: Sequence[Mapping[str, Any]]) -> Table:
    """What was deployed, and how it went."""
    made = table("Deployments", "stage", "status", "requested", "finished", "execution", "reason")
    for one in sorted(begun, key=lambda one: str(one["requested_at"])):
        times = (second(one["requested_at"]), second(one["finished_at"]))
        row(made, one["stage"], coloured(one["status"]), *times, one["execution_id"], one["reason"])
    return made


def findings(found: Sequence[Mapping[str, Any]]) -> Sheet:
    """What is wrong, what would put it right, who is to see to it and by when; what was put right last."""
    made = Sheet("Findings", "", "severity", "code", "what", "remedy", "owner", "due", "opened", heads=3)
    for one in sorted(found, key=lambda one: (one["status"] != "open", str(one["opened_at"]))):
        remedy = one["remedy"] if one["status"] == "open" else f"closed {second(one['closed_at'])}"
        status, severity = coloured(one["status"]), coloured(one["severity"])
        whose = (one.get("owner", ""), second(one.get("due")))
        row(made, status, severity, one["code"], one["detail"], remedy, *whose, second(one["opened_at"]))
    return made


def audit_entries(record: Record) -> list[dict[str, Any]]:
    """The chain of a version, each entry with its hash; names stand where they are kept."""
    entries = []
    for sk, one in sorted(record.rows.items()):
        if sk.startswith("AUDIT#"):
            content = json.loads(str(one["entry"]))
            entries.append({**content, "who": record.names.shown(str(content.get("who", ""))), "hash": one["hash"]})
    return entries


def audit(entries: Sequence[Mapping[str, Any]], names: Names) -> Table:
    """The chain as a story: what changed with names in place of ids, and without what is empty."""
    made = table("Audit trail", "#", "at", "who", "did", "stage", "what changed", "why", "hash")
    for one in entries:
        lines = [f"{name}: {value}" for name, value in dict(one.get("new") or {}).items() if value not in ("", None)]
        changed = names.told("\n".join(lines))
        told = (one.get("who"), one.get("action"), one.get("stage", ""), changed, one.get("why", ""))
        row(made, one["sequence"], second(one["at"]), *told, str(one["hash"])[:12])
    return made


def facts(record: Record) -> Table:
    """What was learned, in the order in which it happened."""
    made = table("Facts", "happened", "recorded", "kind", "fingerprint")
    for fact in sorted(record.facts, key=lambda fact: fact.position):
        row(made, second(iso(fact.effective_at)), second(iso(fact.recorded_at)), fact.kind, fact.fingerprint[:12])
    return made


def listed(versions: Sequence[Listed], found: Mapping[str, int] | None = None) -> Table:
    """Versions, each in one line."""
    columns = ("version", "stage", "status", "deployment", "risk", "owner", "use case", "decided")
    made = table(several(len(versions), "version"), *columns, *(("open findings",) if found is not None else ()))
    for one in versions:
        told = one.record
        extra = (found.get(one.model_package_arn, 0),) if found is not None else ()
        row(
            made, called(one.model_package_arn), told["model_stage"], coloured(told["model_status"]),
            coloured(told["deployment_status"]), told["model_risk"], told["model_owner"], told["use_case_id"],
            decided(told), *extra,
        )  # fmt: skip
    return made


def decided(told: Mapping[str, Any]) -> str:
    """When a stage was decided on. Before any decision, a stage record holds the time of the registration instead."""
    words = told["policy"] or told["approval_description"] or told["model_status"] != "pending"
    return second(told["model_audit_timestamp"]) if words else ""


def of_the_hub(found: Sequence[Mapping[str, Any]]) -> Table:
    """What is wrong that belongs to no version."""
    made = table("Findings about the hub", "severity", "code", "about", "what", "remedy", "opened")
    for one in found:
        row(
            made, coloured(one["severity"]), one["code"], one["subject"], one["detail"], one["remedy"],
            second(one["opened_at"]),
        )  # fmt: skip
    return made


def differences(found: Sequence[Difference]) -> Table:
    """Rows that are not what the facts give."""
    made = table(several(len(found), "difference"), "row", "attribute", "should be", "is")
    for one in found:
        place = f"{called(one.pk.removeprefix('MODEL#'))} {one.sk}"
        row(made, place, one.attribute or "the whole row", shown(one.expected), shown(one.found))
    return made


def shown(value: object) -> str:
    """A value short enough for a table; --json has the whole of it."""
    text = "not there" if value is None else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def several(count: int, thing: str) -> str:
    """A number of things, in words."""
    plural = f"{thing.removesuffix('y')}ies" if thing.endswith("y") else f"{thing}s"
    return f"{count} {thing if count == 1 else plural}"


def called(arn: str) -> str:
    """A version as people call it: `group/7`."""
    return version_name_of(arn) or arn
