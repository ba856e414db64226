"""A cloud of cardboard for rehearsing the demo: it does at once what a well-behaved installation does."""

import hashlib
import io
import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from examples.cloud import Cloud
from examples.demo.endpoints import scores_of
from examples.demo.records import ATTRIBUTES
from examples.demo.timeline import GENESIS
from governance.domain.evidence import EvidenceKind
from governance.domain.reports import read_report

HASH = "ab" * 32
OUTPUTS = ("GovernanceTable", "ArtifactBucket", "TestPipeline", "ProdPipeline", "UndeliveredEvents", "FailedEvents")


class Cardboard(Cloud):
    """One object plays every service. `flaw` names the one thing that it gets wrong."""

    flaw: str
    items: dict[tuple[str, str], dict[str, Any]]
    objects: dict[str, bytes]
    sealed: dict[str, bytes]
    packages: dict[str, dict[str, Any]]
    findings: list[dict[str, Any]]

    def __init__(self, path: Path, flaw: str = "") -> None:
        document = {
            "accounts": {"hub": "444455556666", "dev": "111122223333", "test": "5", "prod": "7"},
            "region": "eu-west-1",
            "stack": "steward",
            "outputs": {name: name.lower() for name in OUTPUTS},
        }
        super().__init__(path, document)
        kept = {"items": {}, "objects": {}, "sealed": {}, "packages": {}, "findings": []}
        for name, value in {"flaw": flaw, **kept}.items():
            object.__setattr__(self, name, value)

    def client(self, service: str, who: str) -> Any:
        return Service(self, who)

    def person(self, persona: str) -> str:
        return persona.replace("-", ".")

    def record(self, model: str, stage: str, **changes: Any) -> None:
        key = (f"MODEL#{model}", f"STAGE#{stage}")
        empty = dict.fromkeys(ATTRIBUTES, "") | {"model_stage": stage, "model_status": "pending"}
        self.items[key] = self.items.get(key, empty) | changes

    def audit(self, model: str, who: str, action: str) -> None:
        chain = [item for (pk, sk), item in sorted(self.items.items()) if pk == f"MODEL#{model}" and "AUDIT" in sk]
        previous = chain[-1]["hash"] if chain else GENESIS
        entry = json.dumps(
            {
                "sequence": len(chain) + 1,
                "at": "2026-11-20T22:00:00.000000Z",
                "who": who,
                "action": action,
                "previous_hash": "broken" if self.flaw == "broken chain" and chain else previous,
            }
        )
        item = {"entry": entry, "hash": hashlib.sha256(entry.encode()).hexdigest()}
        self.items[f"MODEL#{model}", f"AUDIT#{len(chain) + 1:08}"] = item

    def verdict(self, model: str, stage: str, refused_by: str = "") -> None:
        """Judge an approval: one check, which a policy in force enforces."""
        policy = "default@2" if self.flaw == "judged by another policy" else "consumer-credit@1"
        check = {"name": refused_by or "fair-to-the-young", "mode": "enforce", "passed": not refused_by}
        told = {"stage": stage, "policy": policy, "policy_hash": HASH, "passed": not refused_by, "checks": [check]}
        number = len([key for key in self.items if key[1].startswith("FACT#")])
        self.items[f"MODEL#{model}", f"FACT#{number}"] = {"kind": "verdict-given", "content": json.dumps(told)}

    def decide(self, model: str, stage: str, why: str) -> None:
        """Let an approval count, or refuse it and put the registry back, as the policy has it."""
        fair = any(pk == f"MODEL#{model}" and sk.startswith("EVIDENCE#post-training-bias") for pk, sk in self.items)
        package = self.packages[model]
        if fair or self.flaw == "policy never asked":
            self.verdict(model, stage)
            package |= {"ModelApprovalStatus": "Approved", "ApprovalDescription": why}
            self.record(model, stage, model_status="approved", model_audit_user="officer")
            self.deploy(model, "test" if stage == "development" else "production")
            return
        self.verdict(model, stage, refused_by="fair-to-the-young")
        told = (
            "no" if self.flaw == "no reasons" else "not approved by consumer-credit@1. [fair-to-the-young] measure it"
        )
        package |= {"ModelApprovalStatus": "PendingManualApproval", "ApprovalDescription": told}
        if self.flaw == "refused yet deployed":
            self.deploy(model, "test")

    def collect(self, model: str, kind: EvidenceKind, uri: str) -> None:
        """Read a report, whatever the rest of the world would do to it first."""
        values = json.dumps(dict(read_report(self.objects[uri], kind).values))
        self.items[f"MODEL#{model}", f"EVIDENCE#{kind}#1"] = {"status": "collected", "values": values}

    def steward(self, who: str, *words: str, code: int = 0) -> Any:
        """Answer a command as the real one does with `--json`."""
        arns = {arn.split(":model-package/")[1]: arn for arn in self.packages}
        model = next((arns[word] for word in words if word in arns), "")
        in_force = {"outcome": "done", "policy": "consumer-credit@1", "policy_hash": HASH}
        match words:
            case ("policy", "publish", *_):
                return in_force
            case ("policy", "assign", *_):
                return {"groups": [in_force]}
            case ("evidence", "attach", _, uri, _, kind, *_):
                self.collect(model, EvidenceKind(kind), uri)
            case ("approve", *_):
                enough = self.flaw == "one signature is enough"
                return {"checks": [{"name": "two-people", "stops": not enough, "remedy": "ask somebody else"}]}
            case ("sign-off", *_):
                status = "Pending" if self.flaw == "registry not written" else "Approved"
                self.packages[model]["ModelLifeCycle"] = {"Stage": "Test", "StageStatus": status}
                self.decide(model, "test", "by two")
            case ("diff", *_):
                line = {"name": "auc by model-quality", "ours": 0.6, "theirs": 0.8, "change": -0.2, "better": False}
                return {"against": min(arns.values()), "lines": [line]}
            case ("reject", *_):
                self.reject(model, dict(pairwise(words)))
            case ("findings", "list", *_):
                return {"findings": self.findings}
        return {}

    def reject(self, model: str, said: dict[str, str]) -> None:
        """Reject a version, with a finding."""
        text = said["--finding"].partition(": ")[2]
        self.findings.append({"id": "review-1", "owner": said["--owner"], "text": text})
        self.packages[model]["ModelApprovalStatus"] = "Rejected"
        if self.flaw == "registry not told":
            self.packages[model]["ModelApprovalStatus"] = "Approved"
        self.record(model, "development", model_status="rejected")
        if self.flaw == "rejected yet deployed":
            self.deploy(model, "test")

    def deploy(self, model: str, stage: str) -> None:
        failed = self.flaw == "failed deployment"
        metrics = {"auc": 0.85, "accuracy": 0.8, "latency_p50_ms": 9.0}
        self.record(
            model,
            stage,
            deployment_status="failed" if failed else "deployed",
            endpoint_name=f"steward-credit-risk-{stage}",
            validated_at="2026-11-20T22:00:00.000000Z",
            model_validation_metrics=json.dumps(metrics),
        )
        self.items[f"MODEL#{model}", f"DEPLOYMENT#{stage}"] = {
            "stage": stage,
            "status": "failed" if failed else "deployed",
            "reason": "the stack rolled back" if failed else "",
            "execution_id": "e-1",
        }


