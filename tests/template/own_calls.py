"""What each function's own code asks of AWS, one example of every kind of call, with concrete resources.

A call is written as IAM sees it: `HeadObject` of a version is `s3:GetObjectVersion`, `CopyObject` reads the source and
writes the copy, each item of a transaction is authorised by itself. Reading what may not be there takes
`s3:ListBucket` too, without which S3 answers 403 instead of 404. `test_roles_and_calls` holds the roles against this
list in both directions, so a statement that nothing needs, or a call that nothing allows, cannot stay unnoticed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.template.translation import DEV, HUB, PROD, REGION, TEST, hub


@dataclass(frozen=True)
class Call:
    """One call to AWS, with what the request says about itself."""

    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict)


VERSION = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package/credit-risk-pd/7"
GROUP = f"arn:aws:sagemaker:{REGION}:{HUB}:model-package-group/credit-risk-pd"
TABLE = hub().arn("GovernanceTable")
ARTIFACTS, PIPELINE_STORE = hub().arn("ArtifactBucket"), hub().arn("PipelineBucket")
ARCHIVE = hub().arn("AuditBucket")
SEALED = f"{ARTIFACTS}/sealed/b94d27b9/model.tar.gz"
PAPER = f"{ARTIFACTS}/work/seal-5f0c1c3d/0f3a51c2/plan.json"
BUNDLE = f"{PIPELINE_STORE}/bundles/b94d27b9.zip"
PIPELINES_COPY = f"{PIPELINE_STORE}/steward-deploy-test/Bundle/x1Y2z3A"
EVIDENCE = f"{ARTIFACTS}/evidence/b94d27b9"
SOURCE = f"arn:aws:s3:::steward-ml-artifacts-{DEV}-{REGION}/credit-risk-pd/7/model.tar.gz"
IMAGES = [f"arn:aws:ecr:{REGION}:{account}:repository/credit-risk" for account in (HUB, DEV, "763104351884")]
"""Repositories of ours, and of AWS's own."""


def _on(action: str, *keys: str) -> list[Call]:
    return [Call(f"dynamodb:{action}", TABLE, {"dynamodb:LeadingKeys": [key]}) for key in keys]


MODEL, GROUP_ITEM, LEASE = f"MODEL#{VERSION}", f"GROUP#{GROUP}", f"LEASE#test#{GROUP}"
PROFILES = f"PROFILE#{GROUP}"
KEPT = [f"STANDING#{GROUP}", "ROLLUP#credit-scoring"]
"""What is kept of how models stand."""
HELD = "HOLD#sealed/b94d27b9/model.tar.gz"
OPEN = [Call("dynamodb:BatchGetItem", TABLE, {"dynamodb:LeadingKeys": [MODEL, GROUP_ITEM]})]
FOLD_AGAIN = _on("Query", MODEL)
LEARN = [*OPEN, *FOLD_AGAIN, *_on("PutItem", MODEL, "PERSON#KEY"), *_on("DeleteItem", MODEL)]
PIPELINES = [f"arn:aws:codepipeline:{REGION}:{HUB}:steward-deploy-{name}" for name in ("test", "prod")]
ANSWER = [Call("codepipeline:PutJobSuccessResult", "*"), Call("codepipeline:PutJobFailureResult", "*")]

CALLED = [
    hub().arn(name)
    for name in hub().of_type("AWS::Lambda::Function")
    if name not in {"CopyArtifacts", "Decide", "RedriveEvents"}
]
"""Functions that AWS calls of itself, whose dead letters are redriven: the others are called by people or by the
state machine."""

