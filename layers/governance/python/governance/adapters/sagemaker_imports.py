"""Registries between which versions are imported: those of dev accounts, looked at, and the hub's, registered in."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from governance.adapters.clients import client, code_of, message_of
from governance.adapters.sagemaker_registry import SageMakerRegistry, is_missing
from governance.domain.errors import AccountUnreadable, GroupNotFound, PackageNotFound, RegistrationRefused
from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.importing import Registration, SourcePackage
from governance.domain.lifecycle import ApprovalStatus
from governance.domain.registry import PackageDescription

DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
"""How STS and SageMaker say that one may not."""


class DevRegistries:
    """`ports.Sources` on SageMaker, by the role `<install>-import-source-<region>` of each dev account."""

    def __init__(self, sts: Any, install: str) -> None:
        self.sts = sts
        self.install = install

    def describe(self, package: ModelPackageArn) -> SourcePackage:
        """One AssumeRole and one DescribeModelPackage."""
        _, partition, _, region, account, *_ = package.split(":")
        role = f"arn:{partition}:iam::{account}:role/{self.install}-import-source-{region}"
        try:
            answer = self.registry(role, region).describe_model_package(ModelPackageName=package)
        except ClientError as refused:
            if is_missing(refused):
                raise PackageNotFound(package) from refused
            if code_of(refused) in DENIED:
                raise AccountUnreadable(
                    f"{account}: {message_of(refused)}; deploy stacks/dev-account.yaml"
                ) from refused
            raise
        content = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
        return SourcePackage(described=PackageDescription.model_validate(content), content=content)

    def registry(self, role: str, region: str) -> Any:
        """A client of a region, with the rights of a role."""
        held = self.sts.assume_role(RoleArn=role, RoleSessionName="steward-import")["Credentials"]
        return client(
            "sagemaker",
            region_name=region,
            aws_access_key_id=held["AccessKeyId"],
            aws_secret_access_key=held["SecretAccessKey"],
            aws_session_token=held["SessionToken"],
        )


class SageMakerImportRegistry(SageMakerRegistry):
    """`ports.ImportRegistry` on SageMaker Model Registry."""

    def made_since(self, group: ModelGroupArn, since: datetime) -> Iterator[PackageDescription]:
        """ListModelPackages by creation time, and DescribeModelPackage for each: a listing tells no properties."""
        pages = self.sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=group, CreationTimeAfter=since, SortBy="CreationTime", SortOrder="Ascending"
        )
        try:
            arns = [one["ModelPackageArn"] for page in pages for one in page["ModelPackageSummaryList"]]
        except ClientError as refused:
            if is_missing(refused):
                raise GroupNotFound(group) from refused
            raise
        for arn in arns:
            try:
                yield self.describe(arn)
            except PackageNotFound:
                continue  # deleted since it was listed

    def register(self, registration: Registration) -> ModelPackageArn:
        """One CreateModelPackage, pending.

        The models are not tried out by SageMaker on the way (`SkipModelValidation`): its role may not read them, and
        they are sealed, or refused, by what Steward reads itself (AWS API: CreateModelPackage).
        """
        try:
            answer = self.sagemaker.create_model_package(
                **registration.fields,
                ModelPackageGroupName=registration.group,
                ModelApprovalStatus=ApprovalStatus.PENDING.value,
                SkipModelValidation="All",
                ClientToken=registration.token,
            )
        except ClientError as refused:
            if is_missing(refused):
                raise GroupNotFound(registration.group) from refused
            if code_of(refused) == "ValidationException":
                raise RegistrationRefused(message_of(refused)) from refused
            raise
        return str(answer["ModelPackageArn"])
