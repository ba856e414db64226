"""What an action does: copy a source, invoke a function, deploy a stack; each with the role's own rights."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from local_cloud.backend import jobs
from local_cloud.backend.cloudformation_action import deploy
from local_cloud.backend.door import Credentials
from local_cloud.backend.executions import Abandoned, ActionFailed, ActionRun, Artifact, Execution, Result
from local_cloud.backend.wiring import wiring

CONTINUATION_PAUSE = 2.0
NO_RESULT = (
    "The AWS Lambda function {} failed to return a result. Check the function to verify that it has permission "
    "to call the PutJobSuccessResult action and that it made a call to PutJobSuccessResult."
)


def perform(execution: Execution, run: ActionRun) -> Result:
    """Do it. Raises `ActionFailed`, `Abandoned`, or what the calls to AWS raise."""
    kind = run.declaration["actionTypeId"]
    act = PROVIDERS.get((kind["category"], kind["provider"]))
    if act is None:
        raise ActionFailed(
            "ConfigurationError", f"The local cloud does not play {kind['category']} {kind['provider']}."
        )
    return act(execution, run)


def credentials(execution: Execution, run: ActionRun) -> Credentials:
    """Return the pipeline role's credentials, or those of the action's role that it assumes."""
    door, session = wiring().door, f"{execution.id[:36]}"
    pipeline = door.assume(execution.pipeline["roleArn"], session, "codepipeline.amazonaws.com", execution.arn)
    role = run.declaration.get("roleArn")
    if not role:
        return pipeline
    sts = door.client("sts", pipeline, execution.region)
    issued = sts.assume_role(RoleArn=role, RoleSessionName=session)["Credentials"]
    return Credentials(issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"])


def _copy_source(execution: Execution, run: ActionRun) -> Result:
    """Copy the object, or the one that was named at the start, into the artifact store."""
    revision = execution.revisions.get(run.name, {})
    bucket = run.configuration["S3Bucket"]
    key = revision.get("S3_OBJECT_KEY", run.configuration["S3ObjectKey"])
    s3 = wiring().door.client("s3", credentials(execution, run), execution.region)
    if s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        raise ActionFailed("ConfigurationError", f"The source bucket {bucket} must have versioning enabled.")
    wanted = {"Bucket": bucket, "Key": key}
    if "S3_OBJECT_VERSION_ID" in revision:
        wanted["VersionId"] = revision["S3_OBJECT_VERSION_ID"]
    source = s3.get_object(**wanted)
    body = source["Body"].read()
    run.outputs = [_output(execution, output["name"]) for output in run.declaration["outputArtifacts"]]
    for artifact in run.outputs:
        s3.put_object(Bucket=artifact.bucket, Key=artifact.key, Body=body, **_encryption(execution))
    version = str(source.get("VersionId") or source["ETag"].strip('"'))
    described = {
        "actionName": run.name,
        "revisionId": version,
        "created": source["LastModified"],
        "revisionUrl": f"https://{execution.region}.console.aws.amazon.com/s3/object/{bucket}?prefix={key}",
    }
    for artifact in run.outputs:
        execution.artifact_revisions.append({"name": artifact.name, **described})
    variables = {"BucketName": bucket, "ObjectKey": key, "ETag": source["ETag"].strip('"'), "VersionId": version}
    return Result(external_id=version, summary=f"Amazon S3 version id: {version}", variables=variables)


def _output(execution: Execution, name: str) -> Artifact:
    store = execution.pipeline["artifactStore"]["location"]
    return Artifact(name, store, f"{execution.name[:20]}/{name[:10]}/{uuid.uuid4().hex[:7]}")


def _encryption(execution: Execution) -> dict[str, str]:
    key = execution.pipeline["artifactStore"].get("encryptionKey")
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key["id"]} if key else {}


def _invoke_function(execution: Execution, run: ActionRun) -> Result:
    """Invoke a function asynchronously, and wait until it reports on its job."""
    key = credentials(execution, run)
    client = wiring().door.client("lambda", key, execution.region)
    run.outputs = [_output(execution, out["name"]) for out in run.declaration.get("outputArtifacts", [])]
    job = jobs.open_job(execution.account)
    token: str | None = None
    try:
        while True:
            event = _job_event(execution, run, job.id, key, token)
            name = run.configuration["FunctionName"]
            client.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event).encode())
            outcome = _wait(execution, run, job)
            if outcome.continuation is None:
                return outcome.result or Result(external_id=job.id)
            token = outcome.continuation
            time.sleep(CONTINUATION_PAUSE)
    finally:
        jobs.close_job(job)


def _wait(execution: Execution, run: ActionRun, job: jobs.Job) -> jobs.Outcome:
    minutes = run.declaration.get("timeoutInMinutes")
    limit = min(wiring().job_timeout, minutes * 60 if minutes else wiring().job_timeout)
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if execution.abandoned.is_set():
            raise Abandoned
        outcome = job.outcome(timeout=0.1)
        if outcome is None:
            continue
        if outcome.failure is not None:
            code, message = outcome.failure
            failed = Result(external_id=outcome.external_id or job.id, summary=message)
            raise ActionFailed(code, message, failed)
        return outcome
    message = NO_RESULT.format(run.configuration["FunctionName"])
    raise ActionFailed("JobFailed", message, Result(external_id=job.id, summary=message))


def _job_event(execution: Execution, run: ActionRun, job: str, key: Credentials, token: str | None) -> dict[str, Any]:
    data: dict[str, Any] = {
        "actionConfiguration": {"configuration": run.configuration},
        "inputArtifacts": [_located(artifact) for artifact in run.inputs],
        "outputArtifacts": [_located(artifact) for artifact in run.outputs],
        "artifactCredentials": {
            "accessKeyId": key.access_key_id,
            "secretAccessKey": key.secret_access_key,
            "sessionToken": key.session_token,
        },
    }
    encryption = execution.pipeline["artifactStore"].get("encryptionKey")
    if encryption:
        data["encryptionKey"] = encryption
    if token is not None:
        data["continuationToken"] = token
    return {"CodePipeline.job": {"id": job, "accountId": execution.account, "data": data}}


def _located(artifact: Artifact) -> dict[str, Any]:
    location = {"bucketName": artifact.bucket, "objectKey": artifact.key}
    return {"name": artifact.name, "revision": None, "location": {"type": "S3", "s3Location": location}}


def _deploy_stack(execution: Execution, run: ActionRun) -> Result:
    region = run.declaration.get("region", execution.region)
    return deploy(execution, run, credentials(execution, run), region)


PROVIDERS: dict[tuple[str, str], Callable[[Execution, ActionRun], Result]] = {
    ("Source", "S3"): _copy_source,
    ("Invoke", "Lambda"): _invoke_function,
    ("Deploy", "CloudFormation"): _deploy_stack,
}
