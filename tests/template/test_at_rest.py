"""Whatever keeps something, in any template, is encrypted, private and kept for as long as is documented."""

import json
from typing import Any

import pytest

from tests.docs.pages import DOCS
from tests.template.policies import parse
from tests.template.translation import Stack, every_stack, source

STACKS = every_stack()
KEEPS = {
    "AWS::DynamoDB::Table",
    "AWS::Events::Archive",
    "AWS::Events::EventBus",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SageMaker::ModelPackageGroup",
}
"""The kinds of resource that keep something; each has its test below."""
KEEPS_NOTHING = {
    *("AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route"),
    *("AWS::ApiGatewayV2::Stage", "AWS::CloudFormation::GuardHook", "AWS::CloudWatch::Alarm"),
    *("AWS::CodePipeline::Pipeline", "AWS::Config::ConfigRule", "AWS::Events::EventBusPolicy", "AWS::Events::Rule"),
    *("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::Lambda::EventInvokeConfig"),
    *("AWS::Lambda::EventSourceMapping", "AWS::Lambda::Function", "AWS::Lambda::LayerVersion"),
    *("AWS::Lambda::Permission", "AWS::RAM::ResourceShare", "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"),
    *("AWS::SNS::Subscription", "AWS::SNS::TopicPolicy"),
    *("AWS::ServiceCatalog::CloudFormationProduct", "AWS::ServiceCatalog::LaunchRoleConstraint"),
    *("AWS::ServiceCatalog::LaunchTemplateConstraint", "AWS::ServiceCatalog::Portfolio"),
    *("AWS::ServiceCatalog::PortfolioPrincipalAssociation", "AWS::ServiceCatalog::PortfolioProductAssociation"),
    *("AWS::SageMaker::Endpoint", "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Model"),
    *("AWS::Scheduler::Schedule", "AWS::StepFunctions::StateMachine"),
}
"""Those that keep nothing of their own, or, as endpoints, what the pipeline can make again."""
LOGS_WITHOUT_A_KEY = {
    ("endpoint", "InvokerLog"): "codes and times only",
    ("detective", "JudgeLog"): "names of endpoints only",
}
PASSING = {("hub", "ArtifactBucket"): {"work/"}}
"""What a bucket holds only for a while: the working papers of a sealing in pieces."""
TWO_WEEKS = 14 * 24 * 3600


def kept(kind: str) -> list[tuple[str, str]]:
    """Every resource of a kind: its stack and logical id."""
    return [(stack, name) for stack, held in STACKS.items() for name in held.of_type(kind)]


