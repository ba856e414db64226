"""What people and roles can and cannot do, asked of the policies as IAM would answer."""

import re

import pytest

from tests.template.policies import Statement, allows, parse, statements_of
from tests.template.translation import DEV, HUB, REGION, TEST, dev_account, hub, model_group, workload_account

VERSION = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/credit-risk-pd/7"
GROUP = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package-group/credit-risk-pd"
BUCKET = hub().arn("ArtifactBucket")
PEOPLE = ["ModelOwnerPolicy", "ValidatorPolicy", "OfficerPolicy", "MlEngineerPolicy", "AuditorPolicy"]


def person(policy: str, subscriber: bool = False) -> list[Statement]:
    return parse(hub(subscriber).of_type("AWS::IAM::ManagedPolicy")[policy]["PolicyDocument"])


def scientist() -> list[Statement]:
    return parse(dev_account().of_type("AWS::IAM::ManagedPolicy")["DataScientistPolicy"]["PolicyDocument"])


def decides(who: list[Statement], **context: str) -> bool:
    keys = {f"sagemaker:ModelLifeCycle:{name}": value for name, value in context.items()}
    return allows(who, "sagemaker:UpdateModelPackage", VERSION, keys)


def test_a_data_scientist_registers_and_describes_and_decides_nothing():
    assert allows(scientist(), "sagemaker:CreateModelPackage", GROUP)
    assert allows(scientist(), "sagemaker:DescribeModelPackage", VERSION)
    assert not decides(scientist())
    assert not allows(scientist(), "sagemaker:DeleteModelPackage", VERSION)
    assert not allows(scientist(), "sagemaker:CreateModelPackage", GROUP.replace(HUB, DEV))


def test_a_model_owner_decides_in_development_only():
    owner = person("ModelOwnerPolicy")
    assert decides(owner)
    assert decides(owner, stage="Development", stageStatus="Approved")
    assert decides(owner, stage="development")
    assert not decides(owner, stage="Test", stageStatus="Approved")
    assert not decides(owner, stage="Production", stageStatus="Rejected")


def test_an_officer_decides_in_every_stage():
    for stage in ("Development", "Test", "Production"):
        assert decides(person("OfficerPolicy"), stage=stage)


@pytest.mark.parametrize("policy", ["ValidatorPolicy", "MlEngineerPolicy", "AuditorPolicy"])
def test_nobody_else_decides(policy):
    assert not decides(person(policy))


def test_what_preflight_looks_at_is_a_policy_beside_the_ml_engineers_that_changes_nothing():
    actions = {action for one in person("MlEngineerPreflightPolicy") for action in one.actions}
    changing = {one for one in actions if not re.fullmatch(r"\w+:(Get|List|Describe)\w+", one)}
    assert changing == {"sts:AssumeRole"}
    assert not actions & {action for one in person("MlEngineerPolicy") for action in one.actions}


@pytest.mark.parametrize("policy", PEOPLE)
def test_nobody_forges_or_erases(policy):
    table = hub().arn("GovernanceTable")
    everything = Statement("All", "Allow", ("*",), ("*",))
    for action, resource in (
        ("sagemaker:DeleteModelPackage", VERSION),
        ("events:PutEvents", hub().arn("GovernanceBus")),
        ("dynamodb:PutItem", table),
        ("dynamodb:UpdateItem", table),
        ("dynamodb:DeleteItem", table),
        ("dynamodb:BatchWriteItem", table),
    ):
        assert not allows(person(policy), action, resource)
        assert not allows([*person(policy), everything], action, resource), "not even with other policies"


@pytest.mark.parametrize("policy", PEOPLE)
def test_everybody_in_the_hub_can_read_the_record(policy):
    assert allows(person(policy), "dynamodb:Query", hub().arn("GovernanceTable"))
    assert allows(person(policy), "dynamodb:Query", hub().arn("GovernanceTable") + "/index/by-use-case")
    assert allows(person(policy), "sagemaker:DescribeModelPackage", VERSION)


@pytest.mark.parametrize("policy", PEOPLE)
def test_owners_and_validators_ask_steward_only_where_it_can_tell_them_from_officers(policy):
    def asks(subscriber: bool) -> bool:
        return allows(person(policy, subscriber), "lambda:InvokeFunction", hub(subscriber).arn("Decide"))

    assert asks(subscriber=False) == (policy == "OfficerPolicy")
    assert asks(subscriber=True) == (policy in {"ModelOwnerPolicy", "ValidatorPolicy", "OfficerPolicy"})


