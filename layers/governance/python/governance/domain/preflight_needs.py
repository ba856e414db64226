"""The needs of a first promotion: from the pipeline's role in the hub to the last statement in a workload account."""

from collections.abc import Iterator

from governance.domain.environment import Environment
from governance.domain.preflight import Kind, Need, Place
from governance.domain.preflight_images import LOOK_UP, PULL, of_images
from governance.domain.preflight_of_batch import of_batch
from governance.domain.preflight_statements import (
    Installation,
    entered_by,
    granted,
    owned,
    passed,
)

READ = ("s3:GetObject", "s3:GetObjectVersion")


def needs(of: Installation, images: tuple[str, ...] = ()) -> Iterator[Need]:
    """Everything, account by account, in the order of a promotion."""
    known = {"aws:PrincipalOrgID": of.organization} if of.organization else {}
    for need in all_needs(of, images):
        yield need.model_copy(update={"context": {**known, **need.context}})


def all_needs(of: Installation, images: tuple[str, ...]) -> Iterator[Need]:
    """Everything, whatever the organisation."""
    for account in of.developers:
        yield from of_developers(of, account)
    for environment in of.environments:
        yield from of_the_hub_for(of, environment)
        yield from of_deploying(of, environment.account)
        yield from of_serving(of, environment.account)
        yield from of_profiles(of, environment.account)
        yield from of_batch(of, environment.account)
        yield from of_looking(of, environment.account)
        yield from of_telling(of, environment.account, "endpoint", "workload-account")
    yield from of_looking_up(of)
    yield from of_images(images, of.role, of.hub, of.environments)


def of_developers(of: Installation, account: str) -> Iterator[Need]:
    """What lets the hub copy what is registered from an account, and hear of it."""
    bucket = f"{of.install}-ml-artifacts-{account}-{of.region}"
    stack = f"deploy stacks/dev-account.yaml in {account}"
    for name, what, reads in (
        ("copy-artifacts", "artifacts are copied", READ),
        ("collect-evidence", "evidence is collected", READ[:1]),
    ):
        who = of.role(of.hub, name)
        below, key = of.bucket(bucket, "/*"), of.arn("kms", account, "key/any")
        yield granted(Kind.BUCKET_POLICY, account, bucket, who, reads, below, what, stack)
        yield granted(Kind.BUCKET_POLICY, account, bucket, who, ("s3:ListBucket",), of.bucket(bucket), what, stack)
        decrypt = ("kms:Decrypt",)
        yield granted(Kind.BUCKETS_KEY_POLICY, account, bucket, who, decrypt, "*", what, stack, of.through_s3)
        theirs = {"aws:ResourceAccount": account}
        yield owned(of, of.hub, name, reads, below, f"{what} from {account}", "", theirs)
        yield owned(of, of.hub, name, decrypt, key, f"{what} from {account}", "", {**theirs, **of.through_s3})
    yield shared(of, account)
    yield from of_telling(of, account, "registry", "dev-account")


def of_the_hub_for(of: Installation, environment: Environment) -> Iterator[Need]:
    """What the hub has to have for an environment: its pipeline, and policies that let the account's roles read."""
    account, stage = environment.account, environment.called
    pipeline = Place(kind=Kind.PIPELINE, account=of.hub, name=environment.pipeline)
    entered = (of.role(account, "deployment"), of.role(account, "cloudformation"))
    remedy = "sam deploy the hub, with the account of each stage as parameter"
    if environment.told:
        remedy = f"deploy stacks/environment.yaml for {stage} in the hub, with {account} among its FurtherAccountIds"
    yield Need(what=f"the pipeline deploys into {stage}", place=pipeline, leads_to=entered, remedy=remedy)
    for name, enters in (
        ("pipeline", "deployment"),
        ("validate-deployment", "validation"),
        ("reconcile-registry", "reconciliation"),
        ("verify-deployment", "reconciliation"),
    ):
        role = of.role(account, enters)
        yield owned(of, of.hub, name, ("sts:AssumeRole",), role, f"the hub enters {stage}", remedy)
    serving, deploying = of.role(account, "model-execution"), of.role(account, "deployment")
    for bucket, key, who, below, what in (
        (of.artifact_bucket, of.artifact_key, serving, "/sealed/*", f"endpoints in {stage} load sealed artifacts"),
        (of.pipeline_bucket, of.pipeline_key, deploying, "/bundles/*", f"deployments to {stage} read their bundle"),
    ):
        resource = of.bucket(bucket, below)
        yield granted(Kind.BUCKET_POLICY, of.hub, bucket, who, READ, resource, what, remedy)
        yield granted(Kind.KEY_POLICY, of.hub, key, who, ("kms:Decrypt",), "*", what, remedy, of.through_s3)
    bucket, what = of.artifact_bucket, f"endpoints in {stage} load sealed prefixes"
    lists = (("s3:ListBucket",), of.bucket(bucket), what, remedy, BELOW_TREES)
    yield granted(Kind.BUCKET_POLICY, of.hub, bucket, serving, *lists)


