"""The governance record: what a version's state looks like to the people and programs that read the table.

Each stage record carries all fifteen attributes of the reference design, under the names fixed in DESIGN 5.
Everything here is derived from the state; nothing is decided.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from governance.domain.deployment import Deployment
from governance.domain.evidence import FAMILIES, REPORTS
from governance.domain.keeping import HOLD, RETAIN, latest
from governance.domain.lifecycle import ORDER, Stage
from governance.domain.model_version import ModelVersion, StageState
from governance.domain.past import NOTHING, Past
from governance.domain.sealing import SealingStatus
from governance.domain.values import iso


def stage_record(state: ModelVersion, stage: Stage) -> dict[str, Any]:
    """One stage record as the table shows it."""
    known = state.stage(stage)
    deployment = state.deployment_in(stage)
    return {
        **who_answers(state),
        "model_group": state.model.group or "",
        "model_version": state.model.number or 0,
        "model_package_arn": state.model.arn,
        "model_stage": stage.value,
        "model_status": known.status.value,
        "model_validation_metrics": validation_metrics(state, stage, known),
        "model_monitoring_metrics": monitoring_metrics(known),
        "model_audit_timestamp": iso(known.decided_at or state.model.created_at),
        "model_audit_user": audit_user(state, known),
        "approval_description": known.why,
        "policy": known.verdict.policy if known.verdict else "",
        "policy_hash": known.verdict.policy_hash if known.verdict else "",
        "deployment_status": state.deployment_status(stage).value,
        "deployment_id": deployment.id if deployment else "",
        "deployment_reason": deployment.reason if deployment else "",
        "endpoint_name": deployment.endpoint_name if deployment else "",
        "endpoint_arn": deployment.endpoint_arn if deployment else "",
        "endpoint_status": state.at(stage, deployment.environment if deployment else "").endpoint_status,
        "validated_at": iso(known.measured_at) if known.measured_at else "",
        **({"deployment_trial": tried} if (tried := in_words(deployment)) else {}),
        **({"deployment_rollout": rolls} if deployment and (rolls := deployment.rollout_in_words) else {}),
        **({"deployment_runs_as": deployment.runs_as.value} if deployment and deployment.is_batch else {}),
        **({"environments": json.dumps(environments(state, stage), sort_keys=True)} if known.elsewhere else {}),
    }


def environments(state: ModelVersion, stage: Stage) -> dict[str, dict[str, str]]:
    """Each environment of a stage that a version went to, by its name, where there is more than the stage's own."""
    return {
        deployment.place: {
            "deployment_status": deployment.status.value,
            "deployment_id": deployment.id,
            "deployment_reason": deployment.reason,
            "endpoint_name": deployment.endpoint_name,
            "endpoint_arn": deployment.endpoint_arn,
            "endpoint_status": state.at(stage, place).endpoint_status,
            **({"deployment_rollout": rolls} if (rolls := deployment.rollout_in_words) else {}),
        }
        for place, deployment in state.latest_in(stage).items()
    }


def in_words(deployment: Deployment | None) -> str:
    """How a deployment came to its endpoint, where versions are tried first: beside which, or at once and why."""
    if deployment is None:
        return ""
    arranged = deployment.arrangement
    if arranged and arranged.trial and arranged.beside:
        return f"{arranged.trial}, {arranged.percent} percent, beside {arranged.beside.version}"
    words = f"full rollout of {deployment.completes}" if deployment.completes else ""
    if arranged and arranged.why:
        words = f"at once: {arranged.why}"
    without = f"without the rollout of its profile: {deployment.no_rollout}" if deployment.no_rollout else ""
    return "; ".join(one for one in (words, without) if one)


def who_answers(state: ModelVersion) -> dict[str, Any]:
    """The attributes that come from the use case, the group, or the package's own properties."""
    profile = state.profile
    return {
        "use_case_id": profile.use_case_id,
        "use_case_name": profile.use_case_name,
        "use_case_stage": profile.use_case_stage,
        "model_owner": profile.owner,
        "model_lob": profile.line_of_business,
        "model_project": profile.project,
        "model_risk": profile.model_risk.value,
    }


