"""Least privilege, statement by statement, in every template."""

import re

import pytest

from tests.template.policies import Statement, parse, role_statements
from tests.template.translation import Stack, every_stack

STACKS = every_stack()

NO_RESOURCE_LEVEL = {
    "xray:PutTraceSegments": "AWS X-Ray",
    "xray:PutTelemetryRecords": "AWS X-Ray",
    "xray:GetSamplingRules": "AWS X-Ray",
    "xray:GetSamplingTargets": "AWS X-Ray",
    "codepipeline:PutJobSuccessResult": "jobs have no ARN",
    "codepipeline:PutJobFailureResult": "jobs have no ARN",
    "logs:CreateLogDelivery": "vended logs",
    "logs:GetLogDelivery": "vended logs",
    "logs:UpdateLogDelivery": "vended logs",
    "logs:DeleteLogDelivery": "vended logs",
    "logs:ListLogDeliveries": "vended logs",
    "logs:PutResourcePolicy": "vended logs",
    "logs:DescribeResourcePolicies": "vended logs",
    "logs:DescribeLogGroups": "a list of all",
    "sagemaker:ListModelPackageGroups": "a list of all",
    "sagemaker:ListEndpoints": "a list of all",
    "cloudformation:ValidateTemplate": "a template of no stack",
    "ram:CreateResourceShare": "the share has no ARN yet",
    "ram:GetResourceShares": "a list of all",
    "ram:GetResourceShareAssociations": "a list of all",
    "cloudtrail:LookupEvents": "a list of all",
    "ecr:GetAuthorizationToken": "a token for all registries",
    "cloudwatch:PutMetricData": "metrics have no ARN; bounded by namespace",
    "config:PutEvaluations": "results are put by a token",
    "application-autoscaling:DescribeScalableTargets": "a list of all",
    "application-autoscaling:DescribeScalingPolicies": "a list of all",
    "ec2:DescribeNetworkInterfaces": "a list of all",
    "ec2:DescribeVpcs": "a list of all",
    "ec2:DescribeDhcpOptions": "a list of all",
    "ec2:DescribeSubnets": "a list of all",
    "ec2:DescribeSecurityGroups": "a list of all",
}
"""Actions whose resource can only be `*` (AWS: Service Authorization Reference)."""

