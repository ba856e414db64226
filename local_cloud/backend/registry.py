"""The Model Registry's API as AWS has it: versions, partial updates, identities, idempotence."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.core.responses import ActionResult, EmptyResult

from local_cloud.backend import events, sharing
from local_cloud.backend.arns import ResourceArn, resolve
from local_cloud.backend.caller import Caller
from local_cloud.backend.door import account_key
from local_cloud.backend.errors import (
    AccessDeniedException,
    ConflictException,
    ValidationException,
    does_not_exist,
)
from local_cloud.backend.packages import Group, Package
from local_cloud.backend.sagemaker import SageMakerApi, backend_of, page
from local_cloud.backend.wiring import wiring

PACKAGE = "model-package"
GROUP = "model-package-group"


class RegistryApi(SageMakerApi):
    """Operations on model packages."""

    def create_model_package(self) -> ActionResult:
        """Register a version of a group, in the account that owns the group, or an unversioned package."""
        params = self.given
        grouped, named = params.get("ModelPackageGroupName"), params.get("ModelPackageName")
        if bool(grouped) == bool(named):
            both = "Both ModelPackageName and ModelPackageGroupName are" if grouped else "Missing ARN: neither is"
            raise ValidationException(f"{both} provided in the input. Cannot determine which one to use.")
        if grouped and params.get("Tags"):
            raise ValidationException("Tags cannot be given to a model package that belongs to a group.")
        owner = self.arn(grouped, GROUP) if grouped else self.arn(str(named), PACKAGE)
        params = {**params, **_with_etags(params, self.caller.account, self.region)}
        arn = self._once(owner, lambda: self._register(owner, params))
        return ActionResult({"ModelPackageArn": arn})

    def _register(self, owner: ResourceArn, params: dict[str, Any]) -> str:
        backend, version, arn = backend_of(owner), None, owner
        if owner.kind == GROUP:
            version = group_of(owner).next_version()
            arn = owner.of(PACKAGE, f"{owner.name}/{version}")
        elif str(owner) in backend.model_packages:
            raise ConflictException(f"Model Package already exists: {owner}")
        package = Package(arn, version, params, self.caller)
        backend.model_packages[str(arn)] = package
        self._announce(arn, package, None)
        return str(arn)

    def update_model_package(self) -> ActionResult:
        """Change what is sent and leave the rest; every call is announced, whatever it changes."""
        params = self.given
        arn = self.arn(params["ModelPackageArn"], PACKAGE)
        params = {**params, **_with_etags(params, self.caller.account, self.region)}

        def change() -> str:
            package = package_of(arn)
            package.change(params, self.caller)
            self._announce(arn, package, params)
            return str(arn)

        return ActionResult({"ModelPackageArn": self._once(arn, change)})

    def describe_model_package(self) -> ActionResult:
        """Return everything known of one package."""
        arn = self.arn(self.params["ModelPackageName"], PACKAGE)
        return ActionResult(deepcopy(package_of(arn).gen_response_object()))

    def batch_describe_model_package(self) -> ActionResult:
        """Return a summary of each package, and an error for each that cannot be shown."""
        found: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name in self.params["ModelPackageArnList"]:
            try:
                found[name] = package_of(self.arn(name, PACKAGE)).gen_response_object()
            except (AccessDeniedException, ValidationException) as error:
                errors[name] = {"ErrorCode": error.code, "ErrorResponse": error.message}
        return ActionResult({"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": errors})

    def delete_model_package(self) -> EmptyResult:
        """Delete one package; its number is never given again."""
        arn = self.arn(self.params["ModelPackageName"], PACKAGE)
        with backend_of(arn).lock:
            package_of(arn)
            del backend_of(arn).model_packages[str(arn)]
            events.api_called("DeleteModelPackage", arn, self.caller, self.given, None)
        return EmptyResult()

    def list_model_packages(self) -> ActionResult:
        """Return summaries, oldest first unless asked otherwise."""
        params = self.given
        owner = resolve("*", PACKAGE, account=self.current_account, region=self.region)
        kind = params.get("ModelPackageType", "Unversioned")
        if params.get("ModelPackageGroupName"):
            owner, kind = self.arn(params["ModelPackageGroupName"], GROUP), "Versioned"
            group_of(owner)
        packages = [
            package
            for package in list(backend_of(owner).model_packages.values())
            if _listed(package, params, kind, owner.name)
        ]
        packages.sort(key=_sort_key(params.get("SortBy")), reverse=params.get("SortOrder") == "Descending")
        chosen, token = page([package.gen_response_object() for package in packages], params)
        return ActionResult({"ModelPackageSummaryList": chosen, "NextToken": token})

    def _once(self, owner: ResourceArn, act: Callable[[], str]) -> str:
        """Act, unless a request with the same token has acted before: then return its answer."""
        backend, operation, token = backend_of(owner), self._get_action(), self.given.get("ClientToken")
        with backend.lock:
            if token is None:
                return act()
            request, answer = backend.answers.get((operation, token), (None, ""))
            if request is None:
                answer = act()
                backend.answers[operation, token] = (deepcopy(self.given), answer)
            elif request != self.given:
                raise ConflictException("The ClientToken was used before with different parameters.")
            return answer

    def _announce(self, arn: ResourceArn, package: Package, updated: dict[str, Any] | None) -> None:
        operation = "CreateModelPackage" if updated is None else "UpdateModelPackage"
        described = deepcopy(package.gen_response_object())
        events.package_changed(arn, described, updated)
        events.api_called(operation, arn, self.caller, self.given, {"ModelPackageArn": str(arn)})


def package_of(arn: ResourceArn) -> Package:
    """Return a package. Raises `ValidationException` in AWS's words where there is none."""
    package = backend_of(arn).model_packages.get(str(arn))
    if not isinstance(package, Package):
        raise does_not_exist("ModelPackage", str(arn))
    return package