def validation_metrics(state: ModelVersion, stage: Stage, known: StageState) -> str:
    """What was measured, by name, as JSON; in development, where the package says its own reports are."""
    if known.metrics or stage is not Stage.DEVELOPMENT:
        return json.dumps({metric.name: metric.value for metric in known.metrics}, sort_keys=True)
    named = {one.report: one.uri for one in state.evidence if one.kind in FAMILIES.values() or one.report in REPORTS}
    return json.dumps(named, sort_keys=True)


def monitoring_metrics(known: StageState) -> str:
    """What monitoring measured, with the endpoint it came from, as JSON."""
    if not known.monitoring:
        return "{}"
    measured: dict[str, Any] = {metric.name: metric.value for metric in known.monitoring}
    return json.dumps({**measured, "endpoint": known.monitored_endpoint}, sort_keys=True)


def audit_user(state: ModelVersion, known: StageState) -> str:
    """Who made the decision in force; before any decision, who registered the version."""
    if known.decided_at:
        return known.decided_by.id if known.decided_by else "unknown"
    return state.author.id if state.author else "unknown"


def stage_records(state: ModelVersion) -> dict[Stage, dict[str, Any]]:
    """Every stage record a version has, first stage first."""
    return {stage: stage_record(state, stage) for stage in ORDER if stage in state.stages}


def summary(state: ModelVersion | None, closed: Iterable[str] = ()) -> dict[str, Any]:
    """What audit entries compare: statuses, whereabouts and findings, flat and few. `closed` are ids of findings."""
    if state is None:
        return {}
    lines: dict[str, Any] = {"sealing": state.sealing.status.value, "package_status": state.package_status}
    for stage, record in stage_records(state).items():
        for name in (
            "model_status",
            "deployment_status",
            "endpoint_name",
            "validated_at",
            "model_audit_user",
            "model_owner",
        ):
            lines[f"{stage}.{name}"] = record[name]
        for place, deployment in state.latest_in(stage).items() if state.stage(stage).elsewhere else ():
            lines[f"{stage}/{deployment.place}.deployment_status"] = deployment.status.value
            if bar := state.at(stage, place).bar if place else None:
                lines[f"{stage}/{deployment.place}.rolled_back_by"] = bar.person.id
    lines |= of_the_record_itself(state)
    lines |= {f"finding.{key}": "closed" for key in closed}
    lines |= {f"finding.{key}": "open" for key in state.findings}
    return lines


def of_the_record_itself(state: ModelVersion) -> dict[str, Any]:
    """What was decided about keeping it, where anything was."""
    lines: dict[str, Any] = {}
    if state.backfilled:
        lines["adopted_by"] = state.adopted_by.id if state.adopted_by else ""
    if state.imported:
        lines["imported_from"] = state.imported.source.arn
    if state.legal_hold is not None:
        lines["legal_hold"] = state.legal_hold
    if state.retained_until:
        lines["retained_until"] = iso(state.retained_until)
    for name, family in (("retention", RETAIN), ("hold", HOLD)):
        if keeping := latest(state.keepings, family):
            lines[name] = f"{keeping.what}: {keeping.outcome or 'open'}"
    lines |= of_decisions(state) | of_recalls(state)
    for stage, record in stage_records(state).items():
        if "deployment_trial" in record:
            lines[f"{stage}.trial"] = record["deployment_trial"]
        for place, deployment in state.latest_in(stage).items():
            if deployment.rollout_in_words and deployment.rolling_out:
                taken = deployment.is_taken_back_by_guardrails
                where = f"{stage}/{place}" if place else stage.value
                lines[f"{where}.rollout"] = "taken-back" if taken else deployment.rolling_out.phase.value
    for rollback in state.rollbacks:
        lines[f"rollback.{rollback.effect_id}"] = rollback.outcome or "requested"
    return lines


