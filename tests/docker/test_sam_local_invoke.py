"""Every function, in its runtime and as its own role, does with each sample event what it should.

The samples tell of credit-risk-pd version 7, which the registry of a fresh cloud does not hold: what must be recorded
is recorded with that as a finding, and what rests on more than a record is refused with a clear word.
"""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from examples.cloud import Cloud
from local_cloud.place import ROOT
from tests.docker.lambda_containers import Invocation
from tests.docker.samples import ARN, DEPLOYMENT, GROUP_ARN, Records, refused_as, succeeded

pytestmark = [pytest.mark.docker, pytest.mark.cloud]

Invoke = Callable[[str], Invocation]


def test_a_report_on_a_version_that_has_no_record_is_refused_by_name(unrecorded):
    assert ARN in refused_as(unrecorded, "UnknownModelVersion")


def test_a_registration_is_recorded_with_the_package_missing_as_a_finding(recorded, records):
    assert succeeded(recorded).logged("recorded")["standing"]["development"] == "pending"
    assert [item["model_package_arn"] for item in records.items(begins="HEAD")] == [ARN]
    assert [item["code"] for item in records.items(begins="FINDING#")] == ["package-missing"]
    assert records.items(begins="AUDIT#00000001")


def test_a_registration_told_again_changes_nothing(recorded, invoke, records):
    before = of_the_record(records)
    assert succeeded(invoke("sync_model_version-registered")).logged("nothing new")
    assert of_the_record(records) == before


def of_the_record(records: Records) -> list[dict[str, Any]]:
    """Every item but how far it was announced, which the cloud's own relay may note at any moment."""
    return [item for item in records.items() if item["sk"] != "RELAYED"]


def test_an_approval_is_recorded_and_deploys_nothing_that_is_not_sealed(approved, records):
    assert succeeded(approved).logged("recorded")["sealing"] != "sealed"
    assert any(fact["kind"] == "registry-observed" and '"Approved"' in fact["content"] for fact in facts(records))
    assert records.items(begins="DEPLOYMENT#") == []


def facts(records: Records) -> list[dict[str, Any]]:
    return records.items(begins="FACT#")


def test_a_call_seen_by_cloudtrail_tells_who_decided(approved, invoke, records):
    assert succeeded(invoke("sync_model_version-updated-by-api")).logged("recorded")
    (told,) = [fact for fact in facts(records) if fact["kind"] == "approver-identified"]
    person = json.loads(told["content"])["person"]["id"]
    (people,) = records.items(begins="PEOPLE")
    assert json.loads(people["names"])[person] == "mary.jackson"


def test_a_move_of_the_life_cycle_is_recorded_in_its_stage(approved, invoke):
    assert "test" in succeeded(invoke("sync_model_version-test-approved")).logged("recorded")["standing"]


@pytest.mark.parametrize("sample", ["import_model_version-approved", "import_model_version-rejected"])
def test_a_version_that_its_account_does_not_have_any_more_is_not_imported(sample, invoke):
    assert succeeded(invoke(sample)).logged("nothing new")


def test_a_registration_brings_the_tags_of_its_group_on_record(recorded, group, invoke, records):
    succeeded(invoke("sync_model_group-model-version-registered"))
    (known,) = records.items(pk=f"GROUP#{group}", begins="HEAD")
    assert (known["model_owner"], known["use_case_id"]) == ("mary.jackson", "credit-scoring")
    owners = {item["model_owner"] for item in records.items(begins="STAGE#")}
    assert owners == {"mary.jackson"}


@pytest.mark.parametrize(
    "sample",
    [
        "sync_model_group-deployment-succeeded",
        "sync_model_group-evidence-collected",
        "sync_model_group-metrics-recorded",
    ],
)
def test_a_version_that_does_not_serve_does_not_become_the_one_that_serves(recorded, invoke, records, sample):
    succeeded(invoke(sample))
    assert ARN not in json.dumps(records.items(pk=f"GROUP#{GROUP_ARN}"))


def test_a_sealing_that_is_not_the_one_intended_copies_nothing(recorded, invoke):
    answer = succeeded(invoke("copy_artifacts-plan")).answer
    assert (answer["artifacts"], answer["proceed"]) == ([], False)


def test_an_artifact_that_is_not_there_is_refused(recorded, invoke):
    refused = succeeded(invoke("copy_artifacts-copy")).answer["refused"]
    assert refused["code"] == "artifact-missing"
    assert "credit-risk-pd/7/model.tar.gz" in refused["detail"]


@pytest.mark.parametrize("sample", ["copy_artifacts-seal", "copy_artifacts-fail"])
def test_the_end_of_a_sealing_that_is_not_the_one_intended_is_not_recorded(recorded, invoke, records, sample):
    before = len(facts(records))
    assert succeeded(invoke(sample)).logged("nothing new")
    assert len(facts(records)) == before