@pytest.mark.parametrize("policy", PEOPLE)
def test_everybody_in_the_hub_finds_the_installation_and_no_other_stack(policy):
    stacks = f"arn:aws:cloudformation:{REGION}:{HUB}:stack"
    assert allows(person(policy), "cloudformation:DescribeStacks", f"{stacks}/steward/0f3a51c2")
    assert not allows(person(policy), "cloudformation:DescribeStacks", f"{stacks}/payroll/0f3a51c2")


@pytest.mark.parametrize("policy", ["ModelOwnerPolicy", "ValidatorPolicy"])
def test_owner_and_validator_bind_the_set_that_versions_are_measured_with(policy):
    def tags(*keys):
        return allows(person(policy), "sagemaker:AddTags", GROUP, {"aws:TagKeys": list(keys)})

    assert allows(person(policy), "s3:PutObject", BUCKET + "/validation/credit-risk-pd/rows.csv")
    assert tags("steward:validation-set", "steward:validation-set-sha256", "steward:validation-target")
    assert not tags("steward:risk"), "risk is the officer's to say"
    assert not tags("steward:validation-set", "steward:use-case-id")
    assert not tags()


def bucket_policy() -> list[Statement]:
    return parse(hub().of_type("AWS::S3::BucketPolicy")["ArtifactBucketPolicy"]["PolicyDocument"])


def refused(action: str, key: str, role: str) -> bool:
    """Whether the bucket's policy refuses it even to somebody whose own policy allows everything."""
    everything = Statement("All", "Allow", ("*",), ("*",))
    context = {"aws:PrincipalArn": f"arn:aws:iam::{HUB}:role/{role}", "aws:SecureTransport": "true"}
    return not allows([*bucket_policy(), everything], action, f"{BUCKET}/{key}", context)


def test_only_the_copy_role_writes_sealed_keys():
    assert not refused("s3:PutObject", "sealed/abc/model.tar.gz", "steward-copy-artifacts")
    assert not refused("s3:PutObjectRetention", "sealed/abc/model.tar.gz", "steward-copy-artifacts")
    for other in ("steward-start-deployment", "steward-officer", "Admin", "steward-copy-artifacts-machine"):
        assert refused("s3:PutObject", "sealed/abc/model.tar.gz", other)
        assert refused("s3:PutObjectRetention", "sealed/abc/model.tar.gz", other)
    assert not refused("s3:PutObject", "validation/rows.csv", "steward-model-owner")


def test_only_its_role_keeps_evidence():
    for action in ("s3:PutObject", "s3:PutObjectRetention"):
        assert not refused(action, "evidence/abc", "steward-collect-evidence")
        for other in ("steward-copy-artifacts", "steward-officer", "Admin"):
            assert refused(action, "evidence/abc", other)


@pytest.mark.parametrize("role", ["steward-copy-artifacts", "steward-collect-evidence", "steward-officer", "Admin"])
def test_nobody_removes_sealed_keys_or_evidence(role):
    for action in ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"):
        for key in ("sealed/abc/model.tar.gz", "evidence/abc"):
            assert refused(action, key, role)


def test_evidence_is_read_where_models_are_built_and_of_the_hub_only_what_was_left_to_be_read():
    collector = statements_of("CollectEvidence")
    assert allows(collector, "s3:GetObject", "arn:aws:s3:::somebodys-bucket/report.json", {"aws:ResourceAccount": DEV})
    elsewhere = {"aws:ResourceAccount": "999900001111"}
    assert not allows(collector, "s3:GetObject", "arn:aws:s3:::somebodys-bucket/report.json", elsewhere)
    own = {"aws:ResourceAccount": HUB}
    assert allows(collector, "s3:GetObject", f"{BUCKET}/documents/plan.pdf", own)
    for key in (f"{BUCKET}/sealed/abc/model.tar.gz", f"{BUCKET}/validation/rows.csv", f"{hub().arn('AuditBucket')}/x"):
        assert not allows(collector, "s3:GetObject", key, own)


def test_endpoints_read_sealed_keys_and_nothing_else():
    def reads(key, role, account=TEST):
        context = {"aws:PrincipalArn": f"arn:aws:iam::{account}:role/{role}", "aws:SecureTransport": "true"}
        return allows(bucket_policy(), "s3:GetObject", f"{BUCKET}/{key}", context)

    assert reads("sealed/abc/model.tar.gz", "steward-model-execution")
    assert not reads("validation/rows.csv", "steward-model-execution")
    assert not reads("evidence/abc", "steward-model-execution")
    assert not reads("sealed/abc/model.tar.gz", "steward-deployment")
    assert not reads("sealed/abc/model.tar.gz", "steward-model-execution", DEV)
    from tests.template.policies import role_statements

    container = role_statements("ModelExecutionRole", workload_account())
    assert allows(container, "s3:GetObject", f"{BUCKET}/sealed/abc/model.tar.gz")
    assert not allows(container, "s3:GetObject", f"{BUCKET}/validation/rows.csv")


