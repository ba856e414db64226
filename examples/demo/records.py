"""Steward's official record of a model version, read from the governance table as its auditor reads it."""

import json
from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from examples.cloud import Cloud

ATTRIBUTES = (
    "use_case_id",
    "use_case_name",
    "use_case_stage",
    "model_group",
    "model_version",
    "model_owner",
    "model_lob",
    "model_project",
    "model_stage",
    "model_status",
    "model_risk",
    "model_validation_metrics",
    "model_monitoring_metrics",
    "model_audit_timestamp",
    "model_audit_user",
)
"""The fifteen attributes that every stage record has."""

FURTHER_ATTRIBUTES = ("approval_description", "policy", "deployment_status", "endpoint_name", "validated_at")
"""What a stage record says beyond them: why it was decided, and what runs because of it."""

Item = dict[str, Any]


class Records:
    """The items of model versions, by their public keys. Reads are consistent."""

    def __init__(self, cloud: Cloud, who: str = "auditor") -> None:
        self._client = cloud.client("dynamodb", who)
        self._table = cloud.output("GovernanceTable").rsplit("/", 1)[-1]

    def head(self, model: str) -> Item:
        """What is known of a version as a whole; empty while it is not recorded."""
        return self._item(model, "HEAD")

    def stage(self, model: str, stage: str) -> Item:
        """The stage record; empty while there is none."""
        return self._item(model, f"STAGE#{stage}")

    def stages(self, model: str) -> list[Item]:
        """All stage records, in the order of a model's life."""
        order = ("development", "test", "pre-production", "production")
        found = {item["sk"].removeprefix("STAGE#"): item for item in self._items(model, "STAGE#")}
        return [found[stage] for stage in order if stage in found]

    def deployments(self, model: str) -> list[Item]:
        """Every deployment of the version that was ever asked for."""
        return self._items(model, "DEPLOYMENT#")

    def findings(self, model: str) -> list[Item]:
        """Every finding, closed ones too."""
        return self._items(model, "FINDING#")

    def evidence(self, model: str, kind: str) -> Item:
        """The last piece of evidence of a kind; empty while there is none."""
        return next(reversed(self._items(model, f"EVIDENCE#{kind}#")), {})

    def verdicts(self, model: str, stage: str) -> list[Item]:
        """What policies answered about approvals in a stage, in the order in which they were asked."""
        facts = [json.loads(item["content"]) for item in self._items(model, "FACT#") if item["kind"] == "verdict-given"]
        return [fact for fact in facts if fact["stage"] == stage]

    def audit(self, model: str) -> list[Item]:
        """The audit chain, first link first: each with its `entry` as text and its `hash`."""
        return self._items(model, "AUDIT#")

    def people(self, model: str) -> dict[str, str]:
        """The names that the ids in the audit chain stand for, as far as they were not erased."""
        names: dict[str, str] = json.loads(str(self._item(model, "PEOPLE").get("names", "{}")))
        return names

    def _item(self, model: str, sort: str) -> Item:
        answer = self._client.get_item(
            TableName=self._table,
            Key={"pk": {"S": f"MODEL#{model}"}, "sk": {"S": sort}},
            ConsistentRead=True,
        )
        return _plain(answer.get("Item", {}))

    def _items(self, model: str, prefix: str) -> list[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
            ExpressionAttributeValues={":pk": {"S": f"MODEL#{model}"}, ":sk": {"S": prefix}},
            ConsistentRead=True,
        )
        return [_plain(item) for page in pages for item in page["Items"]]


def _plain(item: Mapping[str, Any]) -> Item:
    read = TypeDeserializer()
    return {name: read.deserialize(value) for name, value in item.items()}


def metrics_of(record: Item, attribute: str = "model_validation_metrics") -> dict[str, float]:
    """The numbers in a metrics attribute by their names, wherever in its JSON they stand."""
    value = record.get(attribute)
    content = json.loads(value) if isinstance(value, str) and value.strip() else value
    return _numbers(content)


def _numbers(content: Any, name: str = "") -> dict[str, float]:
    if isinstance(content, list):
        return {name: number for entry in content for name, number in _numbers(entry).items()}
    if isinstance(content, Mapping):
        if "value" in content:
            return {str(content.get("name", name)): float(content["value"])}
        return {found: number for key in content for found, number in _numbers(content[key], str(key)).items()}
    if isinstance(content, str | bool) or content is None:
        return {}
    return {name: float(content)}


def told(record: Item) -> str:
    """One line on a stage record, for progress and errors."""
    if not record:
        return "no such record yet"
    names = ("model_status", "deployment_status", "validated_at", "deployment_reason")
    known = [f"{name.removeprefix('model_')} {record[name]}" for name in names if record.get(name)]
    return f"{record.get('model_stage', record.get('sk', '?'))}: {', '.join(known) or 'nothing decided'}"
