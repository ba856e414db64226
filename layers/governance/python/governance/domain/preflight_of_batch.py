"""What models without an endpoint need of their account: a machine that runs their jobs, and a way to measure them."""

from collections.abc import Iterator

from governance.domain.preflight import Need
from governance.domain.preflight_statements import Installation, entered_by, owned, passed


def of_batch(of: Installation, account: str) -> Iterator[Need]:
    """The roles by which transform jobs are set up, run and measured.

    Asked for whether or not a profile says batch: what is missing would else be found by the first that does.
    """
    what, stack = "models run as transform jobs", f"deploy stacks/workload-account.yaml in {account}"
    machine = of.arn("states", account, f"stateMachine:{of.install}-*")
    run = of.arn("states", account, f"execution:{of.install}-*:{of.install}-validation-*")
    jobs = of.arn("sagemaker", account, f"transform-job/{of.install}-batch-*")
    rule = of.arn("events", account, "rule/StepFunctionsGetEventsForSageMakerTransformJobsRule")
    key, here = of.arn("kms", account, "key/any"), {"aws:ResourceAccount": account}
    given, taken = of.bucket("any", "/batch-input/*"), of.bucket("any", "/batch-output/*")
    through_sagemaker = {"kms:ViaService": f"sagemaker.{of.region}.amazonaws.com"}
    yield entered_by(of, account, "batch-runner", "states.amazonaws.com", what, stack, {"aws:SourceAccount": account})
    for role, actions, resource, context in (
        ("cloudformation", ("states:CreateStateMachine", "states:UpdateStateMachine"), machine, {}),
        ("cloudformation", ("iam:PassRole",), of.role(account, "batch-runner"), passed("states")),
        ("batch-runner", ("sagemaker:CreateTransformJob", "sagemaker:AddTags"), jobs, {}),
        ("batch-runner", ("events:PutTargets", "events:PutRule", "events:DescribeRule"), rule, {}),
        ("batch-runner", ("kms:CreateGrant", "kms:DescribeKey"), key, through_sagemaker),
        ("model-execution", ("s3:GetObject",), given, here),
        ("model-execution", ("s3:ListBucket",), of.bucket("any"), {**here, "s3:prefix": "batch-input/*"}),
        ("model-execution", ("s3:PutObject",), taken, here),
        ("model-execution", ("kms:Decrypt",), key, of.through_s3),
        ("validation", ("states:StartExecution", "states:DescribeStateMachine"), machine, {}),
        ("validation", ("states:DescribeExecution", "states:StopExecution"), run, {}),
        ("validation", ("s3:PutObject", "s3:DeleteObject"), of.bucket("any", validating(of, "batch-input")), here),
        ("validation", ("s3:GetObject", "s3:DeleteObject"), of.bucket("any", validating(of, "batch-output/any")), here),
        ("validation", ("kms:GenerateDataKey", "kms:Decrypt"), key, of.through_s3),
    ):
        yield owned(of, account, role, actions, resource, what, stack, context)


def validating(of: Installation, below: str) -> str:
    """Where held-out rows lie while they are scored."""
    return f"/{below}/{of.install}-validation-*"
