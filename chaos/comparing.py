"""Compare the record of every version with the truth: whatever differs is a problem, but for gaps that are named."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chaos.keeping import of_holds
from chaos.truth import Version
from chaos.weather import Harm
from governance.domain import audit
from tests.integration.scenarios.access import Item
from tests.integration.scenarios.driver import Driver

GAPS = frozenset({"missed-event", "history-gap", "approver-unknown", "out-of-band-approval"})
"""What a record may say instead of knowing. None of them lets anything count that was not approved."""

LOST = "events dropped"

ONCE_ADOPTED = frozenset({"hold: open", "hold: overtaken", "release: open", "release: overtaken"})
"""What may be on the record of a version that nobody has adopted: officers' orders, carried out once it is."""

SHORT = {"development": "dev", "test": "test", "pre-production": "pre-prod", "production": "prod"}
"""How a table names the stages, in their order."""


@dataclass
class Compared:
    """One version: what happened to its events, what its record says, what was done, and what is wrong with that."""

    version: Version
    harm: dict[str, int]
    status: str
    gaps: list[str]
    problems: list[str] = field(default_factory=list)
    effects: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """Which one of the fleet: number of its group, and of the version in it."""
        return self.version.arn.rpartition("-")[2] or f"number {self.version.number}"


@dataclass(frozen=True)
class World:
    """What is read once for all versions."""

    executions: Mapping[str, int]
    heard: Mapping[str, Counter[str]]
    copies: Mapping[str, int]


def read_world(driver: Driver, heard: Sequence[Item]) -> World:
    """Executions per deployment, what a subscriber heard by version and event, and versions of each sealed object."""
    by_version: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for event in heard:
        by_version[event["detail"]["model_package_arn"]][event["detail"]["event_id"]] += 1
    pages = driver.client("s3", "hub").get_paginator("list_object_versions")
    copies = Counter(
        one["Key"]
        for page in pages.paginate(Bucket=driver.outputs["ArtifactBucket"], Prefix="sealed/")
        for one in page.get("Versions", [])
    )
    return World(_executions(driver), by_version, copies)


def _executions(driver: Driver) -> Counter[str]:
    """How many executions of each deployment there are."""
    client, found = driver.client("codepipeline", "hub"), Counter[str]()
    for name in ("TestPipeline", "ProdPipeline"):
        pipeline = driver.outputs[name]
        for page in client.get_paginator("list_pipeline_executions").paginate(pipelineName=pipeline):
            for one in page["pipelineExecutionSummaries"]:
                told = client.get_pipeline_execution(
                    pipelineName=pipeline, pipelineExecutionId=one["pipelineExecutionId"]
                )["pipelineExecution"]
                values = {each["name"]: each["resolvedValue"] for each in told.get("variables", [])}
                found[values.get("DeploymentId", "")] += 1
    return found


def compare(driver: Driver, version: Version, harm: Harm, world: World) -> Compared:
    """Hold one record against the truth."""
    items = driver.items(version.arn)
    rows = {item["sk"]: item for item in items}
    counted = harm.by_resource.get(version.arn, Counter())
    stages = {sk.removeprefix("STAGE#"): row for sk, row in rows.items() if sk.startswith("STAGE#")}
    findings = sorted(
        item["code"] for sk, item in rows.items() if sk.startswith("FINDING#") and item["status"] == "open"
    )
    status = ", ".join(f"{SHORT[name]} {stages[name]['model_status']}" for name in SHORT if name in stages)
    gaps = [code for code in findings if code in GAPS]
    compared = Compared(version, dict(counted), status, gaps)
    say = compared.problems.append
    if "HEAD" not in rows:
        say("there is no record")
        return compared
    described = driver.describe(version.arn)
    if described["ModelApprovalStatus"] != version.approval:
        say(f"the registry says {described['ModelApprovalStatus']}, {version.approval} was asked for")
    compared.problems += _of_stages(version, stages, findings, counted)
    compared.problems += _of_effects(version, items, world)
    compared.problems += of_holds(driver, version, rows["HEAD"])
    compared.effects = Counter(
        f"{item['effect']}: {item['outcome']}" for item in items if item["sk"].startswith("EFFECT#")
    )
    if version.dormant and (set(compared.effects) - ONCE_ADOPTED or "not-adopted" not in findings):
        compared.problems.append("nobody has adopted it, and the record does not show that")
    compared.problems += _of_chain(items, rows["HEAD"])
    compared.problems += _of_announcements(items, world.heard.get(version.arn, Counter()))
    return compared