def test_endpoints_list_the_sealed_prefix_that_they_load_and_nothing_else():
    from tests.template.policies import role_statements

    container = role_statements("ModelExecutionRole", workload_account())

    def lists(prefix, role="steward-model-execution", account=TEST):
        told = {"s3:prefix": prefix} if prefix is not None else {}
        context = {"aws:PrincipalArn": f"arn:aws:iam::{account}:role/{role}", "aws:SecureTransport": "true", **told}
        assert allows(container, "s3:ListBucket", BUCKET, told) == (prefix or "").startswith("sealed/trees/")
        return allows(bucket_policy(), "s3:ListBucket", BUCKET, context)

    assert lists("sealed/trees/abc/")
    for prefix in ("sealed/", "sealed/manifests/", "evidence/", "", None):
        assert not lists(prefix)
    assert not lists("sealed/trees/abc/", "steward-deployment")
    assert not lists("sealed/trees/abc/", account=DEV)


def test_only_the_relay_announces():
    (refusal,) = [
        Statement.parse({**one["Statement"], "Sid": "x"})
        for one in hub().of_type("AWS::Events::EventBusPolicy").values()
        if one["EventBusName"] == hub().name("GovernanceBus")
    ]
    everything = Statement("All", "Allow", ("*",), ("*",))
    bus = hub().arn("GovernanceBus")

    def announces(role):
        return allows(
            [refusal, everything], "events:PutEvents", bus, {"aws:PrincipalArn": f"arn:aws:iam::{HUB}:role/{role}"}
        )

    assert announces("steward-relay-changes")
    assert not announces("steward-sync-model-version")
    assert not announces("Admin")
    assert not allows([refusal, everything], "events:PutEvents", bus, {"aws:PrincipalArn": f"arn:aws:iam::{HUB}:root"})


def test_only_known_accounts_put_on_the_intake_bus():
    statements = [
        one["Statement"]
        for one in hub().of_type("AWS::Events::EventBusPolicy").values()
        if one["EventBusName"] == hub().name("IntakeBus")
    ]
    accounts = [account for one in statements for account in one["Principal"]["AWS"]]
    assert accounts == [DEV, TEST, "777788889999"]
    assert {one["Action"] for one in statements} == {"events:PutEvents"}


def test_other_accounts_never_update_or_delete_versions():
    (group,) = model_group().of_type("AWS::SageMaker::ModelPackageGroup").values()
    policy = parse(group["ModelPackageGroupPolicy"])
    assert allows(policy, "sagemaker:CreateModelPackage", VERSION)
    for action in ("UpdateModelPackage", "DeleteModelPackage", "DeleteModelPackageGroup", "PutModelPackageGroupPolicy"):
        assert not allows(policy, f"sagemaker:{action}", VERSION)
        assert not allows(policy, f"sagemaker:{action}", GROUP)


def test_the_copy_role_reads_only_from_accounts_where_models_are_built():
    copier = statements_of("CopyArtifacts")
    source = "arn:aws:s3:::somebodys-bucket/model.tar.gz"
    assert allows(copier, "s3:GetObject", source, {"aws:ResourceAccount": DEV})
    assert not allows(copier, "s3:GetObject", source, {"aws:ResourceAccount": "999900001111"})
    assert not allows(copier, "s3:DeleteObject", f"{BUCKET}/sealed/abc/model.tar.gz", {"aws:ResourceAccount": HUB})


def test_each_function_writes_its_own_kinds_of_item():
    table = hub().arn("GovernanceTable")

    def writes(function, key):
        return allows(statements_of(function), "dynamodb:PutItem", table, {"dynamodb:LeadingKeys": [key]})

    kinds = ("MODEL#x", "GROUP#x", "POLICY#x", "PROFILE#x", "LEASE#x", "USECASE#x", "HOLD#x", "STANDING#x", "ROLLUP#x")
    written = {
        function: {key.split("#")[0] for key in kinds if writes(function, key)}
        for function in hub().of_type("AWS::Lambda::Function")
    }
    assert {one for one in written if writes(one, "DECISION#x#y")} == {"RecordDecisions"}
    assert written == {
        "SyncModelVersion": {"MODEL"},
        "ImportModelVersion": {"MODEL"},
        "SyncModelGroup": {"MODEL", "GROUP", "USECASE", "POLICY"},
        "RollUpUseCase": {"STANDING", "ROLLUP", "USECASE"},
        "Notify": set(),
        "RecordDecisions": set(),
        "CopyArtifacts": {"MODEL"},
        "RetainArtifacts": {"MODEL", "HOLD"},
        "CollectEvidence": {"MODEL"},
        "ExpireEvidence": {"MODEL"},
        "WriteBack": {"MODEL"},
        "StartDeployment": {"MODEL", "GROUP", "LEASE"},
        "RetireUseCase": {"MODEL", "USECASE"},
        "RollBack": {"MODEL", "GROUP"},
        "VerifyDeployment": {"MODEL"},
        "TrackDeployment": {"MODEL"},
        "RecordMetrics": {"MODEL"},
        "ValidateDeployment": set(),
        "RelayChanges": {
            "MODEL",
            "POLICY",
            "PROFILE",
            "USECASE",
        },  # how far each chain was announced
        "ArchiveAudit": set(),
        "AnchorAudit": set(),
        "ReconcileRegistry": {"MODEL", "GROUP", "USECASE", "POLICY", "STANDING", "ROLLUP"},
        "Decide": {"MODEL", "GROUP", "POLICY", "PROFILE", "USECASE"},
        "RedriveEvents": set(),
    }