# Packages that belong to no group can only be listed as a whole; those of a group are named by it.
# So is a template summarised that is of no stack yet.
LISTED_WHOLE = {
    ("ReconcileRegistryRole", "ListTheRegistry"): {"sagemaker:ListModelPackages"},
    ("LaunchRole", "LookAtTheTemplate"): {"cloudformation:GetTemplateSummary"},
}
WIDE_ON_PURPOSE = {
    (
        "ReconciliationRole",
        "DescribeWhatRuns",
    ): "an endpoint that nobody governs has a name that nobody knows beforehand",
    (
        "CopyArtifactsRole",
        "ReadSourceArtifacts",
    ): "bucket names belong to the dev accounts; bounded by aws:ResourceAccount",
    ("InvokerRole", "TellOfDecisions"): "every account has the one bus of this name; bounded to source and detail type",
    ("LaunchRole", "DeployProducts"): "the Service Catalog names the stacks of its products",
    ("LaunchRole", "KeepShares"): "RAM generates the ids of shares",
    ("LaunchRole", "ReadTheTemplate"): "templates lie in buckets of the Service Catalog's; bounded by its own tag",
    ("CopyArtifactsRole", "TellMissingFromForbidden"): "the same buckets, the same bound",
    ("CopyArtifactsRole", "LookUpImages"): "images lie in registries of their builders and of AWS's own",
    ("VerifyDeploymentRole", "LookUpImages"): "the same registries",
    ("CopyArtifactsRole", "DecryptSourceArtifacts"): "so do their keys; bounded by aws:ResourceAccount and to S3",
    ("CollectEvidenceRole", "ReadDocumentsOfOthers"): "evidence lies where the artifacts do, and with the same bound",
    ("CollectEvidenceRole", "TellMissingFromForbidden"): "the same buckets, and documents/ in the hub",
    ("CollectEvidenceRole", "DecryptDocumentsOfOthers"): "as for artifacts",
    ("RetireUseCaseRole", "TakeTheGroupOutOfItsShares"): "RAM generates the ids of shares",
    ("CloudFormationRole", "MakeModels"): "CloudFormation generates these names, since every change replaces them",
    ("CloudFormationRole", "MakeEndpoints"): "an endpoint refers to a configuration of such a name",
    ("CloudFormationRole", "MakeApis"): "API Gateway generates its ids",
    ("JudgeRole", "DescribeWhatRuns"): "an endpoint that nobody governs has a name that nobody knows beforehand",
    ("JudgeRole", "ReadItsResults"): "AWS Config generates the id in the ARN of a rule",
    (
        "MlEngineerPreflightPolicy",
        "LookAtRepositories",
    ): "images of models are in repositories of their builders' names",
    ("PreflightRole", "LookAtRepositories"): "so are those in other accounts",
    ("CloudFormationRole", "LetAwsScale"): "the one role of AWS's own by which endpoints scale",
    ("CloudFormationRole", "MakeScaling"): "AWS generates the ids of scalable targets",
    (
        "CloudFormationRole",
        "GrantTheStorageKey",
    ): "the key is the account's own, named in a profile; bounded to SageMaker",
    ("ModelExecutionRole", "KeepCapturedData"): "the bucket is named in a profile; bounded to the account and a prefix",
    ("ModelExecutionRole", "EncryptCapturedData"): "so is its key; bounded to S3",
    ("ModelExecutionRole", "WriteJobLogs"): "transform jobs share one log group; bounded to streams of our jobs' names",
    ("ModelExecutionRole", "ReadBatchInput"): "likewise: what jobs score lies in buckets of their account",
    ("ModelExecutionRole", "ListBatchInput"): "the same buckets; bounded to the account and a prefix",
    ("ModelExecutionRole", "WriteBatchOutput"): "the bucket is named in a profile; bounded to the account and a prefix",
    ("ModelExecutionRole", "DecryptBatchInput"): "so are their keys; bounded to S3",
    (
        "BatchRunnerRole",
        "HearOfTheirEnd",
    ): "the one rule by which Step Functions waits for transform jobs, of AWS's name",
    (
        "BatchRunnerRole",
        "GrantTheStorageKey",
    ): "the key is the account's own, named in a profile; bounded to SageMaker",
    ("ValidationRole", "UseTheBucketsKey"): "rows and answers lie in buckets of the account; bounded to S3",
    ("ModelExecutionRole", "JoinTheNetwork"): "subnets are named in a profile, and EC2 generates ids",
    ("ModelExecutionRole", "PullImages"): "images live in AWS's and the builders' accounts; pinned by digest",
}
"""Statements whose resource names a kind rather than our own things, and why it cannot be narrower."""


def policies() -> list[tuple[str, str, list[Statement]]]:
    """Every identity policy: stack, logical id of the role or managed policy, statements."""
    found = []
    for name, stack in STACKS.items():
        found += [(name, role, role_statements(role, stack)) for role in stack.of_type("AWS::IAM::Role")]
        managed = stack.of_type("AWS::IAM::ManagedPolicy")
        attached = {**managed, **stack.of_type("AWS::IAM::Policy")}
        found += [(name, policy, parse(properties["PolicyDocument"])) for policy, properties in attached.items()]
    return found


POLICIES = policies()
NAMES = [f"{stack}-{name}" for stack, name, _ in POLICIES]


@pytest.mark.parametrize(("stack", "name", "statements"), POLICIES, ids=NAMES)
def test_every_statement_has_a_name_of_its_own(stack, name, statements):
    sids = [one.sid for one in statements]
    assert all(re.fullmatch(r"[A-Z][A-Za-z]+", sid) for sid in sids)
    assert len(set(sids)) == len(sids)


@pytest.mark.parametrize(("stack", "name", "statements"), POLICIES, ids=NAMES)
def test_no_statement_has_a_wildcard_action(stack, name, statements):
    assert [action for one in statements for action in one.actions if "*" in action] == []


@pytest.mark.parametrize(("stack", "name", "statements"), POLICIES, ids=NAMES)
def test_every_resource_is_named_where_the_action_can_name_one(stack, name, statements):
    for one in statements:
        if "*" in one.resources:
            known = set(one.actions) - LISTED_WHOLE.get((name, one.sid), set())
            assert known <= set(NO_RESOURCE_LEVEL), one.sid
        else:
            assert not set(one.actions) & set(NO_RESOURCE_LEVEL), f"{one.sid} names what cannot be named"


