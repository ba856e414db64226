"""The sample events are such as each function really gets."""

import json
from fnmatch import fnmatchcase
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parser.models import EventBridgeModel

from governance.domain import audit, commands, events
from tests.template.policies import functions
from tests.template.translation import DEV, HUB, PROD, ROOT, TEST, hub

SAMPLES = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "events").glob("*.json"))}
ON_A_BUS = {name: event for name, event in SAMPLES.items() if "detail-type" in event}
FOLDERS = {
    name: properties["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] for name, properties in functions().items()
}


@pytest.mark.parametrize("function", sorted(FOLDERS))
def test_a_function_has_a_sample(function):
    assert [name for name in SAMPLES if name.startswith(FOLDERS[function] + "-")]


@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_a_sample_belongs_to_a_function(sample):
    assert sample.split("-", 1)[0] in FOLDERS.values()


@pytest.mark.parametrize("sample", sorted(ON_A_BUS))
def test_a_sample_has_the_envelope_of_an_event(sample):
    EventBridgeModel.model_validate(ON_A_BUS[sample])
    assert ON_A_BUS[sample]["account"] in {HUB, DEV, TEST, PROD}


def matches(pattern: Any, value: Any) -> bool:
    """The operators of EventBridge patterns that our rules use."""
    if isinstance(pattern, dict):
        return all(
            matches(wanted, value.get(key) if isinstance(value, dict) else None) for key, wanted in pattern.items()
        )
    held = value if isinstance(value, list) else [value]
    return any(_one(wanted, one) for wanted in pattern for one in held)


def _one(wanted: Any, value: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(wanted == value)
    ((operator, argument),) = wanted.items()
    if operator == "exists":
        return (value is not None) is argument
    assert operator == "prefix", operator
    return isinstance(value, str) and fnmatchcase(value, argument + "*")


def rules_of(function: str) -> list[tuple[str, dict[str, Any]]]:
    """The bus and the pattern of each rule that invokes a function."""
    arn = hub().arn(function)
    rules = hub().of_type("AWS::Events::Rule").values()
    return [
        (str(rule.get("EventBusName", "default")), rule["EventPattern"])
        for rule in rules
        if any(target["Arn"] == arn for target in rule["Targets"])
    ]


@pytest.mark.parametrize("sample", sorted(ON_A_BUS))
def test_a_sample_is_matched_by_one_rule_of_its_function_and_never_by_two_of_a_bus(sample):
    (function,) = [name for name, folder in FOLDERS.items() if folder == sample.split("-", 1)[0]]
    buses = [bus for bus, pattern in rules_of(function) if matches(pattern, ON_A_BUS[sample])]
    assert buses
    assert len(set(buses)) == len(buses)


@pytest.mark.parametrize("function", sorted(FOLDERS))
def test_every_kind_of_event_in_a_rule_of_a_function_has_a_sample(function):
    mine = [event for name, event in ON_A_BUS.items() if name.startswith(FOLDERS[function] + "-")]
    for _, pattern in rules_of(function):
        for kind in pattern["detail-type"]:
            assert any(matches({**pattern, "detail-type": [kind]}, event) for event in mine), kind


def test_a_call_that_failed_is_not_learned_from():
    call = {**SAMPLES["sync_model_version-updated-by-api"]}
    call["detail"] = {**call["detail"], "errorCode": "AccessDenied"}
    assert not [pattern for _, pattern in rules_of("SyncModelVersion") if matches(pattern, call)]


@pytest.mark.parametrize("sample", [name for name, event in ON_A_BUS.items() if event["source"] == "steward"])
def test_an_announcement_is_one_that_steward_could_make(sample):
    told = events.PUBLISHED[ON_A_BUS[sample]["detail-type"]].model_validate(ON_A_BUS[sample]["detail"])
    assert told.model_dump(mode="json") == ON_A_BUS[sample]["detail"]


@pytest.mark.parametrize("sample", [name for name in ON_A_BUS if name.startswith("record_metrics-")])
def test_a_command_is_one_that_is_understood(sample):
    commands.COMMANDS[ON_A_BUS[sample]["detail-type"]].model_validate(ON_A_BUS[sample]["detail"])


def test_the_outbox_sample_holds_an_audit_entry_with_its_own_hash():
    (record,) = SAMPLES["relay_changes-audit-entry"]["Records"]
    image = record["dynamodb"]["NewImage"]
    entry = audit.AuditEntry(sequence=int(image["sequence"]["N"]), entry=image["entry"]["S"], hash=image["hash"]["S"])
    assert audit.breaks([entry]) == []
    assert record["eventSourceARN"].startswith(hub().arn("GovernanceTable") + "/stream/")
    for event in entry.content["events"]:
        events.PUBLISHED[event["detail_type"]].model_validate(event["detail"])


def test_the_tasks_of_the_state_machine_are_all_there():
    asked = {event["task"] for name, event in SAMPLES.items() if name.startswith("copy_artifacts-")}
    single, in_pieces = {"plan", "copy", "seal", "fail"}, {"pieces", "measure", "name", "place", "complete", "gather"}
    assert asked == single | in_pieces | {"note"}


@pytest.mark.parametrize("sample", ["verify_deployment-pipeline-job", "validate_deployment-pipeline-job"])
def test_a_job_carries_what_the_pipeline_tells(sample):
    configuration = SAMPLES[sample]["CodePipeline.job"]["data"]["actionConfiguration"]["configuration"]
    pipeline = hub().of_type("AWS::CodePipeline::Pipeline")["TestPipeline"]
    (action,) = [
        stage["Actions"][0]["Configuration"]
        for stage in pipeline["Stages"]
        if stage["Actions"][0]["Configuration"].get("FunctionName") == configuration["FunctionName"]
    ]
    assert set(json.loads(configuration["UserParameters"])) == set(json.loads(action["UserParameters"]))