def test_an_empty_prefix_is_refused_before_anything_of_it_is_read(recorded, invoke):
    answer = succeeded(invoke("copy_artifacts-pieces")).answer
    assert (answer["batches"], answer["proceed"]) == ([], False)


@pytest.mark.parametrize(
    "sample",
    [
        "copy_artifacts-measure",
        "copy_artifacts-name",
        "copy_artifacts-place",
        "copy_artifacts-complete",
        "copy_artifacts-gather",
    ],
)
def test_a_task_without_the_papers_of_the_one_before_it_fails_by_name(recorded, invoke, sample):
    assert "seal-5f0c1c3d9f3b4a6e8d2f7b1a0c9e8d7f" in refused_as(invoke(sample), "PaperMissing")


def test_what_broke_down_in_a_map_of_many_is_noted(recorded, invoke):
    assert succeeded(invoke("copy_artifacts-note")).answer == {}


@pytest.mark.parametrize(
    "sample",
    [
        "start_deployment-deployment-failed",
        "start_deployment-deployment-skipped",
        "start_deployment-deployment-succeeded",
        "start_deployment-endpoint-removed",
        "start_deployment-model-rolled-back",
        "start_deployment-removal-failed",
    ],
)
def test_a_deployment_that_ended_gives_up_its_turn(lambda_service, invoke, records, sample):
    ended = json.loads((ROOT / "events" / f"{sample}.json").read_text())["detail"]
    lease = {"pk": f"LEASE#{ended['stage']}#{GROUP_ARN}", "sk": "HEAD", "model_package_arn": ARN}
    lease["holder"] = ended["deployment_id"]
    records.put({**lease, "since": "2026-10-13T15:02:41.000000Z"})
    succeeded(invoke(sample))
    assert records.items(pk=lease["pk"]) == []


@pytest.mark.parametrize(
    ("sample", "error"),
    [
        ("start_deployment-deployment-requested", "UnknownDeployment"),
        ("start_deployment-removal-requested", "UnknownDeployment"),
        ("sync_model_group-endpoint-removed", "UnknownDeployment"),
        ("roll_back-rollback-requested", "UnknownRollback"),
        ("roll_back-deployment-succeeded", "UnknownDeployment"),
        ("roll_back-deployment-failed", "UnknownDeployment"),
    ],
)
def test_what_was_never_deployed_is_neither_started_nor_removed_nor_taken_back(recorded, invoke, sample, error):
    refused_as(invoke(sample), error)


@pytest.mark.parametrize("sample", ["verify_deployment-pipeline-job", "validate_deployment-pipeline-job"])
def test_a_job_for_an_unknown_deployment_is_answered_with_that(recorded, invoke, sample):
    invocation = invoke(sample)
    assert invocation.logged("job refused")["reason"] == f"UnknownDeployment: {DEPLOYMENT}"
    assert "PutJobFailureResult" in refused_as(invocation, "JobNotFoundException")


@pytest.mark.parametrize(
    "sample",
    [
        "track_deployment-pipeline-started",
        "track_deployment-pipeline-succeeded",
        "track_deployment-pipeline-failed",
    ],
)
def test_an_event_of_an_execution_that_the_pipeline_does_not_know_is_an_error(recorded, invoke, sample):
    refused_as(invoke(sample), "PipelineExecutionNotFoundException")


@pytest.mark.parametrize(
    "sample",
    [
        "track_deployment-endpoint-deployment-baking",
        "track_deployment-endpoint-in-service",
        "track_deployment-alarm-on",
        "track_deployment-alarm-on-trial",
    ],
)
def test_of_an_endpoint_that_nobody_deployed_nothing_is_recorded(recorded, invoke, sample):
    assert succeeded(invoke(sample)).logged("nothing new")


@pytest.mark.parametrize(
    ("sample", "purpose"),
    [("record_metrics-validation-completed", "validation"), ("record_metrics-metrics-reported", "monitoring")],
)
def test_measurements_are_recorded_as_samples(recorded, invoke, records, sample, purpose):
    assert succeeded(invoke(sample)).logged("recorded")
    (kept,) = records.items(begins=f"METRIC#test#{purpose}#")
    told = json.loads((ROOT / "events" / f"{sample}.json").read_text())["detail"]
    assert json.loads(kept["metrics"]) == {one["name"]: one["value"] for one in told["metrics"]}