def _of_stages(
    version: Version, stages: Mapping[str, Item], findings: Sequence[str], counted: Mapping[str, int]
) -> list[str]:
    """Nothing counts that was not decided; what was decided counts, unless a named gap says why not."""
    problems = []
    gaps = GAPS & set(findings)
    shown = stages.get("development", {}).get("model_status")
    if shown != version.development:
        withheld = version.development == "approved" and shown in ("pending", "rejected") and gaps
        if not withheld:
            problems.append(f"development is {shown}, was decided {version.development}")
    in_test = stages.get("test", {}).get("model_status")
    if in_test == "approved" and not version.approved_in_test:
        problems.append("test is approved, which was not decided, or not last")
    if in_test == "approved" and version.blocked and "fields-disagree" not in findings:
        problems.append("development is not approved any more, and no finding says that this blocks test")
    if version.due_in_test and in_test != "approved" and not gaps:
        problems.append(f"test is {in_test}, and was approved")
    if "production" in stages and "promote" not in version.asked:
        problems.append("there is a production record, and nobody ever promoted")
    if {"missed-event", "history-gap"} & gaps and not counted.get(LOST):
        problems.append(f"{sorted(gaps)}, although no event was lost")
    return problems


def _of_effects(version: Version, items: Sequence[Item], world: World) -> list[str]:
    problems = []
    for item in items:
        if item["sk"].startswith("DEPLOYMENT#"):
            if world.executions.get(item["deployment_id"], 0) > 1:
                problems.append(f"{world.executions[item['deployment_id']]} executions of {item['deployment_id']}")
            justified = version.may_be_in_test if item["stage"] == "test" else version.may_be_in_production
            if not justified or not version.deployable:
                problems.append(f"deployment {item['deployment_id']} was never justified")
            if item["status"] in ("queued", "deploying"):
                problems.append(f"deployment {item['deployment_id']} is {item['status']} for ever")
        waits = version.dormant and f"{item.get('effect')}: open" in ONCE_ADOPTED
        if item["sk"].startswith("EFFECT#") and item["outcome"] == "open" and not waits:
            problems.append(f"effect {item['sk']} has no outcome")
    signed = len({item["decision"] for item in items if item["sk"].startswith("SIGNOFF#development")})
    if signed > version.approvals:
        problems.append(f"{signed} approvals counted, {version.approvals} were given")
    twice = {key for item in items if item["sk"] == "HEAD" for key in _keys(item) if world.copies.get(key, 0) > 1}
    return [*problems, *(f"{key} was written twice" for key in sorted(twice))]


def _keys(head: Item) -> list[str]:
    return [part.split('"')[0] for part in str(head["state"]).split('"key":"')[1:]]


def _of_chain(items: Sequence[Item], head: Item) -> list[str]:
    entries = [
        audit.AuditEntry(sequence=int(item["sequence"]), entry=item["entry"], hash=item["hash"])
        for item in items
        if item["sk"].startswith("AUDIT#")
    ]
    problems = [f"audit chain: {broken}" for broken in audit.breaks(entries)]
    if not entries or (int(head["audit_sequence"]), head["audit_hash"]) != (entries[-1].sequence, entries[-1].hash):
        problems.append("the head does not name the last audit entry")
    return problems


def _of_announcements(items: Sequence[Item], heard: Counter[str]) -> list[str]:
    """What is on record was announced, each event under one id; nothing else was."""
    told = [
        event["detail"]["event_id"]
        for item in items
        if item["sk"].startswith("AUDIT#")
        for event in json.loads(item["entry"])["events"]
    ]
    problems = []
    if len(told) != len(set(told)):
        problems.append("two entries announce the same event")
    if missing := set(told) - heard.keys():
        problems.append(f"{len(missing)} of {len(told)} events on record were never announced")
    if strange := heard.keys() - set(told):
        problems.append(f"{len(strange)} announced events are on no record")
    return problems


def as_json(compared: Compared) -> dict[str, Any]:
    """One row of the result file."""
    version = compared.version
    return {
        "model_package_arn": version.arn, "asked": version.asked, "harm": compared.harm,
        "status": compared.status, "gaps": compared.gaps, "problems": compared.problems,
    }  # fmt: skip
