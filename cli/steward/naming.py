"""How people name versions and moments on the command line."""

import re
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from governance.domain.identifiers import ModelGroupArn, ModelPackageArn
from governance.domain.orders_on_models import FindingId
from governance.domain.values import in_utc
from steward.failures import Exit, Failure
from steward.install import Install

SHORT = re.compile(r"^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}(/[0-9]+)?$")


def version_named(install: Install, name: str) -> ModelPackageArn:
    """The ARN that is meant by an ARN, or by `group/7` in the hub's own registry."""
    arn = install.packages + name if SHORT.match(name) else name
    try:
        return TypeAdapter(ModelPackageArn).validate_python(arn)
    except ValidationError:
        remedy = "name it as group/7, or by its model package ARN"
        raise Failure(Exit.USAGE, f"{name} names no model version", remedy) from None


def group_named(install: Install, name: str) -> ModelGroupArn:
    """The ARN that is meant by an ARN, or by the name of a group in the hub's own registry."""
    arn = name if name.startswith("arn:") else f"{install.arn('sagemaker')}:model-package-group/{name}"
    try:
        return TypeAdapter(ModelGroupArn).validate_python(arn)
    except ValidationError:
        remedy = "name it as in the registry, or by its model package group ARN"
        raise Failure(Exit.USAGE, f"{name} names no model group", remedy) from None


def finding_named(name: str) -> str:
    """The id of a reviewer's finding."""
    try:
        return TypeAdapter(FindingId).validate_python(name.strip())
    except ValidationError:
        raise Failure(Exit.USAGE, f"{name} names no finding", "steward findings list shows their ids") from None


def moment_named(text: str | None) -> datetime | None:
    """A moment in ISO 8601; in UTC where no zone is said."""
    if text is None:
        return None
    try:
        return in_utc(datetime.fromisoformat(text))
    except ValueError:
        raise Failure(Exit.USAGE, f"{text} is no moment", "say it as 2026-03-31T12:00:00Z, or as 2026-03-31") from None