def properties(stack: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = STACKS[stack].resources[name]["Properties"]
    return found


def key_of(stack: Stack, told: str) -> bool:
    """Whether it is one of the stack's own keys, by ARN or id."""
    return any(told in (name, stack.arn(name)) for name in stack.of_type("AWS::KMS::Key"))


@pytest.mark.parametrize("stack", list(STACKS))
def test_every_kind_of_resource_was_considered(stack: str) -> None:
    """A new kind is put above: with what keeps something, and gets its test, or with what keeps nothing."""
    kinds = {one["Type"] for one in STACKS[stack].resources.values()}
    scaling = {kind for kind in kinds if kind.startswith("AWS::ApplicationAutoScaling::")}
    assert kinds - scaling <= KEEPS | KEEPS_NOTHING


@pytest.mark.parametrize(("stack", "bucket"), kept("AWS::S3::Bucket"))
def test_a_bucket_is_private_encrypted_versioned_and_not_emptied(stack: str, bucket: str) -> None:
    told = properties(stack, bucket)
    assert told["PublicAccessBlockConfiguration"] == dict.fromkeys(
        ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
    )
    assert told["VersioningConfiguration"] == {"Status": "Enabled"}
    assert told["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (rule,) = told["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["BucketKeyEnabled"] is True
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert key_of(STACKS[stack], rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"])
    rules = told.get("LifecycleConfiguration", {}).get("Rules", [])
    emptied = {rule.get("Prefix", "all of it") for rule in rules if "Expiration" in json.dumps(rule)}
    assert emptied <= PASSING.get((stack, bucket), set())
    assert "AccessControl" not in told


@pytest.mark.parametrize(("stack", "queue"), kept("AWS::SQS::Queue"))
def test_a_queue_is_private_encrypted_and_keeps_its_messages_for_two_weeks(stack: str, queue: str) -> None:
    told = properties(stack, queue)
    assert key_of(STACKS[stack], told["KmsMasterKeyId"])
    assert told["MessageRetentionPeriod"] == TWO_WEEKS
    for policy in STACKS[stack].of_type("AWS::SQS::QueuePolicy").values():
        for one in parse(policy["PolicyDocument"]):
            assert one.effect == "Deny" or "*" not in one.principals, one.sid


@pytest.mark.parametrize(("stack", "topic"), kept("AWS::SNS::Topic"))
def test_a_topic_is_encrypted_and_refuses_whoever_is_not_named(stack: str, topic: str) -> None:
    assert key_of(STACKS[stack], properties(stack, topic)["KmsMasterKeyId"])
    (policy,) = STACKS[stack].of_type("AWS::SNS::TopicPolicy").values()
    statements = {one.sid: one for one in parse(policy["PolicyDocument"])}
    assert all(one.effect == "Deny" or "*" not in one.principals for one in statements.values())
    assert statements["OnlyNotifyTells"].effect == statements["NobodyWithoutTls"].effect == "Deny"
    (role,) = statements["OnlyNotifyTells"].conditions["ArnNotEquals"]["aws:PrincipalArn"]
    assert role.endswith(":role/steward-notify")


@pytest.mark.parametrize(("stack", "table"), kept("AWS::DynamoDB::Table"))
def test_a_table_is_encrypted_and_can_be_brought_back(stack: str, table: str) -> None:
    told = properties(stack, table)
    assert told["SSESpecification"]["SSEType"] == "KMS"
    assert key_of(STACKS[stack], told["SSESpecification"]["KMSMasterKeyId"])
    assert told["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert told["DeletionProtectionEnabled"] == "true"
    assert "ResourcePolicy" not in told


@pytest.mark.parametrize(("stack", "log"), kept("AWS::Logs::LogGroup"))
def test_a_log_ends_and_is_encrypted_unless_it_holds_nothing_worth_a_key(stack: str, log: str) -> None:
    told = properties(stack, log)
    assert told["RetentionInDays"] > 0
    assert ((stack, log) in LOGS_WITHOUT_A_KEY) == ("KmsKeyId" not in told)
    assert "KmsKeyId" not in told or key_of(STACKS[stack], told["KmsKeyId"])


@pytest.mark.parametrize(
    ("stack", "store"), [*kept("AWS::Events::EventBus"), *kept("AWS::Events::Archive")], ids=lambda one: str(one)
)
def test_a_bus_and_its_archive_are_encrypted(stack: str, store: str) -> None:
    assert key_of(STACKS[stack], properties(stack, store)["KmsKeyIdentifier"])


@pytest.mark.parametrize(("stack", "key"), kept("AWS::KMS::Key"))
def test_a_key_rotates(stack: str, key: str) -> None:
    assert properties(stack, key)["EnableKeyRotation"] is True


WRITTEN = {
    "hub": "template.yaml",
    "dev": "stacks/dev-account.yaml",
    "workload": "stacks/workload-account.yaml",
    "group": "stacks/model-group.yaml",
}


@pytest.mark.parametrize("stack", list(WRITTEN))
def test_what_cannot_be_made_again_outlives_its_stack(stack: str) -> None:
    irreplaceable = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::SageMaker::ModelPackageGroup"}
    for name, resource in source(WRITTEN[stack])["Resources"].items():
        if resource["Type"] in irreplaceable:
            assert resource.get("DeletionPolicy") == resource.get("UpdateReplacePolicy") == "Retain", name


def test_how_long_things_are_kept_is_documented() -> None:
    table = (DOCS / "operating.md").read_text().partition("## Retention and Object Lock")[2].partition("\n## ")[0]
    assert "| dead letters | 14 days |" in table
    (archive,) = STACKS["hub"].of_type("AWS::Events::Archive").values()
    assert f"| intake archive | {archive['RetentionDays']} days |" in table
    for (stack, log), _ in LOGS_WITHOUT_A_KEY.items():
        assert f"{properties(stack, log)['RetentionInDays']} days" in table, log