def test_the_relay_writes_how_far_it_came_and_no_part_of_any_record():
    table = hub().arn("GovernanceTable")

    def puts(*attributes):
        context = {"dynamodb:LeadingKeys": [f"MODEL#{VERSION}"], "dynamodb:Attributes": [*attributes]}
        return allows(statements_of("RelayChanges"), "dynamodb:PutItem", table, context)

    assert puts("pk", "sk", "sequence", "schema_version")
    for part in ("state", "entry", "hash", "content", "document", "audit_sequence", "model_status"):
        assert not puts("pk", "sk", "sequence", "schema_version", part), part


def test_functions_delete_leases_and_rows_that_a_state_no_longer_gives_and_nothing_else():
    table = hub().arn("GovernanceTable")

    def deletes(function, key):
        return allows(statements_of(function), "dynamodb:DeleteItem", table, {"dynamodb:LeadingKeys": [key]})

    for function in hub().of_type("AWS::Lambda::Function"):
        keeps = function != "RelayChanges" and allows(
            statements_of(function), "dynamodb:PutItem", table, {"dynamodb:LeadingKeys": [f"MODEL#{VERSION}"]}
        )
        assert deletes(function, f"MODEL#{VERSION}") == keeps, function
        assert deletes(function, f"LEASE#test#{GROUP}") == (function == "StartDeployment"), function
        assert deletes(function, "HOLD#sealed/b94d27b9/model.tar.gz") == (function == "RetainArtifacts"), function
        # That a policy is proposed, or a group under it, are rows of the policy's that come and go.
        assert deletes(function, "POLICY#default") == (function == "Decide"), function
        rolls_up = function in {"RollUpUseCase", "ReconcileRegistry"}
        assert {deletes(function, f"STANDING#{GROUP}"), deletes(function, "ROLLUP#x")} == {rolls_up}, function
        for kind in ("PERSON#KEY", "HUB#steward", f"GROUP#{GROUP}"):
            assert not deletes(function, kind), function


@pytest.mark.parametrize("role", ["steward-archive-audit", "steward-anchor-audit", "steward-officer", "Admin"])
def test_each_kind_of_archived_object_has_one_writer_and_nobody_deletes(role):
    archive = hub().arn("AuditBucket")
    policy = parse(hub().of_type("AWS::S3::BucketPolicy")["AuditBucketPolicy"]["PolicyDocument"])
    everything = Statement("All", "Allow", ("*",), ("*",))
    context = {"aws:PrincipalArn": f"arn:aws:iam::{HUB}:role/{role}", "aws:SecureTransport": "true"}

    def may(action, key):
        return allows([*policy, everything], action, f"{archive}/{key}", context)

    writers = {"entries": "steward-archive-audit", "facts": "steward-archive-audit", "anchors": "steward-anchor-audit"}
    for kind, writer in writers.items():
        assert may("s3:PutObject", f"{kind}/x.json") == (role == writer)
        for action in ("DeleteObject", "DeleteObjectVersion", "BypassGovernanceRetention"):
            assert not may(f"s3:{action}", f"{kind}/x.json")
    assert not allows([*policy, everything], "s3:DeleteBucket", archive, context)


def test_whoever_may_call_itself_is_not_stopped_as_a_loop_and_nobody_else_is_let_loop():
    """Lambda stops a function that has called itself about 16 times, unless it is told to allow it."""
    functions = hub().of_type("AWS::Lambda::Function")
    selves = {one for one in functions if allows(statements_of(one), "lambda:InvokeFunction", hub().arn(one))}
    assert selves == {"ReconcileRegistry", "RetireUseCase"}
    assert {one for one, told in functions.items() if told.get("RecursiveLoop") == "Allow"} == selves
