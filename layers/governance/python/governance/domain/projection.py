"""The rows that a state gives: what the table holds of a version beside its facts and its audit entries.

Keys and attributes are public contract (DESIGN 7). They are made here, without a table, so that the ledger that
writes them and the rebuilding that compares them cannot disagree.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from governance.domain.deadlines import next_due
from governance.domain.deployment import RUNNING, Deployment
from governance.domain.facts import AnyFact, MetricsReported
from governance.domain.findings import Finding
from governance.domain.lifecycle import DeploymentStatus, Stage
from governance.domain.model_version import ModelVersion
from governance.domain.past import NOTHING, Past
from governance.domain.people import Names
from governance.domain.record import effects, stage_records
from governance.domain.signing import SignOff
from governance.domain.values import canonical, iso, sha256_of

SHARDS = 16
"""Into how many partitions the index by stage and status is spread: a throttled index blocks the table's writes."""

OF_A_STATE = ("STAGE#", "FINDING#", "EFFECT#", "DEPLOYMENT#", "SIGNOFF#", "EVIDENCE#")
"""How the sort keys of rows begin that a state gives."""

PROJECTED = (*OF_A_STATE, "METRIC#")
"""How the sort keys of rows begin that are there because a fold gives them, and for no other reason."""

UNSEEN = frozenset(
    {
        *("id", "sealing", "difference", "started_at", "stalled_since", "goes_to", "arrangement"),
        *("rolling_out", "skipped_for", "by_quota", "is_withdrawn", "has_deployed", "left_at"),
    }
)
"""What of a deployment only the state knows."""

SINCE_ROLES = frozenset({"roles", "delegated_by", "evidence"})
"""What a sign-off says since people have roles: rows of before are as they would be written today."""

SINCE_PROFILES = frozenset({"profile", "profile_hash", "environment", "rests_on", "completes", "runs_as", "model_arn",
                            "removes", "removed_by", "returns"})  # fmt: skip
"""What a deployment says since groups have deployment profiles, and stages several environments: likewise."""

Attributes = dict[str, Any]
"""A row without its keys and its schema version: plain JSON values."""


def head(state: ModelVersion, fold_version: int) -> Attributes:
    """The head, with the whole state in it; without the end of the audit chain, which is no fold.

    Where something is due on the version, it stands in the index by due date.
    """
    due = next_due(state)
    return {
        **({"gsi4pk": due_partition(shard_of(state)), "gsi4sk": f"{iso(due)}#{state.model.arn}"} if due else {}),
        "model_package_arn": state.model.arn,
        "created_at": iso(state.model.created_at),
        "model_group": state.model.group or "",
        "model_version": state.model.number or 0,
        "furthest_stage": state.furthest_stage.value,
        "package_status": state.package_status,
        "sealed": state.is_sealed,
        "artifacts": [artifact.model_dump(mode="json", exclude_defaults=True) for artifact in state.sealing.artifacts],
        "fold_version": fold_version,
        "fold_position": state.position,
        "facts": state.facts,
        "state": canonical(state.model_dump(mode="json")),
    }


def shard_of(state: ModelVersion) -> int:
    """The partition of an index that a version belongs to."""
    return int(sha256_of(state.model.arn)[:8], 16) % SHARDS


def due_partition(shard: int) -> str:
    """The index key of versions on which something is due."""
    return f"DUE#{shard:02d}"


def projections(state: ModelVersion, names: Names, past: Past = NOTHING) -> dict[str, Attributes]:
    """Stage records, findings, deployments, effects, sign-offs and evidence of a state and its past, by sort key.

    People are shown by the names that are kept of them, and by their ids where none is.
    """
    return dict(
        [
            *findings(past.findings, names),
            *findings(state.findings, names),
            *stages(state, names),
            *undertakings(state, past),
            *signed((*past.sign_offs, *state.sign_offs), names),
            *evidence(state, past),
        ]
    )


def stages(state: ModelVersion, names: Names) -> Iterator[tuple[str, Attributes]]:
    """The stage records, with their places in the indexes."""
    for stage, record in stage_records(state).items():
        shown = {
            **record,
            "model_audit_user": names.shown(record["model_audit_user"]),
            "model_owner": names.shown(record["model_owner"]),
        }
        yield f"STAGE#{stage}", {**shown, **index_keys(state, stage, record)}


def findings(found: Mapping[str, Finding], names: Names) -> Iterator[tuple[str, Attributes]]:
    """What was found wrong."""
    for key, finding in found.items():
        told = finding.model_dump(mode="json", include={"code", "severity", "remedy", "opened_at"})
        yield (
            f"FINDING#{key}",
            {
                **told,
                "detail": names.told(finding.detail),
                **({"owner": names.shown(finding.owner)} if finding.owner else {}),
                **({"due": iso(finding.due)} if finding.due else {}),
                "status": "open" if finding.is_open else "closed",
                "closed_at": iso(finding.closed_at) if finding.closed_at else "",
            },
        )


def undertakings(state: ModelVersion, past: Past) -> Iterator[tuple[str, Attributes]]:
    """Deployments, and every effect with its intent and outcome."""
    for key, deployment in state.deployments.items():
        told = deployment.model_dump(mode="json", exclude=set(UNSEEN))
        told |= {"runs_as": deployment.runs_as.value if deployment.is_batch else ""}
        told = {name: value for name, value in told.items() if value or name not in SINCE_PROFILES}
        told |= {"rollout": deployment.rollout_in_words} if deployment.rollout_in_words else {}
        told |= {**deployment.as_a_trial, "deployment_id": key, "finished_at": told["finished_at"] or ""}
        yield f"DEPLOYMENT#{key}", {**told, **by_endpoint(state, deployment)}
    for key, effect in effects(state, past).items():
        yield f"EFFECT#{key}", dict(effect)