def of_deploying(of: Installation, account: str) -> Iterator[Need]:
    """The roles by which the pipeline deploys into an account."""
    what, stack = "the pipeline deploys", f"deploy stacks/workload-account.yaml in {account}"
    yield entered_by(of, account, "deployment", of.role(of.hub, "pipeline"), what, stack)
    yield entered_by(of, account, "cloudformation", "cloudformation.amazonaws.com", what, stack)
    stack_of_ours = of.arn("cloudformation", account, f"stack/{of.install}-*/*")
    endpoint = of.arn("sagemaker", account, f"endpoint/{of.install}-*")
    made = (("sagemaker:CreateModel", "model/*"), ("sagemaker:CreateEndpointConfig", "endpoint-config/*"))
    for role, actions, resource, context in (
        ("deployment", ("cloudformation:CreateStack", "cloudformation:UpdateStack"), stack_of_ours, {}),
        ("deployment", ("iam:PassRole",), of.role(account, "cloudformation"), passed("cloudformation")),
        ("deployment", READ, of.bucket(of.pipeline_bucket, "/bundles/*"), {}),
        ("deployment", ("kms:Decrypt",), of.pipeline_key, of.through_s3),
        ("cloudformation", ("sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"), endpoint, {}),
        *(("cloudformation", (one,), of.arn("sagemaker", account, name), {}) for one, name in made),
        ("cloudformation", ("iam:PassRole",), of.role(account, "model-execution"), passed("sagemaker")),
        ("cloudformation", ("iam:PassRole",), of.role(account, "invoker"), passed("lambda")),
    ):
        yield owned(of, account, role, actions, resource, what, stack, context)


DECISIONS = {"events:source": "steward.invoker", "events:detail-type": "DecisionServed"}
"""What the function before an endpoint may tell its account's own bus, and nothing else."""


def of_serving(of: Installation, account: str) -> Iterator[Need]:
    """The roles by which an endpoint and its API run."""
    what, stack = "endpoints serve", f"deploy stacks/workload-account.yaml in {account}"
    yield entered_by(of, account, "model-execution", "sagemaker.amazonaws.com", what, stack)
    yield entered_by(of, account, "invoker", "lambda.amazonaws.com", what, stack)
    endpoint = of.arn("sagemaker", account, f"endpoint/{of.install}-*")
    repository = of.arn("ecr", of.hub, "repository/any")
    lists = (("s3:ListBucket",), of.bucket(of.artifact_bucket), what, stack, BELOW_TREES)
    yield owned(of, account, "model-execution", *lists)
    for role, actions, resource, context in (
        ("model-execution", READ, of.bucket(of.artifact_bucket, "/sealed/*"), {}),
        ("model-execution", ("kms:Decrypt",), of.artifact_key, of.through_s3),
        ("model-execution", ("ecr:GetAuthorizationToken",), "*", {}),
        ("model-execution", PULL, repository, {}),
        ("invoker", ("sagemaker:InvokeEndpoint",), endpoint, {}),
        ("invoker", ("events:PutEvents",), of.arn("events", account, "event-bus/default"), DECISIONS),
    ):
        yield owned(of, account, role, actions, resource, what, stack, context)