def of_recalls(state: ModelVersion) -> dict[str, Any]:
    """What people took back."""
    lines: dict[str, Any] = {}
    for stage, known in state.stages.items():
        if known.bar:
            lines[f"{stage}.rolled_back_by"] = known.bar.person.id
        if known.judged:
            words = (f"{where}: {word}" for where, word in sorted(known.judged.words.items()))
            lines[f"{stage}.on_rejection"] = f"{known.judged.policy}: {', '.join(words)}"
    if known_quarantine := state.quarantine:
        safe = "safe" if known_quarantine.safe_at else "ordered"
        lines["quarantine"] = safe if known_quarantine.is_open else "released"
    if state.retiring:
        lines["retirement"] = f"proposed by {state.retiring.person.id}"
    if known_retirement := state.retirement:
        lines["retirement"] = "completed" if known_retirement.completed_at else "ordered"
        lines["successor"] = known_retirement.successor
    for deployment in state.deployments.values():
        if deployment.removes:
            lines[f"removal.{deployment.id}"] = deployment.status.value
    return lines


def of_decisions(state: ModelVersion) -> dict[str, Any]:
    """People's word, evidence, and what is written to the registry."""
    lines: dict[str, Any] = {}
    for signed in state.sign_offs:
        counted = "counted" if signed.decision else "given"
        lines[f"sign-off.{signed.id}"] = "void" if signed.void else counted
    for piece in state.pieces:
        lines[f"evidence.{piece.kind}.{piece.effect_id}"] = piece.status
    for written in state.write_backs:
        lines[f"write-back.{written.effect_id}"] = written.outcome or ("written" if written.echoed_at else "requested")
    for stage, known in state.stages.items():
        if glass := known.glass:
            word = {True: "upheld", False: "overruled", None: "ended" if glass.ended else "to be reviewed"}
            lines[f"emergency.{stage}"] = word[glass.upheld]
    if state.resubmits:
        lines["resubmits"] = state.resubmits
    return lines


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was and what is, for every line that changed.

    A line that was not there is absent from `old`; one that a late fact made void is `null` in `new`.
    """
    changed = [name for name in after if before.get(name) != after[name]]
    void = [name for name in before if name not in after]
    old = {name: before[name] for name in (*changed, *void) if name in before}
    return old, {**{name: after[name] for name in changed}, **dict.fromkeys(void)}


def effects(state: ModelVersion, past: Past = NOTHING) -> dict[str, dict[str, Any]]:
    """Every effect that was intended, with its outcome so far; `past` is what the state has left behind."""
    listed: dict[str, dict[str, Any]] = {}
    if known := state.imported:
        listed[known.effect_id] = {"effect": "import", "cause": known.source.arn, "outcome": "done"}
    for sealing in (*past.sealings, *state.earlier_sealings, state.sealing):
        if not sealing.effect_id:
            continue
        outcome = {SealingStatus.SEALED: "done", SealingStatus.REFUSED: "refused"}.get(sealing.status, "open")
        listed[sealing.effect_id] = {"effect": "seal", "cause": sealing.cause, "outcome": outcome}
    for deployment in state.deployments.values():
        outcome = "open" if deployment.finished_at is None else deployment.status.value
        kind = "remove" if deployment.removes else "deploy"
        listed[deployment.id] = {"effect": kind, "cause": deployment.cause, "outcome": outcome}
    for rollback in state.rollbacks:
        outcome = rollback.outcome or "open"
        listed[rollback.effect_id] = {"effect": "roll-back", "cause": rollback.cause, "outcome": outcome}
    for keeping in (*past.keepings, *state.keepings):
        outcome = keeping.outcome or "open"
        listed[keeping.effect_id] = {"effect": keeping.what, "cause": keeping.cause, "outcome": outcome}
    for piece in (*past.pieces, *state.pieces):
        outcome = "open" if piece.status == "requested" else "refused" if piece.status == "refused" else "done"
        listed[piece.effect_id] = {"effect": "collect", "cause": piece.uri, "outcome": outcome}
    for written in (*past.write_backs, *state.write_backs):
        outcome = written.outcome or ("written" if written.echoed_at else "open")
        listed[written.effect_id] = {"effect": "write-back", "cause": written.cause, "outcome": outcome}
    return listed
