"""Model package groups: names and ARNs, tags, and the resource policy that shares them."""

from __future__ import annotations

import json
from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from local_cloud.backend.arns import ResourceArn, resolve
from local_cloud.backend.errors import ConflictException, ValidationException
from local_cloud.backend.packages import Group
from local_cloud.backend.registry import GROUP, PACKAGE, group_of, package_of
from local_cloud.backend.sagemaker import SageMakerApi, backend_of, page

MOST_TAGS = 50


class GroupsApi(SageMakerApi):
    """Operations on groups, and on the tags of anything."""

    def create_model_package_group(self) -> ActionResult:
        """Make a group in the caller's account."""
        params = self.given
        arn = self.arn(params["ModelPackageGroupName"], GROUP)
        backend = backend_of(arn)
        with backend.lock:
            if arn.name in backend.model_package_groups:
                raise ValidationException(f"Model Package Group already exists: {arn}")
            backend.model_package_groups[arn.name] = Group(arn, params, self.caller)
        return ActionResult({"ModelPackageGroupArn": str(arn)})

    def describe_model_package_group(self) -> ActionResult:
        """Return a group by its name or ARN."""
        return ActionResult(group_of(self._group()).gen_response_object())

    def delete_model_package_group(self) -> EmptyResult:
        """Delete a group that has no packages left."""
        arn = self._group()
        backend = backend_of(arn)
        with backend.lock:
            group_of(arn)
            if any(package.model_package_group_name == arn.name for package in backend.model_packages.values()):
                raise ConflictException(f"Model Package Group {arn} cannot be deleted: it has model packages.")
            del backend.model_package_groups[arn.name]
        return EmptyResult()

    def put_model_package_group_policy(self) -> ActionResult:
        """Attach a resource policy."""
        arn, policy = self._group(), self.params["ResourcePolicy"]
        try:
            statements = json.loads(policy)["Statement"]
        except (ValueError, KeyError, TypeError):
            statements = None
        if not statements:
            raise ValidationException("Invalid resource policy: it must be a JSON policy document with statements.")
        group_of(arn).policy = policy
        return ActionResult({"ModelPackageGroupArn": str(arn)})

    def get_model_package_group_policy(self) -> ActionResult:
        """Return the resource policy."""
        arn = self._group()
        policy = group_of(arn).policy
        if policy is None:
            raise ValidationException(f"Cannot find resource policy for: {arn}")
        return ActionResult({"ResourcePolicy": policy})

    def delete_model_package_group_policy(self) -> EmptyResult:
        """Take the resource policy away."""
        group_of(self._group()).policy = None
        return EmptyResult()

    def add_tags(self) -> ActionResult:
        """Set tags; one with a key that is there already replaces it."""
        holder = self._tagged()
        with backend_of(self._tagged_arn()).lock:
            tags = {tag["Key"]: tag["Value"] for tag in holder.tags or []}
            tags.update({tag["Key"]: tag["Value"] for tag in self.params["Tags"]})
            if len(tags) > MOST_TAGS:
                raise ValidationException(f"A resource cannot have more than {MOST_TAGS} tags.")
            holder.tags = [{"Key": key, "Value": value} for key, value in tags.items()]
        return ActionResult({"Tags": holder.tags})

    def list_tags(self) -> ActionResult:
        """Return the tags of a resource; a versioned package has none of its own."""
        tags, token = page(list(self._tagged().tags or []), self.given)
        return ActionResult({"Tags": tags, "NextToken": token})

    def delete_tags(self) -> EmptyResult:
        """Take tags away by key."""
        holder = self._tagged()
        holder.tags = [tag for tag in holder.tags or [] if tag["Key"] not in self.params["TagKeys"]]
        return EmptyResult()

    def _group(self) -> ResourceArn:
        return self.arn(self.params["ModelPackageGroupName"], GROUP)

    def _tagged_arn(self) -> ResourceArn:
        name = self.params["ResourceArn"]
        arn = resolve(name, GROUP, account=self.current_account, region=self.region)
        return self.arn(name, arn.kind)

    def _tagged(self) -> Any:
        """Return what carries the tags. Raises `ValidationException` where there is none."""
        arn = self._tagged_arn()
        if arn.kind == GROUP:
            return group_of(arn)
        if arn.kind == PACKAGE:
            return package_of(arn)
        resource = backend_of(arn)._get_resource_from_arn(str(arn))
        if resource is None:
            raise ValidationException(f"Could not find resource {arn}.")
        return resource