OWN_CALLS: Mapping[str, list[Call]] = {
    "SyncModelVersion": [*LEARN, Call("sagemaker:DescribeModelPackage", VERSION)],
    "ImportModelVersion": [
        *LEARN,
        *_on("GetItem", "HUB#steward"),
        *_on("PutItem", "HUB#steward"),
        Call("sts:AssumeRole", f"arn:aws:iam::{DEV}:role/steward-import-source-{REGION}", {"aws:ResourceAccount": DEV}),
        Call("sagemaker:ListTags", GROUP),
        Call("sagemaker:CreateModelPackage", GROUP),
        Call("sagemaker:ListModelPackages", GROUP),
        Call("sagemaker:DescribeModelPackage", VERSION),
    ],
    "RelayChanges": [
        Call("events:PutEvents", hub().arn("GovernanceBus")),
        *_on("PutItem", MODEL, "POLICY#default", PROFILES, "USECASE#credit-scoring", "HUB#steward"),
    ],
    "SyncModelGroup": [
        *LEARN,
        *_on("GetItem", GROUP_ITEM),
        *_on("Query", "USECASE#credit-scoring"),
        *_on("PutItem", GROUP_ITEM, "USECASE#credit-scoring", "POLICY#default"),
        Call("sagemaker:ListTags", GROUP),
    ],
    "RollUpUseCase": [
        Call("dynamodb:BatchGetItem", TABLE, {"dynamodb:LeadingKeys": [MODEL, GROUP_ITEM, *KEPT]}),
        *_on("Query", *KEPT),
        *_on("PutItem", "USECASE#credit-scoring", *KEPT),
        *_on("DeleteItem", *KEPT),
    ],
    "Notify": [*_on("GetItem", "USECASE#credit-scoring"), Call("sns:Publish", hub().arn("OnboardingTopic"))],
    "RecordDecisions": [*_on("GetItem", GROUP_ITEM), *_on("PutItem", "DECISION#credit-scoring#loan-4711")],
    "CopyArtifacts": [
        *LEARN,
        Call(
            "states:DescribeExecution",
            hub().arn("CopyArtifactsMachine").replace(":stateMachine:", ":execution:") + ":1",
        ),
        *[Call("ecr:BatchGetImage", image) for image in IMAGES],
        Call("s3:GetObject", SOURCE, {"aws:ResourceAccount": DEV}),
        Call("s3:GetObjectVersion", SOURCE, {"aws:ResourceAccount": DEV}),
        Call("s3:ListBucket", SOURCE.split("/")[0], {"aws:ResourceAccount": DEV}),
        Call("s3:ListBucket", ARTIFACTS, {"aws:ResourceAccount": HUB}),
        Call(
            "kms:Decrypt",
            f"arn:aws:kms:{REGION}:{DEV}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            {"aws:ResourceAccount": DEV, "kms:ViaService": f"s3.{REGION}.amazonaws.com"},
        ),
        Call("s3:PutObject", SEALED, {"aws:ResourceAccount": HUB}),
        Call("s3:GetObject", SEALED, {"aws:ResourceAccount": HUB}),
        Call("s3:GetObjectRetention", SEALED, {"aws:ResourceAccount": HUB}),
        Call("s3:PutObjectRetention", SEALED, {"aws:ResourceAccount": HUB}),
        Call("s3:ListMultipartUploadParts", SEALED, {"aws:ResourceAccount": HUB}),
        Call("s3:AbortMultipartUpload", SEALED, {"aws:ResourceAccount": HUB}),
        Call("s3:ListBucketMultipartUploads", ARTIFACTS, {"aws:ResourceAccount": HUB}),
        Call("s3:PutObject", PAPER, {"aws:ResourceAccount": HUB}),
        Call("s3:GetObject", PAPER, {"aws:ResourceAccount": HUB}),
    ],
    "RetainArtifacts": [
        *LEARN,
        *_on("Query", HELD),
        *_on("PutItem", HELD),
        *_on("DeleteItem", HELD),
        *[Call(f"s3:{name}", SEALED) for name in ("GetObjectRetention", "PutObjectRetention", "PutObjectLegalHold")],
        Call("s3:ListBucket", ARTIFACTS),
        Call("s3:ListBucketVersions", ARTIFACTS),
        Call("s3:GetObjectVersion", f"{ARTIFACTS}/sealed/manifests/b94d27b9.json"),
    ],
    "ExpireEvidence": [
        *LEARN,
        Call("dynamodb:Query", f"{TABLE}/index/by-due-date", {"dynamodb:LeadingKeys": ["DUE#00"]}),
    ],
    "CollectEvidence": [
        *LEARN,
        Call("sagemaker:DescribeModelPackage", VERSION),
        Call("s3:GetObject", SOURCE, {"aws:ResourceAccount": DEV}),
        Call("s3:GetObject", f"{ARTIFACTS}/documents/plan.pdf", {"aws:ResourceAccount": HUB}),
        Call("s3:ListBucket", SOURCE.split("/")[0], {"aws:ResourceAccount": DEV}),
        Call("s3:ListBucket", ARTIFACTS, {"aws:ResourceAccount": HUB}),
        Call(
            "kms:Decrypt",
            f"arn:aws:kms:{REGION}:{DEV}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            {"aws:ResourceAccount": DEV, "kms:ViaService": f"s3.{REGION}.amazonaws.com"},
        ),
        *[
            Call(f"s3:{name}", EVIDENCE, {"aws:ResourceAccount": HUB})
            for name in ("PutObject", "GetObject", "GetObjectRetention", "PutObjectRetention")
        ],
    ],
    "WriteBack": [
        *LEARN,
        Call("sagemaker:DescribeModelPackage", VERSION),
        Call("sagemaker:UpdateModelPackage", VERSION),
    ],
    "StartDeployment": [
        *LEARN,
        *_on("GetItem", GROUP_ITEM, PROFILES),
        *_on("PutItem", GROUP_ITEM),
        *_on("Query", LEASE),
        *_on("PutItem", LEASE),
        *_on("DeleteItem", LEASE),
        Call("s3:PutObject", BUNDLE),
        Call("s3:GetObject", BUNDLE),
        Call("s3:ListBucket", PIPELINE_STORE),
        *[Call("codepipeline:StartPipelineExecution", pipeline) for pipeline in PIPELINES],
    ],
    "VerifyDeployment": [
        *LEARN,
        *[Call("ecr:BatchGetImage", image) for image in IMAGES],
        *_on("GetItem", PROFILES),
        *[Call("s3:GetObject", bundle) for bundle in (BUNDLE, PIPELINES_COPY)],
        Call("s3:GetObjectVersion", SEALED),
        Call("s3:ListBucketVersions", ARTIFACTS),
        *[Call("s3:ListBucket", bucket) for bucket in (PIPELINE_STORE, ARTIFACTS)],
        *[Call("sts:AssumeRole", f"arn:aws:iam::{account}:role/steward-reconciliation") for account in (TEST, PROD)],
        *ANSWER,
    ],
    "TrackDeployment": [
        *LEARN,
        *_on("GetItem", "HUB#steward"),
        *_on("PutItem", "HUB#steward"),
        Call("dynamodb:Query", f"{TABLE}/index/by-endpoint", {"dynamodb:LeadingKeys": ["ENDPOINT#x"]}),
        *[
            Call(f"codepipeline:{action}", pipeline)
            for action in ("GetPipelineExecution", "ListActionExecutions")
            for pipeline in PIPELINES
        ],
    ],
    "RollBack": [
        *LEARN,
        *_on("GetItem", GROUP_ITEM),
        *_on("PutItem", GROUP_ITEM),
        *[
            Call(f"codepipeline:{action}", pipeline)
            for action in ("GetPipelineExecution", "ListActionExecutions", "StopPipelineExecution")
            for pipeline in PIPELINES
        ],
    ],
    "RetireUseCase": [
        *LEARN,
        *_on("GetItem", "USECASE#credit-risk"),
        *_on("Query", "USECASE#credit-risk"),
        *_on("PutItem", "USECASE#credit-risk"),
        *_on("GetItem", GROUP_ITEM),
        Call("dynamodb:Query", f"{TABLE}/index/by-use-case", {"dynamodb:LeadingKeys": ["USECASE#credit-risk"]}),
        *[Call(f"sagemaker:{verb}ModelPackageGroupPolicy", GROUP) for verb in ("Get", "Put", "Delete")],
        Call("sagemaker:ListModelPackages", GROUP),
        Call("ram:GetResourceShareAssociations", "*"),
        Call("ram:DisassociateResourceShare", f"arn:aws:ram:{REGION}:{HUB}:resource-share/0f3a51c2"),
        Call("lambda:InvokeFunction", hub().arn("RetireUseCase")),
    ],
    "ValidateDeployment": [
        *OPEN,
        *FOLD_AGAIN,
        *_on("GetItem", PROFILES),
        Call("sagemaker:ListTags", GROUP),
        Call("s3:GetObject", f"{ARTIFACTS}/validation/credit-risk-pd/rows.csv"),
        *[Call("sts:AssumeRole", f"arn:aws:iam::{account}:role/steward-validation") for account in (TEST, PROD)],
        Call("events:PutEvents", hub().arn("IntakeBus")),
        *ANSWER,
    ],
    "RecordMetrics": LEARN,
    "ArchiveAudit": [
        Call(f"s3:{action}", f"{ARCHIVE}/{kind}/2026-10-12/b94d27b9/00000001.json")
        for action in ("PutObject", "PutObjectRetention", "GetObject")
        for kind in ("entries", "facts")
    ],
    "AnchorAudit": [
        Call("s3:ListBucketVersions", ARCHIVE),
        *[Call("s3:GetObjectVersion", f"{ARCHIVE}/{kind}/x.json") for kind in ("entries", "facts", "anchors")],
        *[
            Call(f"s3:{action}", f"{ARCHIVE}/anchors/2026-10-12.json")
            for action in ("PutObject", "PutObjectRetention", "GetObject")
        ],
    ],
    "RedriveEvents": [
        *[
            Call(f"sqs:{action}", hub().arn(queue))
            for action in ("GetQueueAttributes", "ReceiveMessage", "ChangeMessageVisibility", "DeleteMessage")
            for queue in ("UndeliveredEvents", "FailedEvents")
        ],
        Call("s3:ListBucket", hub().arn("StreamFailureBucket")),
        *[
            Call(f"s3:{action}", f"{hub().arn('StreamFailureBucket')}/aws/lambda/7f1c/shardId-0/2026-x")
            for action in ("GetObject", "DeleteObject")
        ],
        *[Call("lambda:InvokeFunction", arn) for arn in CALLED],
        Call("states:StartExecution", hub().arn("CopyArtifactsMachine")),
        *_on("GetItem", "PERSON#KEY", "HUB#steward"),
        *_on("PutItem", "HUB#steward"),
    ],
    "ReconcileRegistry": [
        *LEARN,
        *_on("GetItem", "HUB#steward"),
        *_on("PutItem", GROUP_ITEM, "USECASE#credit-scoring", "POLICY#default", "HUB#steward"),
        *_on("PutItem", *KEPT),
        *_on("DeleteItem", *KEPT),
        Call("dynamodb:DescribeTable", TABLE),
        *[Call("dynamodb:Query", f"{TABLE}/index/{name}") for name in ("by-stage-and-status", "by-endpoint")],
        *[Call(f"sagemaker:{action}", VERSION) for action in ("DescribeModelPackage", "BatchDescribeModelPackage")],
        *[Call(f"sagemaker:{action}", GROUP) for action in ("ListModelPackages", "ListTags")],
        Call("sagemaker:GetModelPackageGroupPolicy", GROUP),
        *[Call(f"sagemaker:{action}", "*") for action in ("ListModelPackages", "ListModelPackageGroups")],
        *[
            Call(f"codepipeline:{action}", pipeline)
            for action in ("ListPipelineExecutions", "GetPipelineExecution", "ListActionExecutions")
            for pipeline in PIPELINES
        ],
        *[Call("sts:AssumeRole", f"arn:aws:iam::{account}:role/steward-reconciliation") for account in (TEST, PROD)],
        Call("cloudtrail:LookupEvents", "*"),
        *[Call("lambda:InvokeFunction", hub().arn(name)) for name in ("RelayChanges", "ReconcileRegistry")],
    ],
    "Decide": [
        *LEARN,
        *_on("GetItem", "PERSON#KEY", "HUB#steward"),
        *_on("PutItem", PROFILES, "USECASE#credit-scoring", "HUB#steward"),
        *_on("DeleteItem", "USECASE#credit-scoring"),
        *_on("ConditionCheckItem", MODEL, "USECASE#credit-scoring"),
        Call("dynamodb:Scan", TABLE),
    ],
}
"""By the function's logical id."""