def signed(sign_offs: Iterable[SignOff], names: Names) -> Iterator[tuple[str, Attributes]]:
    """Sign-offs, by the names of the people."""
    for signed_off in sign_offs:
        told = signed_off.model_dump(mode="json", exclude={"person"})
        told = {name: value for name, value in told.items() if value or name not in SINCE_ROLES}
        who = {"person": names.shown(signed_off.person.id), "acting_as": signed_off.person.arn}
        yield f"SIGNOFF#{signed_off.id}", {**told, **who}


def evidence(state: ModelVersion, past: Past) -> Iterator[tuple[str, Attributes]]:
    """Evidence by its hash: what the package claims, and what was made of it."""
    for attached in state.evidence:
        if attached.sha256:
            yield f"EVIDENCE#{attached.kind}#{attached.sha256}", attached.model_dump(mode="json")
    for piece in (*past.pieces, *state.pieces):
        if piece.sha256 or piece.claimed:
            told = piece.model_dump(mode="json", exclude={"kind", "sha256", "values"})
            about = {"kind": piece.kind.value, "sha256": piece.sha256 or piece.claimed, "values": dict(piece.values)}
            yield f"EVIDENCE#{piece.kind}#{piece.sha256 or piece.claimed}", {**without_nothing(told), **about}


def without_nothing(told: Attributes) -> Attributes:
    """Attributes with an empty text where there is nothing, as in all rows."""
    return {name: "" if value is None else value for name, value in told.items()}


def last_reports(facts: Iterable[AnyFact]) -> dict[str, MetricsReported]:
    """The reports that are seen as metric samples, by sort key: of several of one moment the one that counts last."""
    shown: dict[str, MetricsReported] = {}
    for fact in facts:
        if isinstance(fact, MetricsReported) and fact.metrics:
            key = f"METRIC#{fact.stage}#{fact.purpose}#{iso(fact.effective_at)}"
            if key not in shown or shown[key].position < fact.position:
                shown[key] = fact
    return shown


def samples(facts: Iterable[AnyFact]) -> dict[str, Attributes]:
    """The metric samples that reports give, by sort key. Those that are not seen are kept as facts all the same."""
    return {key: sample(fact) for key, fact in last_reports(facts).items()}


def sample(fact: MetricsReported) -> Attributes:
    """One sample of measurements."""
    return {
        "stage": fact.stage.value,
        "purpose": fact.purpose,
        "metrics": {metric.name: metric.value for metric in fact.metrics},
        "endpoint": fact.endpoint,
        "deployment_id": fact.deployment_id,
        "validation_set": fact.validation_set,
        "rows": fact.rows,
        "producer": fact.producer,
    }


def fact_key(fact: AnyFact) -> str:
    """The key under which a fact is kept: `<effective time>#<fingerprint>`."""
    return f"{iso(fact.effective_at)}#{fact.fingerprint}"


def fact_row(fact: AnyFact) -> Attributes:
    """One fact, with its text."""
    return {
        "kind": fact.kind,
        "effective_at": iso(fact.effective_at),
        "recorded_at": iso(fact.recorded_at),
        "fingerprint": fact.fingerprint,
        "content": fact.text,
    }


TRIED, FAILED = "TRIED", "FAILED"
"""As what a version can stand beside an endpoint without serving there."""


def endpoint_key(arn: str, side: str = "") -> str:
    """The index key of an endpoint, or of what stands beside it; SageMaker writes endpoint ARNs in lower case."""
    return f"ENDPOINT#{arn.lower()}#{side}" if side else f"ENDPOINT#{arn.lower()}"


def index_keys(state: ModelVersion, stage: Stage, record: Mapping[str, Any]) -> dict[str, str]:
    """Where a stage record stands in the indexes."""
    keys = {
        "gsi2pk": f"STAGE#{stage}#{record['model_status']}#{shard_of(state):02d}",
        "gsi2sk": f"{record['model_audit_timestamp']}#{state.model.arn}",
    }
    if record["use_case_id"]:
        keys["gsi1pk"] = f"USECASE#{record['use_case_id']}"
        keys["gsi1sk"] = f"{state.model.group}#{state.model.number or 0:08d}#{stage}"
    own = state.latest_in(stage).get("")
    return {**keys, **endpoint_keys(state, own)} if own else keys


def endpoint_keys(state: ModelVersion, deployment: Deployment) -> dict[str, str]:
    """Where what came to an endpoint stands in the index: by it what serves, beside it what is tried or failed."""
    side = beside_endpoint(deployment)
    if not deployment.endpoint_arn or side is None:
        return {}
    asked = f"{iso(deployment.requested_at)}#{state.model.arn}"
    return {"gsi3pk": endpoint_key(deployment.endpoint_arn, side), "gsi3sk": asked}


def beside_endpoint(deployment: Deployment) -> str | None:
    """As what a deployment stands beside its endpoint: nothing for what serves there, None for what has left it."""
    if deployment.status is DeploymentStatus.FAILED:
        return FAILED
    return (TRIED if deployment.is_trial else "") if deployment.status in RUNNING else None


def by_endpoint(state: ModelVersion, deployment: Deployment) -> dict[str, str]:
    """The same for a deployment to a further environment: a stage record stands there for the stage's own only."""
    keys = endpoint_keys(state, deployment) if deployment.environment and state.is_latest(deployment) else {}
    return {**keys, "model_package_arn": state.model.arn, "model_stage": deployment.stage.value} if keys else {}
