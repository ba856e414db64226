"""A stranger's driver of Steward: what people do in the registry, and what its endpoints answer."""

import hashlib
import json
import re
import time
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from click.testing import Result

from local_cloud.accounts import REGION
from local_cloud.registries import ACCOUNT, DIGEST, REPOSITORY, TAG
from tests.integration.scenarios.access import Item
from tests.integration.scenarios.models import TARGET, Model
from tests.integration.scenarios.record import Record, wait_for

IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{REPOSITORY}:{TAG}"

REGISTER = "AWSRAMPermissionSageMakerModelPackageGroupAllowRegister"


class Driver(Record):
    """Everything a stranger does to the cloud."""

    def __init__(self, cloud: Mapping[str, Any]) -> None:
        super().__init__(cloud)
        self.models: dict[str, Model] = {}

    def group_arn(self, name: str, account: str = "hub") -> str:
        return f"arn:aws:sagemaker:{self.region}:{self.accounts[account]}:model-package-group/{name}"

    def group(
        self, name: str, share: str = "policy", use_case: str | None = "credit", model: Model | None = None
    ) -> str:
        """The ML engineer makes a group and shares it with dev, by `policy` or by `ram`; its ARN."""
        tags = {"steward:owner": "mary.jackson", "steward:line-of-business": "retail", "steward:project": name[:20],
                "steward:risk": "low"}  # fmt: skip
        tags |= {"steward:use-case-id": use_case} if use_case else {}
        engineer = self.client("sagemaker", "ml-engineer")
        arn = str(
            engineer.create_model_package_group(ModelPackageGroupName=name, Tags=_tags(tags))["ModelPackageGroupArn"]
        )
        if share == "policy":
            engineer.put_model_package_group_policy(ModelPackageGroupName=name, ResourcePolicy=self.policy(name))
        if share == "ram":
            self.client("ram", "ml-engineer").create_resource_share(
                name=f"model-group-{name}", principals=[self.accounts["dev"]], resourceArns=[arn],
                permissionArns=[f"arn:aws:ram::aws:permission/{REGISTER}"],
            )  # fmt: skip
        if model:
            self.bind(arn, model)
        return arn

    def policy(self, name: str) -> str:
        packages = f"arn:aws:sagemaker:{self.region}:{self.accounts['hub']}:model-package/{name}/*"
        actions = ["CreateModelPackage", "DescribeModelPackage", "DescribeModelPackageGroup", "ListModelPackages"]
        statement = {
            "Sid": "Register",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{self.accounts['dev']}:root"},
            "Action": [f"sagemaker:{action}" for action in actions],
            "Resource": [self.group_arn(name), packages],
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def bind(self, group: str, model: Model, sha256: str = "") -> None:
        """The owner binds the rows that versions of the group are judged on."""
        key = f"validation/{group.rsplit('/', 1)[-1]}/{model.name}.csv"
        bucket = self.outputs["ArtifactBucket"]
        self.client("s3", "model-owner").put_object(Bucket=bucket, Key=key, Body=model.validation_set)
        tags = {
            "steward:validation-set": f"s3://{bucket}/{key}",
            "steward:validation-set-sha256": sha256 or hashlib.sha256(model.validation_set).hexdigest(),
            "steward:validation-target": TARGET,
        }
        self.client("sagemaker", "model-owner").add_tags(ResourceArn=group, Tags=_tags(tags))

    def upload(self, model: Model, key: str = "", who: str = "data-scientist", **told: Any) -> str:
        key = key or f"models/{uuid.uuid4().hex}/model.tar.gz"
        self.client("s3", who).put_object(Bucket=self.dev_bucket, Key=key, Body=model.archive, **told)
        return f"s3://{self.dev_bucket}/{key}"

    def register(self, group: str, model: Model, who: str = "data-scientist", uri: str = "", **more: Any) -> str:
        """Register a version of a group; its ARN. `container` changes the container, other words the request."""
        container = {"Image": IMAGE, "ImageDigest": DIGEST, "ModelDataUrl": uri or self.upload(model)}
        container |= more.pop("container", {})
        request = {
            "ModelPackageGroupName": group,
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": {
                "Containers": [{name: value for name, value in container.items() if value is not None}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        }
        request = {name: value for name, value in {**request, **more}.items() if value is not None}
        arn = str(self.client("sagemaker", who).create_model_package(**request)["ModelPackageArn"])
        self.models[arn] = model
        return arn

    def approve(self, arn: str, why: str = "good enough", who: str = "model-owner", status: str = "Approved") -> None:
        """Decide in development."""
        self.client("sagemaker", who).update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus=status, ApprovalDescription=why
        )

    def approve_again(self, arn: str, why: str) -> None:
        """Approve in a later second than all before: within one, the registry tells no order."""
        self.wait_second(arn)
        self.approve(arn, why)

    def wait_second(self, arn: str) -> None:
        """Wait for a later second than all that the registry and the record know of a version."""
        told, known = self.describe(arn)["LastModifiedTime"], self.head(arn).get("fold_position", "").partition("#")[0]
        last = int(max(told, datetime.fromisoformat(known) if known else told).timestamp())
        wait_for("the next second", time.time, lambda now: int(now) > last, 3)

    def wait_told(self, arn: str) -> None:
        """Wait until the registry has told everything of a version's last change, whether or not anybody heard it."""
        described = self.describe(arn)
        last, why = described["LastModifiedTime"].timestamp(), described.get("ApprovalDescription")
        asked = [{"AttributeKey": "EventName", "AttributeValue": "UpdateModelPackage" if why else "CreateModelPackage"}]
        trail = self.client("cloudtrail", "hub")

        def calls() -> list[Item]:
            """Calls about it, of which CloudTrail's own event is the last that goes out."""
            found = (
                json.loads(one["CloudTrailEvent"]) for one in trail.lookup_events(LookupAttributes=asked)["Events"]
            )
            about = [one for one in found if one["responseElements"]["modelPackageArn"] == arn]
            return [one for one in about if one["requestParameters"].get("approvalDescription") == why]

        wait_for("its events have gone out", calls, bool)
        wait_for("two seconds are over", time.time, lambda now: now > last + 2, 5)

    def decide(self, arn: str, stage: str, status: str = "Approved", who: str = "officer") -> None:
        """Decide by the life cycle."""
        self.client("sagemaker", who).update_model_package(
            ModelPackageArn=arn,
            ModelLifeCycle={"Stage": stage, "StageStatus": status, "StageDescription": f"{stage} {status}"},
        )

    def through_test(self, group: str, model: Model, stage: str, account: str) -> str:
        """Register a version, approve it, approve it in test too, and see it serve in the stage that follows."""
        arn = self.register(group, model)
        self.wait_sealed(arn)
        self.approve(arn)
        self.wait_deployed(arn)
        self.decide(arn, "Test")
        assert self.serves(account, self.wait_deployed(arn, stage), model)
        return arn

    def describe(self, arn: str, who: str = "model-owner") -> Item:
        return dict(self.client("sagemaker", who).describe_model_package(ModelPackageName=arn))

    def wait_put_back(self, arn: str) -> Item:
        """What the registry shows once Steward has put an approval back."""
        return wait_for(
            f"the registry shows {arn} as pending, with the reasons",
            lambda: self.describe(arn),
            lambda one: (
                one["ModelApprovalStatus"] == "PendingManualApproval"
                and one.get("ApprovalDescription", "").startswith("Steward: not approved")
            ),
        )

    def ask(self, account: str, endpoint: str, body: str) -> list[float]:
        """An endpoint's answers to CSV rows, as somebody of the account that runs it gets them."""
        answer = self.client("sagemaker-runtime", account).invoke_endpoint(
            EndpointName=endpoint, ContentType="text/csv", Accept="text/csv", Body=body.encode()
        )
        return [float(line) for line in answer["Body"].read().decode().split()]

    def api(self, account: str, endpoint: str) -> str:
        """The address of an endpoint's API on the local cloud, by its path: its host's name is AWS's."""
        (stack,) = self.client("cloudformation", account).describe_stacks(StackName=endpoint)["Stacks"]
        public = next(one["OutputValue"] for one in stack["Outputs"] if one["OutputKey"] == "ApiUrl")
        api = re.search(r"//([^.]+)\.", public)
        assert api is not None, public
        return f"{self.cloud['endpoint_url']}/_aws/execute-api/{api[1]}/$default/invocations"

    def serves(self, account: str, record: Item, model: Model) -> bool:
        """Whether the endpoint of a stage record answers as the model, row for row."""
        return self.ask(account, record["endpoint_name"], model.features) == list(model.answers)


def told(result: Result, code: int = 0) -> Any:
    """What a command answered with `--json`; it has to have ended as it should."""
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def short(arn: str) -> str:
    """A version as people name it: group/7."""
    return arn.partition(":model-package/")[2]


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