KINDS_OF_THE_REGISTRY = re.compile(r"arn:aws:sagemaker:[^:]+:\d{12}:model-package(-group)?/\*")
"""The registry is what Steward governs: all of its groups and versions are meant."""


@pytest.mark.parametrize(("stack", "name", "statements"), POLICIES, ids=NAMES)
def test_a_resource_that_names_a_whole_kind_says_why(stack, name, statements):
    for one in statements:
        for resource in set(one.resources) - {"*"}:
            ours = "steward" in resource or re.search(r"/(GovernanceTable|[A-Z]\w+Key)\b", resource)
            if ours or KINDS_OF_THE_REGISTRY.fullmatch(resource):
                continue
            if name == "MlEngineerPolicy" and re.search(r":stack/model-group-|:resource-share/", resource):
                continue
            if name == "ForwardAnnouncementsRole" or one.sid == "PutOnTheSubscribersBus":
                continue
            assert (name, one.sid) in WIDE_ON_PURPOSE, resource


def test_the_list_of_exceptions_holds_nothing_else():
    existing = {(name, one.sid) for _, name, statements in POLICIES for one in statements}
    assert set(WIDE_ON_PURPOSE) <= existing
    used = {action for _, _, statements in POLICIES for one in statements for action in one.actions}
    assert set(NO_RESOURCE_LEVEL) <= used


TELLS_NO_SOURCE = {f"{name}.amazonaws.com" for name in ("lambda", "codepipeline", "cloudformation", "sagemaker")}
TELLS_NO_SOURCE |= {"servicecatalog.amazonaws.com"}
"""Services that are not documented to tell on whose behalf they assume a role; a role can only be passed to them within
its own account, so nobody else can make them use it."""


def trust(stack: Stack, role: str) -> list[Statement]:
    return parse(stack.of_type("AWS::IAM::Role")[role]["AssumeRolePolicyDocument"])


@pytest.mark.parametrize(
    ("stack", "role"),
    [(name, role) for name, stack in STACKS.items() for role in stack.of_type("AWS::IAM::Role")],
)
def test_a_role_is_entered_by_one_principal_only(stack, role):
    (entry,) = trust(STACKS[stack], role)
    assert entry.effect == "Allow"
    assert entry.actions == ("sts:AssumeRole",)
    (principal,) = entry.principals
    if principal not in TELLS_NO_SOURCE:
        assert entry.conditions, "somebody else's service could be made to use it"


@pytest.mark.parametrize("stack", list(STACKS))
def test_resource_policies_name_their_statements(stack):
    for name, resource in STACKS[stack].resources.items():
        properties = resource.get("Properties", {})
        for key in ("PolicyDocument", "KeyPolicy", "ModelPackageGroupPolicy"):
            if key in properties and resource["Type"] != "AWS::IAM::ManagedPolicy":
                sids = [one.sid for one in parse(properties[key])]
                assert all(sids), name
                assert len(set(sids)) == len(sids), name


@pytest.mark.parametrize("stack", list(STACKS))
def test_a_bucket_or_queue_is_never_talked_to_in_clear_text(stack):
    held = STACKS[stack]
    for kind, of in (("AWS::S3::Bucket", "AWS::S3::BucketPolicy"), ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy")):
        covered = set()
        for policy in held.of_type(of).values():
            refusals = [one for one in parse(policy["PolicyDocument"]) if one.sid == "EncryptedTransportOnly"]
            assert [one.effect for one in refusals] == ["Deny"]
            assert refusals[0].conditions == {"Bool": {"aws:SecureTransport": ("false",)}}
            covered |= {policy["Bucket"]} if "Bucket" in policy else set(policy["Queues"])
        assert covered == {held.name(name) for name in held.of_type(kind)}


@pytest.mark.parametrize("stack", list(STACKS))
def test_a_key_is_administered_by_the_account_but_not_read_by_it(stack):
    for name, key in STACKS[stack].of_type("AWS::KMS::Key").items():
        (administration,) = [one for one in parse(key["KeyPolicy"]) if one.sid == "Administer"]
        assert "kms:PutKeyPolicy" in administration.actions, f"{name} could lock everybody out"
        assert not {"kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant"} & set(administration.actions), name
        for one in parse(key["KeyPolicy"]):
            if one.principals == ("*",):
                assert one.conditions["StringEquals"].get("kms:CallerAccount"), f"{name} {one.sid} is open to the world"
                assert one.conditions["StringEquals"].get("kms:ViaService"), f"{name} {one.sid}"