class Service:
    """Whatever AWS service is asked for, as one person."""

    def __init__(self, cloud: Cardboard, who: str) -> None:
        self.cloud, self.who = cloud, who

    def receive_message(self, **_: Any) -> Any:
        return {"Messages": [{"Body": "an event"}]} if self.cloud.flaw == "event lost" else {}

    def create_stack(self, **_: Any) -> None: ...

    def describe_stacks(self, **_: Any) -> Any:
        return {"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]}

    def put_object(self, Bucket: str, Key: str, Body: bytes, **_: Any) -> None:  # noqa: N803
        self.cloud.objects[f"s3://{Bucket}/{Key}"] = Body

    def delete_object(self, Bucket: str, Key: str) -> None:  # noqa: N803
        del self.cloud.objects[f"s3://{Bucket}/{Key}"]

    def add_tags(self, **_: Any) -> None: ...

    def create_model_package(self, **request: Any) -> Any:
        cloud = self.cloud
        arn = f"arn:aws:sagemaker:eu-west-1:444455556666:model-package/credit-risk/{len(cloud.packages) + 1}"
        cloud.packages[arn] = {**request, "LastModifiedTime": datetime.fromtimestamp(0, UTC)}
        cloud.sealed[arn] = cloud.objects[request["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]]
        cloud.record(arn, "development", model_owner="mary.jackson")
        cloud.audit(arn, self.who, "registry-observed")
        cloud.audit(arn, "steward", "artifacts-sealed")
        report = request["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
        cloud.collect(arn, EvidenceKind.MODEL_QUALITY, report)
        cloud.items[f"MODEL#{arn}", "HEAD"] = {"sealed": True, "artifacts": "[]"}
        return {"ModelPackageArn": arn}

    def describe_model_package(self, ModelPackageName: str) -> Any:  # noqa: N803
        return self.cloud.packages[ModelPackageName]

    def update_model_package(self, ModelPackageArn: str, **change: Any) -> None:  # noqa: N803
        cloud = self.cloud
        if "scientist" in self.who and cloud.flaw != "author may approve":
            error = {"Error": {"Code": "AccessDeniedException", "Message": "not authorized"}}
            raise ClientError(error, "UpdateModelPackage")
        if "scientist" not in self.who:
            cloud.audit(ModelPackageArn, self.who, "registry-observed")
            cloud.decide(ModelPackageArn, "development", change["ApprovalDescription"])

    def describe_endpoint(self, **_: Any) -> Any:
        return {"EndpointStatus": "InService"}

    def invoke_endpoint(self, Body: bytes, **_: Any) -> Any:  # noqa: N803
        served = max(self.cloud.sealed) if self.cloud.flaw == "latest is served" else min(self.cloud.sealed)
        archive = Path(self.cloud.path).with_name(f"{hashlib.sha256(served.encode()).hexdigest()}.tar.gz")
        archive.write_bytes(self.cloud.sealed[served])
        answer = "".join(f"{score!r}\n" for score in scores_of(archive, Body.decode()))
        return {"Body": io.BytesIO(answer.encode())}

    def list_pipeline_executions(self, **_: Any) -> Any:
        return {"pipelineExecutionSummaries": [{"pipelineExecutionId": "e-1"}]}

    def get_pipeline_execution(self, **_: Any) -> Any:
        return {"pipelineExecution": {"variables": [{"name": "ModelPackageArn", "resolvedValue": "first"}]}}

    def list_endpoints(self) -> Any:
        return {"Endpoints": [{"EndpointArn": "arn"}]}

    def list_tags(self, **_: Any) -> Any:
        return {"Tags": [{"Key": "steward:model-package-arn", "Value": "first"}]}

    def get_item(self, Key: dict[str, Any], **_: Any) -> Any:  # noqa: N803
        item = self.cloud.items.get((Key["pk"]["S"], Key["sk"]["S"]))
        return {"Item": _written(Key["pk"]["S"], Key["sk"]["S"], item)} if item is not None else {}

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, ExpressionAttributeValues: dict[str, Any], **_: Any) -> Any:  # noqa: N803
        pk, prefix = (ExpressionAttributeValues[name]["S"] for name in (":pk", ":sk"))
        found = sorted(key for key in self.cloud.items if key[0] == pk and key[1].startswith(prefix))
        return [{"Items": [_written(*key, self.cloud.items[key]) for key in found]}]


def _written(pk: str, sk: str, item: dict[str, Any]) -> dict[str, Any]:
    return {name: TypeSerializer().serialize(value) for name, value in (item | {"pk": pk, "sk": sk}).items()}