def of_profiles(of: Installation, account: str) -> Iterator[Need]:
    """What the roles take for all that a profile can ask: scaling, a storage key, alarms, captured data, a network.

    Asked for whether or not a profile does: what is missing would else be found by the first deployment that needs it.
    """
    what, stack = "deployment profiles can be met", f"deploy stacks/workload-account.yaml in {account}"
    scaling = "sagemaker.application-autoscaling.amazonaws.com"
    linked = f"aws-service-role/{scaling}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    targets = of.arn("application-autoscaling", account, "scalable-target/any")
    alarms = of.arn("cloudwatch", account, f"alarm:TargetTracking-endpoint/{of.install}-*")
    endpoint, key = of.arn("sagemaker", account, f"endpoint/{of.install}-*"), of.arn("kms", account, "key/any")
    through_sagemaker = {"kms:ViaService": f"sagemaker.{of.region}.amazonaws.com"}
    captured, here = of.bucket("any", "/data-capture/*"), {"aws:ResourceAccount": account}
    scale = ("application-autoscaling:RegisterScalableTarget", "application-autoscaling:PutScalingPolicy")
    look = ("application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingPolicies")
    network = ("ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups")
    for role, actions, resource, context in (
        ("cloudformation", scale, targets, {}),
        ("cloudformation", look, "*", {}),
        ("cloudformation", ("cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"), alarms, {}),
        ("cloudformation", ("sagemaker:UpdateEndpointWeightsAndCapacities",), endpoint, {}),
        (
            "cloudformation",
            ("iam:CreateServiceLinkedRole",),
            f"arn:{of.partition}:iam::{account}:role/{linked}",
            {"iam:AWSServiceName": scaling},
        ),
        ("cloudformation", ("kms:CreateGrant", "kms:DescribeKey"), key, through_sagemaker),
        ("model-execution", ("cloudwatch:DescribeAlarms",), of.arn("cloudwatch", account, f"alarm:{of.install}-*"), {}),
        ("model-execution", ("s3:PutObject",), captured, here),
        ("model-execution", ("kms:GenerateDataKey",), key, of.through_s3),
        *(
            ("model-execution", ("ec2:CreateNetworkInterface",), of.arn("ec2", account, f"{kind}/any"), {})
            for kind in ("network-interface", "subnet", "security-group")
        ),
        ("model-execution", network, "*", {}),
    ):
        yield owned(of, account, role, actions, resource, what, stack, context)


def of_looking(of: Installation, account: str) -> Iterator[Need]:
    """The roles by which the hub measures endpoints and compares them with the record."""
    stack = f"deploy stacks/workload-account.yaml in {account}"
    endpoint = of.arn("sagemaker", account, f"endpoint/{of.install}-*")
    stacks = of.arn("cloudformation", account, f"stack/{of.install}-*")
    for role, by, actions, resource, what in (
        ("validation", "validate-deployment", ("sagemaker:InvokeEndpoint",), endpoint, "deployments are validated"),
        ("reconciliation", "reconcile-registry", ("sagemaker:ListEndpoints",), "*", "endpoints are compared"),
        ("reconciliation", "reconcile-registry", ("sagemaker:DescribeEndpoint",), endpoint, "endpoints are compared"),
        ("reconciliation", "verify-deployment", ("cloudformation:DescribeStacks",), stacks, "stacks are looked at"),
    ):
        yield entered_by(of, account, role, of.role(of.hub, by), what, stack)
        yield owned(of, account, role, actions, resource, what, stack)


def of_telling(of: Installation, account: str, kind: str, template: str) -> Iterator[Need]:
    """What brings an account's events to the hub: the rule, its role, and the hub's bus."""
    what, stack = f"the hub hears {kind} events", f"deploy stacks/{template}.yaml in {account}"
    rule = Place(kind=Kind.RULE, account=account, name=f"{of.install}-forward-{kind}-events")
    role = f"forward-{kind}-events-{of.region}"
    leads_to = (of.intake_bus, of.role(account, role))
    yield Need(what=what, place=rule, leads_to=leads_to, remedy=stack)
    context = {"aws:SourceAccount": account}
    yield entered_by(of, account, role, "events.amazonaws.com", what, stack, context)
    yield owned(of, account, role, ("events:PutEvents",), of.intake_bus, what, stack)
    who, put = of.role(account, role), ("events:PutEvents",)
    hub = "sam deploy the hub, with the account among its parameters"
    yield granted(Kind.BUS_POLICY, of.hub, of.intake_bus, who, put, of.intake_bus, what, hub, whole_account=True)


def of_looking_up(of: Installation) -> Iterator[Need]:
    """What lets the hub see whether an image is there, as far as that is its own to say."""
    for name in ("copy-artifacts", "verify-deployment"):
        yield owned(of, of.hub, name, LOOK_UP, of.arn("ecr", of.hub, "repository/any"), "images are looked up", "")


def shared(of: Installation, account: str) -> Need:
    """That an account has accepted the groups that are shared with it."""
    place = Place(kind=Kind.SHARES, account=of.hub, name=account)
    remedy = f"in {account}: aws ram get-resource-share-invitations, then aws ram accept-resource-share-invitation"
    return Need(what="data scientists see the hub's groups", place=place, leads_to=(account,), remedy=remedy)


BELOW_TREES = {"s3:prefix": "sealed/trees/*"}
"""What an endpoint lists: where sealed prefixes lie."""