def group_of(arn: ResourceArn) -> Group:
    """Return a group. Raises `ValidationException` in AWS's words where there is none."""
    group = backend_of(arn).model_package_groups.get(arn.name)
    if not isinstance(group, Group):
        raise does_not_exist("ModelPackageGroup", str(arn))
    return group


def shared_package(caller_account: str, name: str, region: str) -> Package:
    """Return a package that an account wants to deploy, its own or one shared with it."""
    arn = resolve(name, PACKAGE, account=caller_account, region=region)
    sharing.authorize(Caller.from_headers({}, caller_account), "DescribeModelPackage", arn)
    return package_of(arn)


def _listed(package: Any, params: dict[str, Any], kind: str, group: str) -> bool:
    versioned = package.model_package_version is not None
    if kind != "Both" and versioned != (kind == "Versioned"):
        return False
    if params.get("ModelPackageGroupName") and package.model_package_group_name != group:
        return False
    status, contains = params.get("ModelApprovalStatus"), params.get("NameContains")
    if status and package.model_approval_status != status:
        return False
    if contains and contains not in package.model_package_name:
        return False
    made = package.creation_time
    before, after = _in_utc(params.get("CreationTimeBefore")), _in_utc(params.get("CreationTimeAfter"))
    return not (before and made >= before) and not (after and made <= after)


def _in_utc(told: datetime | None) -> datetime | None:
    """A moment of a request, which moto reads without its zone."""
    return told.replace(tzinfo=UTC) if told and told.tzinfo is None else told


def _sort_key(sort_by: str | None) -> Callable[[Any], Any]:
    def by_time(package: Any) -> Any:
        return package.creation_time, package.model_package_version or 0

    def by_name(package: Any) -> Any:
        return package.model_package_name, package.model_package_version or 0

    return by_name if sort_by == "Name" else by_time


def _with_etags(params: dict[str, Any], account: str, region: str) -> dict[str, Any]:
    """Return the specification with the ETag of each artifact that the registering account can read now."""
    if "InferenceSpecification" not in params:
        return {}
    specification = deepcopy(params["InferenceSpecification"])
    for container in specification.get("Containers", []):
        if container.get("ModelDataUrl") and not container.get("ModelDataETag"):
            etag = _etag(container["ModelDataUrl"], account, region)
            if etag:
                container["ModelDataETag"] = etag
    return {"InferenceSpecification": specification}


def _etag(url: str, account: str, region: str) -> str | None:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not key:
        return None
    s3 = wiring().door.client("s3", account_key(account), region)
    try:
        return str(s3.head_object(Bucket=bucket, Key=key)["ETag"]).strip('"')
    except (BotoCoreError, ClientError):
        return None
