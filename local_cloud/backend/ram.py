"""Resource Access Manager, made to share model package groups with the permissions that AWS has for them."""

from __future__ import annotations

import json
from typing import Any

from moto.core.utils import unix_time, utcnow
from moto.ram import urls
from moto.ram.exceptions import UnknownResourceException
from moto.ram.models import ResourceAccessManagerBackend, ResourceShare, ram_backends
from moto.ram.responses import ResourceAccessManagerResponse
from moto.ram.utils import AWS_MANAGED_PERMISSIONS, RAM_RESOURCE_TYPES

GROUP_TYPE = "sagemaker:ModelPackageGroup"
PERMISSION_ARN = "arn:aws:ram::aws:permission/"
DEFAULT_PERMISSION = "AWSRAMDefaultPermissionSageMakerModelPackageGroup"

_READ = frozenset(
    {
        "sagemaker:DescribeModelPackage",
        "sagemaker:DescribeModelPackageGroup",
        "sagemaker:BatchDescribeModelPackage",
        "sagemaker:ListModelPackages",
    }
)

PERMISSIONS = {
    DEFAULT_PERMISSION: _READ,
    "AWSRAMPermissionSageMakerModelPackageGroupAllowDeploy": _READ | {"sagemaker:CreateModel"},
    "AWSRAMPermissionSageMakerModelPackageGroupAllowRegister": _READ | {"sagemaker:CreateModelPackage"},
}
"""What each managed permission grants. AWS does not print the lists; these follow from their names."""

ROUTES = (
    "associateresourceshare",
    "disassociateresourceshare",
    "associateresourcesharepermission",
    "listresourcesharepermissions",
)


class Share(ResourceShare):
    """A resource share that remembers its permissions."""

    def __init__(self, account_id: str, region: str, **kwargs: Any) -> None:
        super().__init__(account_id, region, **kwargs)
        self.tags = kwargs.get("tags", [])
        self.permission_arns: list[str] = list(kwargs.get("permissionArns") or [PERMISSION_ARN + DEFAULT_PERMISSION])