@pytest.fixture
def announced(cloud: dict[str, Any], hub: Cloud) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What the governance bus carries of the sample's version from now on."""
    sqs, events, bus = hub.client("sqs", "hub"), hub.client("events", "hub"), cloud["outputs"]["GovernanceBus"]
    url = sqs.create_queue(QueueName="announced-by-the-sample")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    pattern = {"source": ["steward"], "detail": {"event_id": [{"prefix": "00000000-0000-4000-8000-0000000100"}]}}
    events.put_rule(Name="announced-by-the-sample", EventBusName=bus, EventPattern=json.dumps(pattern))
    events.put_targets(Rule="announced-by-the-sample", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])

    def received() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        until = time.monotonic() + 10
        while len(found) < 2 and time.monotonic() < until:
            told = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
            found += [json.loads(message["Body"]) for message in told]
        return found

    yield received
    events.remove_targets(Rule="announced-by-the-sample", EventBusName=bus, Ids=["queue"])
    events.delete_rule(Name="announced-by-the-sample", EventBusName=bus)
    sqs.delete_queue(QueueUrl=url)


def test_an_audit_entry_is_announced_on_the_governance_bus(lambda_service, announced, invoke):
    assert succeeded(invoke("relay_changes-audit-entry")).answer == {"batchItemFailures": []}
    assert {event["detail-type"] for event in announced()} == {"ModelVersionRegistered", "SealingRequested"}


@pytest.mark.parametrize(
    "sample", ["reconcile_registry-schedule", "reconcile_registry-dry-run", "reconcile_registry-backfill"]
)
def test_the_reconciler_answers_what_it_did(recorded, invoke, sample):
    assert succeeded(invoke(sample)).answer["done"] is True


def test_the_archive_answers_record_by_record(recorded, invoke):
    """The sample's first entry is not the one that this cloud archived: a failure of that record alone."""
    assert set(invoke("archive_audit-entry-and-fact").answer) == {"batchItemFailures"}


@pytest.mark.parametrize("sample", ["anchor_audit-daily", "anchor_audit-one-day"])
def test_days_that_are_over_are_anchored(recorded, invoke, sample):
    assert succeeded(invoke(sample)).answer["done"] is True


@pytest.mark.parametrize(
    "sample",
    [
        "retain_artifacts-artifacts-sealed",
        "retain_artifacts-deployment-succeeded",
        "retain_artifacts-legal-hold-lifted",
        "retain_artifacts-legal-hold-placed",
        "retain_artifacts-model-retired",
    ],
)
def test_what_was_never_sealed_or_held_is_not_locked(recorded, invoke, records, sample):
    before = len(facts(records))
    assert succeeded(invoke(sample)).logged("nothing new")
    assert len(facts(records)) == before


@pytest.mark.parametrize("sample", ["write_back-write-back-requested", "collect_evidence-evidence-requested"])
def test_what_nobody_intended_is_neither_written_nor_collected(recorded, invoke, records, sample):
    before = facts(records)
    assert succeeded(invoke(sample)).logged("nothing new")
    assert facts(records) == before


def test_evidence_that_a_system_attaches_is_asked_for(recorded, invoke, records):
    assert succeeded(invoke("collect_evidence-evidence-attached")).logged("recorded")
    assert [fact["kind"] for fact in facts(records)].count("evidence-requested") == 1
    (row,) = records.items(begins="EVIDENCE#security-scan#")
    assert row["uri"].endswith("/credit-risk-pd/7/scan.pdf")


def test_what_is_due_is_looked_for(recorded, invoke):
    assert succeeded(invoke("expire_evidence-schedule")).answer == {"done": True}


@pytest.mark.parametrize(
    "sample",
    [
        "decide-adopt",
        "decide-answer-finding",
        "decide-approve",
        "decide-assign-policy",
        "decide-set-deployment-profile",
        "decide-attach-evidence",
        "decide-break-glass",
        "decide-delegate",
        "decide-end-delegation",
        "decide-forget-person",
        "decide-hold",
        "decide-publish-policy",
        "decide-quarantine",
        "decide-raise-findings",
        "decide-reject",
        "decide-release",
        "decide-release-hold",
        "decide-repair",
        "decide-resubmit",
        "decide-review-emergency",
        "decide-retire",
        "decide-roll-back",
        "decide-sign-off",
        "decide-advance-use-case",
        "decide-answer-use-case-finding",
        "decide-assess-use-case",
        "decide-attach-group",
        "decide-change-use-case",
        "decide-create-use-case",
        "decide-detach-group",
        "decide-name-successor",
        "decide-reject-use-case",
        "decide-retire-use-case",
        "redrive_events-list",
        "redrive_events-redrive",
    ],
)
def test_nothing_is_decided_or_redriven_on_a_proof_that_is_old(lambda_service, invoke, sample):
    assert succeeded(invoke(sample)).answer["refused"]["code"] == "identity-not-proven"


def test_a_function_runs_by_itself_too(lambda_service):
    """As whoever develops one would try it: `sam local invoke`."""
    sample = ROOT / "events" / "expire_evidence-schedule.json"
    assert succeeded(lambda_service.invoke_alone("ExpireEvidence", sample)).answer == {"done": True}