class Backend(ResourceAccessManagerBackend):
    """RAM of one account and Region."""

    @property
    def _url_module(self) -> Any:
        return urls

    def create_resource_share(self, **kwargs: Any) -> dict[str, Any]:
        """Make a share; unlike moto's, one of model package groups too."""
        share = Share(self.account_id, self.region_name, **kwargs)
        share.add_principals(kwargs.get("principals", []))
        share.add_resources(kwargs.get("resourceArns", []))
        self.resource_shares.append(share)
        described = share.describe()
        described.pop("featureSet")
        return {"resourceShare": described}

    def get_resource_shares(self, resource_owner: str | None) -> dict[str, Any]:
        """Return the shares made here, or those that others have made for this account."""
        if resource_owner != "OTHER-ACCOUNTS":
            return super().get_resource_shares(resource_owner)
        names = {self.account_id, f"arn:aws:iam::{self.account_id}:root"}
        shares = [
            share.describe()
            for account, regions in list(ram_backends.items())
            if account != self.account_id
            for share in regions[self.region_name].resource_shares
            if share.status == "ACTIVE" and names & set(share.principals)
        ]
        return {"resourceShares": shares}

    def share(self, arn: str) -> Share:
        """Return a share of this account. Raises `UnknownResourceException`."""
        for share in self.resource_shares:
            if share.arn == arn and isinstance(share, Share):
                return share
        raise UnknownResourceException(f"ResourceShare {arn} could not be found.")

    def associate(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        """Add principals and resources to a share."""
        share = self.share(params["resourceShareArn"])
        share.add_principals([name for name in params.get("principals", []) if name not in share.principals])
        share.add_resources([arn for arn in params.get("resourceArns", []) if arn not in share.resource_arns])
        share.last_updated_time = utcnow()
        return _associations(share, params, "ASSOCIATED")

    def disassociate(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        """Take principals and resources out of a share."""
        share = self.share(params["resourceShareArn"])
        share.principals = [name for name in share.principals if name not in params.get("principals", [])]
        share.resource_arns = [arn for arn in share.resource_arns if arn not in params.get("resourceArns", [])]
        share.last_updated_time = utcnow()
        return _associations(share, params, "DISASSOCIATED")


class Response(ResourceAccessManagerResponse):
    """RAM's API, with the operations on associations and permissions that moto lacks."""

    @property
    def ram(self) -> Backend:
        """The caller's backend."""
        backend = ram_backends[self.current_account][self.region]
        assert isinstance(backend, Backend)
        return backend

    def delete_resource_share(self) -> str:
        """Delete the share; its ARN comes as a query parameter."""
        arn = self._get_param("resourceShareArn") or self.querystring.get("resourceShareArn", [""])[0]
        return json.dumps(self.ram.delete_resource_share(arn))

    def associate_resource_share(self) -> str:
        """Add to a share."""
        return json.dumps({"resourceShareAssociations": self.ram.associate(self.request_params)})

    def disassociate_resource_share(self) -> str:
        """Take out of a share."""
        return json.dumps({"resourceShareAssociations": self.ram.disassociate(self.request_params)})

    def associate_resource_share_permission(self) -> str:
        """Add or replace the permission of a share."""
        params = self.request_params
        share, permission = self.ram.share(params["resourceShareArn"]), params["permissionArn"]
        kept = [] if params.get("replace") else [arn for arn in share.permission_arns if arn != permission]
        share.permission_arns = [*kept, permission]
        return json.dumps({"returnValue": True})

    def list_resource_share_permissions(self) -> str:
        """Return the permissions of a share."""
        share = self.ram.share(self.request_params["resourceShareArn"])
        names = [arn.rsplit("/", 1)[-1] for arn in share.permission_arns]
        return json.dumps({"permissions": [_described(name) for name in names]})


def install() -> None:
    """Put these classes in moto's places."""
    if "model-package-group" not in ResourceShare.SHAREABLE_RESOURCES:
        ResourceShare.SHAREABLE_RESOURCES.append("model-package-group")
        AWS_MANAGED_PERMISSIONS.extend(_described(name) for name in PERMISSIONS)  # type: ignore[misc]
        RAM_RESOURCE_TYPES.append(
            {"resourceType": GROUP_TYPE, "serviceName": "sagemaker", "resourceRegionScope": "REGIONAL"}
        )
    ram_backends.backend = Backend
    for path in list(urls.url_paths):
        urls.url_paths[path] = Response.dispatch
    for route in ROUTES:
        urls.url_paths[f"{{0}}/{route}$"] = Response.dispatch


def _described(name: str) -> dict[str, Any]:
    return {
        "arn": PERMISSION_ARN + name,
        "name": name,
        "resourceType": GROUP_TYPE,
        "version": "1",
        "defaultVersion": True,
        "status": "ATTACHABLE",
        "creationTime": "2022-11-30 00:00:00.000",
        "lastUpdatedTime": "2022-11-30 00:00:00.000",
        "isResourceTypeDefault": name == DEFAULT_PERMISSION,
        "permissionType": "AWS_MANAGED",
    }


def _associations(share: Share, params: dict[str, Any], status: str) -> list[dict[str, Any]]:
    pairs = [(name, "PRINCIPAL") for name in params.get("principals", [])]
    pairs += [(arn, "RESOURCE") for arn in params.get("resourceArns", [])]
    return [
        {
            "resourceShareArn": share.arn,
            "resourceShareName": share.name,
            "associatedEntity": entity,
            "associationType": kind,
            "status": status,
            "creationTime": unix_time(share.creation_time),
            "lastUpdatedTime": unix_time(share.last_updated_time),
        }
        for entity, kind in pairs
    ]
